//! Recording from a test.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use lanner_capture::event::EventType;
use lanner_capture::record::{HeldCommand, RecordOptions, RecordSummary, Recorder, Scope, probe_support};
use lanner_capture::savefile::{Capture, FdEntry, Item, ProcessEntry, WriteOptions, Writer, WriterProfile};

/// One event of a recording.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub ts_ns: u64,
    pub tid: i64,
    pub ty: EventType,
    pub params: Vec<Vec<u8>>,
    pub state_only: bool,
}

impl Recorded {
    /// Parameter as a signed number of eight bytes.
    pub fn i64_at(&self, index: usize) -> i64 {
        self.params.get(index).and_then(|value| value[..].try_into().ok()).map_or(-1, i64::from_le_bytes)
    }
}

/// A finished recording.
pub struct Recording {
    pub file: Vec<u8>,
    pub summary: RecordSummary,
    pub events: Vec<Recorded>,
    pub processes: Vec<ProcessEntry>,
    pub fds: Vec<(i64, Vec<FdEntry>)>,
    pub exit_code: u8,
}

impl Recording {
    pub fn count(&self, ty: EventType) -> usize {
        self.events.iter().filter(|event| event.ty == ty).count()
    }
}

/// Whether this machine can record; says why not.
pub fn can_record() -> bool {
    match probe_support() {
        None => true,
        Some(reason) => {
            eprintln!("skipped: {reason}");
            false
        }
    }
}

/// Records a command until it ends.
pub fn record_command(command: &[&str], options: RecordOptions, profile: WriterProfile) -> Recording {
    record_prepared(command, options, profile, |_| ())
}

/// The same, with something to do to its process before it becomes the command.
pub fn record_prepared(
    command: &[&str],
    options: RecordOptions,
    profile: WriterProfile,
    prepare: impl FnOnce(u32),
) -> Recording {
    let command: Vec<OsString> = command.iter().map(OsString::from).collect();
    let held = HeldCommand::new(&command).expect("a process can be made");
    let options = RecordOptions { scope: Scope::Command(held.pid()), ..options };
    let recorder = Recorder::start(&options).expect("the recorder starts");
    prepare(held.pid());
    let mut running = held.release().expect("the command starts");
    let deadline = Instant::now() + Duration::from_secs(120);
    let (file, summary) = finish(recorder, profile, |_| running.has_ended() || Instant::now() > deadline);
    read(file, summary, running.exit_code())
}

/// Records the whole machine while `work` runs.
pub fn record_host(options: RecordOptions, work: impl FnOnce() + Send) -> Recording {
    let recorder = Recorder::start(&options).expect("the recorder starts");
    std::thread::scope(|scope| {
        let worker = scope.spawn(work);
        let (file, summary) = finish(recorder, WriterProfile::Schema45, |_| worker.is_finished());
        read(file, summary, 0)
    })
}

fn finish(
    mut recorder: Recorder,
    profile: WriterProfile,
    mut stop: impl FnMut(&lanner_capture::record::Progress) -> bool,
) -> (Vec<u8>, RecordSummary) {
    let options = WriteOptions { profile, ..WriteOptions::default() };
    let mut out = Writer::new(Vec::new(), options).expect("a vector can be written");
    recorder.run(&mut out, |progress, _| stop(progress)).expect("a vector can be written");
    let summary = recorder.stop(&mut out).expect("a vector can be written");
    (out.finish().expect("a vector can be written"), summary)
}

fn read(file: Vec<u8>, summary: RecordSummary, exit_code: u8) -> Recording {
    let capture = Capture::from_bytes("recording", file.clone());
    let mut reader = capture.reader().expect("the file is a capture");
    let mut recording =
        Recording { file, summary, events: Vec::new(), processes: Vec::new(), fds: Vec::new(), exit_code };
    while let Some(item) = reader.next().expect("the file can be read to its end") {
        match item {
            Item::Processes(list) => recording.processes.extend(list),
            Item::Fds { tid, fds } => recording.fds.push((tid, fds)),
            Item::Event(event) => recording.events.push(Recorded {
                ts_ns: event.ts_ns,
                tid: event.tid,
                ty: event.ty,
                params: event.params.iter().map(<[u8]>::to_vec).collect(),
                state_only: event.state_only,
            }),
            _ => {}
        }
    }
    recording
}
