//! `regex`: POSIX syntax as RE2 reads it, matching the whole value.
//!
//! The pattern is parsed here and written out again for the `regex` crate, because the same text often means
//! something else there: RE2 has no Perl classes, no flags and no lazy operators in this mode (`a+?` is
//! `(a+)?`), `[a&&b]` is four characters, `\<` is a plain `<`, and `^` and `$` look at lines.

use std::borrow::Cow;

/// A compiled pattern.
#[derive(Clone, Debug)]
pub struct PosixRegex(regex::Regex);

/// Why a pattern is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RegexError(String);

/// RE2's limit for counted repetition, nested counts multiplied.
const REPEAT_MAX: u32 = 1000;
/// Nesting of groups at which a pattern is refused, as RE2 does; it also bounds our own recursion.
const NESTING_MAX: u32 = 250;

impl PosixRegex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// When RE2 would refuse it in POSIX mode, or it is too large once compiled.
    pub fn new(pattern: &[u8]) -> Result<Self, RegexError> {
        let pattern = std::str::from_utf8(pattern).map_err(|_| RegexError("invalid UTF-8".into()))?;
        let mut translator = Translator { rest: pattern, out: String::from("\\A(?:"), depth: 0 };
        translator.alternation()?;
        if !translator.rest.is_empty() {
            return Err(RegexError(format!("unexpected ): {pattern}")));
        }
        translator.out.push_str(")\\z");
        regex::RegexBuilder::new(&translator.out)
            .multi_line(true)
            .build()
            .map(PosixRegex)
            .map_err(|_| RegexError("pattern too large - compile failed".into()))
    }

    /// Whether the pattern matches all of `text`, which is made valid UTF-8 first.
    pub fn matches(&self, text: &[u8]) -> bool {
        match String::from_utf8_lossy(text) {
            Cow::Borrowed(text) => self.0.is_match(text),
            Cow::Owned(text) => self.0.is_match(&text),
        }
    }
}

struct Translator<'a> {
    rest: &'a str,
    out: String,
    depth: u32,
}

