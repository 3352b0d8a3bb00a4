//! Reads and writes: what a datagram tells about the ends of its socket.

use std::net::{Ipv4Addr, Ipv6Addr};

use capture::event::schema::param::*;
use capture::event::{EventType, SockTuple};
use capture::savefile::L4Proto;

use super::address::{as_v4, as_v6, mapped_v4, socket_name, tuple_text};
use super::connect::{swap_v4, swap_v6};
use super::fd::{FdInfo, FdKind, Ipv4Tuple, Ipv6Tuple, Role};
use super::fd_table::FdTable;
use super::net::Interfaces;
use super::socket::{new_socket, protocol, sock_type};
use super::update::Update;
use crate::text::Text;

/// Which way the data went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    In,
    Out,
}

/// A read or write. A socket that moved data is connected, and the other end of a datagram is the socket's
/// new other end.
pub(super) fn apply(update: &mut Update<'_>, way: Way) {
    let event = update.event;
    // Old captures have no parameters for these.
    let is_many = matches!(event.ty, EventType::SENDMMSG_X | EventType::RECVMMSG_X);
    if is_many && event.bytes_at(0).is_none() {
        return;
    }
    if !update.applied.has_fd {
        guess_socket(update);
    }
    let Some(fd) = update.fd() else { return };
    let is_inet = matches!(fd.kind, FdKind::Ipv4Socket(_) | FdKind::Ipv6Socket(_));
    let (connected, settled) = (fd.connected, !fd.name.is_empty() && fd.kind.is_tcp_v4());
    if !is_inet && tuple_param(event.ty).is_none() {
        return;
    }
    if !update.succeeded() {
        return;
    }
    if is_inet
        && !connected
        && let Some(fd) = update.fd_mut()
    {
        fd.connected = true;
    }
    if let (Some(param), false) = (tuple_param(event.ty), settled)
        && let Some(bytes) = event.bytes_at(param)
        && let Some(name) = take_tuple(update, bytes, way)
    {
        update.rename_fd(name);
    }
}

/// The parameter with the ends of the connection.
fn tuple_param(ty: EventType) -> Option<usize> {
    Some(match ty {
        EventType::RECVFROM_X => RECVFROM_X::tuple,
        EventType::RECVMSG_X => RECVMSG_X::tuple,
        EventType::RECVMMSG_X => RECVMMSG_X::tuple,
        EventType::RECV_X => RECV_X::tuple,
        EventType::SEND_X => SEND_X::tuple,
        EventType::SENDTO_X => SENDTO_X::tuple,
        EventType::SENDMSG_X => SENDMSG_X::tuple,
        EventType::SENDMMSG_X => SENDMMSG_X::tuple,
        _ => return None,
    })
}

/// A send over a descriptor that is not known: its `socket` was lost. Datagrams are the better guess.
fn guess_socket(update: &mut Update<'_>) {
    let event = update.event;
    let (fd, tuple) = match event.ty {
        EventType::SEND_X => (SEND_X::fd, SEND_X::tuple),
        EventType::SENDTO_X => (SENDTO_X::fd, SENDTO_X::tuple),
        EventType::SENDMSG_X => (SENDMSG_X::fd, SENDMSG_X::tuple),
        _ => return,
    };
    let family = event.bytes_at(tuple).map(|bytes| u32::from(bytes[0]));
    let (Some(fd), Some(family @ (2 | 10)), true) = (event.i64_at(fd), family, update.succeeded()) else {
        return;
    };
    let mut info = FdInfo::new(new_socket(family, sock_type::DGRAM, protocol::UDP));
    info.open_flags = 0;
    update.add_fd(fd, info);
}

/// Takes over the ends of a connection. Returns the name the socket gets, or `None` when nothing is new.
fn take_tuple(update: &mut Update<'_>, bytes: &[u8], way: Way) -> Option<Text> {
    let fd = update.fd()?;
    let mut kind = match SockTuple::parse(bytes) {
        Some(SockTuple::Ipv4 { sip, sport, dip, dport }) => {
            FdKind::Ipv4Socket(merge_v4(&fd.kind, sip, sport, dip, dport)?)
        }
        Some(SockTuple::Ipv6 { sip, sport, dip, dport }) => match (mapped_v4(sip), mapped_v4(dip)) {
            (Some(sip), Some(dip)) => FdKind::Ipv4Socket(merge_v4(&fd.kind, sip, sport, dip, dport)?),
            _ => {
                let tuple = merge_v6(&fd.kind, sip, sport, dip, dport)?;
                match &fd.kind {
                    FdKind::Ipv6Socket(_) => FdKind::Ipv6Socket(tuple),
                    FdKind::Ipv6Server { l4proto, .. } => overwritten_server(&tuple, *l4proto),
                    other => other.clone(),
                }
            }
        },
        Some(SockTuple::Unix { source, destination, .. }) => FdKind::Unix { source, destination },
        None if matches!(bytes.first(), Some(1 | 2 | 10)) => return None,
        None => fd.kind.clone(),
    };
    let mut role = fd.role;
    match &mut kind {
        FdKind::Ipv4Socket(tuple) => {
            complete_v4(tuple, &update.state.interfaces);
            role = or_guess(role, way);
            *tuple = if must_swap(role, way) { swap_v4(*tuple) } else { *tuple };
        }
        FdKind::Ipv6Socket(tuple) => {
            complete_v6(tuple, &update.state.interfaces);
            if role == Role::None {
                let fds = update.thread.and_then(|index| update.state.threads.fds(index));
                role = guess_v6(tuple, fds, way);
            }
            *tuple = if must_swap(role, way) { swap_v6(*tuple) } else { *tuple };
        }
        _ => {}
    }
    let name = match &kind {
        FdKind::Ipv4Socket(_) | FdKind::Ipv6Socket(_) => socket_name(&kind),
        _ => tuple_text(bytes),
    };
    let fd = update.fd_mut()?;
    fd.kind = kind;
    fd.role = role;
    Some(name)
}

