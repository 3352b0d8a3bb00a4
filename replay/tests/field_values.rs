//! Values of fields against what the real library prints: for every event of real captures, and for single
//! events of tiny captures that each test one thing.

mod common;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use capture::event::EventType;
use lanner_replay::context::EventContext;
use lanner_replay::fields::{self, FieldArg, FieldId};
use lanner_replay::state::FdInfo;
use serde_json::Value as Json;

/// Fields whose values differ on purpose and how many do: the oracle asked for all three, which overwrite each
/// other's memory of the time before.
const DIFFERENT: [(&str, u64); 3] =
    [("thread.cpu", 2161), ("thread.cpu.user", 3126), ("thread.cpu.system", 3239)];

/// Values of one field that were compared.
#[derive(Default)]
struct Tally {
    values: u64,
    wrong: u64,
    /// The first few that are wrong.
    examples: Vec<String>,
}

impl Tally {
    fn count(
        &mut self,
        field: &str,
        place: impl FnOnce() -> String,
        expected: Option<&str>,
        found: Option<&str>,
    ) {
        self.values += 1;
        if !is_same(field, expected, found) {
            self.wrong += 1;
            if self.examples.len() < 3 {
                self.examples.push(format!("{}: {found:?} instead of {expected:?}", place()));
            }
        }
    }

    fn add(&mut self, other: Tally) {
        self.values += other.values;
        self.wrong += other.wrong;
        self.examples.extend(other.examples);
        self.examples.truncate(3);
    }
}

/// Whether the texts are equal where the original's is defined.
fn is_same(field: &str, expected: Option<&str>, found: Option<&str>) -> bool {
    match (expected, found) {
        // Kinds of descriptors come in the order of a hash table.
        (Some(expected), Some(found)) if field == "fd.types" => items(expected) == items(found),
        // What is no buffer is shown with the length of the buffer before, and what that left behind it.
        (Some(expected), Some(found)) if field == "evt.buffer" && expected.len() != found.len() => {
            found.starts_with(expected) || expected.starts_with(&format!("{found}."))
        }
        // Times of threads from the list are not initialised: they hold an address.
        (Some(expected), None) if field.starts_with("proc.exe_ino.ctime_duration") => {
            expected.parse::<u64>().is_ok_and(|number| (0x7e00_0000_0000..0x8000_0000_0000).contains(&number))
        }
        _ => expected == found,
    }
}

fn items(list: &str) -> BTreeSet<&str> {
    list.trim_matches(['(', ')']).split(',').collect()
}

fn is_different(field: &str) -> bool {
    DIFFERENT.iter().any(|(name, _)| *name == field)
}

/// The text of a field.
fn text<'o>(
    cx: &EventContext<'_>,
    id: FieldId,
    arg: &FieldArg,
    out: &'o mut Vec<u8>,
) -> Option<Cow<'o, str>> {
    out.clear();
    fields::render(cx, id, arg, out).then(|| String::from_utf8_lossy(out))
}

/// The original's `evt.abspath` replaces the descriptor of the event by that of the directory, for all fields that
/// are asked for later.
fn descriptor_after_abspath<'a>(cx: &EventContext<'a>) -> Option<&'a FdInfo> {
    let (dirfd, path) = match cx.event.ty {
        EventType::OPENAT_2_X | EventType::OPENAT2_X => (1, 2),
        _ => return cx.fd,
    };
    match (cx.event.i64_at(dirfd), cx.event.str_at(path)) {
        (Some(-100), _) | (None, _) | (_, None | Some([b'/', ..])) => cx.fd,
        (Some(dirfd), Some(_)) => {
            let directory = cx.thread.and_then(|thread| cx.state.threads().fd_of(thread, dirfd));
            directory.or(cx.fd)
        }
    }
}

