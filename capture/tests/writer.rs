//! What is written must be read back the same, by us and by Debian's sysdig.

mod support;

use std::path::Path;
use std::process::Command;

use lanner_capture::event::{Direction, Event, EventBuilder, EventType};
use lanner_capture::savefile::{
    Capture, Compression, Item, ReadOptions, WriteOptions, Writer, WriterProfile,
};
use support::shared;

const PROFILES: [WriterProfile; 3] =
    [WriterProfile::Portable, WriterProfile::Schema45, WriterProfile::Compat];

fn options(profile: WriterProfile, threads: Option<usize>) -> WriteOptions {
    let compression = match threads {
        None => Compression::None,
        Some(threads) => Compression::Gzip { level: 1, threads },
    };
    WriteOptions { profile, compression }
}

/// Copies everything that a capture holds.
fn copy(capture: &Capture, options: WriteOptions) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    let mut reader = capture.reader().unwrap();
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Section => {}
            Item::Machine(info) => writer.machine(&info).unwrap(),
            Item::Interfaces(list) => writer.interfaces(&list).unwrap(),
            Item::Users { users, groups } => writer.users(&users, &groups).unwrap(),
            Item::Processes(list) => writer.processes(&list).unwrap(),
            Item::Fds { tid, fds } => writer.fds(tid, &fds).unwrap(),
            Item::Event(event) => writer.event(&event).unwrap(),
        }
    }
    writer.finish().unwrap()
}

/// Everything in a capture: metadata as text, events as themselves.
fn contents(capture: &Capture) -> (Vec<String>, Vec<EventBuilder>) {
    let (mut metadata, mut events) = (Vec::new(), Vec::new());
    let mut reader = capture.reader().unwrap();
    while let Some(item) = reader.next().unwrap() {
        match item {
            Item::Event(event) => events.push(EventBuilder::from_event(&event)),
            item => metadata.push(format!("{item:?}")),
        }
    }
    (metadata, events)
}

/// Whether only the profile made this event: an enter that the exit after it repeats.
fn is_added(event: &Event<'_>) -> bool {
    use EventType as E;
    matches!(
        event.ty,
        E::EXECVE_19_E | E::OPEN_E | E::CREAT_E | E::OPENAT_2_E | E::OPENAT2_E | E::CONNECT_E | E::EXECVEAT_E
    )
}

/// What sysdig 0.29.3 had instead of a call that it has no event for, and how many parameters that keeps.
fn relative(ty: EventType, profile: WriterProfile) -> Option<(EventType, usize)> {
    use EventType as E;
    match ty {
        _ if profile != WriterProfile::Compat => None,
        E::DUP2_X | E::DUP3_X => Some((E::DUP_1_X, 2)),
        E::PIPE2_X => Some((E::PIPE_X, 4)),
        _ => None,
    }
}

/// Zeroes what a profile has no place for, and names calls as it does.
fn without_losses(event: &Event<'_>, profile: WriterProfile) -> EventBuilder {
    if let Some((ty, count)) = relative(event.ty, profile) {
        let built = EventBuilder::new(ty, event.ts_ns, event.tid).cpu(event.cpu).state_only(event.state_only);
        return event.params.iter().take(count).fold(built, |built, value| built.param(value));
    }
    let lost = match event.ty {
        _ if profile == WriterProfile::Schema45 => None,
        EventType::SOCKET_X => Some(4),
        EventType::FCNTL_X => Some(3),
        // Codes that sysdig 0.29.3 crashes on.
        EventType::GENERIC_X if event.u16_at(0) >= Some(329) => Some(0),
        _ => None,
    };
    let mut built =
        EventBuilder::new(event.ty, event.ts_ns, event.tid).cpu(event.cpu).state_only(event.state_only);
    for (index, value) in event.params.iter().enumerate() {
        built = if Some(index) == lost { built.param(&vec![0; value.len()]) } else { built.param(value) };
    }
    built
}

#[test]
fn copies_of_captures_hold_the_same() {
    let Some(folder) = shared("captures") else { return };
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let capture = Capture::open(&path, ReadOptions::default()).unwrap();
        let (metadata, events) = contents(&capture);
        for (profile, threads) in PROFILES.into_iter().zip([None, Some(1), Some(3)]) {
            let context = format!("{} {profile:?}", path.display());
            let copied = copy(&capture, options(profile, threads));
            let (metadata_read, events_read) = contents(&Capture::from_bytes("copy", copied));
            assert_eq!(metadata_read.len(), metadata.len(), "{context}");
            for (read, original) in metadata_read.iter().zip(&metadata) {
                // Old readers have no word for some kinds of descriptors.
                assert!(
                    read == original || profile != WriterProfile::Schema45,
                    "{context}: {read} {original}"
                );
            }
            let mut read = events_read.iter().map(EventBuilder::event).peekable();
            for original in &events {
                let original = without_losses(&original.event(), profile);
                while read.peek().is_some_and(|event| is_added(event) && *event != original.event()) {
                    read.next();
                }
                assert_eq!(read.next(), Some(original.event()), "{context}");
            }
            assert_eq!(read.next(), None, "{context}");
        }
    }
}

fn has_sysdig() -> bool {
    let found = Command::new("sysdig").arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: sysdig is not installed");
    }
    found
}

/// Time and thread of the exits that sysdig lists. Type names are left out: looking them up crashes 0.29.3 when
/// a system call is newer than itself.
fn sysdig_exits(path: &Path) -> Vec<String> {
    let format = "*%evt.dir %evt.rawtime %thread.tid";
    let output = Command::new("sysdig").args(["-D", "-p", format, "-r"]).arg(path).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", path.display());
    let listed = String::from_utf8_lossy(&output.stdout);
    listed.lines().filter_map(|line| line.strip_prefix("< ")).map(str::to_owned).collect()
}

#[test]
fn sysdig_reads_all_profiles() {
    let Some(folder) = shared("captures") else { return };
    if !has_sysdig() {
        return;
    }
    let temporary = std::env::temp_dir().join(format!("lanner-writer-{}", std::process::id()));
    std::fs::create_dir_all(&temporary).unwrap();
    let capture = Capture::open(&folder.join("modern-46k.scap"), ReadOptions::default()).unwrap();
    let (_, events) = contents(&capture);
    for profile in PROFILES {
        // 0.29.3 knows the first 336 types; some later ones are written as earlier ones for it.
        let known = |ty: EventType| {
            use EventType as E;
            let written_as_older = matches!(ty, E::DUP_1_X | E::ACCEPT4_6_X | E::UMOUNT_1_X);
            ty.direction() == Direction::Exit
                && (ty.0 < 336
                    || profile == WriterProfile::Compat && written_as_older
                    || relative(ty, profile).is_some())
        };
        let exits = events.iter().map(EventBuilder::event).filter(|event| known(event.ty));
        let expected: Vec<String> = exits.map(|event| format!("{} {}", event.ts_ns, event.tid)).collect();
        for (compression, threads) in [("", None), (".gz", Some(2))] {
            let path = temporary.join(format!("{profile:?}.scap{compression}"));
            std::fs::write(&path, copy(&capture, options(profile, threads))).unwrap();
            assert!(expected.len() > 35_000);
            assert!(sysdig_exits(&path) == expected, "{profile:?}{compression}");
        }
    }
    std::fs::remove_dir_all(&temporary).unwrap();
}