impl Translator<'_> {
    fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let char = chars.next()?;
        self.rest = chars.as_str();
        Some(char)
    }

    fn eat(&mut self, prefix: &str) -> bool {
        self.rest.strip_prefix(prefix).map(|rest| self.rest = rest).is_some()
    }

    /// Returns how often something inside is repeated at most by counts, all nested counts multiplied.
    fn alternation(&mut self) -> Result<u32, RegexError> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            return Err(RegexError("expression nests too deeply".into()));
        }
        let mut repeats = 1;
        loop {
            repeats = repeats.max(self.concatenation()?);
            if !self.eat("|") {
                break;
            }
            self.out.push('|');
        }
        self.depth -= 1;
        Ok(repeats)
    }

    fn concatenation(&mut self) -> Result<u32, RegexError> {
        let mut repeats = 1;
        while let Some(char) = self.rest.chars().next() {
            if matches!(char, '|' | ')') {
                break;
            }
            let start = self.out.len();
            self.out.push_str("(?:");
            self.bump();
            let mut inside = self.atom(char)?;
            self.out.push(')');
            while let Some((operator, count)) = self.repetition()? {
                inside = inside.saturating_mul(count.max(1));
                if inside > REPEAT_MAX {
                    return Err(RegexError(format!("invalid repetition size: {operator}")));
                }
                // A group around what was repeated so far keeps the crate from reading `+?` as lazy.
                self.out.push_str(&operator);
                self.out.insert_str(start, "(?:");
                self.out.push(')');
            }
            repeats = repeats.max(inside);
        }
        Ok(repeats)
    }

    fn atom(&mut self, char: char) -> Result<u32, RegexError> {
        let mut repeats = 1;
        match char {
            '(' => {
                if self.rest.starts_with('?') {
                    return Err(RegexError("missing argument to repetition operator: ?".into()));
                }
                repeats = self.alternation()?;
                if !self.eat(")") {
                    return Err(RegexError("missing ): end of pattern".into()));
                }
            }
            '*' | '+' | '?' => {
                return Err(RegexError(format!("no argument for repetition operator: {char}")));
            }
            '[' => self.class()?,
            '\\' => {
                let char = self.escape()?;
                self.literal(char);
            }
            '.' | '^' | '$' => self.out.push(char),
            // A brace that repeats needs something before it; any other brace is text.
            '{' if counted(self.rest).is_some() => {
                return Err(RegexError("no argument for repetition operator: {".into()));
            }
            char => self.literal(char),
        }
        Ok(repeats)
    }

    fn literal(&mut self, char: char) {
        let mut buffer = [0; 4];
        self.out.push_str(&regex_syntax::escape(char.encode_utf8(&mut buffer)));
    }

    /// A repetition operator at this place, as the crate writes it, and its count.
    fn repetition(&mut self) -> Result<Option<(String, u32)>, RegexError> {
        for operator in ["*", "+", "?"] {
            if self.eat(operator) {
                return Ok(Some((operator.into(), 1)));
            }
        }
        let Some(inner) = self.rest.strip_prefix('{') else { return Ok(None) };
        let Some((min, max, len)) = counted(inner) else { return Ok(None) };
        if min > REPEAT_MAX || max.is_some_and(|max| max > REPEAT_MAX || max < min) {
            return Err(RegexError(format!("invalid repetition operator: {{{}", &inner[..len])));
        }
        self.rest = &inner[len..];
        Ok(Some(match max {
            Some(max) => (format!("{{{min},{max}}}"), max),
            None => (format!("{{{min},}}"), min),
        }))
    }

    /// The character that follows a backslash stands for.
    fn escape(&mut self) -> Result<char, RegexError> {
        let Some(char) = self.bump() else { return Err(RegexError("trailing \\ at end of regexp".into())) };
        let invalid = || RegexError(format!("invalid escape sequence: \\{char}"));
        Ok(match char {
            // One digit would be a back reference; more make an octal code.
            '1'..='7' if !self.rest.starts_with(|next| matches!(next, '0'..='7')) => return Err(invalid()),
            '0'..='7' => {
                let mut code = char.to_digit(8).unwrap_or(0);
                let digits_max = if char == '0' { 2 } else { 1 + u32::from(code <= 3) };
                for _ in 0..digits_max {
                    let Some(digit) = self.rest.chars().next().and_then(|next| next.to_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit;
                    self.bump();
                }
                char::from_u32(code).ok_or_else(invalid)?
            }
            'x' => self.hex().ok_or_else(invalid)?,
            'a' => '\x07',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            char if char.is_ascii() && !char.is_ascii_alphanumeric() => char,
            _ => return Err(invalid()),
        })
    }

    /// `41` or `{10ffff}` after `\x`.
    fn hex(&mut self) -> Option<char> {
        let (digits, rest) = match self.rest.strip_prefix('{') {
            Some(inner) => inner.split_once('}')?,
            None => self.rest.split_at_checked(2)?,
        };
        if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = rest;
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    }

    /// A class; the opening bracket is consumed.
    fn class(&mut self) -> Result<(), RegexError> {
        let whole = self.rest;
        let missing = || RegexError(format!("missing ]: [{whole}"));
        self.out.push('[');
        if self.eat("^") {
            self.out.push('^');
        }
        let mut first = true;
        while first || !self.rest.starts_with(']') {
            // In POSIX syntax a minus is only plain at either end.
            if self.rest.starts_with('-') && !first && !self.rest.starts_with("-]") {
                return Err(RegexError(format!("invalid character class range: {}", self.rest)));
            }
            first = false;
            if let Some(inner) = self.rest.strip_prefix("[:")
                && let Some((name, after)) = inner.split_once(":]")
            {
                let plain = name.strip_prefix('^').unwrap_or(name);
                if !CLASSES.contains(&plain) {
                    return Err(RegexError(format!("invalid character class range: [:{name}:]")));
                }
                self.out.push_str(&format!("[:{name}:]"));
                self.rest = after;
                continue;
            }
            let low = self.class_char().ok_or_else(missing)??;
            let mut high = low;
            if self.rest.starts_with('-') && !self.rest.starts_with("-]") && self.rest.len() > 1 {
                self.bump();
                high = self.class_char().ok_or_else(missing)??;
                if high < low {
                    return Err(RegexError(format!("invalid character class range: {low}-{high}")));
                }
            }
            self.out.push_str(&format!("\\x{{{:x}}}-\\x{{{:x}}}", low as u32, high as u32));
        }
        if !self.eat("]") {
            return Err(missing());
        }
        self.out.push(']');
        Ok(())
    }

    fn class_char(&mut self) -> Option<Result<char, RegexError>> {
        Some(match self.bump()? {
            '\\' => self.escape(),
            char => Ok(char),
        })
    }
}

