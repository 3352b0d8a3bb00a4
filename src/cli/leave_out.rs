//! `lanner profile --leave-out`: what replays without a rule save, found by replaying without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use capture::savefile::Capture;
use profiler::Profile;
use profiler::model::{RuleProfile, Timing};
use profiler::session::{self, CaptureReplay, CaptureVariants, LeaveOutOptions, LeaveOutProgress};
use profiler::sites::Sites;
use replay::alert::AlertFormat;
use replay::engine::{MatchMode, Program, Strategy};
use replay::rules::Ruleset;
use signal_hook::consts::{SIGINT, SIGTERM};

use super::Ui;

/// Which rules to leave out.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Leaving rules out")]
pub struct LeaveOutArgs {
    /// Then replay without each of the N dearest rules, or without the rule of this name, in turn with replays of all, to see
    /// what that really saves; may be given many times. Nothing is timed inside of these replays. Ctrl-C ends it early
    #[arg(long, value_name = "N|RULE", value_parser = choice)]
    leave_out: Vec<Choice>,
    /// Go on for so long if savings are not known to 7 % before
    #[arg(long, value_name = "SECONDS", default_value_t = 120, requires = "leave_out")]
    leave_out_time: u64,
}

/// A value of `--leave-out`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Choice {
    Dearest(usize),
    Named(String),
}

fn choice(text: &str) -> Result<Choice, String> {
    match text.parse() {
        Ok(0) => Err("at least one rule".to_owned()),
        Ok(count) => Ok(Choice::Dearest(count)),
        Err(_) => Ok(Choice::Named(text.to_owned())),
    }
}

/// What is replayed.
pub struct Replayed<'a> {
    pub captures: &'a [&'a Capture],
    pub format: &'a AlertFormat,
    pub mode: MatchMode,
    pub strategy: Strategy,
}

impl LeaveOutArgs {
    pub fn is_wanted(&self) -> bool {
        !self.leave_out.is_empty()
    }

    /// Looks up the rules that have names, before anything takes time.
    ///
    /// # Errors
    /// Leaving one of them out would change nothing.
    pub fn check(&self, ruleset: &Ruleset) -> anyhow::Result<()> {
        let names = self.leave_out.iter().filter_map(|choice| match choice {
            Choice::Named(name) => Some(name),
            Choice::Dearest(_) => None,
        });
        for name in names {
            match ruleset.rules.iter().find(|rule| rule.name == *name) {
                None => bail!("--leave-out: there is no rule '{name}'"),
                Some(rule) if !rule.enabled => bail!("--leave-out: rule '{name}' is disabled already"),
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Leaves rules out one by one, and writes to the profile what that saves.
    pub fn run(
        &self,
        replayed: &Replayed<'_>,
        ruleset: &mut Ruleset,
        profile: &mut Profile,
        ui: &Ui,
    ) -> anyhow::Result<()> {
        let rules = self.rules(replayed, ruleset, profile)?;
        if rules.is_empty() {
            ui.note("No rule was checked, so there is none to leave out.");
            return Ok(());
        }
        let ended = catch_signals()?;
        let mut variants = CaptureVariants {
            captures: replayed.captures,
            ruleset,
            strategy: replayed.strategy,
            format: replayed.format,
            mode: replayed.mode,
        };
        let options = LeaveOutOptions {
            time_max: Duration::from_secs(self.leave_out_time),
            ..LeaveOutOptions::default()
        };
        let mut line = ui.progress();
        let told = |progress: LeaveOutProgress| {
            line.update(|| describe(progress, rules.len()));
            !ended.load(Ordering::Relaxed)
        };
        session::leave_out(&mut variants, &rules, &options, profile, told)?;
        drop(line);
        if ended.load(Ordering::Relaxed) {
            ui.note("Leaving rules out was ended; what was found until then is kept.");
        }
        Ok(())
    }

    /// Indices of the rules, dearest first.
    fn rules(
        &self,
        replayed: &Replayed<'_>,
        ruleset: &Ruleset,
        profile: &Profile,
    ) -> anyhow::Result<Vec<usize>> {
        let counted;
        let known = if profile.knows_rules() {
            profile
        } else {
            counted = count(replayed, ruleset)?;
            &counted
        };
        let key = |rule: &RuleProfile| std::cmp::Reverse((rule.total_ns(), rule.cost));
        let mut checked: Vec<usize> =
            (0..known.rules.len()).filter(|rule| known.rules[*rule].evaluations > 0).collect();
        checked.sort_by_key(|rule| key(&known.rules[*rule]));
        let dearest = self.leave_out.iter().map(|choice| match choice {
            Choice::Dearest(count) => *count,
            Choice::Named(_) => 0,
        });
        let dearest = dearest.max().unwrap_or(0);
        let is_named = |rule: usize| {
            self.leave_out.iter().any(|choice| *choice == Choice::Named(known.rules[rule].name.clone()))
        };
        let chosen = checked.iter().enumerate();
        Ok(chosen.filter(|(i, rule)| *i < dearest || is_named(**rule)).map(|(_, rule)| *rule).collect())
    }
}

/// One replay that counts, with each rule on its own: rules that are evaluated together have no costs of their own.
fn count(replayed: &Replayed<'_>, ruleset: &Ruleset) -> anyhow::Result<Profile> {
    let program = Program::lower(ruleset);
    let replay = CaptureReplay::new(replayed.captures, &program, replayed.format, replayed.mode);
    let options = session::Options {
        timing: Timing::Off,
        iterations: 1,
        warmup: 0,
        detail: 0,
        overhead_pairs: 0,
        ..session::Options::default()
    };
    Ok(session::run(&replay, &Sites::of(ruleset, &program), session::Inputs::default(), &options, |_| {})?)
}

/// A flag that Ctrl-C sets; the second one ends the program as usual.
fn catch_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register_conditional_default(signal, ended.clone())
            .and_then(|_| signal_hook::flag::register(signal, ended.clone()))
            .context("cannot catch signals")?;
    }
    Ok(ended)
}

fn describe(progress: LeaveOutProgress, rules: usize) -> String {
    let replay = progress.replays % progress.round_replays.max(1);
    let error = match progress.error {
        error if error.is_finite() => format!("± {:.0} % at most, ", 100.0 * error),
        _ => String::new(),
    };
    format!(
        "leaving out {rules} rules: round {}, replay {replay} of {}, {error}about {} s left",
        progress.rounds + 1,
        progress.round_replays,
        progress.left.as_secs()
    )
}
