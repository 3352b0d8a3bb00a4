//! Standard input, output and error.

use crate::context::EventContext;
use crate::fields::{FieldArg, Value};
use crate::state::FdInfo;

fn of_stream<'a>(cx: &EventContext<'a>, number: i64, text: impl FnOnce(&'a FdInfo) -> &'a [u8]) -> Value<'a> {
    cx.fd_of_thread(number).map(text).into()
}

fn kind(fd: &FdInfo) -> &[u8] {
    fd.kind.type_name().as_bytes()
}

fn name(fd: &FdInfo) -> &[u8] {
    &fd.name
}

pub(super) fn stdin_type<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_stream(cx, 0, kind)
}

pub(super) fn stdin_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_stream(cx, 0, name)
}

pub(super) fn stdout_type<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_stream(cx, 1, kind)
}

pub(super) fn stdout_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_stream(cx, 1, name)
}

pub(super) fn stderr_type<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_stream(cx, 2, kind)
}

pub(super) fn stderr_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_stream(cx, 2, name)
}
