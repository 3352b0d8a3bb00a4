//! Reading events again that a reader has delivered.

use bytes::Bytes;

use super::blocks::Blocks;
use super::decoder::complete_count;
use super::event_block::EventLocator;
use crate::event::Event;

/// Reads single events of a capture in memory.
pub struct Lookback {
    bytes: Bytes,
    locator: EventLocator,
}

impl Lookback {
    pub(super) fn new(bytes: Bytes) -> Self {
        Lookback { bytes, locator: EventLocator::default() }
    }

    /// The event whose block is at `offset`, where [`Reader::next_usual`](super::Reader::next_usual) has found one. Anywhere
    /// else the answer is of no use.
    pub fn event_at(&mut self, offset: u64) -> Option<Event<'_>> {
        let block = Blocks::usual_at(&self.bytes, offset)?;
        let located = self.locator.locate_quick(&block, complete_count)?;
        Some(self.locator.event(&located, &block))
    }
}

#[cfg(test)]
mod tests {
    use crate::event::{EventBuilder, EventType};
    use crate::savefile::{Capture, WriteOptions, Writer};

    #[test]
    fn events_are_the_same_again() {
        let mut writer = Writer::new(Vec::new(), WriteOptions::default()).unwrap();
        for number in 0..50 {
            let event = EventBuilder::new(EventType::OPENAT_2_X, number, 7).i64(3).i64(-100).str("/x");
            let event = event.u32(number as u32).u32(0).u32(0).u64(number);
            writer.event(&event.event()).unwrap();
        }
        let capture = Capture::from_bytes("again", writer.finish().unwrap());
        let (mut reader, mut lookback) = (capture.reader().unwrap(), capture.lookback().unwrap());
        assert!(reader.next().unwrap().is_some());
        let (mut offsets, mut first) = (Vec::new(), Vec::new());
        loop {
            let offset = reader.offset();
            let Some(event) = reader.next_usual() else { break };
            first.push(format!("{event:?}"));
            offsets.push(offset);
        }
        assert_eq!(offsets.len(), 50);
        for (offset, first) in offsets.into_iter().zip(first).rev() {
            assert_eq!(format!("{:?}", lookback.event_at(offset).unwrap()), first);
        }
        assert!(lookback.event_at(u64::MAX).is_none());
    }
}
