//! What a capture holds, counted in one pass: the numbers behind `lanner info`.
//!
//! Memory stays bounded however many threads or containers a capture claims to have. Processes are told by
//! what the capture says of them directly; the full reconstruction of state is not needed for counting.

mod actors;
mod rate;

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::event::schema::EVENT_COUNT;
use crate::event::{Event, EventType, drops};
use crate::savefile::{BlockType, Capture, Item, MachineInfo, ReadStats, Reader};

pub use actors::{ContainerCount, ProcessCount};
pub use rate::Rate;

use actors::Actors;

/// Counts of what a capture holds.
#[derive(Debug)]
pub struct Summary {
    /// Captures in the file, one after the other.
    pub sections: u64,
    /// The machine, as the last section describes it.
    pub machine: Option<MachineInfo>,
    /// Interfaces listed.
    pub interfaces: u64,
    /// Users listed.
    pub users: u64,
    /// Groups listed.
    pub groups: u64,
    /// Threads listed.
    pub threads: u64,
    /// Descriptors listed.
    pub fds: u64,
    /// Blocks by type.
    pub blocks: BTreeMap<BlockType, u64>,
    /// Event types that occur.
    pub types: Vec<TypeCount>,
    /// Earliest and latest time of an event, in nanoseconds since the epoch.
    pub span_ns: Option<(u64, u64)>,
    /// Events that are older than the one before them.
    pub out_of_order: u64,
    /// Events over time.
    pub rate: Rate,
    /// Processes by number of events, most first.
    pub processes: Vec<ProcessCount>,
    /// Containers by number of events, most first.
    pub containers: Vec<ContainerCount>,
    /// Events lost while recording, by cause, as far as the recorder wrote it down.
    pub drops: BTreeMap<String, u64>,
    /// What the reader counted.
    pub stats: ReadStats,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// What stopped the reading before the end of the input.
    pub damage: Option<Error>,
}

/// How often an event type occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeCount {
    /// Type.
    pub ty: EventType,
    /// In the file.
    pub recorded: u64,
    /// After old events were turned into current ones.
    pub current: u64,
}

/// Counts while reading.
struct Counter {
    summary: Summary,
    current: Box<[u64; EVENT_COUNT]>,
    actors: Actors,
    last_ts_ns: u64,
}

impl Summary {
    /// Reads a capture to its end, or as far as it can be read: damage is part of the summary.
    ///
    /// # Errors
    /// When the capture cannot be read at all.
    pub fn read(capture: &Capture) -> Result<Summary> {
        let mut reader = capture.reader()?;
        let mut counter = Counter {
            summary: Summary::new(reader.stats()),
            current: Box::new([0; EVENT_COUNT]),
            actors: Actors::default(),
            last_ts_ns: 0,
        };
        let damage = counter.read(&mut reader).err();
        match damage {
            Some(error) if reader.offset() == 0 => Err(error),
            damage => Ok(counter.finish(&reader, damage)),
        }
    }

    fn new(stats: ReadStats) -> Self {
        Summary {
            sections: 0,
            machine: None,
            interfaces: 0,
            users: 0,
            groups: 0,
            threads: 0,
            fds: 0,
            blocks: BTreeMap::new(),
            types: Vec::new(),
            span_ns: None,
            out_of_order: 0,
            rate: Rate::default(),
            processes: Vec::new(),
            containers: Vec::new(),
            drops: BTreeMap::new(),
            stats,
            bytes: 0,
            damage: None,
        }
    }

    /// Length of the capture; 0 when it has no events.
    pub fn duration_ns(&self) -> u64 {
        self.span_ns.map_or(0, |(first, last)| last - first)
    }
}

impl Counter {
    fn read(&mut self, reader: &mut Reader) -> Result<()> {
        let (blocks, decoder) = reader.parts();
        // Nearly all blocks of a capture have one type.
        let mut run = (BlockType::SECTION, 0);
        let result = loop {
            let block = match blocks.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            if block.ty == run.0 {
                run.1 += 1;
            } else {
                self.count_blocks(std::mem::replace(&mut run, (block.ty, 1)));
            }
            match decoder.decode(block) {
                Ok(Some(item)) => self.item(item),
                Ok(None) => {}
                Err(error) => break Err(error),
            }
        };
        self.count_blocks(run);
        result
    }

    fn count_blocks(&mut self, (ty, count): (BlockType, u64)) {
        if count > 0 {
            *self.summary.blocks.entry(ty).or_default() += count;
        }
    }

    fn item(&mut self, item: Item<'_>) {
        let summary = &mut self.summary;
        match item {
            Item::Section => summary.sections += 1,
            Item::Machine(machine) => summary.machine = Some(machine),
            Item::Interfaces(interfaces) => summary.interfaces += interfaces.len() as u64,
            Item::Users { users, groups } => {
                summary.users += users.len() as u64;
                summary.groups += groups.len() as u64;
            }
            Item::Processes(processes) => {
                summary.threads += processes.len() as u64;
                processes.iter().for_each(|process| self.actors.seed(process));
            }
            Item::Fds { fds, .. } => summary.fds += fds.len() as u64,
            Item::Event(event) => self.event(&event),
        }
    }

    fn event(&mut self, event: &Event<'_>) {
        let summary = &mut self.summary;
        if let Some(count) = self.current.get_mut(usize::from(event.ty.0)) {
            *count += 1;
        }
        let (first, last) = summary.span_ns.unwrap_or((event.ts_ns, event.ts_ns));
        summary.span_ns = Some((first.min(event.ts_ns), last.max(event.ts_ns)));
        summary.out_of_order += u64::from(event.ts_ns < self.last_ts_ns);
        self.last_ts_ns = event.ts_ns;
        summary.rate.count(event.ts_ns);
        if let Some(causes) = drops::parse_drops(event) {
            // Counts are totals, so a later event replaces an earlier one.
            summary.drops.extend(causes.map(|(cause, count)| (cause.to_owned(), count)));
        }
        self.actors.count(event);
    }

    fn finish(self, reader: &Reader, damage: Option<Error>) -> Summary {
        let stats = reader.stats();
        let mut types: BTreeMap<EventType, (u64, u64)> = BTreeMap::new();
        for (ty, recorded) in stats.recorded() {
            types.entry(ty).or_default().0 = recorded;
        }
        for (id, current) in self.current.iter().enumerate().filter(|(_, current)| **current > 0) {
            types.entry(EventType(id as u16)).or_default().1 = *current;
        }
        let mut types: Vec<_> =
            types.into_iter().map(|(ty, (recorded, current))| TypeCount { ty, recorded, current }).collect();
        types.sort_by_key(|count| std::cmp::Reverse(count.recorded.max(count.current)));
        let (processes, containers) = self.actors.finish();
        Summary { types, processes, containers, stats, bytes: reader.offset(), damage, ..self.summary }
    }
}
