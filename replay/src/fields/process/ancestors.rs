//! Parents and their parents.

use bumpalo::collections::Vec as BumpVec;

use super::arguments::{args_text, cmdline_text, env_text, variable};
use super::{id, of_thread};
use crate::context::EventContext;
use crate::fields::text_buf::TextBuf;
use crate::fields::{FieldArg, Value};
use crate::state::{ANCESTORS_MAX, ThreadInfo};

/// How far up a variable is looked for.
const VARIABLE_GENERATIONS: usize = 20;

/// Gets a text of a thread.
type Text = for<'a> fn(&EventContext<'a>, &'a ThreadInfo) -> &'a [u8];

fn comm_text<'a>(_cx: &EventContext<'a>, thread: &'a ThreadInfo) -> &'a [u8] {
    &thread.comm
}

fn exe_text<'a>(_cx: &EventContext<'a>, thread: &'a ThreadInfo) -> &'a [u8] {
    &thread.exe
}

fn exepath_text<'a>(_cx: &EventContext<'a>, thread: &'a ThreadInfo) -> &'a [u8] {
    &thread.exepath
}

/// Main thread of the process `generations` up; 0 is the event's own.
fn ancestor<'a>(cx: &EventContext<'a>, generations: u64) -> Option<&'a ThreadInfo> {
    cx.state.threads().ancestor(cx.thread?, usize::try_from(generations).unwrap_or(usize::MAX))
}

/// Parent, its parent and so on.
fn ancestors<'a>(cx: &EventContext<'a>) -> impl Iterator<Item = &'a ThreadInfo> {
    let main = cx.thread.and_then(|thread| cx.state.threads().main_of(thread));
    main.into_iter().flat_map(|main| cx.state.threads().ancestors(main))
}

fn of_parent<'a>(cx: &EventContext<'a>, text: Text) -> Value<'a> {
    ancestor(cx, 1).map(|parent| text(cx, parent)).into()
}

/// Value of one ancestor, or of all of them as candidates.
fn candidates<'a>(
    cx: &EventContext<'a>,
    arg: &FieldArg,
    value: impl Fn(&'a ThreadInfo) -> Value<'a>,
) -> Value<'a> {
    if let FieldArg::Index(generations) = arg {
        return ancestor(cx, *generations).map_or(Value::Absent, value);
    }
    let mut all = BumpVec::new_in(cx.arena);
    all.extend(ancestors(cx).map(value));
    if all.is_empty() { Value::Absent } else { Value::List(all.into_bump_slice()) }
}

/// Text of one ancestor, or of all of them in one.
fn printed<'a>(cx: &EventContext<'a>, arg: &FieldArg, text: Text) -> Value<'a> {
    if let FieldArg::Index(generations) = arg {
        return ancestor(cx, *generations).map(|thread| text(cx, thread)).into();
    }
    let mut all = TextBuf::new(cx.arena);
    for thread in ancestors(cx) {
        if !all.is_empty() {
            all.push_byte(b' ');
        }
        all.push(text(cx, thread));
    }
    if all.is_empty() { Value::Absent } else { Value::Bytes(all.finish()) }
}

/// How many parents the extraction of a field looks up one after the other, for those that walk up from the event's
/// process.
pub(in crate::fields) fn steps(cx: &EventContext<'_>, field: &str, arg: &FieldArg) -> u64 {
    let wanted = match (field, arg) {
        (
            "proc.apid" | "proc.aname" | "proc.aexe" | "proc.aexepath" | "proc.acmdline" | "proc.aargs",
            arg,
        ) => {
            if let FieldArg::Index(generations) = arg {
                *generations
            } else {
                u64::MAX
            }
        }
        ("proc.aenv", FieldArg::Index(generations @ 1..)) => *generations,
        ("proc.aenv", FieldArg::Key(name)) if !name.is_empty() => VARIABLE_GENERATIONS as u64,
        ("proc.aenv" | "proc.loginshellid", _) => u64::MAX,
        (
            "proc.ppid" | "proc.pname" | "proc.pexe" | "proc.pexepath" | "proc.pcmdline"
            | "proc.ppid.duration",
            _,
        ) => 1,
        _ => return 0,
    };
    ancestors(cx).take(usize::try_from(wanted).unwrap_or(usize::MAX)).count() as u64
}

pub(super) fn ppid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    ancestor(cx, 1).map_or(Value::Absent, |parent| id(parent.pid))
}

