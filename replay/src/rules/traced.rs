//! Text that remembers where each piece of it is written.
//!
//! Conditions are put together from pieces: folded YAML blocks, appended text, exceptions, list items. The parser
//! sees plain text; through [`Traced`] every offset of it leads back to a place in a rules file.

use std::ops::Range;

use super::source::{FileId, Span};

/// A text and the origin of every byte of it.
#[derive(Clone, Debug, Default)]
pub struct Traced {
    text: String,
    /// In order of `at`; the first is at 0 unless the text is empty.
    pieces: Vec<Piece>,
    /// Number of the next part.
    next_part: u32,
}

/// A stretch of text with one origin. It ends where the next piece starts.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Offset in the text.
    at: u32,
    origin: Origin,
    /// Pieces of one scalar, or of one thing made up, share a part: a span never reaches from one part into
    /// another.
    part: u32,
    /// Where the list was named whose item this is.
    via: Option<Span>,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    /// Byte for byte what is written at the start of the span; what is longer belongs to its end.
    Verbatim(Span),
    /// Made up because of what is written there.
    About(Span),
}

impl Traced {
    /// Text that is not written anywhere, such as `and not` in front of an exception, because of `about`.
    pub fn made_up(text: impl Into<String>, about: Span) -> Self {
        let text = text.into();
        let pieces = vec![Piece { at: 0, origin: Origin::About(about), part: 0, via: None }];
        Traced { text, pieces, next_part: 1 }
    }

    /// Text with pieces: offset in the text, where it is written, and whether that is one thing, such as an escape,
    /// instead of the same bytes.
    pub(super) fn from_pieces(text: String, pieces: impl IntoIterator<Item = (u32, Span, bool)>) -> Self {
        let piece = |(at, span, whole)| {
            let origin = if whole { Origin::About(span) } else { Origin::Verbatim(span) };
            Piece { at, origin, part: 0, via: None }
        };
        Traced { text, pieces: pieces.into_iter().map(piece).collect(), next_part: 1 }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends another text.
    pub fn push(&mut self, other: &Traced) {
        self.push_range(other, 0..other.text.len(), self.next_part, None);
        self.next_part += other.next_part;
    }

    /// Appends text that is not written anywhere, because of `about`.
    pub fn push_made_up(&mut self, text: &str, about: Span) {
        if text.is_empty() {
            return;
        }
        let at = self.text.len() as u32;
        self.pieces.push(Piece { at, origin: Origin::About(about), part: self.next_part, via: None });
        self.next_part += 1;
        self.text.push_str(text);
    }

    /// The text without blanks around it.
    pub fn trimmed(&self) -> Traced {
        let start = self.text.len() - self.text.trim_start().len();
        let end = start + self.text.trim().len();
        let mut trimmed = Traced { next_part: self.next_part, ..Traced::default() };
        trimmed.push_range(self, start..end, 0, None);
        trimmed
    }

    /// Appends a range of the text this one is made from, whose parts stay the same.
    pub(super) fn push_part(&mut self, original: &Traced, range: Range<usize>) {
        self.push_range(original, range, 0, None);
        self.next_part = self.next_part.max(original.next_part);
    }

    /// Appends the content of a list that is named at `via`.
    pub(super) fn push_via(&mut self, content: &Traced, via: Span) {
        self.push_range(content, 0..content.text.len(), self.next_part, Some(via));
        self.next_part += content.next_part;
    }

    /// Cuts the end off.
    pub(super) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        let pieces = self.pieces.partition_point(|piece| (piece.at as usize) < length);
        self.pieces.truncate(pieces);
    }

    /// Appends a range of another text, its parts numbered from `first_part`.
    fn push_range(&mut self, other: &Traced, range: Range<usize>, first_part: u32, via: Option<Span>) {
        if range.is_empty() {
            return;
        }
        let first = other.piece_at(range.start);
        let last = other.pieces.partition_point(|piece| (piece.at as usize) < range.end);
        let base = self.text.len();
        for piece in &other.pieces[first..last] {
            let skipped = range.start.saturating_sub(piece.at as usize) as u32;
            self.pieces.push(Piece {
                at: (base + (piece.at as usize).max(range.start) - range.start) as u32,
                origin: piece.origin.skip(skipped),
                part: piece.part + first_part,
                via: via.or(piece.via),
            });
        }
        self.text.push_str(&other.text[range]);
    }

    /// Index of the piece that holds offset `at`; of the last one at the end of the text.
    fn piece_at(&self, at: usize) -> usize {
        self.pieces.partition_point(|piece| piece.at as usize <= at).saturating_sub(1)
    }

