//! Addresses and connections.

use bumpalo::Bump;
use capture::event::address::family;
use capture::event::{SockAddr, SockTuple};
use capture::savefile::L4Proto;
use std::net::Ipv6Addr;

use crate::fields::text_buf::{TextBuf, arena_text};

/// An address, such as `10.0.0.1:53`. IPv6 addresses have no brackets.
pub(super) fn addr_text<'a>(arena: &'a Bump, bytes: &'a [u8]) -> &'a [u8] {
    match SockAddr::parse(bytes) {
        Some(SockAddr::Ipv4 { ip, port }) => arena_text!(arena, "{ip}:{port}"),
        Some(SockAddr::Ipv6 { ip, port }) => arena_text!(arena, "{ip}:{port}"),
        Some(SockAddr::Unix { path }) => path,
        None => other_family(arena, bytes, "INVALID SOCKADDR"),
    }
}

/// A connection, such as `10.0.0.1:40000->10.0.0.2:53`.
pub(super) fn tuple_text<'a>(arena: &'a Bump, bytes: &'a [u8]) -> &'a [u8] {
    match SockTuple::parse(bytes) {
        Some(SockTuple::Ipv4 { sip, sport, dip, dport }) => {
            arena_text!(arena, "{sip}:{sport}->{dip}:{dport}")
        }
        Some(SockTuple::Ipv6 { sip, sport, dip, dport }) => match (mapped(sip), mapped(dip)) {
            (Some(sip), Some(dip)) => arena_text!(arena, "{sip}:{sport}->{dip}:{dport}"),
            _ => arena_text!(arena, "{sip}:{sport}->{dip}:{dport}"),
        },
        Some(SockTuple::Unix { source, destination, path }) => {
            let mut text = TextBuf::new(arena);
            text.print(format_args!("{source:x}->{destination:x} "));
            text.push(path);
            text.finish()
        }
        None => other_family(arena, bytes, "INVALID SOCKTUPLE"),
    }
}

/// The IPv4 address in an IPv6 one; the unspecified address counts as one.
fn mapped(ip: Ipv6Addr) -> Option<std::net::Ipv4Addr> {
    if ip.is_unspecified() { Some(std::net::Ipv4Addr::UNSPECIFIED) } else { ip.to_ipv4_mapped() }
}

/// What could not be parsed: families that are not understood, and broken values of those that are.
fn other_family<'a>(arena: &'a Bump, bytes: &[u8], invalid: &'static str) -> &'a [u8] {
    match bytes.first() {
        Some(&family::UNIX) => b"INVALID PATH",
        Some(&family::INET) => b"INVALID IPv4",
        Some(&family::INET6) => b"INVALID IPv6",
        Some(family) => arena_text!(arena, "family {family}"),
        None => invalid.as_bytes(),
    }
}

/// The letter after the kind of a socket in `<4t>`.
pub(super) fn protocol_letter(protocol: L4Proto) -> &'static str {
    match protocol {
        L4Proto::Tcp => "t",
        L4Proto::Udp => "u",
        L4Proto::Icmp => "i",
        L4Proto::Raw => "r",
        L4Proto::Unknown | L4Proto::NotApplicable => "",
    }
}
