//! A recording under way: until when it goes on, and what the person sees meanwhile.

use std::time::Duration;

use anyhow::Context;
use capture::record::{Output, Progress, RecordSummary, Recorder, RunningCommand};

use super::signals::Signals;
use crate::cli::format::{count, duration};
use crate::cli::{Ui, ui};

/// Records into an output until something ends it.
pub struct Session<'a> {
    recorder: Option<Recorder>,
    running: Option<RunningCommand>,
    pub signals: Signals,
    duration: Option<Duration>,
    pub ui: &'a Ui,
}

impl<'a> Session<'a> {
    pub fn new(
        recorder: Recorder,
        running: Option<RunningCommand>,
        signals: Signals,
        duration: Option<Duration>,
        ui: &'a Ui,
    ) -> Self {
        Session { recorder: Some(recorder), running, signals, duration, ui }
    }

    /// Records; `each` is called about a thousand times a second.
    pub fn record<O: Output>(
        &mut self,
        out: &mut O,
        mut each: impl FnMut(&mut O, &Signals, &mut ui::Progress),
    ) -> anyhow::Result<RecordSummary> {
        let mut recorder = self.recorder.take().context("recorded already")?;
        let mut line = self.ui.progress();
        recorder.run(out, |progress, out| {
            line.update(|| describe(progress));
            each(out, &self.signals, &mut line);
            let ended = self.running.as_mut().is_some_and(RunningCommand::has_ended);
            ended
                || self.signals.asked_to_end(self.running.is_some())
                || self.duration.is_some_and(|limit| progress.elapsed >= limit)
        })?;
        drop(line);
        if let Some(running) = &mut self.running
            && !running.has_ended()
        {
            self.ui.note(format_args!("the command goes on unrecorded as process {}", running.pid()));
        }
        Ok(recorder.stop(out)?)
    }

    /// Lets the command come to its end although it cannot be recorded any more.
    pub fn outlive(&mut self) {
        if let Some(running) = &mut self.running
            && !running.has_ended()
        {
            self.ui.warn("the recording has ended; waiting for the command");
            running.wait();
        }
    }

    /// That of the command, or success without one.
    pub fn exit_code(&self) -> u8 {
        self.running.as_ref().map_or(0, RunningCommand::exit_code)
    }
}

fn describe(progress: &Progress<'_>) -> String {
    let time = duration(progress.elapsed.as_nanos() as u64);
    let dropped = match progress.dropped {
        0 => String::new(),
        dropped => format!(", {} dropped{}", count(dropped), on_cpus(progress.dropped_by_cpu)),
    };
    format!("recording: {} events, {time}{dropped}", count(progress.events))
}

/// Lost events by CPU, in parentheses, if they tell more than the sum.
pub fn on_cpus(dropped: &[u64]) -> String {
    let lossy = dropped.iter().enumerate().filter(|(_, dropped)| **dropped > 0);
    let texts: Vec<String> = lossy.map(|(cpu, dropped)| format!("CPU {cpu}: {}", count(*dropped))).collect();
    if texts.is_empty() { String::new() } else { format!(" ({})", texts.join(", ")) }
}
