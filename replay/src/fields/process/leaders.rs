//! Sessions and process groups. Texts of a leader that is not known are empty.

use super::of_thread;
use crate::context::EventContext;
use crate::fields::{FieldArg, Value};
use crate::state::{ThreadInfo, ThreadTable};
use crate::text::Text;

/// Finds the leader of one kind of group of threads.
type Leader = for<'a> fn(&'a ThreadTable, &ThreadInfo) -> Option<&'a ThreadInfo>;

fn of_leader<'a>(
    cx: &EventContext<'a>,
    leader: Leader,
    text: impl FnOnce(&'a ThreadInfo) -> &'a Text,
) -> Value<'a> {
    of_thread(cx, |thread| {
        Value::Bytes(leader(cx.state.threads(), thread).map_or(b"", |leader| text(leader)))
    })
}

pub(super) fn sid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::I64(thread.sid))
}

pub(super) fn session_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::session_leader, |leader| &leader.comm)
}

pub(super) fn session_exe<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::session_leader, |leader| &leader.exe)
}

pub(super) fn session_exepath<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::session_leader, |leader| &leader.exepath)
}

pub(super) fn is_session_leader<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.sid == thread.vpid))
}

pub(super) fn vpgid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::I64(thread.vpgid))
}

pub(super) fn vpgid_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::vpgid_leader, |leader| &leader.comm)
}

pub(super) fn vpgid_exe<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::vpgid_leader, |leader| &leader.exe)
}

pub(super) fn vpgid_exepath<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::vpgid_leader, |leader| &leader.exepath)
}

pub(super) fn is_vpgid_leader<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.vpgid == thread.vpid))
}

pub(super) fn pgid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::I64(thread.pgid))
}

pub(super) fn pgid_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::pgid_leader, |leader| &leader.comm)
}

pub(super) fn pgid_exe<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::pgid_leader, |leader| &leader.exe)
}

pub(super) fn pgid_exepath<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_leader(cx, ThreadTable::pgid_leader, |leader| &leader.exepath)
}

pub(super) fn is_pgid_leader<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.pgid == thread.pid))
}
