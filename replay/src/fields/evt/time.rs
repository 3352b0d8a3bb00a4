//! When the event happened.

use crate::context::EventContext;
use crate::fields::text_buf::join;
use crate::fields::time::{DATE_TEXT_LEN, DateText, NS_PER_SECOND, SECONDS_END, TIME_AT};
use crate::fields::{FieldArg, Value};

/// `YYYY-MM-DDTHH:MM:SS.nnnnnnnnn` in the arena.
fn text<'a>(cx: &EventContext<'a>) -> &'a mut [u8; DATE_TEXT_LEN] {
    cx.arena.alloc(DateText::new(cx.event.ts_ns).into_bytes())
}

pub(super) fn time<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(&text(cx)[TIME_AT..])
}

pub(super) fn time_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(&text(cx)[TIME_AT..SECONDS_END])
}

pub(super) fn iso8601<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    Value::Bytes(join(cx.arena, b"", [&text(cx)[..], b"+0000"]))
}

pub(super) fn datetime<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let text = text(cx);
    text[TIME_AT - 1] = b' ';
    Value::Bytes(text)
}

pub(super) fn datetime_s<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let text = text(cx);
    text[TIME_AT - 1] = b' ';
    Value::Bytes(&text[..SECONDS_END])
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
