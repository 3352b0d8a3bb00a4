//! Names: paths of files and texts of connections.

use capture::event::schema::param;
use capture::event::{Direction, EventType};

use super::{of_fd, thread_of};
use crate::context::EventContext;
use crate::fields::param_text::param_text;
use crate::fields::text_buf::TextBuf;
use crate::fields::view::text_param;
use crate::fields::{FieldArg, Value};
use crate::state::FdKind;

/// What a call that did not make a descriptor asked for; empty for calls that name nothing.
fn asked_for<'a>(cx: &EventContext<'a>, raw: bool) -> Option<&'a [u8]> {
    use EventType as E;
    let event = cx.event;
    if event.ty.direction() == Direction::Enter {
        return None;
    }
    match event.ty {
        E::OPEN_X | E::CREAT_X | E::ACCEPT_5_X | E::ACCEPT4_6_X | E::CONNECT_X => {
            param_text(cx, 1).map(|text| text.best())
        }
        // Both have the directory and the path at the same places.
        E::OPENAT_2_X | E::OPENAT2_X => {
            let path = event.str_at(param::OPENAT_2_X::name)?;
            if raw {
                return Some(path);
            }
            let directory = cx.directory(event.i64_at(param::OPENAT_2_X::dirfd)?, path);
            Some(cx.join_path(directory, path))
        }
        E::OPEN_BY_HANDLE_AT_X => Some(text_param(event, param::OPEN_BY_HANDLE_AT_X::path)),
        _ => Some(b""),
    }
}

fn name_text<'a>(cx: &EventContext<'a>) -> Option<&'a [u8]> {
    thread_of(cx)?;
    cx.fd.map_or_else(|| asked_for(cx, false), |fd| Some(&fd.name))
}

pub(super) fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    name_text(cx).into()
}

pub(super) fn name_raw<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    if thread_of(cx).is_none() {
        return Value::Absent;
    }
    let name = cx.fd.map_or_else(|| asked_for(cx, true), |fd| Some(&**fd.name_raw()));
    name.map(|name| without_repeated_slashes(cx, name)).into()
}

fn without_repeated_slashes<'a>(cx: &EventContext<'a>, path: &'a [u8]) -> &'a [u8] {
    // Making a searcher takes longer than looking at a path, and without an early end many bytes are done at once.
    let pairs = path.iter().zip(path.iter().skip(1));
    if !pairs.fold(false, |found, pair| found | (pair == (&b'/', &b'/'))) {
        return path;
    }
    let mut text = TextBuf::new(cx.arena);
    let mut last = 0;
    for &byte in path {
        if byte != b'/' || last != b'/' {
            text.push_byte(byte);
        }
        last = byte;
    }
    text.finish()
}

fn directory_text<'a>(cx: &EventContext<'a>) -> Option<&'a [u8]> {
    let name = name_text(cx)?;
    match cx.fd.map(|fd| &fd.kind) {
        Some(FdKind::Directory) => return Some(name),
        None | Some(FdKind::File) => {}
        Some(_) => return None,
    }
    Some(match memchr::memrchr(b'/', name) {
        None | Some(0) => b"/",
        // A slash at the end belongs to the directory.
        Some(slash) if slash == name.len() - 1 => name,
        Some(slash) => &name[..slash],
    })
}

pub(super) fn directory<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    directory_text(cx).into()
}

pub(super) fn filename<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_fd(cx, |fd| match fd.kind {
        FdKind::File => Value::Bytes(match memchr::memrchr(b'/', &fd.name) {
            None => b"/",
            Some(slash) if slash + 1 == fd.name.len() => &fd.name,
            Some(slash) => &fd.name[slash + 1..],
        }),
        _ => Value::Absent,
    })
}

fn with_container<'a>(cx: &EventContext<'a>, name: Option<&'a [u8]>) -> Value<'a> {
    let Some(name) = name else { return Value::Absent };
    let mut text = TextBuf::new(cx.arena);
    text.push(cx.container_id());
    text.push_byte(b':');
    text.push(name);
    Value::Bytes(text.finish())
}

pub(super) fn in_container<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    with_container(cx, name_text(cx))
}

pub(super) fn directory_in_container<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    with_container(cx, directory_text(cx))
}
