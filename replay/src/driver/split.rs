//! One capture over several workers.
//!
//! State has an order, evaluation does not. The first worker evaluates from the front. The others follow the
//! events, which costs less than applying them for rules to see, until they are so far ahead that all will be done
//! at the same time; there each begins to evaluate, and the one before it ends. So nobody follows more than has to be
//! skipped, and nothing is copied from one worker to another. Alerts are collected and handed over in order, so
//! that they are the same as those of one worker.
//!
//! Where alerts are too many to be collected over a whole part, workers evaluate short pieces in turn and follow
//! in between: beside so many alerts following costs next to nothing.

use std::io;
use std::num::NonZeroU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use capture::event::Event;
use capture::savefile::{Capture, Item, Reader};

use super::board::{Board, Position, Step};
use super::sequential::{Progress, ReplayOptions, Run, replay, seed};
use super::summary::ReplaySummary;
use crate::alert::AlertSink;
use crate::engine::{NoProbe, Program};
use crate::error::{Error, ErrorKind, Result};
use crate::state::Skimmer;

/// How a capture is split.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    pub workers: usize,
    pub parts: Parts,
}

/// Which events each worker evaluates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// One part of the capture each, such that all are done at the same time, judged by how quickly they come along;
    /// turns if alerts are many.
    Balanced,
    /// So many events in turn.
    Turns(NonZeroU64),
}

impl Split {
    /// Over so many workers, with parts that take the same time.
    pub fn over(workers: usize) -> Self {
        Split { workers, parts: Parts::Balanced }
    }
}

/// Alerts that are handed over at once.
const ALERTS_PER_PIECE: u64 = 256;
/// Alerts of a worker that wait for those of workers before: a bound on memory. A worker with more waits.
pub(super) const ALERTS_HELD: u64 = 32_768;

/// Alerts of some events in a row, or what became of a worker.
enum Message<S> {
    Piece(S),
    /// The next alerts are those of the next worker.
    TurnOver,
    End(Box<Result<ReplaySummary>>),
}

/// As [`replay`], on several workers. The alerts come in many sinks; `take` gets them in order.
/// One worker does it all where an evaluation depends on the one before, the number of alerts is limited, or the
/// capture would be decompressed by each worker.
///
/// # Errors
/// As [`replay`], and when `take` fails.
pub fn replay_split<S: AlertSink + Send>(
    capture: &Capture,
    program: &Program,
    options: &ReplayOptions<'_>,
    split: Split,
    new_sink: impl Fn() -> S + Sync,
    mut take: impl FnMut(S) -> io::Result<()>,
) -> Result<ReplaySummary> {
    let output = |error| Error::new(ErrorKind::Output, error);
    let can_split = capture.is_zero_copy() && options.alerts_max.is_none() && !program.has_clocks();
    if split.workers <= 1 || !can_split {
        let mut sink = new_sink();
        let summary = replay(capture, program, options, &mut NoProbe, &mut sink);
        take(sink).map_err(output)?;
        return summary;
    }
    let board = Board::new(split, capture.size_bytes().unwrap_or(0));
    std::thread::scope(|scope| {
        // Whatever ends this ends the workers.
        let _abandoned = board.abandon_on_drop();
        let receivers = (0..split.workers).map(|number| {
            let (sender, receiver) = sync_channel((ALERTS_HELD / ALERTS_PER_PIECE) as usize);
            let worker = Worker {
                number,
                board: &board,
                progress: options.progress,
                new_sink: &new_sink,
                sender,
                skimmer: Skimmer::of(capture),
                step: Step::Follow { until: 0 },
                sent: 0,
            };
            let work = move || worker.run(capture, program, options);
            let spawned = std::thread::Builder::new().spawn_scoped(scope, work);
            spawned.map_err(|error| Error::new(ErrorKind::Workers, error))?;
            Ok(receiver)
        });
        let receivers = receivers.collect::<Result<Vec<Receiver<Message<S>>>>>()?;
        let mut whole = ReplaySummary::default();
        let mut working: Vec<&Receiver<Message<S>>> = receivers.iter().collect();
        let mut current = 0;
        while let Some(receiver) = working.get(current) {
            match receiver.recv() {
                Ok(Message::Piece(sink)) => take(sink).map_err(output)?,
                Ok(Message::TurnOver) => current = (current + 1) % working.len(),
                Ok(Message::End(end)) => {
                    let part = (*end)?;
                    let is_stopped = part.stopped;
                    whole = joined(whole, part);
                    if is_stopped {
                        whole.stopped = true;
                        break;
                    }
                    working.remove(current);
                    current %= working.len().max(1);
                }
                Err(error) => return Err(Error::new(ErrorKind::Workers, error)),
            }
        }
        Ok(whole)
    })
}

/// What two workers found. Both have seen all events up to the last that they evaluated, so only alerts add up.
fn joined(one: ReplaySummary, other: ReplaySummary) -> ReplaySummary {
    let (mut whole, part) = if one.events > other.events { (one, other) } else { (other, one) };
    whole.alerts += part.alerts;
    whole.rule_alerts.iter_mut().zip(part.rule_alerts).for_each(|(sum, count)| *sum += count);
    whole
}

