//! `lanner profile`: the main job. Replays captures again and again and says what each rule costs.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Context;
use capture::savefile::{Capture, ReadOptions};
use profiler::model::{CaptureInfo, FileInfo, Timing};
use profiler::session::{self, CaptureReplay, Inputs};
use profiler::sites::Sites;
use profiler::{Profile, fingerprint};
use replay::alert::{AlertFormat, AlertOptions};
use replay::engine::{MatchMode, Program, Strategy};
use replay::rules::Ruleset;

use super::leave_out::{LeaveOutArgs, Replayed};
use super::report::Contents;
use super::rule_args::RuleArgs;
use super::{DAMAGED, Ui, UsageError, report};

/// Replay captures many times and measure what each rule costs
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Captures, replayed one after the other; - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: RuleArgs,
    /// How many rules may match an event: the first, as Falco does by default, or all
    #[arg(long, value_enum, default_value_t, value_name = "MODE")]
    matching: Matching,
    /// How rules are evaluated: each on its own as Falco does, or all together as lanner replay does, where only stages
    /// and event types can be told apart
    #[arg(long, value_enum, default_value_t, value_name = "STRATEGY")]
    strategy: StrategyArg,
    #[command(flatten)]
    session: SessionArgs,
    #[command(flatten)]
    leave_out: LeaveOutArgs,
    /// Folder for the profile and its reports
    #[arg(short, long, value_name = "FOLDER", default_value = "lanner-profile", help_heading = "Output")]
    output: PathBuf,
    #[command(flatten)]
    print: report::PrintArgs,
    /// Print the JSON Schema of profile.json, and do nothing else
    #[arg(long, exclusive = true, help_heading = "Output")]
    schema: bool,
    #[command(flatten)]
    text: report::TextArgs,
}

/// How to measure.
#[derive(Clone, Copy, Debug, clap::Args)]
#[command(next_help_heading = "Measuring")]
pub struct SessionArgs {
    /// Replays that are measured
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub iterations: u32,
    /// Replays at the same time, each on a thread of its own; all CPUs if not given
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub workers: Option<u32>,
    /// Replays before them that are not measured
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub warmup: u32,
    /// What to time, where rules are evaluated each on its own; rules if not given. Timing nodes as well makes rules
    /// appear slower than they are
    #[arg(long, value_enum, value_name = "WHAT")]
    pub timing: Option<TimingArg>,
    /// Further replays that time every node, to show how the time of each rule divides; 0 for none
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub detail: u32,
    /// Time rules and nodes for one event in N only, chosen by its number and others in each replay; counts are exact
    #[arg(long, value_name = "1/N", default_value = "1/8", value_parser = sample)]
    pub sample: u32,
    /// Pairs of replays, one measured and one not, that show what measuring costs; 0 for none
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub overhead: u32,
}

/// The N of `1/N`.
fn sample(text: &str) -> Result<u32, String> {
    let number = text.strip_prefix("1/").and_then(|number| number.parse().ok());
    number.filter(|number| *number > 0).ok_or_else(|| "one event in how many, such as 1/8".to_owned())
}

/// Values of `--matching`.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub enum Matching {
    #[default]
    First,
    All,
}

impl Matching {
    fn mode(self) -> MatchMode {
        match self {
            Matching::First => MatchMode::First,
            Matching::All => MatchMode::All,
        }
    }

    /// As in the profile.
    fn name(self) -> &'static str {
        match self {
            Matching::First => "first",
            Matching::All => "all",
        }
    }
}

/// Values of `--strategy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum StrategyArg {
    #[default]
    Faithful,
    Shared,
}

impl StrategyArg {
    fn strategy(self) -> Strategy {
        match self {
            StrategyArg::Faithful => Strategy::Faithful,
            StrategyArg::Shared => Strategy::Shared,
        }
    }

    /// As in the profile.
    fn name(self) -> &'static str {
        match self {
            StrategyArg::Faithful => "faithful",
            StrategyArg::Shared => "shared",
        }
    }
}

/// Values of `--timing`.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum TimingArg {
    /// Count only
    Off,
    /// Stages and rules
    Rules,
    /// Also every node and field of conditions
    Nodes,
}

