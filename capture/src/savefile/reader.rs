//! Both stages of reading together.

use super::blocks::{Blocks, Frame};
use super::decoder::{Decoder, Item, Outcome};
use super::input::ReadOptions;
use super::stats::ReadStats;
use crate::error::Result;
use crate::event::Event;

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
    /// returns true; it gets them and the offsets of their blocks.
    #[inline(always)]
    pub fn next_usual_unless(
        &mut self,
        mut passes: impl FnMut(&Event<'_>, u64) -> bool,
    ) -> Option<(Event<'_>, u64)> {
        let (located, frame) = loop {
            let (block, position) = self.blocks.ahead()?;
            let located = self.decoder.locate_usual(&block)?;
            *position += u64::from(block.total_len());
            let frame = Frame::of_usual(&block);
            if !passes(&self.decoder.event_of(&located, block), frame.offset) {
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
