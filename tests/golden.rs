//! Comparison with golden files, which can be blessed.

use std::fs;

use crate::harness::root;

/// Compares `actual` with the file `name` of the checkout; with LANNER_BLESS set, writes it instead.
pub fn check(name: &str, actual: &str) {
    let path = root().join(name);
    if std::env::var_os("LANNER_BLESS").is_some() {
        fs::write(&path, actual).expect("golden files are writable");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if let Some((line, (left, right))) =
        expected.lines().zip(actual.lines()).enumerate().find(|(_, (left, right))| left != right)
    {
        panic!(
            "{name} differs at line {}:\n  expected: {left}\n  actual:   {right}\nLANNER_BLESS=1 writes it anew",
            line + 1
        );
    }
    assert!(expected == actual, "{name} has another length; LANNER_BLESS=1 writes it anew");
}
