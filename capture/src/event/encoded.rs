//! The binary form of an event: header, lengths, parameters.
//!
//! A header is `u64 time · u64 tid · u32 length of everything · u16 type · u32 number of parameters`; the
//! lengths are `u16`, or `u32` for the types flagged [`EventFlags::LARGE_PAYLOAD`]. Nothing is aligned.

use super::schema::EVENT_COUNT;
use super::{Event, EventFlags, EventType, MAX_PARAMS};

/// Bytes of an event's header.
pub const HEADER_LEN: usize = 26;

/// Fields of an event's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Nanoseconds since the epoch.
    pub ts_ns: u64,
    /// Thread.
    pub tid: i64,
    /// Bytes of header, lengths and parameters together.
    pub len: u32,
    /// Type.
    pub ty: EventType,
    /// Number of parameters.
    pub param_count: u32,
}

impl Header {
    /// Reads a little-endian header; `None` when there are too few bytes.
    pub fn read(bytes: &[u8]) -> Option<Header> {
        let (ts_ns, rest) = bytes.split_first_chunk::<8>()?;
        let (tid, rest) = rest.split_first_chunk::<8>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let (ty, rest) = rest.split_first_chunk::<2>()?;
        let (param_count, _) = rest.split_first_chunk::<4>()?;
        Some(Header {
            ts_ns: u64::from_le_bytes(*ts_ns),
            tid: i64::from_le_bytes(*tid),
            len: u32::from_le_bytes(*len),
            ty: EventType(u16::from_le_bytes(*ty)),
            param_count: u32::from_le_bytes(*param_count),
        })
    }

    /// Appends the header.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.ts_ns.to_le_bytes());
        out.extend_from_slice(&self.tid.to_le_bytes());
        out.extend_from_slice(&self.len.to_le_bytes());
        out.extend_from_slice(&self.ty.0.to_le_bytes());
        out.extend_from_slice(&self.param_count.to_le_bytes());
    }
}

/// Whether lengths of this type's parameters take four bytes instead of two.
pub fn has_wide_lengths(ty: EventType) -> bool {
    ty.get_info().is_some_and(|info| info.flags.intersects(EventFlags::LARGE_PAYLOAD))
}

/// Appends the event's binary form. Returns false, and appends nothing, when a parameter is too long for its
/// length field.
#[must_use]
pub fn encode(event: &Event<'_>, out: &mut Vec<u8>) -> bool {
    let wide = has_wide_lengths(event.ty);
    let count = event.params.len();
    let total = HEADER_LEN + count * if wide { 4 } else { 2 } + event.params.data().len();
    let Ok(len) = u32::try_from(total) else { return false };
    if !wide && event.params.iter().any(|param| param.len() > usize::from(u16::MAX)) {
        return false;
    }
    Header { ts_ns: event.ts_ns, tid: event.tid, len, ty: event.ty, param_count: count as u32 }.write(out);
    for param in event.params.iter() {
        if wide {
            out.extend_from_slice(&(param.len() as u32).to_le_bytes());
        } else {
            out.extend_from_slice(&(param.len() as u16).to_le_bytes());
        }
    }
    out.extend_from_slice(event.params.data());
    true
}

/// Reads the binary form of an event of the schema. The ends of the parameters are put into `ends`, which the
/// event borrows. `None` when the bytes are not exactly one such event.
pub fn decode<'a>(cpu: u16, bytes: &'a [u8], ends: &'a mut [u32; MAX_PARAMS]) -> Option<Event<'a>> {
    let header = Header::read(bytes)?;
    let count = header.param_count as usize;
    if header.len as usize != bytes.len() || count > MAX_PARAMS || usize::from(header.ty.0) >= EVENT_COUNT {
        return None;
    }
    let width = if has_wide_lengths(header.ty) { 4 } else { 2 };
    let (lengths, data) = bytes[HEADER_LEN..].split_at_checked(count * width)?;
    let mut end = 0u32;
    for (slot, length) in ends.iter_mut().zip(lengths.chunks_exact(width)) {
        let length = match *length {
            [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
            [a, b] => u32::from(u16::from_le_bytes([a, b])),
            _ => return None,
        };
        end = end.checked_add(length)?;
        *slot = end;
    }
    if end as usize != data.len() {
        return None;
    }
    Some(Event {
        ts_ns: header.ts_ns,
        tid: header.tid,
        ty: header.ty,
        cpu,
        state_only: false,
        params: super::Params::from_sums(&ends[..count], data),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventBuilder;

    #[test]
    fn events_survive_a_round_trip() {
        for built in [
            EventBuilder::new(EventType::GETCWD_X, 1, -1).i64(3).str("/tmp").cpu(3),
            EventBuilder::new(EventType::MUNLOCKALL_X, u64::MAX, 7).cpu(3),
            EventBuilder::new(EventType::ASYNCEVENT_E, 5, 7).u32(0).str("x").param(&[1; 70_000]).cpu(3),
        ] {
            let bytes = built.encode().unwrap();
            let mut ends = [0; MAX_PARAMS];
            assert_eq!(decode(3, &bytes, &mut ends), Some(built.event()));
            for cut in 0..bytes.len().min(200) {
                assert_eq!(decode(3, &bytes[..cut], &mut ends), None, "cut at {cut}");
            }
        }
    }

    #[test]
    fn a_parameter_must_fit_its_length() {
        assert!(EventBuilder::new(EventType::READ_X, 1, 1).i64(0).param(&[0; 65_536]).encode().is_none());
    }
}
