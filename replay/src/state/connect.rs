//! `connect`: a socket gets its other end.

use std::net::IpAddr;

use capture::event::schema::param::*;
use capture::event::{Event, SockAddr, SockTuple};
use capture::savefile::L4Proto;

use super::address::{as_v4, as_v6, mapped_v4, socket_name, tuple_text};
use super::enter::{self, EnterEvent};
use super::fd::{FdInfo, FdKind, Ipv4Tuple, Ipv6Tuple, Role};
use super::update::Update;
use crate::text::Text;

const EINPROGRESS: i64 = 115;

/// Records where the socket is connected to. Failed calls change nothing; one that is in progress counts as
/// done.
pub(super) fn apply(update: &mut Update<'_>) {
    let event = update.event;
    if !update.applied.has_fd || !update.result().is_some_and(|result| result >= 0 || result == -EINPROGRESS)
    {
        return;
    }
    if let Some(fd) = update.fd_mut() {
        fd.connected = true;
    }
    let entered = enter::take(update);
    let entered = entered.as_deref().map(EnterEvent::event);
    let asked = entered.as_ref().and_then(|entered| entered.addr_at(CONNECT_E::addr));
    match event.bytes_at(CONNECT_X::tuple) {
        Some(bytes) => {
            if let Some(tuple) = SockTuple::parse(bytes) {
                connect_tuple(update, tuple, asked);
            }
        }
        None => connect_addr(update, asked, entered.as_ref()),
    }
}

/// Without a tuple only the destination is known, from the enter event. The name stays, except that upstream
/// writes the text of the missing tuple for kinds other than internet sockets.
fn connect_addr(update: &mut Update<'_>, asked: Option<SockAddr<'_>>, entered: Option<&Event<'_>>) {
    let has_addr = entered.is_some_and(|entered| entered.bytes_at(CONNECT_E::addr).is_some());
    let Some(fd) = update.fd_mut().filter(|_| has_addr) else { return };
    let (ip, port) = match asked {
        Some(SockAddr::Ipv4 { ip, port }) => (IpAddr::V4(ip), port),
        Some(SockAddr::Ipv6 { ip, port }) => (mapped_v4(ip).map_or(IpAddr::V6(ip), IpAddr::V4), port),
        _ => {
            update.rename_fd(Text::from("NULL"));
            return;
        }
    };
    fd.kind = match ip {
        IpAddr::V4(dip) => FdKind::Ipv4Socket(Ipv4Tuple { dip, dport: port, ..as_v4(&fd.kind) }),
        IpAddr::V6(dip) => FdKind::Ipv6Socket(Ipv6Tuple { dip, dport: port, ..as_v6(&fd.kind) }),
    };
}

fn connect_tuple(update: &mut Update<'_>, tuple: SockTuple<'_>, asked: Option<SockAddr<'_>>) {
    let given = update.event.addr_at(CONNECT_X::addr);
    let Some(fd) = update.fd_mut() else { return };
    let name = match untampered(tuple, given, asked) {
        SockTuple::Ipv4 { sip, sport, dip, dport } => {
            let l4proto = as_v4(&fd.kind).l4proto;
            set_v4(fd, Ipv4Tuple { sip, sport, dip, dport, l4proto });
            socket_name(&fd.kind)
        }
        SockTuple::Ipv6 { sip, sport, dip, dport } => {
            match (mapped_v4(sip), mapped_v4(dip)) {
                (Some(sip), Some(dip)) => {
                    let l4proto = as_v4(&fd.kind).l4proto;
                    set_v4(fd, Ipv4Tuple { sip, sport, dip, dport, l4proto });
                }
                _ => {
                    let l4proto = as_v6(&fd.kind).l4proto;
                    set_v6(fd, Ipv6Tuple { sip, sport, dip, dport, l4proto });
                }
            }
            socket_name(&fd.kind)
        }
        SockTuple::Unix { source, destination, path } => {
            // The kernel refuses to connect sockets of another kind to a path.
            if !matches!(fd.kind, FdKind::Unix { .. }) {
                return;
            }
            fd.kind = FdKind::Unix { source, destination };
            tuple_text(&SockTuple::Unix { source, destination, path }.to_bytes())
        }
    };
    if fd.role == Role::None {
        fd.role = Role::Client;
    }
    update.rename_fd(name);
}

/// The tuple with the destination of the enter event, if the exit event's address was read from the same
/// user memory as the tuple's: that can be changed during the call, while the enter event's cannot.
fn untampered<'e>(
    tuple: SockTuple<'e>,
    given: Option<SockAddr<'e>>,
    asked: Option<SockAddr<'e>>,
) -> SockTuple<'e> {
    match (tuple, given, asked) {
        (
            SockTuple::Ipv4 { sip, sport, dip, dport },
            Some(SockAddr::Ipv4 { ip, port }),
            Some(SockAddr::Ipv4 { ip: asked_ip, port: asked_port }),
        ) if (dip, dport) == (ip, port) => SockTuple::Ipv4 { sip, sport, dip: asked_ip, dport: asked_port },
        (
            SockTuple::Ipv6 { sip, sport, dip, dport },
            Some(SockAddr::Ipv6 { ip, port }),
            Some(SockAddr::Ipv6 { ip: asked_ip, port: asked_port }),
        ) if (dip, dport) == (ip, port) => SockTuple::Ipv6 { sip, sport, dip: asked_ip, dport: asked_port },
        (
            SockTuple::Unix { source, destination, path },
            Some(SockAddr::Unix { path: given }),
            Some(SockAddr::Unix { path: asked }),
        ) if path == given => SockTuple::Unix { source, destination, path: asked },
        (tuple, ..) => tuple,
    }
}

/// Sets both ends, unless they are known the other way round. A datagram server that connects keeps its
/// view: the other end is the client.
fn set_v4(fd: &mut FdInfo, tuple: Ipv4Tuple) {
    let old = as_v4(&fd.kind);
    fd.kind = FdKind::Ipv4Socket(match fd.role {
        _ if old == tuple || old == swap_v4(tuple) => old,
        Role::Server if tuple.l4proto == L4Proto::Udp => swap_v4(tuple),
        _ => tuple,
    });
}

fn set_v6(fd: &mut FdInfo, tuple: Ipv6Tuple) {
    let old = as_v6(&fd.kind);
    fd.kind = FdKind::Ipv6Socket(if old == swap_v6(tuple) { old } else { tuple });
}

/// The same connection seen from the other end.
pub(super) fn swap_v4(tuple: Ipv4Tuple) -> Ipv4Tuple {
    Ipv4Tuple { sip: tuple.dip, sport: tuple.dport, dip: tuple.sip, dport: tuple.sport, ..tuple }
}

/// The same connection seen from the other end.
pub(super) fn swap_v6(tuple: Ipv6Tuple) -> Ipv6Tuple {
    Ipv6Tuple { sip: tuple.dip, sport: tuple.dport, dip: tuple.sip, dport: tuple.sport, ..tuple }
}
