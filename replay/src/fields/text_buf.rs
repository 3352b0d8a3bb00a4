//! Text that is made for a value: it lives in the event's arena.

use std::fmt;

use bumpalo::Bump;
use bumpalo::collections::Vec as BumpVec;

/// Bytes under construction in an arena.
pub(super) struct TextBuf<'a>(BumpVec<'a, u8>);

impl<'a> TextBuf<'a> {
    /// An empty text.
    pub fn new(arena: &'a Bump) -> Self {
        TextBuf(BumpVec::new_in(arena))
    }

    /// Appends bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice_copy(bytes);
    }

    /// Appends one byte.
    pub fn push_byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// Appends formatted text, which cannot fail.
    pub fn print(&mut self, text: fmt::Arguments<'_>) {
        let _ = fmt::Write::write_fmt(self, text);
    }

    /// Removes what is beyond `len`.
    pub fn truncate(&mut self, len: usize) {
        self.0.truncate(len);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The text.
    pub fn finish(self) -> &'a [u8] {
        self.0.into_bump_slice()
    }
}

impl fmt::Write for TextBuf<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Formatted text in an arena.
macro_rules! arena_text {
    ($arena:expr, $($format:tt)*) => {{
        let mut text = $crate::fields::text_buf::TextBuf::new($arena);
        text.print(format_args!($($format)*));
        text.finish()
    }};
}
pub(super) use arena_text;

/// The parts with `separator` between them.
pub(super) fn join<'a, 'p>(
    arena: &'a Bump,
    separator: &[u8],
    parts: impl IntoIterator<Item = &'p [u8]>,
) -> &'a [u8] {
    let mut text = TextBuf::new(arena);
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            text.push(separator);
        }
        text.push(part);
    }
    text.finish()
}