    /// Where a range of the text is written. A range that starts in one part and ends in another ends where the
    /// first part was left for good.
    pub fn span(&self, range: Range<usize>) -> Span {
        let Some(first) = self.pieces.get(self.piece_at(range.start)) else { return Span::default() };
        let start = first.origin.position(range.start as u32 - first.at.min(range.start as u32));
        let end = range.end.max(range.start + 1).min(self.text.len().max(1)) - 1;
        let last = self.pieces[..=self.piece_at(end)].iter().rev().find(|piece| piece.part == first.part);
        let Some(last) = last else { return start };
        let next = self.pieces.partition_point(|piece| piece.at <= last.at);
        let piece_end = self.pieces.get(next).map_or(self.text.len(), |piece| piece.at as usize);
        let inside = piece_end.min(range.end).saturating_sub(last.at as usize);
        let end = last.origin.end(inside as u32);
        Span { file: start.file, start: start.start, end: end.max(start.start) }
    }

    /// What the byte at `at` is there for, if it is not written anywhere.
    pub fn made_up_at(&self, at: usize) -> Option<Span> {
        match self.pieces.get(self.piece_at(at))?.origin {
            Origin::About(span) => Some(span),
            Origin::Verbatim(_) => None,
        }
    }

    /// Where the list is named through which the byte at `at` came into the text.
    pub fn via(&self, at: usize) -> Option<Span> {
        self.pieces.get(self.piece_at(at)).and_then(|piece| piece.via)
    }
}

impl Origin {
    fn skip(self, bytes: u32) -> Self {
        match self {
            Origin::Verbatim(span) => {
                Origin::Verbatim(Span { start: span.end.min(span.start + bytes), ..span })
            }
            Origin::About(span) => Origin::About(span),
        }
    }

    /// Where the byte at this offset of the piece is written; of made-up text, all it is about.
    fn position(self, offset: u32) -> Span {
        match self.skip(offset) {
            Origin::Verbatim(span) | Origin::About(span) => span,
        }
    }

    /// Where a range of this length from the start of the piece ends.
    fn end(self, length: u32) -> u32 {
        match self {
            Origin::Verbatim(span) => span.end.min(span.start + length),
            Origin::About(span) => span.end,
        }
    }
}

/// File and offsets as a span.
pub(super) fn span(file: FileId, range: Range<usize>) -> Span {
    Span { file, start: range.start as u32, end: range.end as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(at: u32, text: &str) -> Traced {
        let span = Span { file: FileId(0), start: at, end: at + text.len() as u32 };
        Traced::from_pieces(text.to_string(), [(0, span, false)])
    }

    #[track_caller]
    fn check(text: &Traced, range: Range<usize>, expected: Range<u32>) {
        let span = text.span(range.clone());
        assert_eq!(span.start..span.end, expected, "range {range:?} of {:?}", text.as_str());
    }

    #[test]
    fn appended_text_keeps_its_places() {
        let mut text = written(100, "a and b");
        text.push_made_up(" ", Span { file: FileId(0), start: 1, end: 5 });
        text.push(&written(200, "or c"));
        assert_eq!(text.as_str(), "a and b or c");
        check(&text, 0..1, 100..101);
        check(&text, 6..7, 106..107);
        check(&text, 11..12, 203..204);
        check(&text, 7..8, 1..5);
        // From one part into another: up to the end of the first.
        check(&text, 0..12, 100..107);
        // The end of the text.
        check(&text, 12..12, 204..204);
    }

    #[test]
    fn list_items_lead_to_the_list() {
        let original = written(10, "x in (shells) and y");
        let mut text = Traced::default();
        text.push_part(&original, 0..6);
        text.push_via(&written(500, "bash, sh"), original.span(6..12));
        text.push_part(&original, 12..19);
        assert_eq!(text.as_str(), "x in (bash, sh) and y");
        check(&text, 6..10, 500..504);
        check(&text, 12..14, 506..508);
        // Around the list: as written, over the name of the list.
        check(&text, 0..15, 10..23);
        check(&text, 20..21, 28..29);
        assert_eq!(text.via(6).map(|via| via.start..via.end), Some(16..22));
        assert_eq!(text.via(0), None);
    }

    #[test]
    fn trimming_keeps_places() {
        let text = written(10, "  a b \n").trimmed();
        assert_eq!(text.as_str(), "a b");
        check(&text, 0..3, 12..15);
    }

    #[test]
    fn empty_text_has_an_empty_span() {
        assert_eq!(Traced::default().span(0..0), Span::default());
    }
}
