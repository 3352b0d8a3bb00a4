//! One capture over several workers.
//!
//! State has an order, evaluation does not. Every worker keeps the whole state, from front to back, and evaluates
//! the rules only in its turns: pieces of the capture that are dealt out in order. In between it follows the
//! events, which costs less than applying them for rules to see. The alerts of a piece are collected and handed
//! over in order, so that they are the same as those of one worker.

use std::io;
use std::num::NonZeroU64;
use std::sync::mpsc::{SyncSender, sync_channel};

use capture::event::Event;
use capture::savefile::{Capture, Item};

use super::sequential::{Progress, ReplayOptions, Run, replay, seed};
use super::summary::ReplaySummary;
use crate::alert::AlertSink;
use crate::engine::{NoProbe, Program};
use crate::error::{Error, ErrorKind, Result};

/// How a capture is split.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    pub workers: usize,
    /// Events of a piece: enough that handing over costs nothing, few enough that workers stay close together.
    pub events_per_piece: NonZeroU64,
}

impl Split {
    /// Over so many workers, in pieces of a usual length.
    pub fn over(workers: usize) -> Self {
        Split { workers, events_per_piece: EVENTS_PER_PIECE }
    }
}

const EVENTS_PER_PIECE: NonZeroU64 = NonZeroU64::new(4096).unwrap();
/// Pieces that a worker may be ahead.
const PIECES_AHEAD: usize = 16;

/// A piece that was evaluated.
struct Piece<S> {
    sink: S,
    /// Its alerts by rule.
    rule_alerts: Vec<u64>,
    /// Number of its last event.
    events: u64,
}

/// What becomes of a worker.
enum Message<S> {
    Piece(Piece<S>),
    End(Box<Result<ReplaySummary>>),
}

/// As [`replay`], on several workers. Each piece of the capture has a sink of its own; `take` gets them in order.
/// One worker does it all where pieces depend on each other, the number of alerts is limited, or the capture
/// would be decompressed by each worker.
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
    let workers = split.workers;
    let output = |error| Error::new(ErrorKind::Output, error);
    let can_split = capture.is_zero_copy() && options.alerts_max.is_none() && !program.has_clocks();
    if workers <= 1 || !can_split {
        let mut sink = new_sink();
        let summary = replay(capture, program, options, &mut NoProbe, &mut sink);
        take(sink).map_err(output)?;
        return summary;
    }
    std::thread::scope(|scope| {
        let mut receivers = Vec::new();
        for number in 0..workers {
            let (sender, receiver) = sync_channel(PIECES_AHEAD);
            let turns = Turns {
                number: number as u64,
                workers: workers as u64,
                events_per_piece: split.events_per_piece,
            };
            let new_sink = &new_sink;
            let work = move || {
                let options = ReplayOptions { progress: None, ..*options };
                let end = turns.run(capture, program, &options, new_sink, &sender);
                // Nobody is there any more when the sink failed.
                let _ = sender.send(Message::End(Box::new(end)));
            };
            let spawned = std::thread::Builder::new().spawn_scoped(scope, work);
            spawned.map_err(|error| Error::new(ErrorKind::Workers, error))?;
            receivers.push(receiver);
        }
        let mut rule_alerts = vec![0; program.rule_count()];
        for receiver in (0..workers).cycle().map(|number| &receivers[number]) {
            match receiver.recv() {
                Ok(Message::Piece(piece)) => {
                    take(piece.sink).map_err(output)?;
                    rule_alerts.iter_mut().zip(piece.rule_alerts).for_each(|(sum, count)| *sum += count);
                    if let Some(progress) = options.progress {
                        progress(Progress { events: piece.events, alerts: rule_alerts.iter().sum() });
                    }
                }
                Ok(Message::End(end)) => {
                    let mut summary = (*end)?;
                    summary.alerts = rule_alerts.iter().sum();
                    summary.rule_alerts = rule_alerts;
                    return Ok(summary);
                }
                Err(error) => return Err(Error::new(ErrorKind::Workers, error)),
            }
        }
        unreachable!("the loop has no end of its own")
    })
}

/// Which pieces are a worker's.
#[derive(Clone, Copy)]
struct Turns {
    number: u64,
    workers: u64,
    events_per_piece: NonZeroU64,
}

impl Turns {
    /// Replays everything and evaluates the pieces of this worker.
    fn run<S: AlertSink>(
        self,
        capture: &Capture,
        program: &Program,
        options: &ReplayOptions<'_>,
        new_sink: impl Fn() -> S,
        pieces: &SyncSender<Message<S>>,
    ) -> Result<ReplaySummary> {
        let mut reader = capture.reader().map_err(|error| Error::new(ErrorKind::Capture, error))?;
        let (mut sink, mut probe) = (new_sink(), NoProbe);
        let mut run = Run::new(program, options, &mut probe, &mut sink);
        let mut goes_on = true;
        while goes_on && !run.is_over() {
            if let Some(event) = reader.next_usual() {
                goes_on = self.event(&mut run, &event, &new_sink, pieces)?;
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
                goes_on = self.event(&mut run, &event, &new_sink, pieces)?;
                continue;
            }
            match decoder.decode(block) {
                Ok(Some(Item::Event(event))) => goes_on = self.event(&mut run, &event, &new_sink, pieces)?,
                Ok(Some(item)) => seed(&mut run.state, item),
                Ok(None) => {}
                Err(error) => run.damage(error)?,
            }
        }
        let mut summary = run.summary;
        summary.bytes = reader.offset();
        if self.ended(summary.events) {
            let _ = pieces.send(Message::Piece(take_piece(&mut summary, &mut sink, &new_sink)));
        }
        Ok(summary)
    }

    /// Evaluates or follows an event, and hands over the piece that ended before it. Returns whether there is still
    /// somebody to hand pieces to.
    #[inline]
    fn event<S: AlertSink>(
        self,
        run: &mut Run<'_, '_, NoProbe, S>,
        event: &Event<'_>,
        new_sink: impl Fn() -> S,
        pieces: &SyncSender<Message<S>>,
    ) -> Result<bool> {
        let before = run.summary.events;
        if before.is_multiple_of(self.events_per_piece.get()) && self.ended(before) {
            let piece = take_piece(&mut run.summary, run.sink, &new_sink);
            if pieces.send(Message::Piece(piece)).is_err() {
                return Ok(false);
            }
        }
        if self.is_mine(before) {
            run.event(event)?;
        } else {
            run.follow(event);
        }
        Ok(true)
    }

    /// Whether the event after so many is in one of the pieces.
    #[inline]
    fn is_mine(self, events_before: u64) -> bool {
        events_before / self.events_per_piece % self.workers == self.number
    }

    /// Whether the last of so many events was in one of the pieces.
    fn ended(self, events: u64) -> bool {
        events > 0 && self.is_mine(events - 1)
    }
}

/// The piece that ends here; the next one starts with a sink of its own and no alerts.
fn take_piece<S>(summary: &mut ReplaySummary, sink: &mut S, new_sink: impl Fn() -> S) -> Piece<S> {
    let none = vec![0; summary.rule_alerts.len()];
    Piece {
        sink: std::mem::replace(sink, new_sink()),
        rule_alerts: std::mem::replace(&mut summary.rule_alerts, none),
        events: summary.events,
    }
}
