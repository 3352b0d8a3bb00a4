//! Addresses of sockets: their text, and what changes of kind do to them.

use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use capture::event::SockTuple;
use capture::event::address::family;
use capture::savefile::L4Proto;

use super::fd::{FdKind, Ipv4Tuple, Ipv6Tuple};
use crate::text::Text;

/// The IPv4 address inside an IPv6 one, if it is mapped. The unspecified address counts as mapped, as
/// upstream has it.
pub(super) fn mapped_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [head @ .., a, b, c, d] = ip.octets();
    let zeros = head[..10].iter().all(|byte| *byte == 0);
    let mapped = head[10..] == [0xff, 0xff] || ip.is_unspecified();
    (zeros && mapped).then(|| Ipv4Addr::new(a, b, c, d))
}

/// Text of an IPv6 address as the C library prints it: like the standard library's, but an address that is
/// zero up to its last 32 bits ends in dotted form.
pub(super) fn write_v6(ip: Ipv6Addr, out: &mut Vec<u8>) {
    let [head @ .., a, b, c, d] = ip.octets();
    // Writing to memory cannot fail.
    let _ = if head.iter().all(|byte| *byte == 0) && (a, b) != (0, 0) {
        write!(out, "::{a}.{b}.{c}.{d}")
    } else {
        write!(out, "{ip}")
    };
}

// Every connection gets a name, for which the machinery of `write!` would take longer than all else.
fn write_v4_end(ip: Ipv4Addr, port: u16, out: &mut Vec<u8>) {
    let mut decimal = itoa::Buffer::new();
    for (number, octet) in ip.octets().into_iter().enumerate() {
        if number > 0 {
            out.push(b'.');
        }
        out.extend_from_slice(decimal.format(octet).as_bytes());
    }
    out.push(b':');
    out.extend_from_slice(decimal.format(port).as_bytes());
}

fn write_v6_end(ip: Ipv6Addr, port: u16, out: &mut Vec<u8>) {
    write_v6(ip, out);
    let _ = write!(out, ":{port}");
}

fn write_v4_tuple(tuple: &Ipv4Tuple, out: &mut Vec<u8>) {
    write_v4_end(tuple.sip, tuple.sport, out);
    out.extend_from_slice(b"->");
    write_v4_end(tuple.dip, tuple.dport, out);
}

fn write_v6_tuple(tuple: &Ipv6Tuple, out: &mut Vec<u8>) {
    write_v6_end(tuple.sip, tuple.sport, out);
    out.extend_from_slice(b"->");
    write_v6_end(tuple.dip, tuple.dport, out);
}

/// Name of a socket by its kind: `<unknown>` while the protocol is not known, no ports for protocols
/// without them.
pub(super) fn socket_name(kind: &FdKind) -> Text {
    let mut out = Vec::with_capacity(48);
    match kind {
        FdKind::Ipv4Socket(tuple) => match tuple.l4proto {
            L4Proto::Tcp | L4Proto::Udp => write_v4_tuple(tuple, &mut out),
            L4Proto::Icmp | L4Proto::Raw => {
                let _ = write!(out, "{}->{}", tuple.sip, tuple.dip);
            }
            L4Proto::Unknown | L4Proto::NotApplicable => out.extend_from_slice(b"<unknown>"),
        },
        FdKind::Ipv6Socket(tuple) => match tuple.l4proto {
            L4Proto::Tcp | L4Proto::Udp => write_v6_tuple(tuple, &mut out),
            L4Proto::Icmp => {
                write_v6(tuple.sip, &mut out);
                out.extend_from_slice(b"->");
                write_v6(tuple.dip, &mut out);
            }
            _ => out.extend_from_slice(b"<unknown>"),
        },
        FdKind::Ipv4Server { ip, port, .. } => write_v4_end(*ip, *port, &mut out),
        FdKind::Ipv6Server { ip, port, .. } => write_v6_end(*ip, *port, &mut out),
        _ => {}
    }
    Text::new(&out)
}

/// Name of a socket of the first process list: with ports whatever the protocol is.
pub(super) fn listed_name(kind: &FdKind) -> Text {
    let mut out = Vec::with_capacity(48);
    match kind {
        FdKind::Ipv4Socket(tuple) => write_v4_tuple(tuple, &mut out),
        FdKind::Ipv6Socket(tuple) => write_v6_tuple(tuple, &mut out),
        other => return socket_name(other),
    }
    Text::new(&out)
}

