//! Ends of connections: client and server, local and remote.

use std::net::IpAddr;

use super::of_fd;
use crate::context::EventContext;
use crate::fields::text_buf::arena_text;
use crate::fields::{FieldArg, Value};
use crate::state::{FdInfo, FdKind, Role};

/// One end.
#[derive(Clone, Copy)]
struct End {
    ip: IpAddr,
    port: u16,
}

impl End {
    fn ip(self) -> Value<'static> {
        Value::Ip(self.ip)
    }

    fn port(self) -> Value<'static> {
        Value::U64(self.port.into())
    }
}

/// Client and server of an internet socket with two ends.
fn connection(fd: &FdInfo) -> Option<(End, End)> {
    match fd.kind {
        FdKind::Ipv4Socket(tuple) => Some((
            End { ip: tuple.sip.into(), port: tuple.sport },
            End { ip: tuple.dip.into(), port: tuple.dport },
        )),
        FdKind::Ipv6Socket(tuple) => Some((
            End { ip: tuple.sip.into(), port: tuple.sport },
            End { ip: tuple.dip.into(), port: tuple.dport },
        )),
        _ => None,
    }
}

/// What a server listens on.
fn listener(fd: &FdInfo) -> Option<End> {
    match fd.kind {
        FdKind::Ipv4Server { ip, port, .. } => Some(End { ip: ip.into(), port }),
        FdKind::Ipv6Server { ip, port, .. } => Some(End { ip: ip.into(), port }),
        _ => None,
    }
}

/// Whether an address belongs to the recorded machine, or to the container of the event's thread. IPv6 in
/// containers is not supported, as in Falco.
pub(super) fn is_local(cx: &EventContext<'_>, ip: IpAddr) -> bool {
    let container_id = cx.container_id();
    if container_id.is_empty() {
        return cx.state.interfaces().is_local(ip);
    }
    let IpAddr::V4(v4) = ip else { return false };
    let is = |text: &[u8]| std::str::from_utf8(text).is_ok_and(|text| text.parse() == Ok(v4));
    match cx.state.containers().get(container_id) {
        Some(container) if !container.ip.is_empty() => {
            is(&container.ip) || cx.state.interfaces().is_local(ip)
        }
        _ => cx.state.containers().iter().any(|container| is(&container.ip)),
    }
}

/// Client and server once it is known which end the process is.
fn oriented(fd: &FdInfo) -> Option<(End, End)> {
    if fd.role == Role::None { None } else { connection(fd) }
}

/// The local end and the remote one. If the client's address is local, so is the client, also on loopback
/// where both are.
fn located(cx: &EventContext<'_>, fd: &FdInfo) -> Option<(End, End)> {
    let (client, server) = oriented(fd)?;
    Some(if is_local(cx, client.ip) { (client, server) } else { (server, client) })
}

/// A value of one end, if it is known.
fn of_end<'a>(end: Option<End>, value: impl FnOnce(End) -> Value<'a>) -> Value<'a> {
    end.map_or(Value::Absent, value)
}

/// Both ends of a connection whatever the role, or what a server listens on; an empty list for others.
fn candidates<'a>(cx: &EventContext<'a>, value: impl Fn(End) -> Value<'a>) -> Value<'a> {
    of_fd(cx, |fd| match (connection(fd), listener(fd)) {
        (Some((client, server)), _) => {
            Value::List(cx.arena.alloc_slice_copy(&[value(client), value(server)]))
        }
        (None, Some(end)) => Value::List(cx.arena.alloc_slice_copy(&[value(end)])),
        (None, None) => Value::List(&[]),
    })
}

pub(super) fn ips<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    candidates(cx, |end| end.ip())
}

pub(super) fn ports<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    candidates(cx, |end| end.port())
}

/// Domains of one end. A connection without any has one candidate, the empty name, which is what a failed look-up
/// compares like: different from every domain.
fn names<'a>(cx: &EventContext<'a>, end: impl FnOnce(&FdInfo) -> Option<End>) -> Value<'a> {
    of_fd(cx, |fd| {
        let Some(end) = end(fd) else { return Value::List(&[]) };
        match cx.state.names(end.ip) {
            [] => Value::List(&[Value::Bytes(b"")]),
            names => {
                let names = names.iter().map(|name| Value::Bytes(name));
                Value::List(cx.arena.alloc_slice_fill_iter(names))
            }
        }
    })
}

/// The first of the domains that a field compares with.
fn first_name<'a>(names: Value<'a>) -> Value<'a> {
    match names {
        Value::List([first @ Value::Bytes([_, ..]), ..]) => *first,
        _ => Value::Absent,
    }
}

macro_rules! name_fields {
    ($($compared:ident $printed:ident: $end:expr;)*) => {
        $(pub(super) fn $compared<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
            let end: fn(&EventContext<'a>, &FdInfo) -> Option<End> = $end;
            names(cx, |fd| end(cx, fd))
        }

        pub(super) fn $printed<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
            first_name($compared(cx, arg))
        })*
    };
}

name_fields! {
    client_name printed_client_name: |_, fd| oriented(fd).map(|(client, _)| client);
    server_name printed_server_name: |_, fd| oriented(fd).map(|(_, server)| server);
    local_name printed_local_name: |cx, fd| located(cx, fd).map(|(local, _)| local);
    remote_name printed_remote_name: |cx, fd| located(cx, fd).map(|(_, remote)| remote);
}

pub(super) fn client_ip<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(oriented(fd).map(|(client, _)| client), End::ip))
}

/// Also that of a server that listens, once it is known to be one.
pub(super) fn server_ip<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| {
        let listens = || listener(fd).filter(|_| fd.role != Role::None);
        of_end(oriented(fd).map(|(_, server)| server).or_else(listens), End::ip)
    })
}

pub(super) fn local_ip<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(located(cx, fd).map(|(local, _)| local), End::ip))
}

pub(super) fn remote_ip<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(located(cx, fd).map(|(_, remote)| remote), End::ip))
}

pub(super) fn client_port<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(oriented(fd).map(|(client, _)| client), End::port))
}

pub(super) fn server_port<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(oriented(fd).map(|(_, server)| server).or_else(|| listener(fd)), End::port))
}

pub(super) fn local_port<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(located(cx, fd).map(|(local, _)| local), End::port))
}

pub(super) fn remote_port<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| of_end(located(cx, fd).map(|(_, remote)| remote), End::port))
}

fn proto_of<'a>(cx: &EventContext<'a>, end: Option<End>) -> Value<'a> {
    of_end(end, |end| Value::Bytes(arena_text!(cx.arena, "{}", end.port)))
}

/// Empty for other descriptors with a role.
pub(super) fn client_proto<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| match (fd.role, oriented(fd)) {
        (Role::None, _) => Value::Absent,
        (_, Some((client, _))) => proto_of(cx, Some(client)),
        (_, None) => Value::Bytes(b""),
    })
}

/// Empty for servers that listen.
pub(super) fn server_proto<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| match (oriented(fd), listener(fd)) {
        (Some((_, server)), _) => proto_of(cx, Some(server)),
        (None, Some(_)) => Value::Bytes(b""),
        (None, None) => Value::Absent,
    })
}

pub(super) fn local_proto<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| proto_of(cx, located(cx, fd).map(|(local, _)| local)))
}

pub(super) fn remote_proto<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| proto_of(cx, located(cx, fd).map(|(_, remote)| remote)))
}
