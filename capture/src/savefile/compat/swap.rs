//! Parameters of big-endian files in our byte order. IP addresses are in network order in every file.

use crate::event::{Detail, DynamicTable, EventType, ParamType, Params, address::family};

/// Puts the parameters into `out` with their integers turned to little-endian. Sizes stay as they are, and
/// values of an unexpected size are left alone.
pub(in crate::savefile) fn to_little_endian(ty: EventType, params: Params<'_>, out: &mut Vec<u8>) {
    out.clear();
    let infos = ty.get_info().map_or(&[][..], |info| info.params);
    for (index, value) in params.iter().enumerate() {
        let start = out.len();
        out.extend_from_slice(value);
        if let Some(info) = infos.get(index) {
            let table = match info.detail {
                Detail::Dynamic(table) => Some(table),
                _ => None,
            };
            swap_value(info.ty, table, &mut out[start..]);
        }
    }
}

fn swap_value(ty: ParamType, table: Option<DynamicTable>, value: &mut [u8]) {
    match ty {
        ParamType::Ipv4Addr | ParamType::Ipv6Addr => {}
        ParamType::SockAddr => match value.first() {
            Some(&family::INET) => swap_at(value, 5..7),
            Some(&family::INET6) => swap_at(value, 17..19),
            _ => {}
        },
        ParamType::SockTuple => match value.first() {
            Some(&family::INET) => [5..7, 11..13].into_iter().for_each(|port| swap_at(value, port)),
            Some(&family::INET6) => [17..19, 35..37].into_iter().for_each(|port| swap_at(value, port)),
            Some(&family::UNIX) => [1..9, 9..17].into_iter().for_each(|socket| swap_at(value, socket)),
            _ => {}
        },
        ParamType::FdList => {
            swap_at(value, 0..2);
            for entry in value.get_mut(2..).unwrap_or_default().chunks_exact_mut(10) {
                swap_at(entry, 0..8);
                swap_at(entry, 8..10);
            }
        }
        ParamType::Dyn => {
            if let (Some(table), Some((variant, value))) = (table, value.split_first_mut())
                && let Some((ty, _)) = table.variants().get(usize::from(*variant))
            {
                swap_value(*ty, None, value);
            }
        }
        _ if ty.fixed_len() == Some(value.len()) => value.reverse(),
        _ => {}
    }
}

fn swap_at(value: &mut [u8], place: std::ops::Range<usize>) {
    if let Some(bytes) = value.get_mut(place) {
        bytes.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventBuilder, SockTuple};

    #[test]
    fn integers_turn_and_addresses_do_not() {
        let tuple = [2, 10, 0, 0, 1, 0x01, 0xBB, 10, 0, 0, 2, 0, 80];
        let built = EventBuilder::new(EventType::CONNECT_X, 0, 0)
            .param(&(-1i64).to_be_bytes())
            .param(&tuple)
            .param(&3i64.to_be_bytes());
        let mut out = Vec::new();
        to_little_endian(EventType::CONNECT_X, built.event().params, &mut out);
        let ends = [8, 21, 29];
        let params = Params::new(&ends, &out).unwrap();
        let event = crate::event::Event { params, ..built.event() };
        assert_eq!((event.i64_at(0), event.i64_at(2)), (Some(-1), Some(3)));
        let expected =
            SockTuple::Ipv4 { sip: [10, 0, 0, 1].into(), sport: 443, dip: [10, 0, 0, 2].into(), dport: 80 };
        assert_eq!(event.tuple_at(1), Some(expected));
    }

    #[test]
    fn odd_sizes_are_left_alone() {
        let built = EventBuilder::new(EventType::POLL_X, 0, 0).param(&[1, 2]).param(&[0, 9, 1]).param(&[]);
        let mut out = Vec::new();
        to_little_endian(EventType::POLL_X, built.event().params, &mut out);
        assert_eq!(out, [1, 2, 9, 0, 1]);
    }
}
