//! `lanner replay`: prints the alerts of captures.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::{Context, bail};
use capture::savefile::ReadOptions;
use replay::alert::{AlertFormat, AlertOptions, Background, WriteAlerts};
use replay::driver::{Progress, ReplayOptions, Split, replay, replay_split};
use replay::engine::{MatchMode, NoProbe, Program, Strategy};
use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::input::open_capture;
use super::lookups::LookupArgs;
use super::rule_args::RuleArgs;
use super::{DAMAGED, Ui, private};

/// Replay captures through rules and print the alerts
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Captures, replayed one after the other; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    lookups: LookupArgs,
    /// How many rules may match an event: the first, as Falco does by default, or all
    #[arg(long, value_enum, default_value_t, value_name = "MODE", help_heading = "Rules")]
    matching: Matching,
    /// How rules are evaluated: all together, or each on its own as Falco does; alerts are the same
    #[arg(long, value_enum, default_value_t, value_name = "STRATEGY", help_heading = "Rules")]
    strategy: StrategyArg,
    /// Threads that evaluate a plain capture; more take more CPU time in all
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Rules")]
    workers: usize,
    /// Stop a capture after this many alerts
    #[arg(long, value_name = "N", help_heading = "Output")]
    limit: Option<u64>,
    /// Print alerts as JSON, one object a line
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Text with %fields to append to every output; c, container, k and kubernetes append nothing, as in Falco
    #[arg(short = 'p', long = "print", value_name = "FORMAT", help_heading = "Output")]
    append: Option<String>,
    /// Write alerts to a file that only its owner may read; - is standard output, the default
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Start text with the date and time in UTC, as Falco does with time_format_iso_8601
    #[arg(long, help_heading = "Output")]
    iso_time: bool,
    /// Hours and minutes east of UTC of times in text
    #[arg(long, value_name = "+HH:MM", default_value = "+00:00", value_parser = parse_offset, allow_hyphen_values = true, help_heading = "Output")]
    utc_offset: i32,
    /// Do not append container and pod to outputs, which Falco does by default
    #[arg(long, help_heading = "Output")]
    no_suggested: bool,
    /// Host name in JSON alerts; by default that of the recorded machine
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    hostname: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Matching {
    #[default]
    First,
    All,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum StrategyArg {
    #[default]
    Shared,
    Faithful,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    let loaded = args.rules.load(ui)?;
    let strategy = match args.strategy {
        StrategyArg::Shared => Strategy::Shared,
        StrategyArg::Faithful => Strategy::Faithful,
    };
    let program = Program::with_strategy(&loaded.ruleset, strategy);
    let options = AlertOptions {
        json: args.json,
        iso_time: args.iso_time,
        suggested: !args.no_suggested,
        append: appended(args.append, ui),
        hostname: args.hostname,
        utc_offset_s: args.utc_offset,
        ..AlertOptions::default()
    };
    let format = AlertFormat::new(&loaded.ruleset, &options).map_err(|(rule, error)| {
        anyhow::anyhow!("{error}")
            .context(format!("the output of rule '{}'", loaded.ruleset.rules[rule.index()].name))
    })?;
    let out: Box<dyn Write + Send> = match &args.output {
        Some(path) if path != Path::new("-") => {
            Box::new(private::create(path).with_context(|| format!("cannot create {}", path.display()))?)
        }
        _ => Box::new(io::stdout()),
    };
    let out = Background::new(out).context("cannot start a thread")?;
    let mut sink = WriteAlerts::new(&format, out);
    let lookups = args.lookups.collect(&loaded.ruleset, ui)?;
    let options = ReplayOptions {
        mode: match args.matching {
            Matching::First => MatchMode::First,
            Matching::All => MatchMode::All,
        },
        alerts_max: args.limit,
        lookups: lookups.as_ref(),
        ..ReplayOptions::default()
    };
    // The first Ctrl-C ends the replay after the event at hand, so that no line is cut; the second kills.
    let interrupted = Arc::new(AtomicBool::new(false));
    flag::register_conditional_default(SIGINT, interrupted.clone()).context("cannot catch signals")?;
    flag::register(SIGINT, interrupted.clone()).context("cannot catch signals")?;
    let progress = Mutex::new(ui.progress());
    let show = |at: Progress| {
        if let Ok(mut progress) = progress.lock() {
            progress.update(|| format!("{} events, {} alerts", at.events, at.alerts));
        }
    };
    let options = ReplayOptions { cancel: Some(&interrupted), progress: Some(&show), ..options };
    let mut damaged = false;
    let mut replay_file = |path: &Path| -> anyhow::Result<()> {
        let start = Instant::now();
        // Only gzip is read ahead: inflating takes longer than all the rest.
        let capture = open_capture(path, ReadOptions { read_ahead: true, ..ReadOptions::default() })?;
        let summary = if args.workers > 1 {
            let new_sink = || WriteAlerts::new(&format, Vec::new());
            let take = |part: WriteAlerts<'_, Vec<u8>>| sink.append(&part.finish()?);
            replay_split(&capture, &program, &options, Split::over(args.workers), new_sink, take)
        } else {
            replay(&capture, &program, &options, &mut NoProbe, &mut sink)
        };
        let summary = summary.with_context(|| path.display().to_string())?;
        ui.note(format_args!(
            "{}: {} events, {} alerts, {:.3} s",
            path.display(),
            summary.events,
            summary.alerts,
            start.elapsed().as_secs_f64()
        ));
        if interrupted.load(Ordering::Relaxed) {
            bail!("interrupted");
        }
        if let Some(damage) = &summary.damage {
            damaged = true;
            ui.warn(format_args!("{}: {damage}; everything before was replayed", path.display()));
        }
        Ok(())
    };
    let replayed = args.files.iter().try_for_each(|path| replay_file(path));
    // What was found before an error is still wanted. Of two errors the first is the one to tell.
    let written = sink.finish().and_then(Background::finish);
    replayed?;
    written?;
    Ok(if damaged { ExitCode::from(DAMAGED) } else { ExitCode::SUCCESS })
}

/// What Falco calls container and Kubernetes details is part of outputs today; the old names do nothing.
fn appended(format: Option<String>, ui: &Ui) -> Option<String> {
    match format.as_deref() {
        Some(name @ ("c" | "container" | "k" | "kubernetes")) => {
            ui.warn(format_args!("-p {name} appends nothing: container and pod are part of outputs anyway"));
            None
        }
        _ => format,
    }
}

/// `+05:30` in seconds.
fn parse_offset(text: &str) -> Result<i32, String> {
    let parse = || {
        let (sign, digits) = match text.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let (hours, minutes) = digits.split_once(':')?;
        let number =
            |text: &str, max: i32| text.parse::<i32>().ok().filter(|value| (0..=max).contains(value));
        Some(sign * (number(hours, 14)? * 3600 + number(minutes, 59)? * 60))
    };
    parse().ok_or_else(|| "not of the form +HH:MM".to_string())
}
