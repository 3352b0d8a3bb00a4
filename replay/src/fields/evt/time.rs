//! When the event happened.

use crate::context::EventContext;
use crate::fields::text_buf::arena_text;
use crate::fields::time::{Date, NS_PER_SECOND};
use crate::fields::{FieldArg, Value};

pub(super) fn time<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Date { hour, minute, second, ns, .. } = Date::from_ns(cx.event.ts_ns);
    Value::Bytes(arena_text!(cx.arena, "{hour:02}:{minute:02}:{second:02}.{ns:09}"))
}

pub(super) fn time_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Date { hour, minute, second, .. } = Date::from_ns(cx.event.ts_ns);
    Value::Bytes(arena_text!(cx.arena, "{hour:02}:{minute:02}:{second:02}"))
}

pub(super) fn iso8601<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Date { year, month, day, hour, minute, second, ns } = Date::from_ns(cx.event.ts_ns);
    Value::Bytes(arena_text!(
        cx.arena,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ns:09}+0000"
    ))
}

pub(super) fn datetime<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Date { year, month, day, hour, minute, second, ns } = Date::from_ns(cx.event.ts_ns);
    Value::Bytes(arena_text!(
        cx.arena,
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{ns:09}"
    ))
}

pub(super) fn datetime_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let Date { year, month, day, hour, minute, second, .. } = Date::from_ns(cx.event.ts_ns);
    Value::Bytes(arena_text!(cx.arena, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"))
}

pub(super) fn raw<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(cx.event.ts_ns)
}

pub(super) fn raw_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(cx.event.ts_ns / NS_PER_SECOND)
}

pub(super) fn raw_ns<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(cx.event.ts_ns % NS_PER_SECOND)
}

/// Time since the first event that is not metadata. Before that one, the whole time.
fn since_first(cx: &EventContext<'_>) -> u64 {
    cx.event.ts_ns.wrapping_sub(cx.facts.first_ts_ns)
}

pub(super) fn relative<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(since_first(cx))
}

pub(super) fn relative_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(since_first(cx) / NS_PER_SECOND)
}

pub(super) fn relative_ns<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(since_first(cx) % NS_PER_SECOND)
}

/// Time since the event before, as far as rules saw it. The original counts from the last time this very
/// check was evaluated, which is the same for a check that sees every event.
fn since_previous(cx: &EventContext<'_>) -> u64 {
    match cx.facts.previous_ts_ns {
        0 => 0,
        previous => cx.event.ts_ns.wrapping_sub(previous),
    }
}

pub(super) fn delta<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(since_previous(cx))
}

pub(super) fn delta_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(since_previous(cx) / NS_PER_SECOND)
}

pub(super) fn delta_ns<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(since_previous(cx) % NS_PER_SECOND)
}

/// Distance from the argument, in whole milliseconds away from it.
pub(super) fn around<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    match arg {
        FieldArg::Index(moment) => Value::U64(cx.event.ts_ns.abs_diff(*moment).div_ceil(1_000_000)),
        _ => Value::Absent,
    }
}

/// Latencies are no longer measured.
pub(super) fn zero<'a>(_cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::U64(0)
}

pub(super) fn zero_text<'a>(_cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(b"0ns")
}
