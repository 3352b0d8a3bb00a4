//! Regular expressions as constants.

use crate::engine::kernel::PosixRegex;

/// Whether a pattern is valid.
pub fn check(pattern: &[u8]) -> Result<(), String> {
    PosixRegex::new(pattern).map(|_| ()).map_err(|error| error.to_string())
}

/// Whether a simpler operator would do: no special characters but anchors and "anything" at either end.
pub fn is_simple(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    let length = bytes.len();
    let mut i = 0;
    while i < length {
        let at_anchor = (i == 0 && bytes[i] == b'^') || (i == length - 1 && bytes[i] == b'$');
        if at_anchor {
            i += 1;
            continue;
        }
        let at_end = (i == 0 && length > 1) || i + 2 == length;
        if at_end && bytes[i] == b'.' && bytes.get(i + 1).is_some_and(|next| b"+*?".contains(next)) {
            i += 2;
            continue;
        }
        if b".+*?^$()[]{}|\\".contains(&bytes[i]) {
            return false;
        }
        i += 1;
    }
    true
}
