//! Fields of the descriptors `poll` waits for: `fdlist.*`.

use std::net::IpAddr;

use capture::event::EventType;
use capture::event::schema::param;

use super::def::{FieldDef, text};
use super::text_buf::TextBuf;
use super::view::NOT_AVAILABLE;
use super::{FieldArg, Value};
use crate::context::EventContext;
use crate::state::{FdInfo, FdKind};

pub(super) const FIELDS: &[FieldDef] = &[
    text("fdlist.nums", numbers, "Numbers of the descriptors with commas between them."),
    text("fdlist.names", names, "Names of the descriptors, `<NA>` for those without one."),
    text("fdlist.cips", client_ips, "Addresses of the clients, for connections."),
    text("fdlist.sips", server_ips, "Addresses of the servers, for connections and sockets that listen."),
    text("fdlist.cports", client_ports, "Ports of the clients, for connections."),
    text("fdlist.sports", server_ports, "Ports of the servers, for connections."),
];

/// What is shown of the descriptors, with commas between them; nothing if that is nothing.
fn list<'a>(
    cx: &EventContext<'a>,
    show: impl Fn(&mut TextBuf<'a>, i64, Option<&'a FdInfo>) -> bool,
) -> Value<'a> {
    let index = match cx.event.ty {
        EventType::POLL_X => param::POLL_X::fds,
        EventType::PPOLL_X => param::PPOLL_X::fds,
        _ => return Value::Absent,
    };
    let (Some(_), Some(fds)) = (cx.thread, cx.event.fd_list_at(index)) else { return Value::Absent };
    let mut text = TextBuf::new(cx.arena);
    for (number, _) in fds {
        let before = text.len();
        if before > 0 {
            text.push_byte(b',');
        }
        if !show(&mut text, number, cx.fd_of_thread(number)) {
            text.truncate(before);
        }
    }
    if text.is_empty() { Value::Absent } else { Value::Bytes(text.finish()) }
}

/// Something of the descriptors that have it.
fn list_of<'a, T: std::fmt::Display>(
    cx: &EventContext<'a>,
    part: impl Fn(&FdKind) -> Option<T>,
) -> Value<'a> {
    list(cx, |text, _, fd| match fd.and_then(|fd| part(&fd.kind)) {
        Some(part) => {
            text.print(format_args!("{part}"));
            true
        }
        None => false,
    })
}

fn numbers<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    list(cx, |text, number, _| {
        text.print(format_args!("{number}"));
        true
    })
}

fn names<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    list(cx, |text, _, fd| {
        text.push(fd.map(|fd| &*fd.name).filter(|name| !name.is_empty()).unwrap_or(NOT_AVAILABLE));
        true
    })
}

fn client_ips<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    list_of(cx, |kind| match kind {
        FdKind::Ipv4Socket(tuple) => Some(IpAddr::from(tuple.sip)),
        FdKind::Ipv6Socket(tuple) => Some(tuple.sip.into()),
        _ => None,
    })
}

fn server_ips<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    list_of(cx, |kind| match kind {
        FdKind::Ipv4Socket(tuple) => Some(IpAddr::from(tuple.dip)),
        FdKind::Ipv6Socket(tuple) => Some(tuple.dip.into()),
        FdKind::Ipv4Server { ip, .. } => Some((*ip).into()),
        FdKind::Ipv6Server { ip, .. } => Some((*ip).into()),
        _ => None,
    })
}

fn client_ports<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    list_of(cx, |kind| match kind {
        FdKind::Ipv4Socket(tuple) => Some(tuple.sport),
        FdKind::Ipv6Socket(tuple) => Some(tuple.sport),
        _ => None,
    })
}

fn server_ports<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    list_of(cx, |kind| match kind {
        FdKind::Ipv4Socket(tuple) => Some(tuple.dport),
        FdKind::Ipv6Socket(tuple) => Some(tuple.dport),
        _ => None,
    })
}
