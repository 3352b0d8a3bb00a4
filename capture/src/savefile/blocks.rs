//! The first stage of reading: from bytes to framed blocks.

use std::io::Read;

use bytes::Bytes;

use super::block::{BlockType, FRAME_LEN, HEADER_LEN, RawBlock, SECTION_MAGIC, TRAILER_LEN};
use super::input::ReadOptions;
use super::prefetch::page_ahead;
use super::stream::StreamBuffer;
use crate::error::{Error, ErrorKind, Result};

/// Splits a capture into blocks.
///
/// After an error nothing more is delivered: without a trustworthy length the next block cannot be found.
pub struct Blocks {
    input: Input,
    /// Where the next block starts.
    position: u64,
    big_endian: bool,
    /// The last block was read, and integers are little-endian.
    is_usual: bool,
    done: bool,
}

enum Input {
    Memory(Bytes),
    Stream(StreamBuffer),
}

/// A block's place in the input; [`Blocks::block`] borrows its bytes.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    ty: BlockType,
    pub offset: u64,
    /// Start of the body in memory or in the stream's buffer.
    start: usize,
    total_len: u32,
    big_endian: bool,
}

impl Frame {
    /// The place of a block that [`Blocks::usual_at`] found.
    #[inline(always)]
    pub fn of_usual(block: &RawBlock<'_>) -> Self {
        let &RawBlock { ty, offset, .. } = block;
        let start = offset as usize + HEADER_LEN;
        Frame { ty, offset, start, total_len: block.total_len(), big_endian: false }
    }
}

impl Blocks {
    pub(super) fn from_memory(bytes: Bytes) -> Self {
        Blocks { input: Input::Memory(bytes), position: 0, big_endian: false, is_usual: false, done: false }
    }

    pub(super) fn from_stream(stream: Box<dyn Read + Send>, options: &ReadOptions) -> Self {
        let buffer = StreamBuffer::new(stream, options.max_block_bytes);
        Blocks { input: Input::Stream(buffer), position: 0, big_endian: false, is_usual: false, done: false }
    }

    /// Bytes of (decompressed) input used so far.
    pub fn offset(&self) -> u64 {
        self.position
    }

    /// The next block, or `None` at the end of the input.
    ///
    /// # Errors
    /// When the input ends inside a block, a block's length is impossible, or reading fails.
    #[inline(always)]
    pub fn next_block(&mut self) -> Result<Option<RawBlock<'_>>> {
        match self.advance()? {
            Some(frame) => Ok(Some(self.block(frame))),
            None => Ok(None),
        }
    }

    /// Moves to the next block without borrowing it.
    #[inline(always)]
    pub(super) fn advance(&mut self) -> Result<Option<Frame>> {
        match self.advance_quick() {
            Some(frame) => Ok(Some(frame)),
            None => self.advance_any(),
        }
    }

    /// As [`Blocks::advance`], for blocks that [`Blocks::ahead`] sees.
    #[inline(always)]
    fn advance_quick(&mut self) -> Option<Frame> {
        let (block, position) = self.ahead()?;
        let frame = Frame::of_usual(&block);
        *position += u64::from(frame.total_len);
        Some(frame)
    }

    /// The block that is next, and the position, which is to be moved by the block's length when that is wanted. Sees
    /// everything but the first block of little-endian input in memory, which is nearly all there is; `None` says only
    /// that the next block is not like that.
    #[inline(always)]
    pub(super) fn ahead(&mut self) -> Option<(RawBlock<'_>, &mut u64)> {
        let Blocks { input: Input::Memory(bytes), position, is_usual: true, .. } = self else { return None };
        let block = Blocks::usual_at(bytes, *position)?;
        page_ahead(block.tail());
        Some((block, position))
    }

    /// The block at `offset` of little-endian input, unless it is a section header or does not fit.
    #[inline(always)]
    pub(super) fn usual_at(bytes: &[u8], offset: u64) -> Option<RawBlock<'_>> {
        let (header, tail) = bytes.get(offset as usize..)?.split_first_chunk::<HEADER_LEN>()?;
        let (ty, total_len) = (BlockType(u32_le(&header[..4])), u32_le(&header[4..]));
        let body_len = total_len.checked_sub(FRAME_LEN as u32)?;
        if ty == BlockType::SECTION || body_len as usize + TRAILER_LEN > tail.len() {
            return None;
        }
        Some(RawBlock::new(ty, offset, false, body_len, tail))
    }

    #[inline(never)]
    fn advance_any(&mut self) -> Result<Option<Frame>> {
        if self.done {
            return Ok(None);
        }
        let frame = match &self.input {
            Input::Memory(bytes) => self.frame_in_memory(bytes),
            Input::Stream(_) => self.frame_in_stream(),
        };
        match frame {
            Ok(Some(frame)) => {
                self.position += u64::from(frame.total_len);
                self.big_endian = frame.big_endian;
            }
            _ => self.done = true,
        }
        self.is_usual = !self.done && !self.big_endian;
        frame
    }

    /// The bytes of the frame that [`Blocks::advance`] returned last.
    #[inline(always)]
    pub(super) fn block(&self, frame: Frame) -> RawBlock<'_> {
        let bytes: &[u8] = match &self.input {
            Input::Memory(bytes) => bytes,
            Input::Stream(stream) => &stream.buffer,
        };
        let body_len = frame.total_len - FRAME_LEN as u32;
        RawBlock::new(frame.ty, frame.offset, frame.big_endian, body_len, &bytes[frame.start..])
    }

    fn frame_in_memory(&self, bytes: &[u8]) -> Result<Option<Frame>> {
        let start = self.position as usize;
        let rest = bytes.get(start..).unwrap_or_default();
        if rest.is_empty() && self.position > 0 {
            return Ok(None);
        }
        let header = Header::read(rest, self.position, self.big_endian)?;
        if header.total_len as usize > rest.len() {
            return Err(header.truncated());
        }
        Ok(Some(header.frame(start)))
    }

    fn frame_in_stream(&mut self) -> Result<Option<Frame>> {
        let Input::Stream(stream) = &mut self.input else { return Ok(None) };
        let at = |error: Error| error.at(self.position, None);
        stream.consume();
        if !stream.fill(1).map_err(at)? && self.position > 0 {
            return if stream.cut { Err(at(truncated())) } else { Ok(None) };
        }
        // A section header needs four more bytes to tell the byte order.
        stream.fill(FRAME_LEN).map_err(at)?;
        let header = Header::read(stream.filled(), self.position, self.big_endian)?;
        let at = |error: Error| error.at(self.position, Some(header.ty));
        if header.total_len > stream.max_block_bytes {
            let error =
                Error::new(ErrorKind::LimitExceeded, "the block is longer than the limit for streams");
            return Err(at(error));
        }
        let total_len = header.total_len as usize;
        if !stream.fill(total_len).map_err(at)? {
            return Err(header.truncated());
        }
        let start = stream.take(total_len);
        Ok(Some(header.frame(start)))
    }
}

