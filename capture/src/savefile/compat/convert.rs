//! Turning old events into current ones.
//!
//! Until 2025 every system call gave an enter event with its arguments and an exit event with its results.
//! Now exits carry everything. So an old enter is remembered for its thread, and when the exit comes, it is
//! completed with the enter's values: in steps, one row of the table at a time, as each row leads from one
//! historic form to the next.
//!
//! Parameters are not copied at every step: a step only rearranges *pieces*, which say where a value comes
//! from. When the event has reached its current form the pieces are put together once.

use hashbrown::HashMap;

use super::draft::{Draft, From, Piece, UNLIMITED, container_json};
use super::table::{self, Action, Source};
use crate::event::schema::EVENTS;
use crate::event::{Direction, EventFlags, EventType, Params};
use crate::savefile::stats::Oddities;

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::savefile) enum Verdict {
    /// It is current as it is, when only its first `count` parameters are taken.
    Current { count: usize },
    /// It was turned into one of this type; [`Converter::params`] has its parameters.
    Converted(EventType),
    /// Remembered for the thread's next exit, and not delivered.
    Stored,
    /// It says nothing that today's captures have.
    Dropped,
}

/// Most memory for remembered enters. Only hostile input gets there: the enters of 100,000 threads need less.
const STORE_MAX_BYTES: usize = 64 << 20;

/// No historic form is further than this from the current one. The C library has the same limit.
const STEPS_MAX: usize = 50;

/// Remembers enters and converts events.
#[derive(Default)]
pub(in crate::savefile) struct Converter {
    stored: HashMap<i64, Stored>,
    stored_bytes: usize,
    data: Vec<u8>,
    ends: Vec<u32>,
}

/// A thread's last enter. Its buffers are kept when it is used up, for the next one.
struct Stored {
    ty: EventType,
    ends: Vec<u32>,
    data: Vec<u8>,
    /// Not yet used by an exit.
    fresh: bool,
    /// Its exit must come, or it is odd.
    needs_exit: bool,
}

impl Converter {
    /// Forgets all enters: another capture starts.
    pub fn forget(&mut self) {
        self.stored.clear();
        self.stored_bytes = 0;
    }

    /// Whether any enter is remembered, used up or not.
    #[inline]
    pub fn has_enters(&self) -> bool {
        !self.stored.is_empty()
    }

    /// Notes the exit of an enter, for which nothing has to be done.
    pub fn pair(&mut self, exit: EventType, tid: i64) {
        if let Some(stored) = self.stored.get_mut(&tid)
            && stored.ty.0 + 1 == exit.0
        {
            stored.needs_exit = false;
        }
    }

