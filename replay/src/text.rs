//! Strings of the state: bytes as recorded, cheap to share between a parent and its children.

use std::ops::Deref;
use std::sync::Arc;

/// Longest string that is stored in place. Task names (15 bytes) and short container ids (12) always fit,
/// so that a fork, which copies about a dozen strings, allocates nothing.
const INLINE_LEN_MAX: usize = 22;

/// An immutable byte string: short ones are stored in place, long ones are shared.
#[derive(Clone)]
pub struct Text(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, bytes: [u8; INLINE_LEN_MAX] },
    Shared(Arc<[u8]>),
}

impl Text {
    /// The empty string.
    pub const EMPTY: Text = Text(Repr::Inline { len: 0, bytes: [0; INLINE_LEN_MAX] });

    /// A copy of `bytes`.
    #[inline]
    pub fn new(bytes: &[u8]) -> Self {
        if bytes.len() <= INLINE_LEN_MAX {
            let mut inline = [0; INLINE_LEN_MAX];
            inline[..bytes.len()].copy_from_slice(bytes);
            Text(Repr::Inline { len: bytes.len() as u8, bytes: inline })
        } else {
            Text(Repr::Shared(bytes.into()))
        }
    }

    /// A copy of `bytes`, shared with `other` if that is the same.
    pub fn like(bytes: &[u8], other: Option<&Text>) -> Self {
        match other {
            Some(other) if **other == *bytes => other.clone(),
            _ => Text::new(bytes),
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, bytes } => &bytes[..usize::from(*len)],
            Repr::Shared(bytes) => bytes,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Text::EMPTY
    }
}

impl Deref for Text {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Shared(a), Repr::Shared(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => self.as_bytes() == other.as_bytes(),
        }
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl std::borrow::Borrow<[u8]> for Text {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&[u8]> for Text {
    fn from(bytes: &[u8]) -> Self {
        Text::new(bytes)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Text::new(text.as_bytes())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Text::new(&bytes)
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_strings_behave_alike() {
        for len in [0, 1, 15, 21, 22, 23, 24, 300] {
            let bytes = vec![b'x'; len];
            let text = Text::new(&bytes);
            assert_eq!(&*text, &bytes[..], "{len}");
            assert_eq!(text, text.clone(), "{len}");
            assert_ne!(text, Text::new(&vec![b'y'; len.max(1)]), "{len}");
        }
        assert_eq!(std::mem::size_of::<Text>(), 24);
    }
}