/// Upstream leaves the kind of an IPv6 server alone when it gets a datagram, but writes both ends over it:
/// the source over its address and the start of the destination over its port and protocol.
fn overwritten_server(tuple: &Ipv6Tuple, l4proto: L4Proto) -> FdKind {
    let octets = tuple.dip.octets();
    let known =
        [L4Proto::Unknown, L4Proto::NotApplicable, L4Proto::Tcp, L4Proto::Udp, L4Proto::Icmp, L4Proto::Raw];
    FdKind::Ipv6Server {
        ip: tuple.sip,
        port: u16::from_le_bytes([octets[0], octets[1]]),
        l4proto: known.get(usize::from(octets[2])).copied().unwrap_or(l4proto),
    }
}

/// The source of what comes in is the other end, which is right for a server; what goes out starts here,
/// which is right for a client.
fn must_swap(role: Role, way: Way) -> bool {
    matches!((role, way), (Role::Client, Way::In) | (Role::Server, Way::Out))
}

/// Who sends first is taken for the client.
fn or_guess(role: Role, way: Way) -> Role {
    match (role, way) {
        (Role::None, Way::In) => Role::Server,
        (Role::None, Way::Out) => Role::Client,
        (known, _) => known,
    }
}

/// Upstream looks whether the process has a socket bound to the destination's port. For IPv4 the socket
/// itself always is one; for IPv6 it reads the ports at the place where IPv4 sockets have them, which is in
/// the middle of the source address.
fn guess_v6(tuple: &Ipv6Tuple, fds: Option<&FdTable>, way: Way) -> Role {
    let octets = tuple.sip.octets();
    let sport = u16::from_le_bytes([octets[8], octets[9]]);
    let dport = u16::from_le_bytes([octets[10], octets[11]]);
    let any =
        |test: &dyn Fn(&FdKind) -> bool| fds.is_some_and(|fds| fds.iter().any(|(_, fd)| test(&fd.kind)));
    let is_bound = any(&|kind| match kind {
        FdKind::Ipv4Socket(tuple) => tuple.dport == dport,
        FdKind::Ipv4Server { port, .. } => *port == dport,
        _ => false,
    });
    if !is_bound {
        return Role::Client;
    }
    if !any(&|kind| matches!(kind, FdKind::Ipv4Socket(tuple) if tuple.sport == sport)) {
        return Role::Server;
    }
    or_guess(Role::None, way)
}

/// The new ends, or `None` when they are known, in either direction.
fn merge_v4(kind: &FdKind, sip: Ipv4Addr, sport: u16, dip: Ipv4Addr, dport: u16) -> Option<Ipv4Tuple> {
    let old = as_v4(kind);
    let new = Ipv4Tuple { sip, sport, dip, dport, l4proto: old.l4proto };
    (new != old && swap_v4(new) != old).then_some(new)
}

/// The same for IPv6.
fn merge_v6(kind: &FdKind, sip: Ipv6Addr, sport: u16, dip: Ipv6Addr, dport: u16) -> Option<Ipv6Tuple> {
    let old = as_v6(kind);
    let new = Ipv6Tuple { sip, sport, dip, dport, l4proto: old.l4proto };
    (new != old && swap_v6(new) != old).then_some(new)
}

/// Fills in what a datagram leaves open: the protocol, since only datagram sockets change their ends, and
/// the local address.
fn complete_v4(tuple: &mut Ipv4Tuple, interfaces: &Interfaces) {
    if tuple.l4proto == L4Proto::Unknown {
        tuple.l4proto = L4Proto::Udp;
    }
    let same_port = tuple.sport == tuple.dport;
    if tuple.sip.is_unspecified() {
        let inferred = interfaces.infer_v4(tuple.dip);
        if !(inferred == tuple.dip && same_port) {
            tuple.sip = inferred;
        }
    } else if tuple.dip.is_unspecified() {
        let inferred = interfaces.infer_v4(tuple.sip);
        if !(inferred == tuple.sip && same_port) {
            tuple.dip = inferred;
        }
    }
}

/// The same for IPv6.
fn complete_v6(tuple: &mut Ipv6Tuple, interfaces: &Interfaces) {
    if tuple.l4proto == L4Proto::Unknown {
        tuple.l4proto = L4Proto::Udp;
    }
    let same_port = tuple.sport == tuple.dport;
    if tuple.sip.is_unspecified() {
        let inferred = interfaces.infer_v6(tuple.dip);
        if !(inferred == tuple.dip && same_port) {
            tuple.sip = inferred;
        }
    } else if tuple.dip.is_unspecified() {
        let inferred = interfaces.infer_v6(tuple.sip);
        if !(inferred == tuple.sip && same_port) {
            tuple.dip = inferred;
        }
    }
}
