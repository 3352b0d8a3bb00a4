//! Inputs that once were found by fuzzing, or that a fuzzer should start from, run through the same checks.

#[path = "../fuzz/targets/checks.rs"]
mod checks;
#[path = "../fuzz/targets/state_checks.rs"]
mod state_checks;

use std::path::Path;

#[test]
fn fuzz_inputs_hold_what_the_targets_check() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions");
    type Target = (&'static str, fn(&[u8]));
    let targets: [Target; 4] = [
        ("condition", checks::condition),
        ("rules", checks::rules),
        ("rules-slow", checks::rules),
        ("state", state_checks::state),
    ];
    for (target, check) in targets {
        let mut inputs = 0;
        for entry in std::fs::read_dir(folder.join(target)).unwrap() {
            check(&std::fs::read(entry.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "{target} has no inputs");
    }
}
