//! Number, type, thread, time and parameters of events must be what the C library made of the same captures.

mod support;

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use lanner_capture::event::{Event, ParamType, PrintFormat};
use lanner_capture::savefile::{Capture, Item, ReadOptions};
use serde_json::Value;
use support::shared;

/// `evt.args` of each thread's last event; lines give only what changed.
type ArgsByThread = HashMap<i64, String>;

/// Brings the arguments of the line's thread up to date.
fn update(args: &mut ArgsByThread, tid: i64, line: &Value) {
    let changed = line.get("v").or(line.get("d")).and_then(|fields| fields.get("evt.args"));
    if let Some(text) = changed.and_then(Value::as_str) {
        args.insert(tid, text.to_owned());
    } else if line["x"].as_array().is_some_and(|lost| lost.iter().any(|name| name == "evt.args")) {
        args.remove(&tid);
    }
}

/// The beginning of a parameter in `evt.args`, for types whose text needs no state and no tables.
fn shown(event: &Event<'_>, index: usize) -> Option<String> {
    let info = event.ty.info().params.get(index)?;
    use ParamType as T;
    let value = match info.ty {
        T::CharBuf | T::FsPath => {
            let text = std::str::from_utf8(event.str_at(index)?).ok()?;
            text.chars().all(|c| c.is_ascii_graphic()).then(|| text.to_owned())?
        }
        _ if info.format != PrintFormat::Dec => return None,
        // Falco shows unsigned numbers as signed ones here.
        T::Errno | T::Pid | T::Fd | T::Int64 | T::Uint64 => event.i64_at(index)?.to_string(),
        T::Uint32 | T::Int32 => event.i32_at(index)?.to_string(),
        T::Uint16 => event.u16_at(index)?.to_string(),
        T::Uint8 => event.u8_at(index)?.to_string(),
        _ => return None,
    };
    Some(format!("{}={value}", info.name))
}

/// Whether the text holds the parameter, ended by a space, a comment in parentheses or the end.
fn holds(args: &str, param: &str) -> bool {
    args.match_indices(param).any(|(at, _)| {
        let starts = at == 0 || args.as_bytes()[at - 1] == b' ';
        starts && matches!(args.as_bytes().get(at + param.len()), None | Some(b' ' | b'('))
    })
}

fn check(capture: &Path, expected: &Path) -> (u64, u64) {
    let capture = Capture::open(capture, ReadOptions::default()).unwrap();
    let mut reader = capture.reader().unwrap();
    let lines = BufReader::new(MultiGzDecoder::new(std::fs::File::open(expected).unwrap())).lines().skip(1);
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap()).peekable();
    let mut args = ArgsByThread::new();
    let (mut number, mut events, mut params) = (0, 0, 0);
    while let Some(item) = reader.next().unwrap() {
        let Item::Event(event) = item else { continue };
        number += 1;
        // Events that the C library hides from rules are counted, but have no line.
        let Some(line) = lines.next_if(|line| line["num"] == number) else { continue };
        events += 1;
        let context = format!("{}: event {number}", capture.name());
        assert_eq!(line["ts"].as_u64(), Some(event.ts_ns), "{context}");
        assert_eq!(line["tid"].as_i64(), Some(event.tid), "{context}");
        assert_eq!(line["t"].as_u64(), Some(event.ty.0.into()), "{context}");
        update(&mut args, event.tid, &line);
        // Falco shows no arguments of generic system calls.
        let Some(text) = args.get(&event.tid).filter(|text| !text.is_empty()) else { continue };
        for param in (0..event.params.len()).filter_map(|index| shown(&event, index)) {
            assert!(holds(text, &param), "{context}: {param} is not in {text}");
            params += 1;
        }
    }
    assert_eq!(lines.next(), None, "{}", capture.name());
    (events, params)
}

#[test]
fn events_equal_the_c_library() {
    let (Some(captures), Some(facts)) = (shared("captures"), shared("facts/conformance-captures")) else {
        return;
    };
    let (mut files, mut events, mut params) = (0, 0, 0);
    for entry in std::fs::read_dir(facts).unwrap() {
        let expected = entry.unwrap().path();
        let name = expected.file_name().unwrap().to_str().unwrap();
        let Some(name) = name.strip_suffix(".jsonl.gz") else { continue };
        let counts = check(&captures.join(format!("{name}.scap")), &expected);
        (files, events, params) = (files + 1, events + counts.0, params + counts.1);
    }
    println!("{files} captures, {events} events, {params} parameters are equal");
    assert!(files >= 11 && events > 51_000 && params > 100_000);
}
