//! One replay: event by event through all stages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bumpalo::Bump;
use capture::ErrorKind as CaptureErrorKind;
use capture::event::Event;
use capture::savefile::{Capture, Item, Reader};

use super::summary::ReplaySummary;
use crate::alert::AlertSink;
use crate::context::EventContext;
use crate::engine::{MatchMode, Outcome, Probe, Program, Scratch, Site, Stage};
use crate::error::{Error, ErrorKind, Result};
use crate::state::{Lookups, Skimmer, State};

/// How to replay.
#[derive(Clone, Copy, Default)]
pub struct ReplayOptions<'o> {
    /// How many rules one event may match.
    pub mode: MatchMode,
    /// Stop after this many alerts.
    pub alerts_max: Option<u64>,
    /// Stop soon after this becomes true.
    pub cancel: Option<&'o AtomicBool>,
    /// Answers to what captures do not tell.
    pub lookups: Option<&'o Arc<Lookups>>,
    /// Called now and then.
    pub progress: Option<&'o (dyn Fn(Progress) + Sync)>,
    /// Programs that take turns, instead of the one that was given.
    pub relay: Option<Relay<'o>>,
}

/// Programs that evaluate a stretch of events each, in one replay: what they take can be compared, as they see the same
/// state in the same place. They are of the same rules, though not all of them need have all.
#[derive(Clone, Copy)]
pub struct Relay<'o> {
    pub programs: &'o [Program],
    /// Index of the one that goes on after so many events; asked now and then.
    pub choose: &'o (dyn Fn(u64) -> usize + Sync),
}

/// How far a replay has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub events: u64,
    pub alerts: u64,
}

/// Events between two looks at the cancel flag and calls of the progress function.
const EVENTS_PER_PROGRESS: u64 = 4096;

/// Replays a capture through a program. A capture that is damaged is replayed as far as it can be read; the
/// summary then says what was wrong.
///
/// # Errors
/// When the capture cannot be read at all, or the sink fails.
pub fn replay<P: Probe, S: AlertSink>(
    capture: &Capture,
    program: &Program,
    options: &ReplayOptions<'_>,
    probe: &mut P,
    sink: &mut S,
) -> Result<ReplaySummary> {
    let mut reader = capture.reader().map_err(|error| Error::new(ErrorKind::Capture, error))?;
    let mut run = Run::new(program, options, probe, sink);
    let in_memory = capture.is_zero_copy();
    while !run.is_over() {
        if in_memory {
            let mark = run.probe.enter(Site::Stage(Stage::Decode));
            let event = reader.next_usual();
            run.probe.leave(Site::Stage(Stage::Decode), mark, event.is_some());
            if let Some(event) = event {
                run.event(&event)?;
                continue;
            }
        }
        let (blocks, decoder) = reader.parts();
        let block = run.stage(Stage::Read, |_| blocks.next_block());
        let block = match block {
            Ok(Some(block)) => block,
            Ok(None) => break,
            Err(error) => {
                run.damage(error)?;
                continue;
            }
        };
        let mark = run.probe.enter(Site::Stage(Stage::Decode));
        if let Some(event) = decoder.usual_event(&block) {
            run.probe.leave(Site::Stage(Stage::Decode), mark, true);
            run.event(&event)?;
            continue;
        }
        let item = decoder.decode(block);
        let hit = matches!(item, Ok(Some(Item::Event(_))));
        run.probe.leave(Site::Stage(Stage::Decode), mark, hit);
        match item {
            Ok(Some(Item::Event(event))) => run.event(&event)?,
            Ok(Some(item)) => run.stage(Stage::State, |run| seed(&mut run.state, item)),
            Ok(None) => {}
            Err(error) => run.damage(error)?,
        }
    }
    let mut summary = run.summary;
    summary.bytes = reader.offset();
    Ok(summary)
}

/// Takes over what a capture says about the machine before its events.
pub(super) fn seed(state: &mut State, item: Item<'_>) {
    match item {
        Item::Section => state.reset(),
        Item::Machine(machine) => state.seed_machine(machine),
        Item::Interfaces(interfaces) => state.seed_interfaces(interfaces),
        Item::Users { users, groups } => state.seed_users(users, groups),
        Item::Processes(processes) => state.seed_processes(processes),
        Item::Fds { tid, fds } => state.seed_fds(tid, fds),
        Item::Event(_) => {}
    }
}

/// A replay that is under way.
pub(super) struct Run<'r, 'o, P, S> {
    program: &'r Program,
    options: &'r ReplayOptions<'o>,
    probe: &'r mut P,
    pub sink: &'r mut S,
    pub state: State,
    scratch: Scratch,
    /// Of a relay: whose turn it is, and the scratches of the others.
    turn: Option<usize>,
    waiting: Vec<Scratch>,
    arena: Bump,
    pub summary: ReplaySummary,
}

impl<'r, 'o, P: Probe, S: AlertSink> Run<'r, 'o, P, S> {
    pub fn new(
        program: &'r Program,
        options: &'r ReplayOptions<'o>,
        probe: &'r mut P,
        sink: &'r mut S,
    ) -> Self {
        Run {
            program,
            options,
            probe,
            sink,
            state: State::new(options.lookups.cloned().unwrap_or_default()),
            scratch: Scratch::new(),
            turn: None,
            waiting: Vec::new(),
            arena: Bump::new(),
            summary: ReplaySummary { rule_alerts: vec![0; program.rule_count()], ..ReplaySummary::default() },
        }
    }

