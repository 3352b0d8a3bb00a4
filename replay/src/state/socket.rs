//! `socket`, `bind`, `accept`: sockets before data flows. `listen` changes nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use capture::event::address::family;
use capture::event::schema::param::*;
use capture::event::{EventType, SockAddr, SockTuple};
use capture::savefile::L4Proto;

use super::address::{mapped_v4, server_name, tuple_text};
use super::fd::{self, FdInfo, FdKind, Ipv4Tuple, Ipv6Tuple, Role};
use super::update::Update;
use crate::text::Text;

/// Address families that make a kind of their own.
mod domain {
    pub const UNIX: u32 = 1;
    pub const INET: u32 = 2;
    pub const INET6: u32 = 10;
    pub const NETLINK: u32 = 16;
}

/// Socket types of the kernel.
pub(super) mod sock_type {
    pub const STREAM: u32 = 1;
    pub const DGRAM: u32 = 2;
    pub const RAW: u32 = 3;
}

/// Protocol numbers of the internet.
pub(super) mod protocol {
    pub const IP: u32 = 0;
    pub const ICMP: u32 = 1;
    pub const TCP: u32 = 6;
    pub const UDP: u32 = 17;
    pub const RAW: u32 = 255;
}

/// Kind of a new socket.
pub(super) fn new_socket(domain: u32, ty: u32, protocol: u32) -> FdKind {
    let l4proto = l4proto(ty, protocol);
    match domain {
        domain::UNIX => FdKind::Unix { source: 0, destination: 0 },
        domain::INET => FdKind::Ipv4Socket(empty_v4(l4proto)),
        domain::INET6 => FdKind::Ipv6Socket(empty_v6(l4proto)),
        domain::NETLINK => FdKind::Netlink,
        _ => FdKind::Unknown,
    }
}

fn empty_v4(l4proto: L4Proto) -> Ipv4Tuple {
    Ipv4Tuple { sip: Ipv4Addr::UNSPECIFIED, dip: Ipv4Addr::UNSPECIFIED, sport: 0, dport: 0, l4proto }
}

fn empty_v6(l4proto: L4Proto) -> Ipv6Tuple {
    Ipv6Tuple { sip: Ipv6Addr::UNSPECIFIED, dip: Ipv6Addr::UNSPECIFIED, sport: 0, dport: 0, l4proto }
}

fn l4proto(ty: u32, protocol: u32) -> L4Proto {
    let or_raw = |l4proto| if ty == sock_type::RAW { L4Proto::Raw } else { l4proto };
    match protocol {
        protocol::TCP => or_raw(L4Proto::Tcp),
        protocol::UDP => or_raw(L4Proto::Udp),
        protocol::ICMP => or_raw(L4Proto::Icmp),
        protocol::RAW => L4Proto::Raw,
        // The type can have SOCK_NONBLOCK and SOCK_CLOEXEC in its upper bits.
        protocol::IP => match ty & 0xff {
            sock_type::STREAM => L4Proto::Tcp,
            sock_type::DGRAM => L4Proto::Udp,
            _ => L4Proto::Unknown,
        },
        _ => L4Proto::Unknown,
    }
}

/// `socket`.
pub(super) fn socket(update: &mut Update<'_>) {
    use SOCKET_X as P;
    let event = update.event;
    let Some(fd) = update.result().filter(|fd| *fd >= 0) else { return };
    let [domain, ty, protocol, flags] =
        [P::domain, P::r#type, P::proto, P::flags].map(|at| event.u32_at(at).unwrap_or(0));
    let kind = new_socket(domain, ty, protocol);
    update.add_fd(fd, FdInfo { open_flags: flags, ..FdInfo::new(kind) });
}

/// `bind`: an address with a port makes a server.
pub(super) fn bind(update: &mut Update<'_>) {
    let event = update.event;
    if !update.applied.has_fd || !update.succeeded() {
        return;
    }
    let Some(bytes) = event.bytes_at(BIND_X::addr) else { return };
    let name = match SockAddr::parse(bytes) {
        Some(SockAddr::Ipv4 { ip, port }) => {
            serve(update, ip.into(), port);
            server_name(ip.into(), port)
        }
        Some(SockAddr::Ipv6 { ip, port }) => {
            serve(update, mapped_v4(ip).map_or(ip.into(), IpAddr::from), port);
            server_name(ip.into(), port)
        }
        Some(SockAddr::Unix { path }) => Text::new(path),
        None if matches!(bytes[0], family::UNIX | family::INET | family::INET6) => return,
        None => Text::new(format!("family {}", bytes[0]).as_bytes()),
    };
    update.rename_fd(name);
}

fn serve(update: &mut Update<'_>, ip: IpAddr, port: u16) {
    if port == 0 {
        return;
    }
    let Some(fd) = update.fd_mut() else { return };
    let l4proto = match &fd.kind {
        FdKind::Ipv4Socket(tuple) => tuple.l4proto,
        FdKind::Ipv6Socket(tuple) => tuple.l4proto,
        FdKind::Ipv4Server { l4proto, .. } | FdKind::Ipv6Server { l4proto, .. } => *l4proto,
        _ => L4Proto::Unknown,
    };
    fd.kind = match ip {
        IpAddr::V4(ip) => FdKind::Ipv4Server { ip, port, l4proto },
        IpAddr::V6(ip) => FdKind::Ipv6Server { ip, port, l4proto },
    };
    fd.role = Role::Server;
}

/// `accept` and `accept4`: a new, connected socket of a server.
pub(super) fn accept(update: &mut Update<'_>) {
    let event = update.event;
    let Some(fd) = update.result().filter(|fd| *fd >= 0) else { return };
    if update.thread.is_none() {
        return;
    }
    update.set_fd_num(fd);
    let Some(bytes) = event.bytes_at(ACCEPT_5_X::tuple) else { return };
    let l4proto = L4Proto::Tcp;
    let kind = match SockTuple::parse(bytes) {
        Some(SockTuple::Ipv4 { sip, sport, dip, dport }) => {
            FdKind::Ipv4Socket(Ipv4Tuple { sip, sport, dip, dport, l4proto })
        }
        Some(SockTuple::Ipv6 { sip, sport, dip, dport }) => match (mapped_v4(sip), mapped_v4(dip)) {
            (Some(sip), Some(dip)) => FdKind::Ipv4Socket(Ipv4Tuple { sip, sport, dip, dport, l4proto }),
            _ => FdKind::Ipv6Socket(Ipv6Tuple { sip, sport, dip, dport, l4proto }),
        },
        Some(SockTuple::Unix { source, destination, .. }) => FdKind::Unix { source, destination },
        None => return,
    };
    let flags = match event.ty {
        EventType::ACCEPT4_6_X => event.u32_at(ACCEPT4_6_X::flags).unwrap_or(0) & fd::O_CLOEXEC,
        _ => 0,
    };
    let info = FdInfo {
        role: Role::Server,
        connected: true,
        name: tuple_text(bytes),
        open_flags: flags,
        ..FdInfo::new(kind)
    };
    update.add_fd(fd, info);
}
