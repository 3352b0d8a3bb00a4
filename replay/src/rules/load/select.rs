//! Which of the loaded rules run.

use super::LoadOptions;
use crate::rules::Rule;

/// Enables or disables some rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    pub enable: bool,
    pub rules: Selector,
}

/// Names some rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Rules whose name matches a pattern in which only `*` is special.
    Name(String),
    /// Rules whose name contains this.
    NamePart(String),
    /// Rules with this tag.
    Tag(String),
}

impl Selector {
    fn selects(&self, rule: &Rule) -> bool {
        match self {
            Selector::Name(pattern) => matches_wildcard(pattern, &rule.name),
            Selector::NamePart(part) => rule.name.contains(part.as_str()),
            Selector::Tag(tag) => rule.tags.contains(tag),
        }
    }
}

/// Applies the selections in order, then the minimum priority.
pub fn select(rules: &mut [Rule], options: &LoadOptions) {
    for rule in rules {
        for selection in &options.selections {
            if selection.rules.selects(rule) {
                rule.enabled = selection.enable;
            }
        }
        rule.enabled &= rule.priority <= options.min_priority;
    }
}

/// Falco's wildcards: `*` is any text, the text between stars is looked for from left to right at its first
/// occurrence, and there is no way back (`*foo` does not match `foo-foo`).
pub fn matches_wildcard(pattern: &str, text: &str) -> bool {
    let Some((prefix, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(prefix) else { return false };
    let mut pieces = rest.split('*').filter(|piece| !piece.is_empty()).peekable();
    let ends_open = rest.is_empty() || rest.ends_with('*');
    if pieces.peek().is_none() {
        return true;
    }
    for piece in pieces {
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    ends_open || text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::matches_wildcard;

    #[track_caller]
    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches_wildcard(pattern, text), expected, "{pattern:?} on {text:?}");
    }

    #[test]
    fn only_stars_are_special() {
        check("hello", "hello", true);
        check("hello", "hell", false);
        check("", "", true);
        check("*", "", true);
        check("**", "hello", true);
        check("*ello", "hello", true);
        check("hel*", "hello", true);
        check("hel*", "abc", false);
        check("h*l*o", "hello", true);
        check("*ell*", "hello", true);
        check("hello*", "hello", true);
        check("*foo", "foo-foo", false);
        check("a*b", "acb", true);
        check("a*b", "acbc", false);
        check("h?llo", "hello", false);
    }
}