/// Text of a tuple parameter.
pub(super) fn tuple_text(bytes: &[u8]) -> Text {
    let mut out = Vec::with_capacity(48);
    match SockTuple::parse(bytes) {
        Some(SockTuple::Ipv4 { sip, sport, dip, dport }) => {
            write_v4_tuple(&Ipv4Tuple { sip, sport, dip, dport, l4proto: L4Proto::Unknown }, &mut out);
        }
        Some(SockTuple::Ipv6 { sip, sport, dip, dport }) => match (mapped_v4(sip), mapped_v4(dip)) {
            (Some(sip), Some(dip)) => {
                write_v4_tuple(&Ipv4Tuple { sip, sport, dip, dport, l4proto: L4Proto::Unknown }, &mut out);
            }
            _ => write_v6_tuple(&Ipv6Tuple { sip, sport, dip, dport, l4proto: L4Proto::Unknown }, &mut out),
        },
        Some(SockTuple::Unix { source, destination, path }) => {
            let _ = write!(out, "{source:x}->{destination:x} ");
            out.extend_from_slice(path);
        }
        None => match bytes.first() {
            None => out.extend_from_slice(b"NULL"),
            Some(&family::UNIX) => out.extend_from_slice(b"INVALID PATH"),
            Some(&family::INET) => out.extend_from_slice(b"INVALID IPv4"),
            Some(&family::INET6) => out.extend_from_slice(b"INVALID IPv6"),
            Some(other) => {
                let _ = write!(out, "family {other}");
            }
        },
    }
    Text::new(&out)
}

/// Name that a `bind` gives.
pub(super) fn server_name(ip: std::net::IpAddr, port: u16) -> Text {
    let mut out = Vec::with_capacity(32);
    match ip {
        std::net::IpAddr::V4(ip) => write_v4_end(ip, port, &mut out),
        std::net::IpAddr::V6(ip) => write_v6_end(ip, port, &mut out),
    }
    Text::new(&out)
}

/// The ends that a socket has when it becomes an IPv4 socket with two ends. Only the protocol of a server is
/// carried over: an IPv6 socket that turns out to speak IPv4 has none until a datagram comes, so that its
/// name after a connect is `<unknown>`.
pub(super) fn as_v4(kind: &FdKind) -> Ipv4Tuple {
    let none = Ipv4Addr::UNSPECIFIED;
    let (sip, l4proto) = match kind {
        FdKind::Ipv4Socket(tuple) => return *tuple,
        FdKind::Ipv4Server { ip, l4proto, .. } => (*ip, *l4proto),
        _ => (none, L4Proto::Unknown),
    };
    Ipv4Tuple { sip, dip: none, sport: 0, dport: 0, l4proto }
}

/// The ends that a socket has when it becomes an IPv6 socket with two ends.
pub(super) fn as_v6(kind: &FdKind) -> Ipv6Tuple {
    let none = Ipv6Addr::UNSPECIFIED;
    let (sip, l4proto) = match kind {
        FdKind::Ipv6Socket(tuple) => return *tuple,
        FdKind::Ipv6Server { ip, l4proto, .. } => (*ip, *l4proto),
        _ => (none, L4Proto::Unknown),
    };
    Ipv6Tuple { sip, dip: none, sport: 0, dport: 0, l4proto }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v6(ip: &str) -> String {
        let mut out = Vec::new();
        write_v6(ip.parse().unwrap(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn ipv6_addresses_look_as_the_c_library_prints_them() {
        for same in ["::", "::1", "::ffff:1.2.3.4", "::1.2.3.4", "2001:db8::1", "fe80::1:0:0:1"] {
            assert_eq!(v6(same), same);
        }
        assert_eq!(v6("2001:0db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
    }

    #[test]
    fn mapped_addresses_are_found() {
        assert_eq!(mapped_v4("::ffff:1.2.3.4".parse().unwrap()), Some([1, 2, 3, 4].into()));
        assert_eq!(mapped_v4("::".parse().unwrap()), Some(Ipv4Addr::UNSPECIFIED));
        assert_eq!(mapped_v4("::1".parse().unwrap()), None);
    }

    #[test]
    fn names_depend_on_the_protocol() {
        let socket = |l4proto| {
            FdKind::Ipv4Socket(Ipv4Tuple {
                sip: [1, 2, 3, 4].into(),
                dip: [5, 6, 7, 8].into(),
                sport: 9,
                dport: 10,
                l4proto,
            })
        };
        let name = |l4proto| String::from_utf8(socket_name(&socket(l4proto)).to_vec()).unwrap();
        assert_eq!(name(L4Proto::Tcp), "1.2.3.4:9->5.6.7.8:10");
        assert_eq!(name(L4Proto::Icmp), "1.2.3.4->5.6.7.8");
        assert_eq!(name(L4Proto::Unknown), "<unknown>");
    }
}
