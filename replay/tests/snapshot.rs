//! A capture that begins in the middle of another, with the state of that moment in its lists, shows the rest of
//! the events as the whole capture does.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use capture::savefile::{Capture, Item, ReadOptions, WriteOptions, Writer, WriterProfile};
use lanner_replay::fields::{self, FieldArg, FieldId};
use lanner_replay::state::State;

/// Fields that tell most of what state knows.
const FIELDS: &[&str] = &[
    "evt.type",
    "evt.rawtime",
    "thread.tid",
    "proc.pid",
    "proc.ppid",
    "proc.name",
    "proc.pname",
    "proc.aname[2]",
    "proc.exe",
    "proc.exepath",
    "proc.pexepath",
    "proc.cmdline",
    "proc.pcmdline",
    "proc.env",
    "proc.cwd",
    "proc.sid",
    "proc.sname",
    "proc.vpid",
    "proc.tty",
    "proc.loginshellid",
    "proc.nthreads",
    "proc.is_exe_writable",
    "proc.exe_ino",
    "proc.exe_ino.mtime",
    "proc.fdopencount",
    "proc.fdlimit",
    "thread.cap_effective",
    "thread.cgroups",
    "user.uid",
    "user.name",
    "user.loginuid",
    "group.name",
    "container.id",
    "fd.num",
    "fd.type",
    "fd.name",
    "fd.ino",
    "fd.cip",
    "fd.sip",
    "fd.cport",
    "fd.sport",
    "fd.l4proto",
    "fd.is_server",
    "fd.dev",
    "evt.args",
];

/// What lists cannot tell: they have no device for directories.
fn is_lost(field: &str, row: &[Option<String>]) -> bool {
    let kind = FIELDS.iter().position(|name| *name == "fd.type").and_then(|at| row[at].as_deref());
    field == "fd.dev" && kind == Some("directory")
}

/// The fields of all events that are shown but the first few.
fn texts(capture: &Path, skip: u64) -> Vec<Vec<Option<String>>> {
    let fields: Vec<(FieldId, FieldArg)> = FIELDS.iter().map(|name| fields::resolve(name).unwrap()).collect();
    let mut rows = Vec::new();
    common::for_each_event(capture, |number, cx| {
        if number > skip {
            let text = |(id, arg): &(FieldId, FieldArg)| {
                let mut out = Vec::new();
                fields::render(cx, *id, arg, &mut out).then(|| String::from_utf8_lossy(&out).into_owned())
            };
            rows.push(fields.iter().map(text).collect());
        }
    });
    rows
}

/// Writes what comes after the first `cut` events. Returns how many of those were shown.
fn write_rest(capture: &Path, cut: u64, to: &Path) -> u64 {
    let capture = Capture::open(capture, ReadOptions::default()).unwrap();
    let mut reader = capture.reader().unwrap();
    let mut state = State::default();
    let options = WriteOptions { profile: WriterProfile::Schema45, ..WriteOptions::default() };
    let mut writer = Writer::new(std::fs::File::create(to).unwrap(), options).unwrap();
    let (mut seen, mut shown) = (0, 0);
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Section => state.reset(),
            Item::Machine(machine) => state.seed_machine(machine),
            Item::Interfaces(interfaces) => state.seed_interfaces(interfaces),
            Item::Users { users, groups } => state.seed_users(users, groups),
            Item::Processes(processes) => state.seed_processes(processes),
            Item::Fds { tid, fds } => state.seed_fds(tid, fds),
            Item::Event(event) if seen < cut => {
                seen += 1;
                let applied = state.apply(&event);
                shown += u64::from(applied.delivered);
                state.commit(applied);
                if seen == cut {
                    state.snapshot().write(&mut writer).unwrap();
                }
            }
            Item::Event(event) => writer.event(&event).unwrap(),
        }
    }
    writer.finish().unwrap();
    shown
}

/// Cuts a capture before some events and compares what comes after.
fn check(capture: &Path, cuts: &[u64]) {
    let to = std::env::temp_dir().join(format!("lanner-snapshot-{}.scap", std::process::id()));
    let mut different: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    for &cut in cuts {
        let shown = write_rest(capture, cut, &to);
        let (all, rest) = (texts(capture, shown), texts(&to, 0));
        assert_eq!(rest.len(), all.len(), "events after {cut}");
        for (row, expected) in rest.iter().zip(&all) {
            for ((field, found), expected) in FIELDS.iter().zip(row).zip(expected) {
                if found != expected && !is_lost(field, row) {
                    let example = || format!("cut at {cut}, {:?}: {found:?} for {expected:?}", &row[..6]);
                    different.entry(field).or_insert_with(|| (0, example())).0 += 1;
                }
            }
        }
    }
    let _ = std::fs::remove_file(&to);
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn the_rest_of_a_capture_looks_the_same() {
    let demo = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/captures/demo.scap");
    check(&demo, &[1, 100, 1000]);
    if let Some(shared) = common::shared("snapshot") {
        check(&shared.join("captures/modern-46k.scap"), &[30_000, 40_000]);
    }
}
