//! One capture over several workers.
//!
//! State has an order, evaluation does not. The first worker evaluates from the front. The others follow the
//! events, which costs less than applying them for rules to see, until they are so far ahead that all will be done
//! at the same time; there each begins to evaluate, and the one before it ends. So nobody follows more than has to be
//! skipped, and nothing is copied from one worker to another. Alerts are collected and handed over in order, so
//! that they are the same as those of one worker.

use std::io;
use std::num::NonZeroU64;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use capture::event::Event;
use capture::savefile::{Capture, Item};

use super::board::Board;
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

/// Where workers begin to evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Where all will end at the same time, judged by how quickly they came there.
    Balanced,
    /// Each so many events after the one before.
    Events(NonZeroU64),
}

impl Split {
    /// Over so many workers, with parts that take the same time.
    pub fn over(workers: usize) -> Self {
        Split { workers, parts: Parts::Balanced }
    }
}

/// Alerts that are handed over at once.
const ALERTS_PER_PIECE: u64 = 256;
/// Pieces that wait for those of workers before: enough for many alerts, and a bound on memory. A worker with more
/// waits.
const PIECES_HELD: usize = 512;

/// Alerts of some events in a row, or what became of a worker.
enum Message<S> {
    Piece(S),
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
            let (sender, receiver) = sync_channel(PIECES_HELD);
            let worker = Worker {
                number,
                board: &board,
                progress: options.progress,
                new_sink: &new_sink,
                sender,
                skimmer: Skimmer::default(),
                evaluates: false,
                until: 0,
                sent: 0,
            };
            let work = move || worker.run(capture, program, options);
            let spawned = std::thread::Builder::new().spawn_scoped(scope, work);
            spawned.map_err(|error| Error::new(ErrorKind::Workers, error))?;
            Ok(receiver)
        });
        let receivers = receivers.collect::<Result<Vec<Receiver<Message<S>>>>>()?;
        let mut whole = ReplaySummary::default();
        for receiver in receivers {
            let part = loop {
                match receiver.recv() {
                    Ok(Message::Piece(sink)) => take(sink).map_err(output)?,
                    Ok(Message::End(end)) => break (*end)?,
                    Err(error) => return Err(Error::new(ErrorKind::Workers, error)),
                }
            };
            whole = joined(whole, part);
            if whole.stopped {
                break;
            }
        }
        Ok(whole)
    })
}

/// What two workers found, one after the other. A worker has seen all events up to the end of its part and evaluated
/// the last of them, so only alerts add up.
fn joined(before: ReplaySummary, mut part: ReplaySummary) -> ReplaySummary {
    part.alerts += before.alerts;
    part.rule_alerts.iter_mut().zip(before.rule_alerts).for_each(|(sum, count)| *sum += count);
    part
}

/// One of the workers.
struct Worker<'w, S, N> {
    number: usize,
    board: &'w Board,
    progress: Option<&'w (dyn Fn(Progress) + Sync)>,
    new_sink: &'w N,
    sender: SyncSender<Message<S>>,
    skimmer: Skimmer,
    evaluates: bool,
    /// Events after which to look at the board.
    until: u64,
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
        while !run.is_over() && (run.summary.events < self.until || self.look(&mut run, reader.offset())) {
            if let Some(event) = reader.next_usual() {
                self.event(&mut run, &event)?;
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

    /// Evaluates or follows an event.
    #[inline]
    fn event(&mut self, run: &mut Run<'_, '_, NoProbe, S>, event: &Event<'_>) -> Result<()> {
        if !self.evaluates {
            run.skim(&mut self.skimmer, event);
            return Ok(());
        }
        run.event(event)?;
        if run.summary.alerts - self.sent >= ALERTS_PER_PIECE {
            self.hand_over(run);
        }
        Ok(())
    }

    /// Sees how far the others are. Returns whether there is more to do.
    #[inline(never)]
    fn look(&mut self, run: &mut Run<'_, '_, NoProbe, S>, offset_bytes: u64) -> bool {
        let ReplaySummary { events, alerts, .. } = run.summary;
        if !self.evaluates && self.board.may_begin(self.number, events, offset_bytes) {
            self.evaluates = true;
            self.skimmer.settle(&mut run.state);
        }
        let until = if self.evaluates {
            if self.number == 0 {
                // Nobody comes before, so somebody may be waiting to read this.
                self.hand_over(run);
            }
            let until = self.board.take_on(self.number, events, offset_bytes, alerts);
            if let Some(progress) = self.progress {
                progress(self.board.progress());
            }
            until
        } else {
            self.board.follow_until(self.number, events)
        };
        self.until = until.unwrap_or(events);
        until.is_some()
    }

    /// Hands over the alerts that there are.
    fn hand_over(&mut self, run: &mut Run<'_, '_, NoProbe, S>) {
        if run.summary.alerts > self.sent {
            self.sent = run.summary.alerts;
            let sink = std::mem::replace(run.sink, (self.new_sink)());
            if self.sender.send(Message::Piece(sink)).is_err() {
                self.board.abandon();
            }
        }
    }
}
