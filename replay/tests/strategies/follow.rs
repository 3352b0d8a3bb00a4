//! A state that follows, by either way, is as one to which everything was applied.

use std::path::Path;

use capture::event::{Event, EventBuilder, EventType as E};
use capture::savefile::{Capture, Item, ProcessEntry, Reader, WriteOptions, Writer, WriterProfile};
use lanner_replay::state::{Skimmer, State};

use super::support::{Random, Workload};
use super::{captures, common, unpacked};

/// The ways to keep state.
#[derive(Clone, Copy)]
enum Way {
    Apply,
    Follow,
    Skim,
}

/// A state and how many events rules might have seen.
struct Kept {
    way: Way,
    state: State,
    skimmer: Skimmer,
    delivered: u64,
}

impl Kept {
    /// Takes what comes next. Returns whether there was anything.
    fn read(&mut self, reader: &mut Reader) -> bool {
        if let Way::Skim = self.way {
            let (passed, next) = self.skimmer.pass_usual(&mut self.state, reader, 1);
            self.delivered += passed;
            if let Some((event, at)) = next {
                self.event(&event, Some(at));
                return true;
            }
            if passed > 0 {
                return true;
            }
        } else if let Some(event) = reader.next_usual() {
            self.event(&event, None);
            return true;
        }
        let Ok(Some(item)) = reader.next() else { return false };
        match item {
            Item::Event(event) => self.event(&event, None),
            item => {
                self.skimmer.settle(&mut self.state);
                match item {
                    Item::Section => self.state.reset(),
                    Item::Processes(processes) => self.state.seed_processes(processes),
                    Item::Fds { tid, fds } => self.state.seed_fds(tid, fds),
                    Item::Users { users, groups } => self.state.seed_users(users, groups),
                    _ => {}
                }
            }
        }
        true
    }

    fn event(&mut self, event: &Event<'_>, at: Option<u64>) {
        let delivered = match self.way {
            Way::Apply => {
                let applied = self.state.apply(event);
                let delivered = applied.delivered;
                self.state.commit(applied);
                delivered
            }
            Way::Follow => self.state.follow(event),
            Way::Skim => self.skimmer.follow(&mut self.state, event, at),
        };
        self.delivered += u64::from(delivered);
    }

    fn shown(&mut self) -> String {
        self.skimmer.settle(&mut self.state);
        format!("{} {:?}", self.delivered, self.state)
    }
}

/// Compares the ways after every so many events, and at the end.
pub(super) fn check(capture: &Capture, events: usize) {
    let kept = |way| Kept { way, state: State::default(), skimmer: Skimmer::of(capture), delivered: 0 };
    let mut all = [Way::Apply, Way::Follow, Way::Skim].map(kept);
    let mut readers = [(); 3].map(|()| capture.reader().unwrap());
    for number in 0usize.. {
        let mut more = false;
        for (kept, reader) in all.iter_mut().zip(&mut readers) {
            more |= kept.read(reader);
        }
        if !more || number % events == events - 1 {
            let [applied, followed, skimmed] = all.each_mut().map(Kept::shown);
            assert!(applied == followed, "{}: followed, {number} events", capture.name());
            assert!(applied == skimmed, "{}: skimmed, {number} events", capture.name());
        }
        if !more {
            break;
        }
    }
}

#[test]
fn of_every_workload() {
    for workload in Workload::ALL {
        check(&Capture::from_bytes(workload.name(), workload.capture(3_000)), 700);
    }
}

#[test]
fn of_every_capture() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/captures");
    captures(&fixtures).for_each(|path| check(&unpacked(&path), 9_000));
    let Some(shared) = common::shared("following") else { return };
    for folder in ["captures", "facts/conformance-state/captures"] {
        captures(&shared.join(folder)).for_each(|path| check(&unpacked(&path), 30_000));
    }
}

/// Threads with tables of their own and of others do to a few descriptors whatever can be done to them.
#[test]
fn of_descriptors_that_come_and_go() {
    /// The kernel's flag as the format has it: the thread uses the descriptors of its main thread.
    const CLONE_FILES: u32 = 1;
    let mut random = Random::new(11);
    for round in 0..40 {
        let options = WriteOptions { profile: WriterProfile::Schema45, ..WriteOptions::default() };
        let mut writer = Writer::new(Vec::new(), options).unwrap();
        let thread = |tid: i64, pid, flags| ProcessEntry {
            tid,
            pid,
            ptid: 1,
            flags,
            comm: b"x".to_vec(),
            cwd: b"/cwd/".to_vec(),
            ..ProcessEntry::default()
        };
        let threads = [(1, 1, 0), (2, 2, 0), (3, 2, CLONE_FILES), (4, 4, 0), (66, 66, 0)];
        writer.processes(&threads.map(|(tid, pid, flags)| thread(tid, pid, flags))).unwrap();
        for ts in 1..600 {
            let tid = *random.pick(&[1, 2, 3, 4, 66, 67]);
            let fd = 3 + random.below(4) as i64;
            let other = 3 + random.below(4) as i64;
            let event = |ty| EventBuilder::new(ty, ts, tid);
            let path = *random.pick(&["/a", "/b/../c", "d", "../e"]);
            let result = if random.one_in(6) { -2 } else { fd };
            let opened = event(E::OPENAT_2_X).i64(result).i64(*random.pick(&[-100, other])).str(path);
            let event = match random.below(24) {
                0..8 => opened.u32(1).u32(0o644).u32(0x801).u64(7),
                8..14 => event(E::CLOSE_X).i64(if random.one_in(6) { -9 } else { 0 }).i64(fd),
                14..16 => event(E::READ_X).i64(1).param(b"x").i64(fd).u32(1),
                16 => event(E::DUP2_X).i64(other).i64(fd).i64(other),
                17 => event(E::FCNTL_X).i64(other).i64(fd).u8(*random.pick(&[1, 2, 3])).u64(1),
                18 => event(E::FCHDIR_X).i64(0).i64(fd),
                19 => event(E::FSTAT_X).i64(0).i64(fd),
                20 => event(E::CLONE_20_X)
                    .i64(if random.one_in(2) { 0 } else { 67 })
                    .str("x")
                    .param(b"")
                    .i64(tid)
                    .i64(tid)
                    .i64(1)
                    .str("")
                    .i64(9)
                    .u64(0)
                    .u64(0)
                    .u32(0)
                    .u32(0)
                    .u32(0)
                    .str("x")
                    .param(b"")
                    .u32(0)
                    .u32(0)
                    .u32(0)
                    .i64(tid)
                    .i64(tid),
                21 if random.one_in(4) => event(E::PROCEXIT_1_E).i64(0).i64(0).u8(0).u8(0).i64(1),
                21 => event(E::OPENAT_2_E).i64(-100).str("/entered").u32(1).u32(0),
                22 => event(E::SOCKET_X).i64(fd).u32(2).u32(1).u32(0),
                _ => event(E::GENERIC_X).u16(3).u16(3),
            };
            writer.event(&event.event()).unwrap();
        }
        let capture = Capture::from_bytes(format!("round {round}"), writer.finish().unwrap());
        check(&capture, 1 + random.below(60) as usize);
    }
}