/// Names that both syntaxes know.
const CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "word", "xdigit",
];

/// `3}`, `3,}` or `3,5}`: the bounds and how long it is.
fn counted(inner: &str) -> Option<(u32, Option<u32>, usize)> {
    let end = inner.find('}')?;
    let number = |text: &str| -> Option<u32> {
        (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().unwrap_or(u32::MAX))
    };
    let (min, max) = match inner[..end].split_once(',') {
        None => {
            let count = number(&inner[..end])?;
            (count, Some(count))
        }
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((min, max, end + 1))
}

#[cfg(test)]
mod tests {
    use super::PosixRegex;

    fn check(pattern: &str, text: &str, expected: bool) {
        let regex = PosixRegex::new(pattern.as_bytes()).unwrap();
        assert_eq!(regex.matches(text.as_bytes()), expected, "{pattern} on {text:?}");
    }

    #[test]
    fn patterns_match_the_whole_value() {
        check("a+", "aaa", true);
        check("a+", "aaab", false);
        check("a|ab", "ab", true);
        check(".*", "a/b", true);
        check(".*", "a\nb", false);
        check("[^x]*", "a\nb", true);
        check("^a$", "a", true);
        check("^a$\n^b$", "a\nb", true);
        check("/etc/[a-z]+\\.conf", "/etc/host.conf", true);
        check("[[:alpha:]]+[[:digit:]]{2,3}", "abc123", true);
        check("", "", true);
        check("()|x", "x", true);
    }

    #[test]
    fn re2_reads_it_differently_from_the_crate() {
        check("a+?", "", true);
        check("a+?", "aa", true);
        check("a**", "aaa", true);
        check("(ab){2}?", "", true);
        check("[a&&b]+", "a&b", true);
        check("[[a]+", "[a", true);
        check("\\<x\\>", "<x>", true);
        check("a{,3}", "a{,3}", true);
        check("x{", "x{", true);
        check("[]a]+", "]a", true);
        check("[a-]+", "a-", true);
        check("\\101\\x42\\x{43}", "ABC", true);
        check("#x y", "#x y", true);
    }

    #[test]
    fn invalid_patterns_are_refused() {
        for pattern in [
            "\\d",
            "\\w+",
            "\\s",
            "\\bx",
            "\\Ax",
            "x\\z",
            "\\pL",
            "\\Qx\\E",
            "(?i)x",
            "(?:x)",
            "(?P<n>x)",
            "\\C",
            "a{1,1001}",
            "a{3,2}",
            "(a{100}){11}",
            "((a{10}){10}){11}",
            "*a",
            "(",
            ")",
            "a)",
            "[",
            "[a",
            "[b-a]",
            "[[:nope:]]",
            "a\\",
            "\\1",
            "{2}x",
            "[a-c-e]",
        ] {
            assert!(PosixRegex::new(pattern.as_bytes()).is_err(), "{pattern} must be refused");
        }
    }

    #[test]
    fn values_need_not_be_utf8() {
        let regex = PosixRegex::new("a.b".as_bytes()).unwrap();
        assert!(regex.matches(b"a\xffb"));
    }
}