/// Type and length of a block.
struct Header {
    ty: BlockType,
    offset: u64,
    total_len: u32,
    big_endian: bool,
}

impl Header {
    /// Reads a header, and the byte order if a section starts here.
    fn read(rest: &[u8], offset: u64, big_endian: bool) -> Result<Header> {
        let Some(bytes) = rest.first_chunk::<HEADER_LEN>() else {
            if offset == 0 {
                return Err(Error::new(ErrorKind::NotACapture, "the input is too short for a capture"));
            }
            return Err(truncated().at(offset, None));
        };
        let mut header = Header { ty: BlockType(0), offset, total_len: 0, big_endian };
        // The type of a section header reads the same in both byte orders.
        if u32_le(&bytes[..4]) == BlockType::SECTION.0 {
            let magic = rest.get(8..12).map(u32_le);
            header.big_endian = match magic {
                Some(SECTION_MAGIC) => false,
                Some(magic) if magic.swap_bytes() == SECTION_MAGIC => true,
                None => return Err(truncated().at(offset, Some(BlockType::SECTION))),
                Some(_) => {
                    let kind = if offset == 0 { ErrorKind::NotACapture } else { ErrorKind::Malformed };
                    let error = Error::new(kind, "the section header has a wrong magic number");
                    return Err(error.at(offset, Some(BlockType::SECTION)));
                }
            };
        } else if offset == 0 {
            return Err(Error::new(
                ErrorKind::NotACapture,
                "the input is not a capture: it has no section header",
            ));
        }
        let read = |bytes| if header.big_endian { u32_le(bytes).swap_bytes() } else { u32_le(bytes) };
        (header.ty, header.total_len) = (BlockType(read(&bytes[..4])), read(&bytes[4..]));
        if (header.total_len as usize) < FRAME_LEN {
            let error = Error::new(ErrorKind::Malformed, "the block's length is shorter than its frame");
            return Err(error.at(offset, Some(header.ty)));
        }
        Ok(header)
    }

    fn truncated(&self) -> Error {
        truncated().at(self.offset, Some(self.ty))
    }

    fn frame(&self, start: usize) -> Frame {
        Frame {
            ty: self.ty,
            offset: self.offset,
            start: start + HEADER_LEN,
            total_len: self.total_len,
            big_endian: self.big_endian,
        }
    }
}

fn truncated() -> Error {
    Error::new(ErrorKind::Truncated, "the capture ends inside a block")
}

/// The first four bytes; callers have checked that they are there.
#[inline]
fn u32_le(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}
