//! Both stages of reading together.

use super::block::RawBlock;
use super::blocks::{Blocks, Frame};
use super::decoder::{Decoder, Item, Outcome};
use super::event_block::Located;
use super::input::ReadOptions;
use super::stats::ReadStats;
use crate::error::Result;
use crate::event::{Event, EventType};

/// Reads a capture from front to back.
pub struct Reader {
    blocks: Blocks,
    decoder: Decoder,
}

impl Reader {
    pub(super) fn new(blocks: Blocks, options: &ReadOptions) -> Self {
        Reader { blocks, decoder: Decoder::new(options) }
    }

    /// The next thing that the capture holds, or `None` at its end.
    ///
    /// # Errors
    /// A capture that was cut delivers everything that is whole and then an error of kind
    /// [`Truncated`](crate::ErrorKind::Truncated). After a damaged frame nothing more comes; after damage
    /// inside a block, the next call goes on with the next block.
    // Inlined, the event is copied from place to place on its way to the caller, which makes reading a fifth slower.
    #[inline(never)]
    #[allow(clippy::should_implement_trait)] // items borrow from the reader
    pub fn next(&mut self) -> Result<Option<Item<'_>>> {
        loop {
            let Some(frame) = self.blocks.advance()? else { return Ok(None) };
            // Blocks are borrowed anew for what is returned, as the borrow of a loop's turn cannot leave it.
            if let Some(located) = self.decoder.locate_usual(&self.blocks.block(frame)) {
                let event = self.decoder.event_of(&located, self.blocks.block(frame));
                return Ok(Some(Item::Event(event)));
            }
            match self.decoder.decide(&self.blocks.block(frame))? {
                Outcome::Nothing => {}
                outcome => return Ok(self.decoder.item(outcome, self.blocks.block(frame))),
            }
        }
    }

    /// The next event, if its block is like most are: of a capture in memory, with an event of the current schema that
    /// has all its parameters. `None` says only that [`Reader::next`] or the two stages have to look; calling this
    /// first makes reading faster.
    #[inline(always)]
    pub fn next_usual(&mut self) -> Option<Event<'_>> {
        let (block, position) = self.blocks.ahead()?;
        let located = self.decoder.locate_usual(&block)?;
        *position += u64::from(block.total_len());
        Some(self.decoder.event_of(&located, block))
    }

    /// As [`Reader::next_usual`], with the offset of the event's block, but leaves out all events before for which `passes`
    /// returns true. Looks at no more than `max` events.
    #[inline(always)]
    pub fn next_usual_unless(
        &mut self,
        max: u64,
        mut passes: impl FnMut(&Head<'_>) -> bool,
    ) -> Option<(Event<'_>, u64)> {
        let mut left = max;
        let (located, frame) = loop {
            left = left.checked_sub(1)?;
            let (block, position) = self.blocks.ahead()?;
            let located = self.decoder.locate_usual(&block)?;
            *position += u64::from(block.total_len());
            let frame = Frame::of_usual(&block);
            if !passes(&Head { located: &located, block, decoder: &self.decoder }) {
                break (located, frame);
            }
        };
        // Borrowed anew, as what a turn of the loop borrows cannot leave it.
        let event = self.decoder.event_of(&located, self.blocks.block(frame));
        Some((event, frame.offset))
    }

    /// The two stages, to be run one after the other by a caller that times them apart.
    pub fn parts(&mut self) -> (&mut Blocks, &mut Decoder) {
        (&mut self.blocks, &mut self.decoder)
    }

    /// What was read so far.
    pub fn stats(&self) -> ReadStats {
        self.decoder.stats()
    }

    /// Bytes of (decompressed) input used so far.
    pub fn offset(&self) -> u64 {
        self.blocks.offset()
    }
}

/// An event whose parameters were not looked at.
pub struct Head<'a> {
    located: &'a Located,
    block: RawBlock<'a>,
    decoder: &'a Decoder,
}

impl<'a> Head<'a> {
    /// Nanoseconds since the epoch.
    #[inline(always)]
    pub fn ts_ns(&self) -> u64 {
        self.located.ts_ns
    }

    /// Thread.
    #[inline(always)]
    pub fn tid(&self) -> i64 {
        self.located.tid
    }

    /// Type.
    #[inline(always)]
    pub fn ty(&self) -> EventType {
        self.located.ty
    }

    /// Offset of its block in the capture.
    #[inline(always)]
    pub fn offset(&self) -> u64 {
        self.block.offset
    }

    /// All of it.
    #[inline(always)]
    pub fn event(&self) -> Event<'a> {
        self.decoder.event_of(self.located, self.block)
    }
}
