#![no_main]

#[path = "state_checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::state(bytes));
