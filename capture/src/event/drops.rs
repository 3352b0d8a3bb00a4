//! Lost events, as our recorder reports them inside a capture.
//!
//! The format has no counter for them. An `ASYNCEVENT_E` named [`NAME`] carries text such as
//! `buffer=12 scratch=3`: how many were lost so far, by cause. Readers that know nothing of it skip it.

use super::{Event, EventBuilder, EventType};

/// Name of the event.
pub const NAME: &str = "lanner.drops";

/// Begins the keys of counts by CPU, which are no causes of their own.
pub const CPU_PREFIX: &str = "cpu/";

/// Position of the name and of the text among the event's parameters.
const NAME_INDEX: usize = 1;
const TEXT_INDEX: usize = 2;

/// Makes the event. Causes are short words.
pub fn drops_event(ts_ns: u64, causes: &[(&str, u64)]) -> EventBuilder {
    let text: Vec<String> = causes.iter().map(|(cause, count)| format!("{cause}={count}")).collect();
    EventBuilder::new(EventType::ASYNCEVENT_E, ts_ns, -1).u32(0).str(NAME).param(text.join(" ").as_bytes())
}

/// The causes and counts of such an event; `None` for every other event.
pub fn parse_drops<'a>(event: &Event<'a>) -> Option<impl Iterator<Item = (&'a str, u64)> + use<'a>> {
    if event.ty != EventType::ASYNCEVENT_E || event.str_at(NAME_INDEX) != Some(NAME.as_bytes()) {
        return None;
    }
    let text = std::str::from_utf8(event.param(TEXT_INDEX)?).ok()?;
    Some(text.split_ascii_whitespace().filter_map(|pair| {
        let (cause, count) = pair.split_once('=')?;
        Some((cause, count.parse().ok()?))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive_a_round_trip() {
        let causes = [("buffer", 12), ("scratch", 0)];
        let built = drops_event(5, &causes);
        assert_eq!(parse_drops(&built.event()).unwrap().collect::<Vec<_>>(), causes);
        let other = EventBuilder::new(EventType::ASYNCEVENT_E, 5, -1).u32(0).str("container").param(b"a=1");
        assert!(parse_drops(&other.event()).is_none());
    }
}
