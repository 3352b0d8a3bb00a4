//! The second stage of reading: from blocks to metadata and current events.

use super::block::{BlockKind, BlockType, RawBlock};
use super::compat::{Converter, Verdict};
use super::cursor::Cursor;
use super::event_block::{EventLocator, Located, Refusal};
use super::input::ReadOptions;
use super::stats::ReadStats;
use super::{FdEntry, GroupEntry, Interface, MachineInfo, ProcessEntry, UserEntry};
use super::{fds, interfaces, machine, processes, users};
use crate::error::{Error, ErrorKind, Result};
use crate::event::schema::{EVENT_COUNT, EVENTS};
use crate::event::{Direction, Event, EventFlags, EventType};

/// What a block turned out to hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Item<'a> {
    /// A capture starts: the first one, or another that was appended. All state starts anew.
    Section,
    /// The machine that was recorded.
    Machine(MachineInfo),
    /// Its network interfaces.
    Interfaces(Vec<Interface>),
    /// Its users and groups.
    Users {
        /// Users.
        users: Vec<UserEntry>,
        /// Groups.
        groups: Vec<GroupEntry>,
    },
    /// Threads when the capture began.
    Processes(Vec<ProcessEntry>),
    /// Open descriptors of one thread when the capture began.
    Fds {
        /// The thread.
        tid: i64,
        /// Its descriptors.
        fds: Vec<FdEntry>,
    },
    /// An event.
    Event(Event<'a>),
}

/// Parses blocks and turns events of old schemas into current ones.
pub struct Decoder {
    convert: bool,
    locator: EventLocator,
    converter: Converter,
    seen_event: bool,
    /// The file has the process list of sysdig 0.18 to 0.20.
    seen_v7: bool,
    stats: ReadStats,
}

/// What a block holds, before anything is borrowed for it.
pub(super) enum Outcome {
    Nothing,
    Item(Item<'static>),
    Event {
        located: Located,
        /// The converter has the parameters.
        converted: bool,
    },
}

/// What is done with events of a type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Handling {
    /// Delivered, unless there are unknown parameters.
    Direct,
    /// Delivered if exactly all parameters are there.
    IfComplete,
    /// Left to the converter.
    Convert,
}

static HANDLING: [Handling; EVENT_COUNT] = {
    let mut handling = [Handling::Convert; EVENT_COUNT];
    let mut id = 0;
    while id < EVENT_COUNT {
        let event = &EVENTS[id];
        let old = EventFlags(EventFlags::UNUSED.0 | EventFlags::OLD_VERSION.0);
        let managed = event.flags.intersects(EventFlags::CONVERTER_MANAGED);
        let exit = matches!(event.id.direction(), Direction::Exit);
        handling[id] = match (event.flags.intersects(old), managed) {
            (false, false) => Handling::Direct,
            (false, true) if exit => Handling::IfComplete,
            _ => Handling::Convert,
        };
        id += 1;
    }
    handling
};

/// Parameters of the types that are delivered as they are when all of them are there; [`NEVER`] for others.
static COMPLETE_COUNTS: [u8; EVENT_COUNT] = {
    let mut counts = [NEVER; EVENT_COUNT];
    let mut id = 0;
    while id < EVENT_COUNT {
        let wide = EVENTS[id].flags.intersects(EventFlags::LARGE_PAYLOAD);
        if !wide && !matches!(HANDLING[id], Handling::Convert) {
            counts[id] = EVENTS[id].params.len() as u8;
        }
        id += 1;
    }
    counts
};
const NEVER: u8 = u8::MAX;

#[inline(always)]
pub(super) fn complete_count(ty: EventType) -> Option<u32> {
    COMPLETE_COUNTS.get(usize::from(ty.0)).map(|&count| u32::from(count))
}

impl Decoder {
    pub(super) fn new(options: &ReadOptions) -> Self {
        Decoder {
            convert: options.convert,
            locator: EventLocator::default(),
            converter: Converter::default(),
            seen_event: false,
            seen_v7: false,
            stats: ReadStats::new(),
        }
    }

    /// What was read so far.
    pub fn stats(&self) -> ReadStats {
        self.stats.clone().with_totals()
    }

    /// What the block holds; `None` when there is nothing to deliver: it is of an unknown type, or an old
    /// event that has no counterpart today.
    ///
    /// # Errors
    /// When sizes in the block contradict each other. The next block can be read all the same.
    #[inline]
    pub fn decode<'a>(&'a mut self, block: RawBlock<'a>) -> Result<Option<Item<'a>>> {
        let outcome = match self.locate_usual(&block) {
            Some(located) => Outcome::Event { located, converted: false },
            None => self.decide(&block)?,
        };
        Ok(self.item(outcome, block))
    }

    /// The event of a block like most are: one of the current schema with all its parameters. `None` says nothing
    /// about the block but that it has to be given to [`Decoder::decode`]. Calling this first makes reading faster,
    /// as the event need not go through an [`Item`].
    #[inline(always)]
    pub fn usual_event<'a>(&'a mut self, block: &RawBlock<'a>) -> Option<Event<'a>> {
        let located = self.locate_usual(block)?;
        Some(self.event_of(&located, *block))
    }

    #[inline(always)]
    pub(super) fn locate_usual(&mut self, block: &RawBlock<'_>) -> Option<Located> {
        if block.ty != BlockType::EVENT_V2 || block.big_endian {
            return None;
        }
        let located = self.locator.locate_quick(block, complete_count)?;
        self.seen_event = true;
        self.stats.count_event(located.ty);
        if self.converter.has_enters() {
            self.converter.pair(located.ty, located.tid);
        }
        Some(located)
    }