/// Compares every field of every event of one capture.
fn compare_capture(shared: &Path, expectations: &str) -> BTreeMap<String, Tally> {
    let mut lines = expectations.lines();
    let header: Json = serde_json::from_str(lines.next().unwrap()).unwrap();
    let names: Vec<&str> = header["fields"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let places: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let resolved: Vec<_> = names.iter().map(|name| fields::resolve(name).unwrap()).collect();
    let mut tallies: Vec<Tally> = names.iter().map(|_| Tally::default()).collect();
    let capture = shared.join(header["capture"].as_str().unwrap());
    let stem = capture.file_stem().unwrap().to_string_lossy();
    // What changed is told against the previous event of the same thread.
    let mut by_thread: HashMap<i64, Vec<Option<String>>> = HashMap::new();
    let mut out = Vec::new();
    common::for_each_event(&capture, |_, cx| {
        let line: Json = serde_json::from_str(lines.next().expect("no more events than expected")).unwrap();
        let expected = by_thread.entry(line["tid"].as_i64().unwrap()).or_default();
        if line["v"].is_object() {
            *expected = vec![None; names.len()];
        }
        for (name, value) in ["v", "d"].iter().filter_map(|part| line[*part].as_object()).flatten() {
            expected[places[name.as_str()]] = value.as_str().map(String::from);
        }
        for name in line["x"].as_array().into_iter().flatten() {
            expected[places[name.as_str().unwrap()]] = None;
        }
        let mut cx = *cx;
        for (at, (id, arg)) in resolved.iter().enumerate() {
            let place = || format!("{stem} #{} {}", line["num"], cx.event.ty.info().name);
            let found = text(&cx, *id, arg, &mut out);
            tallies[at].count(names[at], place, expected[at].as_deref(), found.as_deref());
            if names[at] == "evt.abspath" {
                cx.fd = descriptor_after_abspath(&cx);
            }
        }
    });
    assert_eq!(lines.next(), None, "fewer events than expected in {stem}");
    names.iter().map(|name| name.to_string()).zip(tallies).collect()
}

#[test]
fn values_are_those_of_falco_at_every_event() {
    let Some(shared) = common::shared("field values") else { return };
    let mut files: Vec<_> = std::fs::read_dir(shared.join("facts/conformance-captures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".jsonl.gz"))
        .collect();
    files.sort();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for file in files {
        for (name, tally) in compare_capture(&shared, &common::read(&file)) {
            tallies.entry(name).or_default().add(tally);
        }
    }
    let mut wrong: Vec<_> = tallies.iter().filter(|(_, tally)| tally.wrong > 0).collect();
    wrong.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.wrong));
    for (name, tally) in &wrong {
        let note = if is_different(name) { " (on purpose)" } else { "" };
        println!(
            "{name}: {} of {} wrong{note}\n  {}",
            tally.wrong,
            tally.values,
            tally.examples.join("\n  ")
        );
    }
    let all: u64 = tallies.values().map(|tally| tally.values).sum();
    let unwanted: u64 =
        wrong.iter().filter(|(name, _)| !is_different(name)).map(|(_, tally)| tally.wrong).sum();
    let on_purpose = DIFFERENT.map(|(name, _)| (name, tallies.get(name).map_or(0, |tally| tally.wrong)));
    println!("{all} values of {} fields, {unwanted} wrong", tallies.len());
    assert_eq!(unwanted, 0, "values are wrong");
    assert_eq!(on_purpose, DIFFERENT, "values that differ on purpose");
}

/// Values of one check of a tiny capture: text, or whether there is a value.
fn check_case(cx: &EventContext<'_>, check: &Json) -> Result<(), String> {
    let expression = check["expr"].as_str().unwrap();
    let (id, arg) = fields::resolve(expression).map_err(|error| format!("{expression}: {error}"))?;
    let expected = &check["expect"];
    let (same, found) = if check["kind"] == "has" {
        let found = id.def().printed_value(cx, &arg).is_present();
        (*expected == found, Json::from(found))
    } else {
        let mut out = Vec::new();
        let found = text(cx, id, &arg, &mut out);
        (is_same(expression, expected.as_str(), found.as_deref()), found.as_deref().into())
    };
    match same {
        true => Ok(()),
        false => Err(format!("#{} {expression}: {found} instead of {expected}", check["n"])),
    }
}

#[test]
fn values_are_those_of_falco_in_single_cases() {
    let Some(shared) = common::shared("field cases") else { return };
    let folder = shared.join("facts/conformance-state");
    let cases: Json = serde_json::from_str(&common::read(&folder.join("cases.json"))).unwrap();
    let (mut count, mut failed) = (0, Vec::new());
    for case in cases["cases"].as_array().unwrap() {
        let checks = case["checks"].as_array().unwrap();
        let mut checks: Vec<_> = checks.iter().filter(|check| check["kind"] != "filter").collect();
        count += checks.len();
        if checks.is_empty() {
            continue;
        }
        let test = case["test"].as_str().unwrap();
        common::for_each_event(&folder.join("captures").join(case["capture"].as_str().unwrap()), |n, cx| {
            checks.retain(|check| {
                let here = check["n"].as_u64() == Some(n);
                if here && let Err(message) = check_case(cx, check) {
                    failed.push(format!("{test} {message}"));
                }
                !here
            });
        });
        failed.extend(checks.iter().map(|check| format!("{test} #{}: no such event", check["n"])));
    }
    println!("{count} checks, {} fail\n{}", failed.len(), failed.join("\n"));
    assert!(failed.is_empty(), "{} checks fail", failed.len());
}
