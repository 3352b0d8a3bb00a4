//! Does the cost model say what replays take? Prints the fit, the ranking beside Falco's, and the overhead.
//!
//! `cargo bench -p lanner-profiler --bench cost`, with what is wanted as arguments after `--`: `fit`, `weights`,
//! `fields`, `falco`, `overhead`, `leave-one-out`; all of them without.

#[path = "../../tests/common/mod.rs"]
mod common;
mod falco;
mod fit;
mod least_squares;
mod leave_one_out;
mod overhead;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|arg| arg == name);
    if ["fit", "weights", "fields"].into_iter().any(is_wanted) {
        fit::run(is_wanted("weights"), is_wanted("fields"));
    }
    if is_wanted("falco") {
        falco::run();
    }
    if is_wanted("overhead") {
        overhead::run();
    }
    if is_wanted("leave-one-out") {
        leave_one_out::run(&wanted);
    }
}
