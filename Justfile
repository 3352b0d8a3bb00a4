# Every recipe is one line that also works without just.

# The main job on a built-in workload
demo:
    cargo run --release -- demo

# All tests
test:
    cargo test --workspace

# What CI runs
ci:
    bash .ci/run

# Write golden files anew; look at the diff before committing it
bless:
    LANNER_BLESS=1 cargo test --workspace

# The figures that are promised, as a table
bench:
    cargo bench -p lanner-replay --bench table

# How cost grows with events, rules, threads, list items and workers
bench-growth:
    cargo bench -p lanner-replay --bench growth

# Instructions of the hot paths, against the committed counts
bench-instructions:
    cargo bench -p lanner-replay --bench instructions

# What recording costs (root); 5 rounds, for quiet machines
bench-record:
    cargo bench -p lanner-capture --bench record -- 5
