//! Colours, the same in every picture: by kind of frame, and for fields by class.

use profiler::cost::FieldClass;
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

const STAGE: Entry = entry("stage, source", (189, 189, 189));
const EVENT: Entry = entry("event type", (158, 188, 218));
const RULE: Entry = entry("rule", (253, 180, 98));
const MACRO: Entry = entry("macro", (255, 225, 130));
const EXCEPTION: Entry = entry("exception", (227, 178, 222));
const CHECK: Entry = entry("check", (179, 222, 140));

/// Kinds of frames, in the order of a legend.
pub const KINDS: [&Entry; 6] = [&STAGE, &EVENT, &RULE, &MACRO, &EXCEPTION, &CHECK];

/// Classes of fields, in the order of a legend.
pub const FIELDS: [(FieldClass, Entry); FieldClass::ALL.len()] = [
    (FieldClass::Event, entry("event", (146, 214, 203))),
    (FieldClass::Parameter, entry("parameter", (92, 178, 166))),
    (FieldClass::ParameterText, entry("parameter text", (60, 148, 150))),
    (FieldClass::Path, entry("path", (172, 190, 110))),
    (FieldClass::Process, entry("process", (246, 165, 146))),
    (FieldClass::ProcessText, entry("process text", (229, 115, 104))),
    (FieldClass::Ancestor, entry("ancestor", (206, 92, 110))),
    (FieldClass::Leader, entry("leader", (232, 150, 186))),
    (FieldClass::Descriptor, entry("descriptor", (146, 160, 222))),
    (FieldClass::DescriptorPart, entry("descriptor part", (112, 128, 206))),
    (FieldClass::User, entry("user", (216, 172, 120))),
    (FieldClass::Container, entry("container", (190, 174, 212))),
];

/// Colours of stages, where they stand side by side.
pub fn stage(name: &str) -> Rgb {
    match name {
        "read" => (201, 214, 228),
        "decode" => (170, 191, 214),
        "state" => (158, 197, 186),
        "output" => (222, 203, 168),
        "remainder" => (228, 228, 228),
        _ => STAGE.color,
    }
}

/// Meaning and colour of a frame.
pub fn of(call: &Call) -> &'static Entry {
    match call.kind {
        CallKind::Stage | CallKind::Source => &STAGE,
        CallKind::Event => &EVENT,
        CallKind::Rule => &RULE,
        CallKind::Macro => &MACRO,
        CallKind::Exception => &EXCEPTION,
        CallKind::Check => &CHECK,
        CallKind::Field => {
            let class = FieldClass::of(&call.name);
            FIELDS.iter().find(|(of, _)| *of == class).map_or(&STAGE, |(_, entry)| entry)
        }
    }
}

/// As `#rrggbb`.
pub fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
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

/// From pale to strong as `share` goes from 0 to 1; small shares are told apart better than large ones.
pub fn heat(share: f64) -> Rgb {
    let t = share.clamp(0.0, 1.0).sqrt();
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * t).round() as u8;
    (mix(255, 222), mix(247, 72), mix(236, 53))
}
