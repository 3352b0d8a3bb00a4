//! Captures and rules made from a seed, so that benches need nothing but this repository.
#![allow(dead_code)] // each user takes its part

mod host;
pub mod measure;
pub mod page;
mod rules;
mod scripts;

use std::io::Write;

use capture::event::Event;
use capture::savefile::{Capture, Compression, Item, WriteOptions, Writer, WriterProfile};
use lanner_replay::state::{Skimmer, State};

use host::Host;
#[allow(unused_imports)] // each user takes its part
pub use rules::{BROAD, generated_rules, loaded, stock_rules};

/// What the recorded machine was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// Compiles, shells, file walks, some network, some containers.
    Mixed,
    /// Short commands, one after the other.
    ExecStorm,
    /// Files opened, read and closed.
    FileStorm,
    /// Connections made, used and closed.
    NetworkStorm,
    /// Commands below 64 generations of shells.
    DeepTrees,
    /// So many threads that take turns.
    Threads(u64),
}

impl Workload {
    pub const ALL: [Workload; 6] = [
        Workload::Mixed,
        Workload::ExecStorm,
        Workload::FileStorm,
        Workload::NetworkStorm,
        Workload::DeepTrees,
        Workload::Threads(10_000),
    ];

    pub fn name(self) -> String {
        let name = match self {
            Workload::Mixed => "mixed",
            Workload::ExecStorm => "exec storm",
            Workload::FileStorm => "file storm",
            Workload::NetworkStorm => "network storm",
            Workload::DeepTrees => "64-deep trees",
            Workload::Threads(count) => return format!("{count} threads"),
        };
        name.to_string()
    }

    /// Writes at least `events` events.
    pub fn write<W: Write>(self, events: u64, options: WriteOptions, out: W) -> capture::Result<W> {
        let mut host = Host::new(Writer::new(out, options)?, self)?;
        host.run(events)?;
        host.finish()
    }

    /// A plain capture of the current schema in memory.
    pub fn capture(self, events: u64) -> Vec<u8> {
        let options = WriteOptions { profile: WriterProfile::Schema45, compression: Compression::None };
        self.write(events, options, Vec::new()).expect("writing to memory")
    }
}

/// Reads all events as a replay does.
#[inline]
pub fn decode(capture: &Capture, mut each: impl FnMut(&Event<'_>)) {
    let mut reader = capture.reader().expect("a capture");
    loop {
        if let Some(event) = reader.next_usual() {
            each(&event);
            continue;
        }
        match reader.next().expect("no damage") {
            Some(Item::Event(event)) => each(&event),
            Some(_) => {}
            None => return,
        }
    }
}

/// Skims all events as a worker does before its part.
pub fn skim(capture: &Capture) -> State {
    let (mut state, mut skimmer) = (State::default(), Skimmer::of(capture));
    let mut reader = capture.reader().expect("a capture");
    loop {
        let (_, next) = skimmer.pass_usual(&mut state, &mut reader, u64::MAX);
        if let Some((event, at)) = next {
            skimmer.follow(&mut state, &event, Some(at));
            continue;
        }
        match reader.next().expect("no damage") {
            Some(Item::Event(event)) => _ = skimmer.follow(&mut state, &event, None),
            Some(Item::Processes(processes)) => state.seed_processes(processes),
            Some(_) => {}
            None => break,
        }
    }
    skimmer.settle(&mut state);
    state
}

/// xorshift64*: a few lines, and the same numbers on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.max(1))
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % limit.max(1)
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    pub fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
}