    /// Runs a stage as a site of the probe.
    #[inline(always)]
    fn stage<R>(&mut self, stage: Stage, work: impl FnOnce(&mut Self) -> R) -> R {
        let mark = self.probe.enter(Site::Stage(stage));
        let result = work(self);
        self.probe.leave(Site::Stage(stage), mark, true);
        result
    }

    /// Counts an event; returns its number.
    #[inline(always)]
    fn count(&mut self, event: &Event<'_>) -> u64 {
        self.summary.events += 1;
        if self.summary.events == 1 {
            self.summary.first_ts_ns = event.ts_ns;
        }
        self.summary.last_ts_ns = event.ts_ns;
        self.summary.events
    }

    /// Keeps state up to date with an event that is evaluated elsewhere, as far as `skimmer` does at once.
    #[inline]
    pub fn skim(&mut self, skimmer: &mut Skimmer, event: &Event<'_>, at: Option<u64>) {
        self.count(event);
        self.summary.delivered += u64::from(skimmer.follow(&mut self.state, event, at));
    }

    /// As [`Run::skim`] for the events of a capture that are like most, until their number is `until`.
    #[inline(never)]
    pub fn skim_usual(&mut self, skimmer: &mut Skimmer, reader: &mut Reader, until: u64) {
        while self.summary.events < until {
            let (passed, next) = skimmer.pass_usual(&mut self.state, reader, until - self.summary.events);
            if passed > 0 {
                self.summary.events += passed;
                self.summary.delivered += passed;
                self.summary.last_ts_ns = self.state.last_ts_ns;
            }
            let Some((event, at)) = next else { break };
            self.skim(skimmer, &event, Some(at));
        }
    }

    pub fn event(&mut self, event: &Event<'_>) -> Result<()> {
        let num = self.count(event);
        if !self.program.looks_at::<P>(event.ty) {
            let delivered = self.stage(Stage::State, |run| run.state.follow(event));
            self.summary.delivered += u64::from(delivered);
            self.probe.event(event.ty, event.ts_ns, Outcome::NotConsidered);
            return Ok(());
        }
        let applied = self.stage(Stage::State, |run| run.state.apply(event));
        let mut outcome = Outcome::NotConsidered;
        if applied.delivered {
            self.summary.delivered += 1;
            self.arena.reset();
            let (thread, fd) = self.state.subject(&applied);
            let cx = EventContext {
                event,
                num,
                state: &self.state,
                thread,
                fd_num: applied.fd_num,
                fd,
                facts: applied.facts,
                arena: &self.arena,
            };
            let mark = self.probe.enter(Site::Stage(Stage::Evaluate));
            outcome = self.program.evaluate(&cx, self.options.mode, &mut self.scratch, self.probe);
            self.probe.leave(Site::Stage(Stage::Evaluate), mark, true);
            if outcome == Outcome::Match {
                let mark = self.probe.enter(Site::Stage(Stage::Output));
                for &rule in self.scratch.matches() {
                    self.sink.alert(rule, &cx).map_err(|error| Error::new(ErrorKind::Output, error))?;
                    self.summary.alerts += 1;
                    self.summary.rule_alerts[rule.index()] += 1;
                }
                self.probe.leave(Site::Stage(Stage::Output), mark, true);
            }
        }
        if applied.effects.is_empty() {
            // Not worth a reading of the clock.
            self.state.commit(applied);
        } else {
            self.stage(Stage::State, |run| run.state.commit(applied));
        }
        self.probe.event(event.ty, event.ts_ns, outcome);
        Ok(())
    }

    /// Remembers that the capture is damaged, unless it is nothing that can be read at all.
    pub fn damage(&mut self, error: capture::Error) -> Result<()> {
        match error.kind() {
            CaptureErrorKind::Truncated | CaptureErrorKind::Malformed | CaptureErrorKind::LimitExceeded => {
                self.summary.damage.get_or_insert(error);
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::Capture, error)),
        }
    }

    /// Whether the replay ends here although the capture does not.
    pub fn is_over(&mut self) -> bool {
        let ReplaySummary { events, alerts, .. } = self.summary;
        let mut over = self.options.alerts_max.is_some_and(|max| alerts >= max);
        if events.is_multiple_of(EVENTS_PER_PROGRESS) {
            if let Some(progress) = self.options.progress {
                progress(Progress { events, alerts });
            }
            if let Some(relay) = self.options.relay {
                self.take_turns(relay, events);
            }
            over |= self.options.cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed));
        }
        self.summary.stopped |= over;
        over
    }

    #[cold]
    fn take_turns(&mut self, relay: Relay<'o>, events: u64) {
        let next = (relay.choose)(events);
        let Some(program) = relay.programs.get(next).filter(|_| self.turn != Some(next)) else { return };
        self.waiting.resize_with(relay.programs.len(), Scratch::new);
        if let Some(last) = self.turn.replace(next) {
            std::mem::swap(&mut self.scratch, &mut self.waiting[last]);
        }
        std::mem::swap(&mut self.scratch, &mut self.waiting[next]);
        self.program = program;
    }
}