/// The thread that made this one, which need not be a main thread.
fn creator<'a>(cx: &EventContext<'a>) -> Option<&'a ThreadInfo> {
    cx.state.threads().get(cx.thread?.ptid)
}

pub(super) fn pvpid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    creator(cx).map_or(Value::Absent, |parent| Value::I64(parent.vpid))
}

pub(super) fn parent_clone_ts<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    creator(cx).map_or(Value::Absent, |parent| Value::U64(parent.clone_ts_ns))
}

pub(super) fn parent_duration<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    match ancestor(cx, 1).map(|parent| parent.clone_ts_ns) {
        None => Value::Absent,
        // The original falls through to the next field here.
        Some(0) => super::resources::open_fds(cx, arg),
        Some(clone_ts) => Value::U64(cx.event.ts_ns.wrapping_sub(clone_ts)),
    }
}

pub(super) fn pname<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_parent(cx, comm_text)
}

pub(super) fn pexe<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_parent(cx, exe_text)
}

pub(super) fn pexepath<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_parent(cx, exepath_text)
}

pub(super) fn pcmdline<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_parent(cx, cmdline_text)
}

pub(super) fn aname<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    candidates(cx, arg, |thread| Value::Bytes(&thread.comm))
}

pub(super) fn printed_aname<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    printed(cx, arg, comm_text)
}

pub(super) fn aexe<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    candidates(cx, arg, |thread| Value::Bytes(&thread.exe))
}

pub(super) fn printed_aexe<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    printed(cx, arg, exe_text)
}

pub(super) fn aexepath<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    candidates(cx, arg, |thread| Value::Bytes(&thread.exepath))
}

pub(super) fn printed_aexepath<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    printed(cx, arg, exepath_text)
}

pub(super) fn acmdline<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    candidates(cx, arg, |thread| Value::Bytes(cmdline_text(cx, thread)))
}

pub(super) fn printed_acmdline<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    printed(cx, arg, cmdline_text)
}

pub(super) fn aargs<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    printed(cx, arg, args_text)
}

pub(super) fn apid<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    match arg {
        FieldArg::Index(_) => printed_apid(cx, arg),
        _ => candidates(cx, arg, |thread| Value::I64(thread.pid)),
    }
}

/// Without a position it is the process itself.
pub(super) fn printed_apid<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    let generations = if let FieldArg::Index(index) = arg { *index } else { 0 };
    ancestor(cx, generations).map_or(Value::Absent, |thread| id(thread.pid))
}

/// A comparison without a variable looks at all ancestors, even with a position.
pub(super) fn aenv<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    match arg {
        FieldArg::Key(name) if !name.is_empty() => printed_aenv(cx, arg),
        _ => candidates(cx, &FieldArg::None, |thread| Value::Bytes(env_text(cx, thread))),
    }
}

/// Without a variable and a position from 1 it is the process itself.
pub(super) fn printed_aenv<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| match arg {
        FieldArg::Key(name) if !name.is_empty() => {
            let found = parents(cx).take(VARIABLE_GENERATIONS).find_map(|parent| variable(cx, parent, name));
            Value::Bytes(found.unwrap_or(b""))
        }
        FieldArg::Index(generations @ 1..) => {
            if cx.state.threads().main_of(thread).is_none() {
                return Value::Bytes(b"");
            }
            let generations = usize::try_from(*generations).unwrap_or(usize::MAX);
            parents(cx).take(ANCESTORS_MAX).nth(generations - 1).map(|parent| env_text(cx, parent)).into()
        }
        _ => Value::Bytes(env_text(cx, thread)),
    })
}

/// Parent, its parent and so on, through threads that need not be main threads. May go round forever if they
/// form a loop.
fn parents<'a>(cx: &EventContext<'a>) -> impl Iterator<Item = &'a ThreadInfo> {
    let threads = cx.state.threads();
    let main = cx.thread.and_then(|thread| threads.main_of(thread));
    std::iter::successors(main, |thread| threads.get(thread.ptid)).skip(1)
}

pub(super) fn login_shell_id<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let main = cx.thread.and_then(|thread| cx.state.threads().main_of(thread));
    let shells = main.into_iter().chain(ancestors(cx)).filter(|thread| thread.comm.ends_with(b"sh"));
    shells.last().map_or(Value::Absent, |thread| Value::I64(thread.pid))
}
