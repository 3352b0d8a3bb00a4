//! Replays of captures: what a session usually runs over.

use std::sync::OnceLock;

use capture::savefile::Capture;
use replay::alert::{AlertFormat, WriteAlerts};
use replay::driver::{Relay, ReplayOptions, replay};
use replay::engine::{MatchMode, NoProbe, Probe, Program, Strategy};
use replay::rules::Ruleset;

use super::{Replay, Replayed, Variants};

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

/// Replays of captures as those of [`CaptureReplay`], without a probe, and without one of the rules.
pub struct CaptureVariants<'a> {
    pub captures: &'a [&'a Capture],
    pub ruleset: &'a mut Ruleset,
    pub strategy: Strategy,
    pub format: &'a AlertFormat,
    pub mode: MatchMode,
}

impl CaptureVariants<'_> {
    /// Says whether a rule was enabled before.
    fn enable(&mut self, rule: Option<usize>, enabled: bool) -> bool {
        let rule = rule.and_then(|rule| self.ruleset.rules.get_mut(rule));
        rule.is_some_and(|rule| std::mem::replace(&mut rule.enabled, enabled))
    }
}

impl Variants for CaptureVariants<'_> {
    type Compiled = Program;
    type Error = replay::Error;

    fn compile(&mut self, without: Option<usize>) -> Program {
        let was_enabled = self.enable(without, false);
        let program = Program::with_strategy(self.ruleset, self.strategy);
        self.enable(without, was_enabled);
        program
    }

    fn replay(
        &self,
        programs: &[Program],
        choose: &(dyn Fn(u64) -> usize + Sync),
    ) -> Result<(), replay::Error> {
        let mut sink = WriteAlerts::new(self.format, std::io::sink());
        let mut before = 0;
        for capture in self.captures {
            let choose = |events| choose(before + events);
            let relay = Some(Relay { programs, choose: &choose });
            let options = ReplayOptions { mode: self.mode, relay, ..ReplayOptions::default() };
            let Some(first) = programs.first() else { break };
            before += replay(capture, first, &options, &mut NoProbe, &mut sink)?.events;
        }
        Ok(())
    }
}
