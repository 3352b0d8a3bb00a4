//! Mounts of a container.

use super::{Place, place};
use crate::context::EventContext;
use crate::fields::text_buf::TextBuf;
use crate::fields::{FieldArg, Value};
use crate::state::Mount;

/// Mounts of the event's container; the host has none.
fn mounts<'a>(cx: &EventContext<'a>) -> Option<&'a [Mount]> {
    match place(cx)? {
        Place::Host => Some(&[]),
        Place::Container(container) => Some(&container.mounts),
        Place::Unknown(_) => None,
    }
}

/// The mount at a position, or the first one with a path that matches.
fn find<'a>(cx: &EventContext<'a>, arg: &FieldArg, path: fn(&Mount) -> &[u8]) -> Option<&'a Mount> {
    let mounts = mounts(cx)?;
    match arg {
        FieldArg::Index(index) => mounts.get(usize::try_from(*index).ok()?),
        FieldArg::Pattern(pattern) => mounts.iter().find(|mount| pattern.is_found_in(path(mount))),
        FieldArg::Key(_) | FieldArg::None => None,
    }
}

fn by_source<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Option<&'a Mount> {
    find(cx, arg, |mount| &mount.source)
}

fn append(text: &mut TextBuf<'_>, mount: &Mount) {
    for part in [&mount.source, &mount.destination, &mount.mode] {
        text.push(part);
        text.push_byte(b':');
    }
    text.push(writable(mount));
    text.push_byte(b':');
    text.push(&mount.propagation);
}

fn writable(mount: &Mount) -> &'static [u8] {
    if mount.read_write { b"true" } else { b"false" }
}

pub(super) fn all<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Some(mounts) = mounts(cx) else { return Value::Absent };
    let mut text = TextBuf::new(cx.arena);
    for (index, mount) in mounts.iter().enumerate() {
        if index > 0 {
            text.push_byte(b',');
        }
        append(&mut text, mount);
    }
    Value::Bytes(text.finish())
}

pub(super) fn one<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let Some(mount) = by_source(cx, arg) else { return Value::Absent };
    let mut text = TextBuf::new(cx.arena);
    append(&mut text, mount);
    Value::Bytes(text.finish())
}

pub(super) fn source<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    find(cx, arg, |mount| &mount.destination).map(|mount| &*mount.source).into()
}

pub(super) fn destination<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    by_source(cx, arg).map(|mount| &*mount.destination).into()
}

pub(super) fn mode<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    by_source(cx, arg).map(|mount| &*mount.mode).into()
}

pub(super) fn is_writable<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    by_source(cx, arg).map(writable).into()
}

pub(super) fn propagation<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    by_source(cx, arg).map(|mount| &*mount.propagation).into()
}
