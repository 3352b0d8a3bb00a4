//! The program's file.

use super::{known, of_thread};
use crate::context::EventContext;
use crate::fields::{FieldArg, Value};

pub(super) fn is_writable<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.exe_writable))
}

pub(super) fn is_upper_layer<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.exe_upper_layer))
}

pub(super) fn is_lower_layer<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.exe_lower_layer))
}

pub(super) fn is_from_memfd<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.exe_from_memfd))
}

pub(super) fn inode<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.exe_ino as i64, 0, Value::I64))
}

pub(super) fn ctime<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.exe_ino_ctime_ns, 0, Value::U64))
}

pub(super) fn mtime<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.exe_ino_mtime_ns, 0, Value::U64))
}

pub(super) fn ctime_to_clone<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.exe_ino_ctime_duration_clone_ns, 0, Value::U64))
}

pub(super) fn pidns_start_to_ctime<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.exe_ino_ctime_duration_pidns_start_ns, 0, Value::U64))
}
