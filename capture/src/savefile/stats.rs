//! What a reader saw, and what was odd about it.

use crate::event::EventType;
use crate::event::schema::EVENT_COUNT;

/// Counts of what was read so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadStats {
    /// Blocks of all kinds.
    pub blocks: u64,
    /// Events in the file, of types that the schema has.
    pub events: u64,
    /// Events handed out.
    pub delivered: u64,
    /// Old enter events, kept until their exit or dropped, as current captures do not have them.
    pub absorbed: u64,
    /// Blocks of unknown types.
    pub skipped_blocks: u64,
    /// Events of types newer than the schema.
    pub skipped_events: u64,
    /// What should not be in a capture.
    pub oddities: Oddities,
    recorded: Box<[u64; EVENT_COUNT]>,
}

/// Things that should not be in a capture but do not stop the reading. The C library stops at some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Exits that needed values of their enter, when there was none.
    pub exits_without_enter: u64,
    /// Exits that needed values of their enter, when the thread's last enter was of another type.
    pub stale_enters: u64,
    /// Old enters that the thread's next enter replaced before their exit came.
    pub unpaired_enters: u64,
    /// Events with more parameters than the schema has; the additional ones are ignored.
    pub extra_params: u64,
    /// Events with fewer parameters than any release wrote; the missing ones have no value.
    pub missing_params: u64,
    /// Events of types that no release wrote.
    pub unused_types: u64,
    /// Old events whose number of parameters cannot be told from their length.
    pub uncountable_params: u64,
    /// Blocks whose two lengths differ.
    pub trailers: u64,
    /// Metadata blocks after the first event.
    pub late_metadata: u64,
}

impl ReadStats {
    pub(super) fn new() -> Self {
        ReadStats {
            blocks: 0,
            events: 0,
            delivered: 0,
            absorbed: 0,
            skipped_blocks: 0,
            skipped_events: 0,
            oddities: Oddities::default(),
            recorded: Box::new([0; EVENT_COUNT]),
        }
    }

    #[inline]
    pub(super) fn count_event(&mut self, ty: EventType) {
        if let Some(count) = self.recorded.get_mut(usize::from(ty.0)) {
            *count += 1;
        }
    }

    /// While reading, events are counted by type only, and blocks only if they hold no event.
    pub(super) fn with_totals(mut self) -> Self {
        self.events = self.recorded.iter().sum();
        self.delivered = self.events - self.absorbed;
        self.blocks += self.events;
        self
    }

    /// How many events of each type the file holds, before conversion; types that do not occur are left out.
    pub fn recorded(&self) -> impl Iterator<Item = (EventType, u64)> + '_ {
        self.recorded
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(id, count)| (EventType(id as u16), *count))
    }
}

impl Oddities {
    /// All counts with a short description, zero or not.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
        [
            ("exits without their enter", self.exits_without_enter),
            ("exits after another call's enter", self.stale_enters),
            ("enters without their exit", self.unpaired_enters),
            ("events with unknown extra parameters", self.extra_params),
            ("events with too few parameters", self.missing_params),
            ("events of unused types", self.unused_types),
            ("events with an unclear number of parameters", self.uncountable_params),
            ("blocks with contradicting lengths", self.trailers),
            ("metadata blocks after events", self.late_metadata),
        ]
        .into_iter()
    }

    /// Sum of all counts.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, count)| count).sum()
    }
}