    /// Parameters of the event that was converted last.
    pub fn params(&self) -> Params<'_> {
        Params::from_sums(&self.ends, &self.data)
    }

    /// Decides about an event, and converts it if need be.
    pub fn convert(&mut self, ty: EventType, tid: i64, params: Params<'_>, odd: &mut Oddities) -> Verdict {
        let mut draft = Draft::new(ty, params.len());
        for _ in 0..STEPS_MAX {
            match self.step(&mut draft, tid, params, odd) {
                Step::Again => {}
                Step::Deliver => return self.deliver(&draft, ty, tid, params),
                Step::Store { deliver } => {
                    self.store(&draft, tid, params, !deliver, odd);
                    return if deliver { self.deliver(&draft, ty, tid, params) } else { Verdict::Stored };
                }
                Step::Drop => return Verdict::Dropped,
            }
        }
        Verdict::Dropped
    }

    fn step(&self, draft: &mut Draft, tid: i64, params: Params<'_>, odd: &mut Oddities) -> Step {
        let info = &EVENTS[usize::from(draft.ty.0)];
        let has = |flag| info.flags.intersects(flag);
        let old = has(EventFlags::OLD_VERSION);
        let known = info.params.len();
        if has(EventFlags::UNUSED) {
            odd.unused_types += 1;
            return Step::Drop;
        }
        if draft.count > known {
            odd.extra_params += 1;
            draft.count = known;
        }
        if !has(EventFlags::CONVERTER_MANAGED) {
            return if old { Step::Drop } else { Step::Deliver };
        }
        let exit = draft.ty.direction() == Direction::Exit;
        if exit && !old && draft.count == known {
            return Step::Deliver;
        }
        let Some(row) = table::find(draft.ty, draft.count) else {
            return draft.without_row(old, exit, odd);
        };
        match row.action {
            Action::Store => Step::Store { deliver: false },
            Action::StoreAndPass => Step::Store { deliver: true },
            Action::Pass => Step::Deliver,
            Action::Add(sources) => self.rebuild(draft, draft.ty, draft.count, sources, tid, params, odd),
            Action::Change(to, sources) => self.rebuild(draft, to, 0, sources, tid, params, odd),
        }
    }

    /// Gives the draft the type `to` with its first `keep` parameters and those of `sources` after them.
    #[allow(clippy::too_many_arguments)]
    fn rebuild(
        &self,
        draft: &mut Draft,
        to: EventType,
        keep: usize,
        sources: &[Source],
        tid: i64,
        params: Params<'_>,
        odd: &mut Oddities,
    ) -> Step {
        let from = draft.ty;
        let before = (draft.pieces, draft.count);
        let wants_enter = sources.iter().any(|source| matches!(source, Source::Enter { .. }));
        let enter = if wants_enter { self.enter_of(draft, from, tid, odd) } else { None };
        draft.count = keep;
        for source in sources {
            match *source {
                Source::Old { first, last } => {
                    let end = (usize::from(last) + 1).min(before.1);
                    for piece in before.0.get(usize::from(first)..end).unwrap_or_default() {
                        let limit = draft.limit_of_next(to);
                        draft.push(piece.limited(limit));
                    }
                }
                Source::Enter { index, or_default } => {
                    let piece = match enter {
                        Some(enter) if usize::from(index) < enter.ends.len() => {
                            draft.enter_used = true;
                            Piece { from: From::Enter, index, limit: draft.limit_of_next(to) }
                        }
                        _ if or_default => draft.default_of_next(to),
                        _ => Piece::EMPTY,
                    };
                    draft.push(piece);
                }
                Source::Default => {
                    let piece = draft.default_of_next(to);
                    draft.push(piece);
                }
                Source::Empty => draft.push(Piece::EMPTY),
                Source::ContainerJson => {
                    draft.text = container_json(params);
                    draft.push(Piece { from: From::Text, index: 0, limit: UNLIMITED });
                }
            }
        }
        draft.ty = to;
        draft.changed = true;
        Step::Again
    }

    /// The enter that belongs to an exit of type `exit`, if it is there.
    fn enter_of(&self, draft: &Draft, exit: EventType, tid: i64, odd: &mut Oddities) -> Option<&Stored> {
        let stored = self.stored.get(&tid).filter(|stored| stored.fresh && !draft.enter_used);
        match stored {
            Some(stored) if stored.ty.0 + 1 == exit.0 => Some(stored),
            Some(_) => {
                odd.stale_enters += 1;
                None
            }
            None => {
                odd.exits_without_enter += u64::from(!draft.enter_used);
                None
            }
        }
    }

    /// Puts the pieces of an event, which was recorded as `ty`, together, unless it is as it was.
    fn deliver(&mut self, draft: &Draft, ty: EventType, tid: i64, params: Params<'_>) -> Verdict {
        let Converter { stored, data, ends, .. } = self;
        let mut stored = stored.get_mut(&tid);
        if draft.changed {
            let enter = stored.as_ref().map_or(Params::EMPTY, |stored| stored.params());
            draft.assemble(params, enter, ends, data);
        }
        if let Some(stored) = &mut stored {
            stored.fresh &= !draft.enter_used;
            stored.needs_exit &= stored.ty.0 + 1 != ty.0;
        }
        if draft.changed { Verdict::Converted(draft.ty) } else { Verdict::Current { count: draft.count } }
    }

    fn store(&mut self, draft: &Draft, tid: i64, params: Params<'_>, needs_exit: bool, odd: &mut Oddities) {
        if self.stored_bytes + self.stored.len() * size_of::<(i64, Stored)>() > STORE_MAX_BYTES {
            self.forget();
        }
        let stored = self.stored.entry(tid).or_insert_with(|| Stored {
            ty: draft.ty,
            ends: Vec::new(),
            data: Vec::new(),
            fresh: false,
            needs_exit: false,
        });
        odd.unpaired_enters += u64::from(stored.fresh && stored.needs_exit);
        let before = stored.memory();
        draft.assemble(params, Params::EMPTY, &mut stored.ends, &mut stored.data);
        (stored.ty, stored.fresh, stored.needs_exit) = (draft.ty, true, needs_exit);
        self.stored_bytes = self.stored_bytes + stored.memory() - before;
    }

    /// A single step, and whether the event is current after it.
    #[cfg(test)]
    pub fn convert_once(
        &mut self,
        ty: EventType,
        tid: i64,
        params: Params<'_>,
        odd: &mut Oddities,
    ) -> (Verdict, bool) {
        let mut draft = Draft::new(ty, params.len());
        match self.step(&mut draft, tid, params, odd) {
            Step::Again => {}
            Step::Store { deliver } => self.store(&draft, tid, params, !deliver, odd),
            _ => panic!("{ty:?} takes no step"),
        }
        let next = self.step(&mut draft.clone(), tid, params, &mut Oddities::default());
        // Today's enters are looked up in the table once more, which then says to deliver them.
        let has_row = table::find(draft.ty, draft.count).is_some();
        (self.deliver(&draft, ty, tid, params), matches!(next, Step::Deliver) && !has_row)
    }

    /// The enter remembered for a thread.
    #[cfg(test)]
    pub fn stored(&self, tid: i64) -> Option<(EventType, Params<'_>)> {
        self.stored.get(&tid).filter(|stored| stored.fresh).map(|stored| (stored.ty, stored.params()))
    }
}

/// What follows for an event.
pub(super) enum Step {
    Again,
    Deliver,
    Store { deliver: bool },
    Drop,
}

impl Stored {
    fn params(&self) -> Params<'_> {
        Params::from_sums(&self.ends, &self.data)
    }

    /// Bytes beyond the entry itself.
    fn memory(&self) -> usize {
        4 * self.ends.capacity() + self.data.capacity()
    }
}
