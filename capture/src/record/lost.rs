//! Reports of lost events in captures that begin in the middle of a recording.
//!
//! A report counts from the beginning of the recording. In a capture that begins later it has to count from there.

use std::collections::HashMap;
use std::io::Write;

use super::output::{Output, RawEvent};
use crate::error::Result;
use crate::event::drops::{drops_event, parse_drops};
use crate::event::encoded::Header;
use crate::event::{Event, EventType, MAX_PARAMS};
use crate::savefile::Writer;

/// What was lost before a capture begins, by cause.
#[derive(Clone, Debug, Default)]
pub(super) struct LostBefore {
    counts: HashMap<String, u64>,
}

impl LostBefore {
    /// Takes an event that comes before.
    pub fn see(&mut self, event: &Event<'_>) {
        for (cause, count) in parse_drops(event).into_iter().flatten() {
            self.counts.insert(cause.to_owned(), count);
        }
    }

    /// Writes an event; a report without what was lost before, and none if that is all.
    pub fn write<W: Write>(&self, event: &RawEvent<'_>, out: &mut Writer<W>) -> Result<()> {
        let mut ends = [0; MAX_PARAMS];
        if self.counts.is_empty() || !is_async(event) {
            return Output::event(out, event);
        }
        let Some(decoded) = event.decode(&mut ends) else { return Output::event(out, event) };
        let Some(causes) = parse_drops(&decoded) else { return Output::event(out, event) };
        let since = causes.map(|(cause, count)| {
            (cause, count.saturating_sub(self.counts.get(cause).copied().unwrap_or(0)))
        });
        let causes: Vec<_> = since.filter(|(_, count)| *count > 0).collect();
        if causes.is_empty() { Ok(()) } else { out.event(&drops_event(event.ts_ns, &causes).event()) }
    }
}

fn is_async(event: &RawEvent<'_>) -> bool {
    Header::read(event.bytes).is_some_and(|header| header.ty == EventType::ASYNCEVENT_E)
}
