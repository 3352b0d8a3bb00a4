//! Finding the event inside an event block: six block types, two byte orders, with and without a count.
//!
//! An event block's body is `u16 cpu · [u32 flags] · header · lengths · parameters · padding`.

use super::block::RawBlock;
use super::compat::{swap, uncounted};
use super::cursor::Cursor;
use super::lanes::sum_eight;
use crate::event::encoded::HEADER_LEN;
use crate::event::schema::{EVENT_COUNT, EVENTS};
use crate::event::{Event, EventFlags, EventType, MAX_PARAMS, Params};

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
    /// From the start of the block's body.
    Body {
        start: u32,
        len: u32,
    },
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
    /// The event of a block like nearly all are: little-endian, and its type has `expected` parameters and
    /// it all of them. `None` says nothing about the block, but that it is not like that; so this need not
    /// tell what is wrong. It decides how fast captures are read.
    #[inline(always)]
    pub fn locate_quick(
        &mut self,
        block: &RawBlock<'_>,
        expected: impl Fn(EventType) -> Option<u32>,
    ) -> Option<Located> {
        const START: usize = 2;
        const LENGTHS: usize = START + HEADER_LEN;
        // An event with few short parameters has less than that; masks leave out what follows it.
        let head = block.tail().first_chunk::<{ LENGTHS + 16 }>()?;
        let cpu = u16::from_le_bytes([head[0], head[1]]);
        let [ts_ns, tid] = [2, 10].map(|at| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes));
        let [len, count] = [18, 24].map(|at| head[at..at + 4].try_into().map_or(0, u32::from_le_bytes));
        let ty = EventType(u16::from_le_bytes([head[22], head[23]]));
        if expected(ty)? != count {
            return None;
        }
        let (start, end) = (LENGTHS + 2 * count as usize, START + len as usize);
        let data_len = end.checked_sub(start)?;
        if end > block.body_len() {
            return None;
        }
        let (slots, more) = self.ends.split_first_chunk_mut::<8>()?;
        let mut total = sum_eight(slots, head.last_chunk::<16>()?, count, 0)?;
        if count > 8 {
            let mut left = count;
            for (at, slots) in (LENGTHS..start).step_by(16).skip(1).zip(more.as_chunks_mut::<8>().0) {
                left -= 8;
                total = sum_eight(slots, block.tail().get(at..)?.first_chunk::<16>()?, left, total)?;
            }
        }
        if total as usize > data_len {
            return None;
        }
        let data = DataAt::Body { start: start as u32, len: total };
        Some(Located { ts_ns, tid: tid as i64, ty, cpu, state_only: false, count, data })
    }

    /// The event of any event block.
    pub fn locate_any(
        &mut self,
        block: &RawBlock<'_>,
        counted: bool,
        flagged: bool,
        ids_of_0_20: bool,
    ) -> Result<Located, Refusal> {
        let mut body = Cursor::new(block.body(), block.big_endian);
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
        let start = (block.body().len() - body.left() - event.left()) as u32;
        let data = event.bytes(end as usize).ok_or(OVERRUN)?;
        if block.big_endian {
            let ends = &self.ends[..located.count as usize];
            swap::to_little_endian(located.ty, Params::from_sums(ends, data), &mut self.swapped);
        } else {
            located.data = DataAt::Body { start, len: end as u32 };
        }
        Ok(located)
    }

    /// Leaves out the parameters from `count` on.
    pub fn truncate(&self, located: &mut Located, count: u32) {
        located.count = count;
        if let DataAt::Body { len, .. } = &mut located.data {
            *len = count.checked_sub(1).map_or(0, |last| self.ends[last as usize]);
        }
    }

    /// Borrows the event that was located last.
    #[inline(always)]
    pub fn event<'a>(&'a self, located: &Located, block: &RawBlock<'a>) -> Event<'a> {
        let Located { ts_ns, tid, ty, cpu, state_only, .. } = *located;
        Event { ts_ns, tid, ty, cpu, state_only, params: self.params(located, block) }
    }

    /// Borrows the parameters of the event that was located last.
    #[inline(always)]
    pub fn params<'a>(&'a self, located: &Located, block: &RawBlock<'a>) -> Params<'a> {
        let ends = &self.ends[..located.count as usize];
        match located.data {
            DataAt::Body { start, len } => {
                let (start, len) = (start as usize, len as usize);
                Params::from_parts(ends, &block.tail()[start..start + len])
            }
            DataAt::Swapped => Params::from_sums(ends, &self.swapped),
        }
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
