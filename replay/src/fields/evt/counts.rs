//! Counters: 1 or 0 per event, and bytes moved.

use capture::event::{Category, Direction, EventType};

use crate::context::EventContext;
use crate::fields::{FieldArg, Value};
use crate::state::{FdInfo, FdKind};

pub(super) fn count<'a>(_cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(1)
}

pub(super) fn exit<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    if cx.event.ty.direction() == Direction::Exit { Value::U64(1) } else { Value::Absent }
}

pub(super) fn procinfo<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let main = cx.thread.is_some_and(|thread| thread.is_main());
    Value::U64(u64::from(cx.event.ty == EventType::PROCINFO_E && main))
}

pub(super) fn threadinfo<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(u64::from(cx.event.ty == EventType::PROCINFO_E))
}

pub(super) fn failed<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cx.return_value().map_or(Value::Absent, |result| Value::Bool(result < 0))
}

/// 1 for a failed call, 0 for another; nothing for events that are no calls.
pub(super) fn error<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cx.return_value().map_or(Value::Absent, |result| Value::U64(u64::from(result < 0)))
}

/// Groups of calls whose errors are counted apart.
#[derive(PartialEq, Eq)]
enum Group {
    File,
    Net,
    Memory,
    Other,
}

fn group(cx: &EventContext<'_>) -> Group {
    use EventType as E;
    if let Some(fd) = cx.fd {
        return match fd.kind {
            FdKind::File | FdKind::Directory => Group::File,
            FdKind::Ipv4Socket(..)
            | FdKind::Ipv6Socket(..)
            | FdKind::Ipv4Server { .. }
            | FdKind::Ipv6Server { .. }
            | FdKind::Unix { .. } => Group::Net,
            _ => Group::Other,
        };
    }
    match cx.event.ty {
        E::OPEN_X | E::CREAT_X | E::OPENAT_2_X | E::OPENAT2_X | E::OPEN_BY_HANDLE_AT_X => Group::File,
        E::ACCEPT_5_X | E::ACCEPT4_6_X | E::CONNECT_X => Group::Net,
        _ if cx.event.ty.info().category == Category::Memory => Group::Memory,
        _ => Group::Other,
    }
}

fn error_of<'a>(cx: &EventContext<'a>, arg: &FieldArg, wanted: Group) -> Value<'a> {
    if group(cx) == wanted { error(cx, arg) } else { Value::Absent }
}

pub(super) fn error_file<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    error_of(cx, arg, Group::File)
}

pub(super) fn error_net<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    error_of(cx, arg, Group::Net)
}

/// Decided by the category alone, so that a memory call on a descriptor counts here and elsewhere.
pub(super) fn error_memory<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    if cx.event.ty.info().category == Category::Memory { error(cx, arg) } else { Value::Absent }
}

pub(super) fn error_other<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    error_of(cx, arg, Group::Other)
}

/// Categories that move data in any, or one, direction.
const ANY: &[Category] = &[Category::IoRead, Category::IoWrite, Category::IoOther];
const READ: &[Category] = &[Category::IoRead];
const WRITE: &[Category] = &[Category::IoWrite];

/// Bytes moved by an event of one of the categories on a descriptor for which `on` holds.
fn bytes_moved<'a>(
    cx: &EventContext<'a>,
    categories: &[Category],
    on: impl Fn(&FdKind) -> bool,
) -> Value<'a> {
    let wanted = |fd: &FdInfo| categories.contains(&cx.event.ty.info().category) && on(&fd.kind);
    match (cx.fd.filter(|fd| wanted(fd)), cx.return_value()) {
        (Some(_), Some(bytes)) => u64::try_from(bytes).map_or(Value::Absent, Value::U64),
        _ => Value::Absent,
    }
}

fn is_file(kind: &FdKind) -> bool {
    matches!(kind, FdKind::File)
}

fn is_internet(kind: &FdKind) -> bool {
    matches!(
        kind,
        FdKind::Ipv4Socket(..)
            | FdKind::Ipv6Socket(..)
            | FdKind::Ipv4Server { .. }
            | FdKind::Ipv6Server { .. }
    )
}

pub(super) fn buflen<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, ANY, |_| true)
}

pub(super) fn buflen_in<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, READ, |_| true)
}

pub(super) fn buflen_out<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, WRITE, |_| true)
}

pub(super) fn buflen_file<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, ANY, is_file)
}

pub(super) fn buflen_file_in<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, READ, is_file)
}

pub(super) fn buflen_file_out<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, WRITE, is_file)
}

pub(super) fn buflen_net<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, ANY, is_internet)
}

pub(super) fn buflen_net_in<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, READ, is_internet)
}

pub(super) fn buflen_net_out<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    bytes_moved(cx, WRITE, is_internet)
}
