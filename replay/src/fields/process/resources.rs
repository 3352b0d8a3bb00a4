//! What a process uses: threads, descriptors, memory and CPU time.

use capture::event::EventType;
use capture::event::schema::param;

use super::of_thread;
use crate::context::EventContext;
use crate::fields::{FieldArg, Value};
use crate::state::ThreadInfo;

pub(super) fn threads<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(cx.state.threads().thread_count_of(thread) as u64))
}

pub(super) fn child_threads<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(cx.state.threads().child_thread_count_of(thread) as u64))
}

fn open_fd_count(cx: &EventContext<'_>, thread: &ThreadInfo) -> u64 {
    let threads = cx.state.threads();
    threads.main_of(thread).and_then(|main| threads.fds_of(main)).map_or(0, |fds| fds.len() as u64)
}

pub(super) fn open_fds<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(open_fd_count(cx, thread)))
}

/// Of the main thread; 0 if that is not known.
fn limit_of(cx: &EventContext<'_>, thread: &ThreadInfo) -> i64 {
    cx.state.threads().main_of(thread).map_or(0, |main| main.fdlimit)
}

pub(super) fn fd_limit<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::I64(limit_of(cx, thread)))
}

pub(super) fn fd_usage<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        let limit = limit_of(cx, thread) as f64;
        let open = open_fd_count(cx, thread) as f64;
        Value::F64(if limit <= 0.0 { 0.0 } else { (open * 100.0 / limit).min(100.0) })
    })
}

pub(super) fn vmsize<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.vmsize_kb.into()))
}

pub(super) fn vmrss<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.vmrss_kb.into()))
}

pub(super) fn vmswap<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.vmswap_kb.into()))
}

/// Memory of a main thread.
fn of_main<'a>(cx: &EventContext<'a>, number: impl FnOnce(&ThreadInfo) -> u64) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(if thread.is_main() { number(thread) } else { 0 }))
}

pub(super) fn thread_vmsize<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_main(cx, |thread| thread.vmsize_kb.into())
}

pub(super) fn thread_vmrss<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_main(cx, |thread| thread.vmrss_kb.into())
}

pub(super) fn thread_vmsize_bytes<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_main(cx, |thread| u64::from(thread.vmsize_kb) * 1024)
}

pub(super) fn thread_vmrss_bytes<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_main(cx, |thread| u64::from(thread.vmrss_kb) * 1024)
}

pub(super) fn major_faults<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.pfmajor))
}

pub(super) fn minor_faults<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.pfminor))
}

pub(super) fn cpu_time<'a>(_cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(0)
}

pub(super) fn total_cpu_time<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |_| Value::U64(0))
}

/// CPU time between two pieces of process information, at most 100. `part` picks from user and system time.
fn cpu_since_previous<'a>(cx: &EventContext<'a>, part: impl Fn(u64, u64) -> u64) -> Value<'a> {
    if cx.event.ty != EventType::PROCINFO_E {
        return Value::Absent;
    }
    of_thread(cx, |_| {
        let number = |index: usize| cx.event.u64_at(index).unwrap_or(0);
        let now = part(number(param::PROCINFO_E::cpu_usr), number(param::PROCINFO_E::cpu_sys));
        let spent = match cx.facts.previous_cpu {
            // The original cannot tell a time of 0 from none.
            Some((user, system)) if part(user, system) != 0 => now.wrapping_sub(part(user, system)),
            _ => 0,
        };
        Value::F64((spent as f64).min(100.0))
    })
}

pub(super) fn cpu<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cpu_since_previous(cx, |user, system| user.wrapping_add(system))
}

pub(super) fn cpu_user<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cpu_since_previous(cx, |user, _| user)
}

pub(super) fn cpu_system<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    cpu_since_previous(cx, |_, system| system)
}
