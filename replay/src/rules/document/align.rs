//! From the value of a scalar back to its bytes in the file.
//!
//! The YAML parser gives the value and the range it was read from. Between the two lie folding (line breaks and
//! indentation become one blank), doubled quotes and escapes. Words and escapes are walked in step here; if
//! they ever fall out of step, the value leads to the scalar as a whole.

use granit_parser::ScalarStyle;

use crate::rules::source::Span;
use crate::rules::traced::Traced;

/// `value` as written at `span`, whose bytes are `raw`.
pub fn align(value: &str, raw: &str, span: Span, style: ScalarStyle) -> Traced {
    if value == raw {
        return Traced::from_pieces(value.to_string(), [(0, span, false)]);
    }
    let pieces = match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => quoted(value, raw),
        _ => words(value, raw),
    };
    match pieces {
        Some(pieces) if !pieces.is_empty() => {
            // Blanks in front of the first word belong to it.
            let pieces = pieces.into_iter().enumerate().map(|(i, piece)| {
                let start = span.start + piece.raw_at as u32;
                let end = piece.escape.map_or(span.end, |length| start + length as u32);
                let at = if i == 0 { 0 } else { piece.at as u32 };
                (at, Span { start, end, ..span }, piece.escape.is_some())
            });
            Traced::from_pieces(value.to_string(), pieces)
        }
        _ => Traced::made_up(value, span),
    }
}

/// A stretch of a value.
struct Piece {
    /// Where it starts in the value.
    at: usize,
    /// Where it starts in the raw text.
    raw_at: usize,
    /// Length of the escape in the raw text, if it is one.
    escape: Option<usize>,
}

/// Start of each word in the value and in the raw text; `None` when the words differ.
fn words(value: &str, raw: &str) -> Option<Vec<Piece>> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let mut pieces = Vec::new();
    let (mut at, mut raw_at) = (0, 0);
    loop {
        at += value[at..].len() - value[at..].trim_start_matches(is_blank).len();
        raw_at += raw[raw_at..].len() - raw[raw_at..].trim_start_matches(is_blank).len();
        let word = value[at..].split(is_blank).next().unwrap_or("");
        let raw_word = raw[raw_at..].split(is_blank).next().unwrap_or("");
        if word.is_empty() {
            return Some(pieces);
        }
        if word != raw_word {
            return None;
        }
        pieces.push(Piece { at, raw_at, escape: None });
        at += word.len();
        raw_at += word.len();
    }
}

/// The same for quoted scalars; a piece starts after every blank and every escape.
fn quoted(value: &str, raw: &str) -> Option<Vec<Piece>> {
    let quote = raw.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner_end = raw.len().checked_sub(1).filter(|end| *end >= 1 && raw.ends_with(quote))?;
    let mut pieces = Vec::new();
    let (mut at, mut raw_at) = (0, 1);
    let mut in_step = false;
    while at < value.len() || raw_at < inner_end {
        let rest = &raw[raw_at..inner_end];
        let next = rest.chars().next();
        let wanted = value[at..].chars().next();
        match (next, wanted) {
            (Some('\\'), _) if quote == '"' => {
                let length = escape_length(rest)?;
                if rest[1..].starts_with(['\n', '\r']) {
                    raw_at += length;
                } else {
                    pieces.push(Piece { at, raw_at, escape: Some(length) });
                    at += wanted?.len_utf8();
                    raw_at += length;
                }
                in_step = false;
            }
            (Some('\''), Some('\'')) if quote == '\'' => {
                pieces.push(Piece { at, raw_at, escape: Some(2) });
                at += 1;
                raw_at += 2;
                in_step = false;
            }
            (Some('\n' | '\r'), _) => {
                // A fold: all blanks of either side.
                raw_at += rest.len() - rest.trim_start().len();
                at += value[at..].len() - value[at..].trim_start().len();
                in_step = false;
            }
            (Some(c), Some(v)) if c == v => {
                if !in_step {
                    pieces.push(Piece { at, raw_at, escape: None });
                    in_step = true;
                }
                at += c.len_utf8();
                raw_at += c.len_utf8();
            }
            // Blanks before a fold are not part of the value.
            (Some(' ' | '\t'), _) => {
                raw_at += 1;
                in_step = false;
            }
            _ => return None,
        }
    }
    Some(pieces)
}

/// Bytes of the escape that `raw` starts with.
fn escape_length(raw: &str) -> Option<usize> {
    let kind = raw[1..].chars().next()?;
    let length = match kind {
        'x' => 4,
        'u' => 6,
        'U' => 10,
        '\r' if raw[2..].starts_with('\n') => 3,
        _ => 1 + kind.len_utf8(),
    };
    // Leading blanks of the line after an escaped line break do not count either.
    if matches!(kind, '\n' | '\r') {
        let rest = raw.get(length..)?;
        return Some(length + rest.len() - rest.trim_start_matches([' ', '\t']).len());
    }
    raw.is_char_boundary(length).then_some(length)
}
