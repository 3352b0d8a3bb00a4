//! Regular expressions as arguments of fields.

use std::hash::{Hash, Hasher};

use regex::bytes::{Regex, RegexBuilder};

/// A regular expression that is looked for anywhere in a text. Two are equal if their texts are.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles one. `^` and `$` also match at line ends, as the container plugin has it.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(text).multi_line(true).unicode(false).build().map(Pattern)
    }

    /// As written.
    pub fn text(&self) -> &str {
        self.0.as_str()
    }

    pub(super) fn is_found_in(&self, text: &[u8]) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Pattern {}

impl Hash for Pattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}
