//! Finding the event inside an event block: six block types, two byte orders, with and without a count.
//!
//! An event block's body is `u16 cpu · [u32 flags] · header · lengths · parameters · padding`.

use super::block::RawBlock;
use super::compat::{swap, uncounted};
use super::cursor::Cursor;
use crate::event::encoded::HEADER_LEN;
use crate::event::schema::{EVENT_COUNT, EVENTS};
use crate::event::{EventFlags, EventType, MAX_PARAMS, Params};

/// The event only updates state and is hidden from rules and output.
const FLAG_STATE_ONLY: u32 = 1;

/// An event and where its parameters lie.
#[derive(Clone, Copy)]
pub(super) struct Located {
    pub ts_ns: u64,
    pub tid: i64,
    pub ty: EventType,
    pub cpu: u16,
    pub state_only: bool,
    pub count: u32,
    data: DataAt,
}

#[derive(Clone, Copy)]
enum DataAt {
    Body { start: u32 },
    Swapped,
}

/// Why a block has no event for us.
pub(super) enum Refusal {
    /// Sizes contradict each other.
    Malformed(&'static str),
    /// The type is newer than the schema.
    UnknownType,
    /// An old event whose length fits no number of parameters.
    Uncountable,
}

/// Whether lengths of parameters take four bytes instead of two, by event type.
static WIDE_LENGTHS: [bool; EVENT_COUNT] = {
    let mut wide = [false; EVENT_COUNT];
    let mut id = 0;
    while id < EVENT_COUNT {
        wide[id] = EVENTS[id].flags.intersects(EventFlags::LARGE_PAYLOAD);
        id += 1;
    }
    wide
};

const TOO_SHORT: Refusal = Refusal::Malformed("the event's length does not fit its block");
const OVERRUN: Refusal = Refusal::Malformed("the event's parameters run past its end");

/// Locates events; keeps what their parameters borrow besides the block.
#[derive(Default)]
pub(super) struct EventLocator {
    /// Where each parameter of the last event ends.
    ends: [u32; MAX_PARAMS],
    /// Parameters of the last event in our byte order, if the file has the other.
    swapped: Vec<u8>,
}

impl EventLocator {
    /// The event of a little-endian `EVENT_V2` block: nearly all there is, so this decides how fast we are.
    #[inline]
    pub fn locate(&mut self, body: &[u8]) -> Result<Located, Refusal> {
        const START: usize = 2;
        let Some(head) = body.first_chunk::<{ START + HEADER_LEN }>() else { return Err(TOO_SHORT) };
        let cpu = u16::from_le_bytes([head[0], head[1]]);
        let [ts_ns, tid] = [2, 10].map(|at| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes));
        let [len, count] = [18, 24].map(|at| head[at..at + 4].try_into().map_or(0, u32::from_le_bytes));
        let ty = EventType(u16::from_le_bytes([head[22], head[23]]));

        let event_end = START + len as usize;
        if (len as usize) < HEADER_LEN || event_end > body.len() {
            return Err(TOO_SHORT);
        }
        let Some(&wide) = WIDE_LENGTHS.get(usize::from(ty.0)) else { return Err(Refusal::UnknownType) };
        let rest = &body[START + HEADER_LEN..event_end];
        let lengths_len = if wide { 4 } else { 2 } * count as usize;
        if count as usize > MAX_PARAMS || lengths_len > rest.len() {
            return Err(OVERRUN);
        }
        let (lengths, data) = rest.split_at(lengths_len);
        let mut end = 0u64;
        if wide {
            for (slot, length) in self.ends.iter_mut().zip(lengths.as_chunks::<4>().0) {
                end += u64::from(u32::from_le_bytes(*length));
                // Sums that do not fit are larger than any block and refused below.
                *slot = end as u32;
            }
        } else {
            for (slot, length) in self.ends.iter_mut().zip(lengths.as_chunks::<2>().0) {
                end += u64::from(u16::from_le_bytes(*length));
                *slot = end as u32;
            }
        }
        if end > data.len() as u64 {
            return Err(OVERRUN);
        }
        let start = (START + HEADER_LEN + lengths_len) as u32;
        let data = DataAt::Body { start };
        Ok(Located { ts_ns, tid: tid as i64, ty, cpu, state_only: false, count, data })
    }

    /// The event of any event block.
    pub fn locate_any(
        &mut self,
        block: &RawBlock<'_>,
        counted: bool,
        flagged: bool,
        ids_of_0_20: bool,
    ) -> Result<Located, Refusal> {
        let mut body = Cursor::new(block.body, block.big_endian);
        let (mut located, mut event) =
            read_head(&mut body, counted, flagged, ids_of_0_20).ok_or(TOO_SHORT)?;
        let Some(&wide) = WIDE_LENGTHS.get(usize::from(located.ty.0)) else {
            return Err(Refusal::UnknownType);
        };
        if !counted {
            let count = uncounted::param_count(located.ty, event, wide).ok_or(Refusal::Uncountable)?;
            located.count = count as u32;
        }
        if located.count as usize > MAX_PARAMS {
            return Err(OVERRUN);
        }
        let mut end = 0u64;
        for slot in &mut self.ends[..located.count as usize] {
            let length = if wide { event.u32() } else { event.u16().map(u32::from) };
            end += u64::from(length.ok_or(OVERRUN)?);
            *slot = end as u32;
        }
        let start = (block.body.len() - body.left() - event.left()) as u32;
        let data = event.bytes(end as usize).ok_or(OVERRUN)?;
        if block.big_endian {
            let ends = &self.ends[..located.count as usize];
            swap::to_little_endian(located.ty, Params::from_sums(ends, data), &mut self.swapped);
        } else {
            located.data = DataAt::Body { start };
        }
        Ok(located)
    }

    /// Borrows the parameters of the event that was located last.
    #[inline]
    pub fn params<'a>(&'a self, located: &Located, body: &'a [u8]) -> Params<'a> {
        let data = match located.data {
            DataAt::Body { start } => &body[start as usize..],
            DataAt::Swapped => &self.swapped,
        };
        Params::from_sums(&self.ends[..located.count as usize], data)
    }
}

/// Reads everything before the lengths. The second value is what follows, to the end of the event.
fn read_head<'a>(
    body: &mut Cursor<'a>,
    counted: bool,
    flagged: bool,
    ids_of_0_20: bool,
) -> Option<(Located, Cursor<'a>)> {
    let cpu = body.u16()?;
    let flags = if flagged { body.u32()? } else { 0 };
    let (ts_ns, tid, len, ty) = (body.u64()?, body.i64()?, body.u32()? as usize, EventType(body.u16()?));
    let (count, ty, rest_len) = if counted {
        (body.u32()?, ty, len.checked_sub(HEADER_LEN)?)
    } else {
        let ty = if ids_of_0_20 { uncounted::type_of_0_20(ty) } else { ty };
        (0, ty, uncounted::rest_len(ty, len)?)
    };
    let state_only = flags & FLAG_STATE_ONLY != 0;
    let located = Located { ts_ns, tid, ty, cpu, state_only, count, data: DataAt::Swapped };
    Some((located, body.piece(rest_len)?))
}
