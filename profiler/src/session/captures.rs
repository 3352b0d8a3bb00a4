//! Replays of captures: what a session usually runs over.

use std::sync::OnceLock;

use capture::savefile::Capture;
use replay::alert::{AlertFormat, WriteAlerts};
use replay::driver::{ReplayOptions, replay};
use replay::engine::{MatchMode, Probe, Program};

use super::{Replay, Replayed};

/// Captures that are replayed one after the other through a program. Alerts are written in full, and thrown away.
pub struct CaptureReplay<'a> {
    captures: &'a [&'a Capture],
    program: &'a Program,
    format: &'a AlertFormat,
    mode: MatchMode,
    damage: OnceLock<String>,
}

impl<'a> CaptureReplay<'a> {
    pub fn new(
        captures: &'a [&'a Capture],
        program: &'a Program,
        format: &'a AlertFormat,
        mode: MatchMode,
    ) -> Self {
        CaptureReplay { captures, program, format, mode, damage: OnceLock::new() }
    }

    /// What was wrong with a capture, if one turned out to be damaged. What could be read of it was replayed.
    pub fn damage(&self) -> Option<&str> {
        self.damage.get().map(String::as_str)
    }
}

impl Replay for CaptureReplay<'_> {
    type Error = replay::Error;

    fn replay<P: Probe>(&self, probe: &mut P) -> Result<Replayed, replay::Error> {
        let options = ReplayOptions { mode: self.mode, ..ReplayOptions::default() };
        let mut sink = WriteAlerts::new(self.format, std::io::sink());
        let mut replayed = Replayed::default();
        for capture in self.captures {
            let summary = replay(capture, self.program, &options, probe, &mut sink)?;
            replayed.events += summary.events;
            replayed.alerts += summary.alerts;
            if let Some(damage) = summary.damage {
                let _ = self.damage.set(format!("{}: {damage}", capture.name()));
            }
        }
        Ok(replayed)
    }
}
