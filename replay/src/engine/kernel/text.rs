//! Plain string operators, and sets of strings.

use hashbrown::HashSet;
use memchr::memmem;

/// A constant to search for, with its searcher.
#[derive(Clone, Debug)]
pub struct Needle(memmem::Finder<'static>);

impl Needle {
    pub fn new(bytes: &[u8]) -> Self {
        Needle(memmem::Finder::new(bytes).into_owned())
    }

    /// `contains`.
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.0.find(text).is_some()
    }
}

/// `icontains`: as `contains`, but ASCII letters of either case are equal.
#[derive(Clone, Debug)]
pub struct CaselessNeedle {
    lower: Box<[u8]>,
    /// The first byte in both cases.
    first: [u8; 2],
}

impl CaselessNeedle {
    pub fn new(bytes: &[u8]) -> Self {
        let lower: Box<[u8]> = bytes.to_ascii_lowercase().into();
        let first = lower.first().copied().unwrap_or(0);
        CaselessNeedle { first: [first, first.to_ascii_uppercase()], lower }
    }

    pub fn is_in(&self, text: &[u8]) -> bool {
        if self.lower.is_empty() {
            return true;
        }
        let Some(last) = text.len().checked_sub(self.lower.len()) else { return false };
        memchr::memchr2_iter(self.first[0], self.first[1], &text[..=last])
            .any(|start| text[start..start + self.lower.len()].eq_ignore_ascii_case(&self.lower))
    }
}

/// `in`: exact bytes.
#[derive(Clone, Debug, Default)]
pub struct StringSet {
    members: HashSet<Box<[u8]>, foldhash::fast::FixedState>,
    /// Bit n (the last bit: n or more) is set if a member has n bytes, so that most values are not hashed.
    lengths: u64,
}

impl StringSet {
    pub fn new<'a>(members: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut set = StringSet::default();
        for member in members {
            set.lengths |= length_bit(member);
            set.members.insert(member.into());
        }
        set
    }

    /// All members, in no order.
    pub fn members(&self) -> impl Iterator<Item = &[u8]> {
        self.members.iter().map(|member| &**member)
    }

    pub fn contains(&self, text: &[u8]) -> bool {
        self.may_contain(text) && self.members.contains(text)
    }

    /// Whether a member has this length, so that it takes a hash to find out more.
    pub fn may_contain(&self, text: &[u8]) -> bool {
        self.lengths & length_bit(text) != 0
    }
}

fn length_bit(text: &[u8]) -> u64 {
    1 << text.len().min(63)
}

#[cfg(test)]
mod tests {
    use super::{CaselessNeedle, Needle, StringSet};

    fn check(needle: &str, text: &str, exact: bool, caseless: bool) {
        assert_eq!(Needle::new(needle.as_bytes()).is_in(text.as_bytes()), exact, "{needle} in {text}");
        let found = CaselessNeedle::new(needle.as_bytes()).is_in(text.as_bytes());
        assert_eq!(found, caseless, "{needle} in {text}, any case");
    }

    #[test]
    fn needles() {
        check("", "", true, true);
        check("", "x", true, true);
        check("x", "", false, false);
        check("curl", "a curl b", true, true);
        check("CURL", "a cUrl b", false, true);
        check("ab", "aAaB", false, true);
        check("tail", "tai", false, false);
        check("\u{c4}", "\u{e4}", false, false);
    }

    #[test]
    fn sets() {
        let long = "x".repeat(100);
        let set = StringSet::new(["a", "bc", &long].map(str::as_bytes));
        for (text, expected) in [("a", true), ("b", false), ("bc", true), (&long, true), ("", false)] {
            assert_eq!(set.contains(text.as_bytes()), expected, "{text}");
        }
        assert!(!set.contains("x".repeat(99).as_bytes()));
    }
}
