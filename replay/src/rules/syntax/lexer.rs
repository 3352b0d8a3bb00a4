//! Tokens of conditions, cut from the text as the parser asks for them: what a token is depends on the place.

use std::ops::Range;

/// A position in a condition.
#[derive(Clone, Debug)]
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

/// Why a quoted string is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quoted {
    /// There is none here, or it does not end.
    No,
    /// Range with the quotes.
    Yes(Range<usize>),
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        Lexer { text, at: 0 }
    }

    pub fn at(&self) -> usize {
        self.at
    }

    /// Goes back (or forth) to an offset got from [`Self::at`].
    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    pub fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub fn text(&self, range: Range<usize>) -> &'t str {
        &self.text[range]
    }

    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn take(&mut self, length: usize) -> Option<Range<usize>> {
        if length == 0 {
            return None;
        }
        let start = self.at;
        self.at += length;
        Some(start..self.at)
    }

    /// Skips blanks; tells whether there were any. A backspace counts, for whatever reason.
    pub fn blank(&mut self) -> bool {
        let blanks =
            self.rest().iter().take_while(|b| matches!(b, b' ' | b'\t' | 0x08 | b'\r' | b'\n')).count();
        self.take(blanks).is_some()
    }

    /// A fixed text.
    pub fn fixed(&mut self, text: &str) -> Option<Range<usize>> {
        if self.rest().starts_with(text.as_bytes()) { self.take(text.len()) } else { None }
    }

    /// The first of the named things that stands here.
    pub fn one_of<T: Copy>(
        &mut self,
        table: &[(&'static str, T)],
    ) -> Option<(Range<usize>, &'static str, T)> {
        table.iter().find_map(|(name, value)| self.fixed(name).map(|range| (range, *name, *value)))
    }

    /// Like [`Self::one_of`], for words that need a blank after them, which is skipped.
    pub fn word_of<T: Copy>(
        &mut self,
        table: &[(&'static str, T)],
    ) -> Option<(Range<usize>, &'static str, T)> {
        table.iter().find_map(|(name, value)| {
            let start = self.at;
            let range = self.fixed(name)?;
            if self.blank() {
                return Some((range, *name, *value));
            }
            self.at = start;
            None
        })
    }

    /// A transformer with its opening parenthesis; gives the name.
    pub fn call<T: Copy>(&mut self, table: &[(&'static str, T)]) -> Option<(Range<usize>, T)> {
        table.iter().find_map(|(name, value)| {
            let rest = self.rest().strip_prefix(name.as_bytes())?;
            if rest.first() != Some(&b'(') {
                return None;
            }
            let start = self.at;
            self.at += name.len() + 1;
            Some((start..start + name.len(), *value))
        })
    }

    /// `not` with blanks after it. These blanks are the regular expression library's, which knows two more.
    pub fn not(&mut self) -> bool {
        let Some(rest) = self.rest().strip_prefix(b"not") else { return false };
        let blanks = rest.iter().take_while(|b| is_regex_space(**b)).count();
        blanks > 0 && self.take(3 + blanks).is_some()
    }

    pub fn identifier(&mut self) -> Option<Range<usize>> {
        let length = identifier_length(self.rest());
        self.take(length)
    }

    /// Identifiers with dots between them, at least one dot.
    pub fn field_name(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let mut length = identifier_length(rest);
        let mut dots = 0;
        while length > 0 && rest.get(length) == Some(&b'.') {
            let part = identifier_length(&rest[length + 1..]);
            if part == 0 {
                break;
            }
            length += 1 + part;
            dots += 1;
        }
        if dots == 0 { None } else { self.take(length) }
    }

    /// Argument of a field without quotes.
    pub fn bare_arg(&mut self) -> Option<Range<usize>> {
        let length = self.bytes_until(|b| matches!(b, b'[' | b']' | b'"' | b'\'') || is_regex_space(b));
        self.take(length)
    }

    /// Text without quotes.
    pub fn bare_string(&mut self) -> Option<Range<usize>> {
        let length =
            self.bytes_until(|b| matches!(b, b'(' | b')' | b'"' | b'\'' | b'=' | b',') || is_regex_space(b));
        self.take(length)
    }

    fn bytes_until(&self, end: impl Fn(u8) -> bool) -> usize {
        self.rest().iter().take_while(|b| !end(**b)).count()
    }

    /// A number, decimal or hexadecimal. Which of them the field takes is checked later.
    pub fn number(&mut self) -> Option<Range<usize>> {
        let length = hex_length(self.rest()).unwrap_or_else(|| decimal_length(self.rest()));
        self.take(length)
    }

    /// Text in quotes. It ends at the first quote of the same kind that has no backslash before it, whatever
    /// stands before the backslash.
    pub fn quoted(&mut self) -> Quoted {
        let rest = self.rest();
        let Some(quote @ (b'"' | b'\'')) = rest.first().copied() else { return Quoted::No };
        let mut previous = quote;
        for (i, byte) in rest.iter().enumerate().skip(1) {
            match *byte {
                b if b == quote && previous != b'\\' => {
                    let start = self.at;
                    self.at += i + 1;
                    return Quoted::Yes(start..self.at);
                }
                // The original works on C strings.
                0 => return Quoted::No,
                b => previous = b,
            }
        }
        Quoted::No
    }

    /// Whether a list, or an identifier that could stand for one, comes next, and not a keyword.
    pub fn at_list_value(&self) -> bool {
        let rest = self.rest();
        let keyword = [&b"and"[..], b"or", b"not"].iter().any(|word| {
            rest.strip_prefix(*word).is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
        });
        (rest.first() == Some(&b'(') || identifier_length(rest) > 0) && !keyword
    }
}

fn is_regex_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn identifier_length(text: &[u8]) -> usize {
    if !text.first().is_some_and(u8::is_ascii_alphabetic) {
        return 0;
    }
    text.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

fn hex_length(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X"))?;
    let count = rest.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    (count > 0).then_some(2 + count)
}

/// Sign, digits, point and digits, exponent with a sign.
fn decimal_length(text: &[u8]) -> usize {
    let mut length = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let whole = digits(&text[length..]);
    if whole == 0 {
        return 0;
    }
    length += whole;
    if text.get(length) == Some(&b'.') {
        length += 1;
        length += digits(&text[length..]);
    }
    if let [b'e' | b'E', b'+' | b'-', rest @ ..] = &text[length..] {
        let exponent = digits(rest);
        if exponent > 0 {
            length += 2 + exponent;
        }
    }
    length
}
