//! Events as written until 2018: their header has no number of parameters.

use crate::event::{EventType, MAX_PARAMS};
use crate::savefile::cursor::Cursor;

/// Bytes of such an event's header.
const HEADER_LEN: usize = 22;

/// sysdig 0.20.0 gave these ids, which every other release uses for execve and setpgid, to bpf and seccomp.
/// It can be told by the version of its process list; later releases have another.
pub(in crate::savefile) fn type_of_0_20(ty: EventType) -> EventType {
    match ty {
        EventType::EXECVE_19_E => EventType::BPF_E,
        EventType::EXECVE_19_X => EventType::BPF_X,
        EventType::SETPGID_E => EventType::SECCOMP_E,
        EventType::SETPGID_X => EventType::SECCOMP_X,
        ty => ty,
    }
}

/// Bytes of lengths and parameters in an event of `len` bytes.
pub(in crate::savefile) fn rest_len(ty: EventType, len: usize) -> Option<usize> {
    // Writers of these two counted three bytes that they did not write.
    let excess = match ty {
        EventType::NOTIFICATION_E | EventType::INFRASTRUCTURE_EVENT_E => 3,
        _ => 0,
    };
    len.checked_sub(HEADER_LEN + excess)
}

/// The number of parameters with which lengths and parameters fill the event exactly. Counts that the schema
/// allows are tried first, from the largest: one that is too large always overshoots.
pub(in crate::savefile) fn param_count(ty: EventType, rest: Cursor<'_>, wide: bool) -> Option<usize> {
    let most = ty.get_info()?.params.len();
    let fits = |count: usize| {
        let mut lengths = rest;
        let mut total = 0usize;
        for _ in 0..count {
            let length = if wide { lengths.u32()? } else { u32::from(lengths.u16()?) };
            total += length as usize;
        }
        (total == lengths.left()).then_some(count)
    };
    (0..=most).rev().chain(most + 1..=MAX_PARAMS).find_map(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: EventType, lengths: &[u16], data_len: usize, expected: Option<usize>) {
        let mut rest: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
        rest.resize(rest.len() + data_len, 0xEE);
        assert_eq!(param_count(ty, Cursor::new(&rest, false), false), expected, "{ty:?} {lengths:?}");
    }

    #[test]
    fn counts_follow_from_the_length() {
        check(EventType::OPEN_X, &[8, 3, 4, 4], 19, Some(4));
        check(EventType::OPEN_X, &[8, 3, 4, 4, 4], 23, Some(5));
        check(EventType::FORK_E, &[], 0, Some(0));
        check(EventType::CLOSE_E, &[8, 2], 10, Some(2));
        check(EventType::CLOSE_E, &[8], 9, None);
    }
}
