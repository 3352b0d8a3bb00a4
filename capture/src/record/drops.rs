//! Events that were not recorded.

use aya::maps::{MapData, PerCpuArray};

use crate::event::schema::EVENTS;
use crate::event::{Event, EventType, Params};

/// Why events were not recorded, in the order of `enum drop_cause` in capture/bpf/maps.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropCause {
    /// The ring was full: the recorder did not keep up.
    RingFull,
    /// The event was longer than the format allows.
    TooLarge,
    /// A system call of a 32-bit program.
    CompatSyscall,
}

const CAUSES: [DropCause; 3] = [DropCause::RingFull, DropCause::TooLarge, DropCause::CompatSyscall];
/// Entries of the map per cause.
const TYPES: u32 = 512;

impl DropCause {
    /// In a few words.
    pub fn describe(self) -> &'static str {
        match self {
            DropCause::RingFull => "ring full",
            DropCause::TooLarge => "too large",
            DropCause::CompatSyscall => "32-bit system call",
        }
    }

    /// As it is stored.
    fn key(self) -> &'static str {
        match self {
            DropCause::RingFull => "ring_full",
            DropCause::TooLarge => "too_large",
            DropCause::CompatSyscall => "compat_syscall",
        }
    }
}

/// Events of one type lost for one cause.
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

/// Name of the event that holds the counters in a capture.
const EVENT_NAME: &str = "lanner.drops";

/// Calls `with` with the counters as an event. Of all ways to store them this is the one that other
/// readers tolerate: an asynchronous event, which libs 0.11 and later pass to whoever knows its name, and
/// older ones skip. Its data is text, one `cause event count` per line.
pub(super) fn with_event<T>(ts_ns: u64, drops: &[Drops], with: impl FnOnce(&Event<'_>) -> T) -> T {
    let mut data = 0u32.to_le_bytes().to_vec();
    let mut ends = [4, 0, 0];
    data.extend_from_slice(EVENT_NAME.as_bytes());
    data.push(0);
    ends[1] = data.len() as u32;
    for Drops { cause, event, count } in drops {
        data.extend_from_slice(format!("{} {} {count}\n", cause.key(), event.info().symbol).as_bytes());
    }
    ends[2] = data.len() as u32;
    let params = Params::new(&ends, &data).unwrap_or(Params::EMPTY);
    with(&Event { ts_ns, tid: -1, ty: EventType::ASYNCEVENT_E, cpu: 0, state_only: false, params })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_become_an_event() {
        let drops = [Drops { cause: DropCause::RingFull, event: EventType::CLOSE_X, count: 12 }];
        with_event(5, &drops, |event| {
            assert_eq!(event.param(1), Some(&b"lanner.drops\0"[..]));
            assert_eq!(event.param(2), Some(&b"ring_full CLOSE_X 12\n"[..]));
        });
    }
}