pub fn run(args: Args, ui: &Ui) -> anyhow::Result<ExitCode> {
    if args.schema {
        io::stdout().lock().write_all(profiler::store::SCHEMA.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut ruleset = args.rules.load(ui)?.ruleset;
    args.leave_out.check(&ruleset)?;
    report::make_folder(&args.output)?;
    let captures = args.files.iter().map(|path| open(path)).collect::<anyhow::Result<Vec<_>>>()?;
    if args.strategy == StrategyArg::Shared && args.session.timing.is_some() {
        return Err(UsageError("--timing is for --strategy faithful: rules that are evaluated together cannot be timed one by one").into());
    }
    let mut measured = measure(&captures, &ruleset, args.matching, args.strategy, args.session, ui)?;
    if args.leave_out.is_wanted() {
        let replayed = Replayed {
            captures: &captures.iter().map(|input| &input.capture).collect::<Vec<_>>(),
            format: &alert_format(&ruleset)?,
            mode: args.matching.mode(),
            strategy: args.strategy.strategy(),
        };
        args.leave_out.run(&replayed, &mut ruleset, &mut measured.profile, ui)?;
    }
    let contents = Contents { profile: &measured.profile, sources: sources(&ruleset) };
    let files = report::write_folder(&contents, &args.output)?;
    report::print(&contents, &args.print, &args.text, ui, &mut io::stdout().lock())?;
    ui.note(format_args!("\n{files} files are in {}", args.output.display()));
    Ok(if measured.damaged { ExitCode::from(DAMAGED) } else { ExitCode::SUCCESS })
}

/// A capture with what identifies it.
pub struct Input {
    capture: Capture,
    info: CaptureInfo,
}

/// Opens a capture for many replays. What can be read only once is read into memory.
pub fn open(path: &Path) -> anyhow::Result<Input> {
    let describe = || format!("cannot read {}", path.display());
    let name = path.display().to_string();
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    if is_file {
        let file = std::fs::File::open(path).with_context(describe)?;
        let (hash, bytes) = fingerprint::of_reader(file).with_context(describe)?;
        let capture = Capture::open(path, ReadOptions::default()).context("no capture was read")?;
        return Ok(Input { capture, info: CaptureInfo { name, hash, bytes } });
    }
    let mut memory = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut memory).context("cannot read standard input")?;
    } else {
        std::fs::File::open(path)
            .and_then(|mut file| file.read_to_end(&mut memory))
            .with_context(describe)?;
    }
    let (hash, bytes) = fingerprint::of_bytes(&memory);
    Ok(Input { capture: Capture::from_bytes(&*name, memory), info: CaptureInfo { name, hash, bytes } })
}

/// A profile, and whether a capture was damaged.
pub struct Measured {
    pub profile: Profile,
    pub damaged: bool,
}

/// Runs a session.
pub fn measure(
    inputs: &[Input],
    ruleset: &Ruleset,
    matching: Matching,
    strategy: StrategyArg,
    args: SessionArgs,
    ui: &Ui,
) -> anyhow::Result<Measured> {
    let program = Program::with_strategy(ruleset, strategy.strategy());
    let format = alert_format(ruleset)?;
    let captures: Vec<&Capture> = inputs.iter().map(|input| &input.capture).collect();
    let replay = CaptureReplay::new(&captures, &program, &format, matching.mode());
    let options = session::Options {
        timing: match args.timing {
            _ if strategy == StrategyArg::Shared => Timing::Stages,
            Some(TimingArg::Off) => Timing::Off,
            Some(TimingArg::Rules) | None => Timing::Rules,
            Some(TimingArg::Nodes) => Timing::Nodes,
        },
        iterations: args.iterations,
        warmup: args.warmup,
        workers: args.workers.unwrap_or_else(cpus),
        nodes: true,
        detail: args.detail,
        sample: args.sample,
        overhead_pairs: args.overhead,
    };
    let progress = Mutex::new(ui.progress());
    let all = options.replay_count();
    let profile = session::run(
        &replay,
        &Sites::of(ruleset, &program),
        describe(inputs, ruleset, matching.name(), strategy.name()),
        &options,
        |done| {
            if let Ok(mut progress) = progress.lock() {
                progress.update(|| format!("replay {done} of {all}"));
            }
        },
    )?;
    drop(progress);
    if let Some(damage) = replay.damage() {
        ui.warn(format_args!("{damage}; everything before was replayed"));
    }
    Ok(Measured { profile, damaged: replay.damage().is_some() })
}

fn alert_format(ruleset: &Ruleset) -> anyhow::Result<AlertFormat> {
    AlertFormat::new(ruleset, &AlertOptions::default()).map_err(|(rule, error)| {
        let name = ruleset.rules.get(rule.index()).map_or("", |rule| &rule.name);
        anyhow::anyhow!("{error}").context(format!("the output of rule '{name}'"))
    })
}

/// Names and texts of the rules files.
pub fn sources(ruleset: &Ruleset) -> Vec<(String, String)> {
    ruleset.sources.files().iter().map(|file| (file.name.clone(), file.text.clone())).collect()
}

/// What the profile says about where it comes from.
fn describe(inputs: &[Input], ruleset: &Ruleset, matching: &str, strategy: &str) -> Inputs {
    let files = ruleset.sources.files();
    // Which rules are enabled depends on more than the files.
    let disabled = ruleset.rules.iter().filter(|rule| !rule.enabled).map(|rule| rule.name.as_str());
    Inputs {
        tool: format!("lanner {}", env!("CARGO_PKG_VERSION")),
        cpu: cpu_model(),
        captures: inputs.iter().map(|input| input.info.clone()).collect(),
        ruleset_hash: fingerprint::of_texts(files.iter().map(|file| file.text.as_str()).chain(disabled)),
        rules_files: files
            .iter()
            .map(|file| {
                let (hash, bytes) = fingerprint::of_bytes(file.text.as_bytes());
                FileInfo { name: file.name.clone(), hash, bytes }
            })
            .collect(),
        matching: matching.to_owned(),
        strategy: strategy.to_owned(),
    }
}

fn cpus() -> u32 {
    std::thread::available_parallelism().map_or(1, |cpus| cpus.get() as u32)
}

fn cpu_model() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
