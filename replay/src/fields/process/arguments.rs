//! Texts that are lists: arguments, environment and control groups.

use super::of_thread;
use crate::context::EventContext;
use crate::fields::text_buf::TextBuf;
use crate::fields::{FieldArg, Value};
use crate::state::ThreadInfo;

/// The strings of a recorded list, in which each is ended by NUL.
pub(super) fn strings(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let list = list.strip_suffix(b"\0").unwrap_or(list);
    // Nothing at all is an empty list, not a list of one empty string.
    list.split(|&byte| byte == 0).filter(move |_| !list.is_empty())
}

/// The strings of a recorded list with blanks between them.
fn joined<'a>(cx: &EventContext<'a>, list: &'a [u8]) -> &'a [u8] {
    let list = list.strip_suffix(b"\0").unwrap_or(list);
    if memchr::memchr(0, list).is_none() {
        return list;
    }
    let text = cx.arena.alloc_slice_copy(list);
    separate(text);
    text
}

/// Puts blanks where strings end.
fn separate(list: &mut [u8]) {
    list.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
}

/// Arguments after the first in one text.
pub(super) fn args_text<'a>(cx: &EventContext<'a>, thread: &'a ThreadInfo) -> &'a [u8] {
    joined(cx, &thread.args)
}

/// Name and arguments in one text.
pub(super) fn cmdline_text<'a>(cx: &EventContext<'a>, thread: &'a ThreadInfo) -> &'a [u8] {
    let (name, args) = (&*thread.comm, thread.args.strip_suffix(b"\0").unwrap_or(&thread.args));
    if args.is_empty() {
        return name;
    }
    // This is one of the texts that rules ask for most: it is made in one piece.
    let text = cx.arena.alloc_slice_fill_copy(name.len() + 1 + args.len(), b' ');
    text[..name.len()].copy_from_slice(name);
    text[name.len() + 1..].copy_from_slice(args);
    separate(&mut text[name.len() + 1..]);
    text
}

/// The environment in one text.
pub(super) fn env_text<'a>(cx: &EventContext<'a>, thread: &'a ThreadInfo) -> &'a [u8] {
    joined(cx, cx.state.threads().env_of(thread))
}

/// Value of a variable without blanks around it; `None` when it is not set or set to nothing.
pub(super) fn variable<'a>(cx: &EventContext<'a>, thread: &'a ThreadInfo, name: &[u8]) -> Option<&'a [u8]> {
    let value = strings(cx.state.threads().env_of(thread)).find_map(|entry| {
        let value = entry.strip_prefix(name)?.strip_prefix(b"=")?;
        (!value.is_empty()).then_some(value)
    })?;
    let start = value.iter().position(|&byte| byte != b' ')?;
    let end = value.iter().rposition(|&byte| byte != b' ')?;
    Some(&value[start..=end])
}

pub(super) fn args<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        Value::Bytes(match arg {
            FieldArg::Index(index) => {
                let index = usize::try_from(*index).unwrap_or(usize::MAX);
                strings(&thread.args).nth(index).unwrap_or(b"")
            }
            _ => args_text(cx, thread),
        })
    })
}

pub(super) fn cmdline<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bytes(cmdline_text(cx, thread)))
}

/// Unlike in the command line, there is a blank even without arguments.
pub(super) fn exeline<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        let mut text = TextBuf::new(cx.arena);
        text.push(&thread.exe);
        text.push_byte(b' ');
        text.push(args_text(cx, thread));
        Value::Bytes(text.finish())
    })
}

pub(super) fn count<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(strings(&thread.args).count() as u64))
}

pub(super) fn length<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(strings(&thread.args).map(|arg| arg.len() as u64).sum()))
}

pub(super) fn env<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        Value::Bytes(match arg {
            FieldArg::Key(name) if !name.is_empty() => variable(cx, thread, name).unwrap_or(b""),
            _ => env_text(cx, thread),
        })
    })
}

/// Control groups as subsystem and path. Names of subsystems are the current ones; a list with an entry that is
/// none counts as empty.
fn groups(thread: &ThreadInfo) -> impl Iterator<Item = (&[u8], &[u8])> {
    let entry = |entry: &[u8]| memchr::memchr(b'=', entry);
    let broken = strings(&thread.cgroups).any(move |text| entry(text).is_none());
    strings(&thread.cgroups).filter(move |_| !broken).filter_map(move |text| {
        let at = entry(text)?;
        Some((subsystem(&text[..at]), &text[at + 1..]))
    })
}

/// Current name of a subsystem.
fn subsystem(name: &[u8]) -> &[u8] {
    match name.strip_suffix(b"_cgroup").unwrap_or(name) {
        b"perf" => b"perf_event",
        b"mem" => b"memory",
        b"io" => b"blkio",
        name => name,
    }
}

pub(super) fn cgroups<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        let mut text = TextBuf::new(cx.arena);
        for (name, path) in groups(thread) {
            if !text.is_empty() {
                text.push_byte(b' ');
            }
            text.push(name);
            text.push_byte(b'=');
            text.push(path);
        }
        if text.is_empty() { Value::Absent } else { Value::Bytes(text.finish()) }
    })
}

pub(super) fn cgroup<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        let FieldArg::Key(wanted) = arg else { return Value::Absent };
        groups(thread).find(|(name, _)| *name == &**wanted).map(|(_, path)| path).into()
    })
}