    /// Borrows an event that needed no conversion.
    #[inline(always)]
    pub(super) fn event_of<'a>(&'a self, located: &Located, block: RawBlock<'a>) -> Event<'a> {
        self.locator.event(located, &block)
    }

    /// Borrows what was decided.
    pub(super) fn item<'a>(&'a self, outcome: Outcome, block: RawBlock<'a>) -> Option<Item<'a>> {
        Some(match outcome {
            Outcome::Nothing => return None,
            Outcome::Item(item) => item,
            Outcome::Event { located, converted: false } => Item::Event(self.event_of(&located, block)),
            Outcome::Event { located, converted: true } => {
                let Located { ts_ns, tid, ty, cpu, state_only, .. } = located;
                Item::Event(Event { ts_ns, tid, ty, cpu, state_only, params: self.converter.params() })
            }
        })
    }

    /// Decides what a block holds, without borrowing it.
    #[inline(never)]
    pub(super) fn decide(&mut self, block: &RawBlock<'_>) -> Result<Outcome> {
        let body = Cursor::new(block.body(), block.big_endian);
        let item = match block.ty.kind() {
            BlockKind::Event { counted, flagged } => {
                // Counted with the events.
                let located = self.locator.locate_any(block, counted, flagged, self.seen_v7);
                return self.event(located, block);
            }
            BlockKind::Unknown => {
                self.stats.blocks += 1;
                self.stats.skipped_blocks += 1;
                return Ok(Outcome::Nothing);
            }
            BlockKind::Section => Some(self.section(block)?),
            BlockKind::Machine => machine::parse(body).map(Item::Machine),
            BlockKind::Interfaces { sized } => interfaces::parse(sized, body).map(Item::Interfaces),
            BlockKind::Users { sized } => {
                users::parse(sized, body).map(|(users, groups)| Item::Users { users, groups })
            }
            BlockKind::Processes { version } => {
                self.seen_v7 |= version == 7;
                processes::parse(version, body).map(Item::Processes)
            }
            BlockKind::Fds { sized } => fds::parse(sized, body).map(|(tid, fds)| Item::Fds { tid, fds }),
        };
        self.stats.blocks += 1;
        self.stats.oddities.trailers += u64::from(block.trailer_differs());
        self.stats.oddities.late_metadata += u64::from(self.seen_event);
        match item {
            Some(item) => Ok(Outcome::Item(item)),
            None => Err(damaged(block, "an entry runs past the end of its list")),
        }
    }

    /// A section header. Its options, and the section's length, are ignored.
    fn section(&mut self, block: &RawBlock<'_>) -> Result<Item<'static>> {
        let mut body = Cursor::new(block.body(), block.big_endian);
        match body.u32().and_then(|_magic| body.u16()) {
            // Minor versions only added block types, which can be skipped.
            Some(1) => {
                self.converter.forget();
                (self.seen_event, self.seen_v7) = (false, false);
                Ok(Item::Section)
            }
            Some(major) => {
                let message = format!("format version {major} is not supported");
                Err(Error::new(ErrorKind::UnsupportedVersion, message).at(block.offset, Some(block.ty)))
            }
            None => Err(damaged(block, "the section header is too short")),
        }
    }

    fn event(&mut self, located: Result<Located, Refusal>, block: &RawBlock<'_>) -> Result<Outcome> {
        let mut located = match located {
            Ok(located) => located,
            Err(refusal) => return self.refused(refusal, block),
        };
        self.seen_event = true;
        self.stats.count_event(located.ty);
        let known = located.ty.info().params.len() as u32;
        let as_is = match HANDLING[usize::from(located.ty.0)] {
            _ if !self.convert => true,
            Handling::Direct if located.count > known => {
                self.stats.oddities.extra_params += 1;
                self.locator.truncate(&mut located, known);
                true
            }
            Handling::Direct => true,
            Handling::IfComplete if located.count == known => {
                self.converter.pair(located.ty, located.tid);
                true
            }
            Handling::IfComplete | Handling::Convert => false,
        };
        if as_is {
            Ok(Outcome::Event { located, converted: false })
        } else {
            Ok(self.old_event(located, block))
        }
    }

    fn old_event(&mut self, mut located: Located, block: &RawBlock<'_>) -> Outcome {
        let params = self.locator.params(&located, block);
        let converted =
            match self.converter.convert(located.ty, located.tid, params, &mut self.stats.oddities) {
                Verdict::Current { count } => {
                    self.locator.truncate(&mut located, count as u32);
                    false
                }
                Verdict::Converted(ty) => {
                    located.ty = ty;
                    true
                }
                Verdict::Stored | Verdict::Dropped => {
                    self.stats.absorbed += 1;
                    return Outcome::Nothing;
                }
            };
        Outcome::Event { located, converted }
    }

    #[cold]
    fn refused(&mut self, refusal: Refusal, block: &RawBlock<'_>) -> Result<Outcome> {
        match refusal {
            Refusal::Malformed(message) => return Err(damaged(block, message)),
            Refusal::UnknownType => self.stats.skipped_events += 1,
            Refusal::Uncountable => self.stats.oddities.uncountable_params += 1,
        }
        self.stats.blocks += 1;
        Ok(Outcome::Nothing)
    }
}

#[cold]
fn damaged(block: &RawBlock<'_>, message: &'static str) -> Error {
    Error::new(ErrorKind::Malformed, message).at(block.offset, Some(block.ty))
}
