//! Raw events one after the other in memory: `u16 cpu · u8 state only · event`.

use super::output::RawEvent;
use crate::event::encoded::{self, Header};
use crate::event::{Event, MAX_PARAMS};

const PREFIX_LEN: usize = 3;

impl<'a> RawEvent<'a> {
    /// The event. `None` when the bytes are not one.
    pub(super) fn decode(&self, ends: &'a mut [u32; MAX_PARAMS]) -> Option<Event<'a>> {
        let event = encoded::decode(self.cpu, self.bytes, ends)?;
        Some(Event { state_only: self.state_only, ..event })
    }
}

/// Appends an event.
pub(super) fn push_frame(event: &RawEvent<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(&event.cpu.to_le_bytes());
    out.push(u8::from(event.state_only));
    out.extend_from_slice(event.bytes);
}

/// Events with where they begin.
pub(super) struct Frames<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Frames<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Frames { bytes, at: 0 }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = (usize, RawEvent<'a>);

    fn next(&mut self) -> Option<(usize, RawEvent<'a>)> {
        let at = self.at;
        let (prefix, rest) = self.bytes.get(at..)?.split_first_chunk::<PREFIX_LEN>()?;
        let header = Header::read(rest)?;
        let bytes = rest.get(..header.len as usize)?;
        self.at = at + PREFIX_LEN + bytes.len();
        let cpu = u16::from_le_bytes([prefix[0], prefix[1]]);
        Some((at, RawEvent { ts_ns: header.ts_ns, cpu, state_only: prefix[2] != 0, bytes }))
    }
}
