//! Colours, the same in every picture: by kind of frame, and for fields by class.

use profiler::model::{Call, CallKind};

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// Matched, in plots.
pub const MATCHED: Rgb = (214, 96, 77);
/// Nobody looked, in plots.
pub const NOT_CONSIDERED: Rgb = (200, 200, 200);
/// Events of all kinds, in plots.
pub const EVENTS: Rgb = (140, 140, 140);
/// Not matched, in plots.
pub const NOT_MATCHED: Rgb = (103, 146, 196);

/// A meaning and its colour.
pub struct Entry {
    pub name: &'static str,
    pub color: Rgb,
}

const fn entry(name: &'static str, color: Rgb) -> Entry {
    Entry { name, color }
}

const STAGE: Entry = entry("stage", (189, 189, 189));
const EVENT: Entry = entry("event type", (158, 188, 218));
const RULE: Entry = entry("rule", (253, 180, 98));
const MACRO: Entry = entry("macro", (255, 225, 130));
const EXCEPTION: Entry = entry("exception", (227, 178, 222));
const CHECK: Entry = entry("check", (179, 222, 140));
const FIELD_EVENT: Entry = entry("evt.*", (128, 205, 193));
const FIELD_PROCESS: Entry = entry("proc.*, thread.*", (239, 138, 120));
const FIELD_FD: Entry = entry("fd.*, fs.path.*", (146, 160, 222));
const FIELD_USER: Entry = entry("user.*, group.*", (216, 172, 120));
const FIELD_OTHER: Entry = entry("other fields", (190, 174, 212));

/// Everything, in the order of a legend.
pub const LEGEND: [&Entry; 11] = [
    &STAGE,
    &EVENT,
    &RULE,
    &MACRO,
    &EXCEPTION,
    &CHECK,
    &FIELD_EVENT,
    &FIELD_PROCESS,
    &FIELD_FD,
    &FIELD_USER,
    &FIELD_OTHER,
];

/// Meaning and colour of a frame.
pub fn of(call: &Call) -> &'static Entry {
    match call.kind {
        CallKind::Stage => &STAGE,
        CallKind::Event => &EVENT,
        CallKind::Rule => &RULE,
        CallKind::Macro => &MACRO,
        CallKind::Exception => &EXCEPTION,
        CallKind::Check => &CHECK,
        CallKind::Field => match call.name.split('.').next().unwrap_or("") {
            "evt" | "syscall" => &FIELD_EVENT,
            "proc" | "thread" => &FIELD_PROCESS,
            "fd" | "fs" => &FIELD_FD,
            "user" | "group" => &FIELD_USER,
            _ => &FIELD_OTHER,
        },
    }
}

/// From pale over red to dark as `t` goes from 0 to 1. Steps look equally large, in grey too.
pub fn ramp(t: f64) -> Rgb {
    const STOPS: [Rgb; 5] = [(255, 243, 214), (254, 204, 120), (240, 126, 72), (190, 48, 76), (84, 18, 74)];
    let position = t.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let index = (position as usize).min(STOPS.len() - 2);
    let t = position - index as f64;
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * t).round() as u8;
    let (a, b) = (STOPS[index], STOPS[index + 1]);
    (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// As `#rrggbb`.
pub fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// From pale to strong as `share` goes from 0 to 1; small shares are told apart better than large ones.
pub fn heat(share: f64) -> Rgb {
    let t = share.clamp(0.0, 1.0).sqrt();
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * t).round() as u8;
    (mix(255, 222), mix(247, 72), mix(236, 53))
}