/// One of the workers.
struct Worker<'w, S, N> {
    number: usize,
    board: &'w Board,
    progress: Option<&'w (dyn Fn(Progress) + Sync)>,
    new_sink: &'w N,
    sender: SyncSender<Message<S>>,
    skimmer: Skimmer,
    step: Step,
    /// Alerts that were handed over.
    sent: u64,
}

impl<S: AlertSink, N: Fn() -> S> Worker<'_, S, N> {
    /// Works and tells how it ended.
    fn run(mut self, capture: &Capture, program: &Program, options: &ReplayOptions<'_>) {
        let end = self.replay(capture, program, &ReplayOptions { progress: None, ..*options });
        // Nobody is there any more when the sink failed.
        let _ = self.sender.send(Message::End(Box::new(end)));
    }

    fn replay(
        &mut self,
        capture: &Capture,
        program: &Program,
        options: &ReplayOptions<'_>,
    ) -> Result<ReplaySummary> {
        let mut reader = capture.reader().map_err(|error| Error::new(ErrorKind::Capture, error))?;
        let (mut sink, mut probe) = ((self.new_sink)(), NoProbe);
        let mut run = Run::new(program, options, &mut probe, &mut sink);
        while !run.is_over() && (self.goes_on(run.summary.events) || self.look(&mut run, reader.offset())) {
            // What is done with nearly all events, without looking at the step for each.
            match self.step {
                Step::Follow { until } => run.skim_usual(&mut self.skimmer, &mut reader, until),
                Step::Evaluate { until } => self.evaluate_usual(&mut run, &mut reader, until)?,
                Step::Done => {}
            }
            if run.summary.stopped || !self.goes_on(run.summary.events) {
                continue;
            }
            let (blocks, decoder) = reader.parts();
            let block = match blocks.next_block() {
                Ok(Some(block)) => block,
                Ok(None) => break,
                Err(error) => {
                    run.damage(error)?;
                    continue;
                }
            };
            if let Some(event) = decoder.usual_event(&block) {
                self.event(&mut run, &event)?;
                continue;
            }
            match decoder.decode(block) {
                Ok(Some(Item::Event(event))) => self.event(&mut run, &event)?,
                Ok(Some(item)) => {
                    self.skimmer.settle(&mut run.state);
                    seed(&mut run.state, item);
                }
                Ok(None) => {}
                Err(error) => run.damage(error)?,
            }
        }
        self.hand_over(&mut run);
        let mut summary = run.summary;
        summary.bytes = reader.offset();
        Ok(summary)
    }

    /// Evaluates events up to one that is not like most.
    #[inline(never)]
    fn evaluate_usual(
        &mut self,
        run: &mut Run<'_, '_, NoProbe, S>,
        reader: &mut Reader,
        until: u64,
    ) -> Result<()> {
        while run.summary.events < until && !run.is_over() {
            let Some(event) = reader.next_usual() else { break };
            self.evaluate(run, &event)?;
        }
        Ok(())
    }

    /// Evaluates or follows an event that cannot be read again.
    fn event(&mut self, run: &mut Run<'_, '_, NoProbe, S>, event: &Event<'_>) -> Result<()> {
        if let Step::Follow { .. } = self.step {
            run.skim(&mut self.skimmer, event, None);
            return Ok(());
        }
        self.evaluate(run, event)
    }

    #[inline(always)]
    fn evaluate(&mut self, run: &mut Run<'_, '_, NoProbe, S>, event: &Event<'_>) -> Result<()> {
        run.event(event)?;
        if run.summary.alerts - self.sent >= ALERTS_PER_PIECE {
            self.hand_over(run);
        }
        Ok(())
    }

    /// Whether there is no need to look at the board yet.
    #[inline]
    fn goes_on(&self, events: u64) -> bool {
        matches!(self.step, Step::Follow { until } | Step::Evaluate { until } if events < until)
    }

    /// Sees how far the others are. Returns whether there is more to do.
    #[inline(never)]
    fn look(&mut self, run: &mut Run<'_, '_, NoProbe, S>, bytes: u64) -> bool {
        let ReplaySummary { events, alerts, .. } = run.summary;
        let evaluated = matches!(self.step, Step::Evaluate { .. });
        self.step = self.board.next(self.number, Position { events, bytes, alerts }, evaluated);
        match self.step {
            Step::Follow { .. } if evaluated => {
                self.hand_over(run);
                self.send(Message::TurnOver);
            }
            // Nobody comes before the first worker, so somebody may be waiting to read this.
            Step::Evaluate { .. } if evaluated && self.number == 0 => self.hand_over(run),
            Step::Evaluate { .. } if !evaluated => self.skimmer.settle(&mut run.state),
            _ => {}
        }
        if let (true, Some(progress)) = (evaluated, self.progress) {
            progress(self.board.progress());
        }
        self.step != Step::Done
    }

    fn send(&self, message: Message<S>) {
        if self.sender.send(message).is_err() {
            self.board.abandon();
        }
    }

    /// Hands over the alerts that there are.
    fn hand_over(&mut self, run: &mut Run<'_, '_, NoProbe, S>) {
        if run.summary.alerts > self.sent {
            self.sent = run.summary.alerts;
            let sink = std::mem::replace(run.sink, (self.new_sink)());
            self.send(Message::Piece(sink));
        }
    }
}
