//! Events that were not recorded.

use aya::maps::{MapData, PerCpuArray};

use crate::event::drops::{CPU_PREFIX, drops_event};
use crate::event::schema::EVENTS;
use crate::event::{EventBuilder, EventType};

/// Why events were not recorded, in the order of `enum drop_cause` in capture/bpf/maps.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropCause {
    /// The ring was full: the recorder did not keep up.
    RingFull,
    /// The event was longer than the format allows.
    TooLarge,
    /// A system call of a 32-bit program, where their numbers are not known (aarch64).
    CompatSyscall,
    /// No memory in which to assemble the event.
    NoScratch,
    /// Not lost, but recorded without a parameter: user memory that does not exist, or was not in RAM.
    Unreadable,
}

const CAUSES: [DropCause; 5] = [
    DropCause::RingFull,
    DropCause::TooLarge,
    DropCause::CompatSyscall,
    DropCause::NoScratch,
    DropCause::Unreadable,
];
/// Entries of the map per cause.
const TYPES: u32 = 512;

impl DropCause {
    /// In a few words.
    pub fn describe(self) -> &'static str {
        match self {
            DropCause::RingFull => "ring full",
            DropCause::TooLarge => "too large",
            DropCause::CompatSyscall => "32-bit system call",
            DropCause::NoScratch => "no scratch memory",
            DropCause::Unreadable => "unreadable parameter",
        }
    }

    /// Whether the event is missing, rather than one of its parameters.
    pub fn is_loss(self) -> bool {
        self != DropCause::Unreadable
    }

    /// As it is stored.
    fn key(self) -> &'static str {
        match self {
            DropCause::RingFull => "ring_full",
            DropCause::TooLarge => "too_large",
            DropCause::CompatSyscall => "compat_syscall",
            DropCause::NoScratch => "no_scratch",
            DropCause::Unreadable => "unreadable",
        }
    }
}

/// Events of one type lost, or incomplete, for one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drops {
    /// Why.
    pub cause: DropCause,
    /// Which.
    pub event: EventType,
    /// How many.
    pub count: u64,
}

/// Reads the counters of all CPUs. A CPU that cannot be read counts nothing.
pub(super) fn read(map: &PerCpuArray<MapData, u64>) -> Vec<Drops> {
    let mut drops = Vec::new();
    for (number, cause) in CAUSES.into_iter().enumerate() {
        for event in EVENTS.iter() {
            let key = number as u32 * TYPES + u32::from(event.id.0);
            let count = map.get(&key, 0).map_or(0, |cpus| cpus.iter().sum());
            if count > 0 {
                drops.push(Drops { cause, event: event.id, count });
            }
        }
    }
    drops
}

/// Events lost so far, without looking at which.
pub(super) fn total(map: &PerCpuArray<MapData, u64>) -> u64 {
    let of_cause = |number| {
        let key = number * TYPES + TYPES - 1;
        map.get(&key, 0).map_or(0, |cpus| cpus.iter().sum::<u64>())
    };
    let losses = (0..).zip(CAUSES).filter(|(_, cause)| cause.is_loss());
    losses.map(|(number, _)| of_cause(number)).sum()
}

/// Events lost so far on each CPU.
pub(super) fn by_cpu(map: &PerCpuArray<MapData, u64>) -> Vec<u64> {
    let mut sums = Vec::new();
    for (number, _) in (0..).zip(CAUSES).filter(|(_, cause)| cause.is_loss()) {
        let Ok(counts) = map.get(&(number * TYPES + TYPES - 1), 0) else { continue };
        sums.resize(counts.len().max(sums.len()), 0);
        sums.iter_mut().zip(counts.iter()).for_each(|(sum, count)| *sum += count);
    }
    sums
}

/// The sum of what is missing.
pub(super) fn lost(drops: &[Drops]) -> u64 {
    drops.iter().filter(|drops| drops.cause.is_loss()).map(|drops| drops.count).sum()
}

/// The counters as the event that is stored: each count by its cause and event type, and what was lost on each CPU.
pub(super) fn event(ts_ns: u64, drops: &[Drops], by_cpu: &[u64]) -> EventBuilder {
    let key = |drops: &Drops| format!("{}/{}", drops.cause.key(), drops.event.info().symbol);
    let causes = drops.iter().map(|drops| (key(drops), drops.count));
    let cpus = by_cpu.iter().enumerate().filter(|(_, count)| **count > 0);
    let cpus = cpus.map(|(cpu, count)| (format!("{CPU_PREFIX}{cpu}"), *count));
    let counts: Vec<(String, u64)> = causes.chain(cpus).collect();
    let counts: Vec<(&str, u64)> = counts.iter().map(|(key, count)| (key.as_str(), *count)).collect();
    drops_event(ts_ns, &counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::drops::parse_drops;

    #[test]
    fn counters_become_an_event() {
        let drops = [Drops { cause: DropCause::RingFull, event: EventType::CLOSE_X, count: 12 }];
        let built = event(5, &drops, &[0, 12]);
        let parsed: Vec<_> = parse_drops(&built.event()).unwrap().collect();
        assert_eq!(parsed, [("ring_full/CLOSE_X", 12), ("cpu/1", 12)]);
    }
}
