//! What kind of event it is and how it ended.

use capture::event::schema::{EVENTS, param};
use capture::event::{Category, Direction, EventFlags, EventSource, EventType, SyscallCode};

use crate::context::EventContext;
use crate::fields::param_text::param_text;
use crate::fields::view::text_param;
use crate::fields::{FieldArg, Value};
use crate::state::FdKind;

pub(super) fn num<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(cx.num)
}

pub(super) fn cpu<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::I64(i64::from(cx.event.cpu as i16))
}

/// Name of the system call a generic event stands for.
fn generic_name<'a>(cx: &EventContext<'a>) -> &'a [u8] {
    let info = cx.event.syscall().and_then(SyscallCode::get_info);
    info.map_or("unknown", |info| info.name).as_bytes()
}

fn name<'a>(cx: &EventContext<'a>) -> &'a [u8] {
    match cx.event.ty {
        EventType::GENERIC_X => generic_name(cx),
        EventType::ASYNCEVENT_E => text_param(cx.event, param::ASYNCEVENT_E::name),
        ty => ty.info().name.as_bytes(),
    }
}

pub(super) fn ty<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(name(cx))
}

pub(super) fn syscall_type<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match cx.event.ty.info().source {
        EventSource::Syscall => Value::Bytes(name(cx)),
        _ => Value::Absent,
    }
}

/// A name means the first event of that name and the one after it, although later versions exist.
pub(super) fn type_is<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let ty = cx.event.ty;
    let is = match arg {
        FieldArg::Index(number) => u64::from(ty.0) == *number,
        FieldArg::Key(name) => match EVENTS.iter().find(|event| event.name.as_bytes() == &**name) {
            Some(first) => ty == first.id || ty.0 == first.id.0 + 1,
            None => false,
        },
        FieldArg::None | FieldArg::Pattern(_) => false,
    };
    Value::U64(u64::from(is))
}

pub(super) fn dir<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(match cx.event.ty.direction() {
        Direction::Enter => b">",
        Direction::Exit => b"<",
    })
}

pub(super) fn category<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(match cx.event.ty.info().category {
        Category::Unknown => b"unknown",
        Category::Other => b"other",
        Category::File => b"file",
        Category::Net => b"net",
        Category::Ipc => b"IPC",
        Category::Memory => b"memory",
        Category::Process => b"process",
        Category::Sleep => b"sleep",
        Category::System => b"system",
        Category::Signal => b"signal",
        Category::User => b"user",
        Category::Time => b"time",
        Category::Wait => b"wait",
        Category::Scheduler => b"scheduler",
        Category::Internal => b"internal",
        Category::IoRead | Category::IoWrite | Category::IoOther => {
            cx.fd.map_or(b"unknown", |fd| io_category(&fd.kind))
        }
    })
}

/// Category of an event that moves data.
fn io_category(kind: &FdKind) -> &'static [u8] {
    match kind {
        FdKind::File | FdKind::Directory => b"file",
        FdKind::Ipv4Socket(..)
        | FdKind::Ipv6Socket(..)
        | FdKind::Ipv4Server { .. }
        | FdKind::Ipv6Server { .. } => b"net",
        FdKind::Pipe
        | FdKind::Unix { .. }
        | FdKind::Event
        | FdKind::SignalFd
        | FdKind::Inotify
        | FdKind::UserFaultFd => b"ipc",
        _ => b"unknown",
    }
}

/// Plugins' events come from sources that nothing here knows.
pub(super) fn source<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match cx.event.ty.info().source {
        EventSource::Plugin => Value::Absent,
        _ if cx.event.ty == EventType::ASYNCEVENT_E
            && cx.event.u32_at(param::ASYNCEVENT_E::plugin_id) != Some(0) =>
        {
            Value::Absent
        }
        _ => Value::Bytes(b"syscall"),
    }
}

fn is_meta(cx: &EventContext<'_>) -> bool {
    cx.event.ty.info().source == EventSource::Meta
}

pub(super) fn is_async<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bool(is_meta(cx))
}

pub(super) fn async_type<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    if is_meta(cx) { Value::Bytes(name(cx)) } else { Value::Absent }
}

pub(super) fn hostname<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(&cx.state.machine().hostname)
}

pub(super) fn raw_result<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cx.return_value().map_or(Value::Absent, Value::I64)
}

pub(super) fn result<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    match cx.return_value() {
        None => Value::Absent,
        Some(0..) => Value::Bytes(b"SUCCESS"),
        Some(_) => param_text(cx, 0).map(|text| text.best()).into(),
    }
}

pub(super) fn is_io<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bool(cx.has_flags(EventFlags::READS_FROM_FD) || cx.has_flags(EventFlags::WRITES_TO_FD))
}

pub(super) fn is_io_read<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bool(cx.has_flags(EventFlags::READS_FROM_FD))
}

pub(super) fn is_io_write<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bool(cx.has_flags(EventFlags::WRITES_TO_FD))
}

pub(super) fn io_dir<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    if cx.has_flags(EventFlags::WRITES_TO_FD) {
        Value::Bytes(b"write")
    } else if cx.has_flags(EventFlags::READS_FROM_FD) {
        Value::Bytes(b"read")
    } else {
        Value::Absent
    }
}

pub(super) fn is_wait<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bool(cx.has_flags(EventFlags::WAITS))
}

pub(super) fn is_syslog<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let log = |name: &[u8]| memchr::memmem::find(name, b"/dev/log").is_some();
    Value::Bool(cx.has_flags(EventFlags::WRITES_TO_FD) && cx.fd.is_some_and(|fd| log(&fd.name)))
}

/// One `key:value` of a docker event's description, whose parts are separated by semicolons.
fn docker_part<'a>(cx: &EventContext<'a>, key: &[u8]) -> Option<&'a [u8]> {
    if cx.event.ty != EventType::INFRASTRUCTURE_EVENT_E {
        return None;
    }
    let description = text_param(cx.event, param::INFRASTRUCTURE_EVENT_E::description);
    let mut parts = description.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
    let part = parts.find(|part| part.starts_with(key))?;
    let colon = memchr::memchr(b':', part)?;
    Some(&part[colon + 1..])
}

/// The value up to another colon.
fn docker_value<'a>(cx: &EventContext<'a>, key: &[u8]) -> Option<&'a [u8]> {
    let value = docker_part(cx, key)?;
    Some(value.split(|&byte| byte == b':').next().unwrap_or(value).trim_ascii())
}

pub(super) fn docker_event<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    docker_value(cx, b"Event").into()
}

pub(super) fn docker_id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    docker_value(cx, b"ID").map(|id| &id[..id.len().min(12)]).into()
}

pub(super) fn docker_container<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    docker_value(cx, b"name").into()
}

/// The image without its digest; an image that is nothing but a digest is whole.
pub(super) fn docker_image<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Some(short) = docker_value(cx, b"Image") else { return Value::Absent };
    let name = match memchr::memchr(b'@', short) {
        Some(at) => &short[..at],
        None if memchr::memmem::find(short, b"sha256").is_some() => {
            docker_part(cx, b"Image").unwrap_or(short)
        }
        None => short,
    };
    Value::Bytes(name.trim_ascii())
}
