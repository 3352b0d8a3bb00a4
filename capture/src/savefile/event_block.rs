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
    /// The event of a block like nearly all are: little-endian, and its type has `expected` parameters and
    /// it all of them. `None` says nothing about the block, but that it is not like that; so this need not
    /// tell what is wrong. It decides how fast captures are read.
    #[inline(always)]
    pub fn locate_quick(
        &mut self,
        body: &[u8],
        expected: impl Fn(EventType) -> Option<u32>,
    ) -> Option<Located> {
        const START: usize = 2;
        let head = body.first_chunk::<{ START + HEADER_LEN }>()?;
        let cpu = u16::from_le_bytes([head[0], head[1]]);
        let [ts_ns, tid] = [2, 10].map(|at| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes));
        let [len, count] = [18, 24].map(|at| head[at..at + 4].try_into().map_or(0, u32::from_le_bytes));
        let ty = EventType(u16::from_le_bytes([head[22], head[23]]));
        if expected(ty)? != count {
            return None;
        }
        let rest = body.get(START + HEADER_LEN..START + len as usize)?;
        let lengths_len = 2 * count as usize;
        let data_len = rest.len().checked_sub(lengths_len)?;
        // Sixteen bits hold every end then.
        if rest.len() > usize::from(u16::MAX) || self.sum_lengths(rest, count) > data_len {
            return None;
        }
        let data = DataAt::Body { start: (START + HEADER_LEN + lengths_len) as u32 };
        Some(Located { ts_ns, tid: tid as i64, ty, cpu, state_only: false, count, data })
    }

    /// Sums `count` lengths of two bytes into `ends` and returns the total. Four at a time: multiplying by
    /// ones adds up the sixteen-bit lanes of a word, which beats a loop over lengths by avoiding the
    /// mispredicted end of it.
    #[inline(always)]
    fn sum_lengths(&mut self, lengths: &[u8], count: u32) -> usize {
        const ONES: u64 = 0x0001_0001_0001_0001;
        const EVEN_LANES: u64 = 0x0000_FFFF_0000_FFFF;
        let mut total = 0u64;
        let mut left = count;
        let mut lengths = lengths;
        for slots in self.ends.as_chunks_mut::<4>().0 {
            if left == 0 {
                break;
            }
            let mut lanes = match lengths.split_first_chunk::<8>() {
                Some((bytes, rest)) => {
                    lengths = rest;
                    u64::from_le_bytes(*bytes)
                }
                None => std::mem::take(&mut lengths)
                    .iter()
                    .rev()
                    .fold(0, |lanes, byte| lanes << 8 | u64::from(*byte)),
            };
            if left < 4 {
                lanes &= (1 << (16 * left)) - 1;
            }
            let ends = lanes.wrapping_add(total).wrapping_mul(ONES);
            *slots = std::array::from_fn(|lane| (ends >> (16 * lane)) as u32 & 0xFFFF);
            let pairs = (lanes & EVEN_LANES) + (lanes >> 16 & EVEN_LANES);
            total += (pairs & 0xFFFF_FFFF) + (pairs >> 32);
            left = left.saturating_sub(4);
        }
        total as usize
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
