//! A profiling session: warm-up, iterations and workers, merged into one [`Profile`].
//!
//! ```text
//! warm-up, thrown away -> pairs of replays, one with and one without a probe -> overhead
//!                      -> iterations on all workers, one recorder each -> merge
//!                      -> one replay that counts nodes, fields and work
//!                      -> some replays that time nodes, on all workers -> how the time of rules divides
//! ```
//!
//! Looking at nodes makes evaluation slower, so replays that do are not among the iterations.

mod assemble;
mod captures;
mod leave_out;
mod shares;

use rayon::prelude::*;
use replay::engine::{NoProbe, Probe};

use crate::clock::{Clock, CpuClock, calibrate};
use crate::cost::{self, FieldClass};
use crate::model::{
    CaptureInfo, ClockInfo, FORMAT, FileInfo, Origin, Overhead, Profile, RunOptions, Timing, VERSION,
};
use crate::probe::{
    CountNodes, CountRules, Mode, Recorder, Recording, Sample, TimeNodes, TimeRules, TimeStages,
};
use crate::sites::Sites;

pub use captures::{CaptureReplay, CaptureVariants};
pub use leave_out::{LeaveOutOptions, LeaveOutProgress, Variants, leave_out};

/// Something that can be replayed again and again with the same result.
pub trait Replay: Sync {
    type Error: Send;

    /// One replay of everything, from the first byte to the last alert.
    ///
    /// # Errors
    /// Whatever stops a replay; the session stops too.
    fn replay<P: Probe>(&self, probe: &mut P) -> Result<Replayed, Self::Error>;
}

/// What one replay amounted to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    pub events: u64,
    pub alerts: u64,
}

/// How to profile.
#[derive(Clone, Debug)]
pub struct Options {
    pub timing: Timing,
    /// Replays that are counted.
    pub iterations: u32,
    /// Replays before them, for caches and branch predictors.
    pub warmup: u32,
    /// Threads; each runs whole iterations.
    pub workers: u32,
    /// Look inside rules: count nodes, fields and work in a replay of its own. Without effect with [`Timing::Stages`],
    /// which is for programs that evaluate rules together.
    pub nodes: bool,
    /// Replays that time nodes, to divide the time of rules among them. Without effect unless `timing` is
    /// [`Timing::Rules`]: with node timing every iteration does it, without timing there is nothing to divide.
    pub detail: u32,
    /// Time rules and nodes for one event in so many.
    pub sample: u32,
    /// Pairs of replays, one with and one without a probe, to say what measuring costs.
    pub overhead_pairs: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            timing: Timing::Rules,
            iterations: 10,
            warmup: 1,
            workers: 1,
            nodes: true,
            detail: 3,
            sample: 1,
            overhead_pairs: 3,
        }
    }
}

/// What the profile says about its inputs; taken over as it is.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Program and version.
    pub tool: String,
    /// Model of the processor, if known.
    pub cpu: Option<String>,
    pub captures: Vec<CaptureInfo>,
    /// Fingerprint of the rules.
    pub ruleset_hash: String,
    pub rules_files: Vec<FileInfo>,
    /// `first` or `all`.
    pub matching: String,
    /// `faithful` or `shared`.
    pub strategy: String,
}

impl Options {
    /// Replays in all, warm-up included.
    pub fn replay_count(&self) -> u32 {
        self.warmup
            + 2 * self.overhead_pairs
            + self.iterations
            + u32::from(self.counts_nodes())
            + self.detail_count()
    }

    fn counts_nodes(&self) -> bool {
        self.nodes && self.timing != Timing::Stages
    }

    fn detail_count(&self) -> u32 {
        if self.timing == Timing::Rules { self.detail } else { 0 }
    }
}

/// Runs a session. `progress` is told after each replay how many are done, from whichever thread did it.
///
/// # Errors
/// The first error of a replay.
pub fn run<R: Replay>(
    replay: &R,
    sites: &Sites,
    inputs: Inputs,
    options: &Options,
    progress: impl Fn(u32) + Sync,
) -> Result<Profile, R::Error> {
    let clock = CpuClock::new();
    let calibration = calibrate(&clock);
    let done = std::sync::atomic::AtomicU32::new(0);
    let tick = || progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
    let workers = options.workers.max(1);
    let mut origin = Origin {
        tool: inputs.tool,
        cpu: inputs.cpu,
        captures: inputs.captures,
        options: RunOptions {
            iterations: options.iterations,
            warmup: options.warmup,
            workers,
            matching: inputs.matching,
            strategy: inputs.strategy,
            sample: options.sample.max(1),
        },
        clock: ClockInfo { read_ps: calibration.read_ps, resolution_ns: calibration.resolution_ns },
        overhead: None,
    };
    let measuring = Measuring {
        replay,
        sites,
        clock: &clock,
        classes: sites.fields.iter().map(|name| FieldClass::of(name)).collect(),
    };
    for iteration in 0..options.warmup {
        measuring.in_mode(options.timing, options.sample, iteration)?;
        tick();
    }
    origin.overhead = measuring.overhead(options, tick)?;
    let mut profile = Profile {
        format: FORMAT.to_owned(),
        version: VERSION,
        origins: vec![origin],
        ruleset_hash: inputs.ruleset_hash,
        rules_files: inputs.rules_files,
        timing: options.timing,
        cost_model: cost::VERSION,
        rules: assemble::empty_rules(sites),
        items: assemble::empty_items(sites),
        ..Profile::default()
    };
    let many = |count: u32, timing: Timing, sample: u32| {
        on_workers(count, workers, |index| {
            let measured = measuring.in_mode(timing, sample, index)?;
            tick();
            Ok((index, rayon::current_thread_index().unwrap_or(0) as u32, measured))
        })
    };
    fn part<'a>(
        sites: &'a Sites,
        clock: &'a CpuClock,
        measured: &'a Measured,
    ) -> assemble::Part<'a, CpuClock> {
        assemble::Part { sites, clock, recording: &measured.recording }
    }
    for (index, worker, measured) in many(options.iterations, options.timing, options.sample)? {
        let part = part(sites, &clock, &measured);
        part.add_iteration(&mut profile, index, worker, measured.replayed, measured.ticks);
        if options.timing == Timing::Nodes {
            part.add_detail(&mut profile);
            profile.detail_iterations += 1;
        }
    }
    if options.counts_nodes() {
        let measured = measuring.measure::<CountNodes>(Sample::new(1, 0))?;
        part(sites, &clock, &measured).add_counts(&mut profile);
        tick();
    }
    for (_, _, measured) in many(options.detail_count(), Timing::Nodes, 1)? {
        part(sites, &clock, &measured).add_detail(&mut profile);
        profile.detail_iterations += 1;
    }
    profile.settle();
    Ok(profile)
}

/// Calls `work` with 0, 1, ... on so many threads; results are in that order.
fn on_workers<T: Send, E: Send>(
    count: u32,
    workers: u32,
    work: impl Fn(u32) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(workers.min(count).max(1) as usize).build();
    match pool {
        Ok(pool) => pool.install(|| (0..count).into_par_iter().with_max_len(1).map(&work).collect()),
        // No threads to be had: the caller's has to do.
        Err(_) => (0..count).map(work).collect(),
    }
}

struct Measured {
    recording: Recording,
    replayed: Replayed,
    ticks: u64,
    /// Processor time.
    running_ns: u64,
}

/// What all replays of a session have in common.
struct Measuring<'a, R> {
    replay: &'a R,
    sites: &'a Sites,
    clock: &'a CpuClock,
    /// Classes of fields, by id.
    classes: Vec<FieldClass>,
}

impl<R: Replay> Measuring<'_, R> {
    fn in_mode(&self, timing: Timing, sample: u32, iteration: u32) -> Result<Measured, R::Error> {
        let sample = Sample::new(sample, iteration);
        match timing {
            Timing::Off => self.measure::<CountRules>(sample),
            Timing::Stages => self.measure::<TimeStages>(sample),
            Timing::Rules => self.measure::<TimeRules>(sample),
            Timing::Nodes => self.measure::<TimeNodes>(sample),
        }
    }

    fn measure<M: Mode>(&self, sample: Sample) -> Result<Measured, R::Error> {
        let (rule_count, node_count) = (self.sites.rules.len(), self.sites.nodes.len());
        let clock = self.clock.clone();
        let mut recorder = Recorder::<_, M>::new(clock, rule_count, node_count, self.classes.clone(), sample);
        let start = self.clock.now();
        let before_ns = self.clock.running_ns();
        let replayed = self.replay.replay(&mut recorder)?;
        let ticks = self.clock.now().saturating_sub(start);
        let running_ns = self.running_since(before_ns);
        let mut recording = recorder.finish();
        if !M::TIME && before_ns.is_some() {
            // Without readings in between there is only the whole to look at.
            recording.set_running_ns(self.clock, ticks, running_ns);
        }
        Ok(Measured { recording, replayed, ticks, running_ns })
    }

    /// Replays with and without a probe in turn. Processor time is compared, so that waiting does not matter.
    fn overhead(&self, options: &Options, tick: impl Fn()) -> Result<Option<Overhead>, R::Error> {
        let mut overhead = Overhead::default();
        for pair in 0..options.overhead_pairs {
            let before_ns = self.clock.running_ns();
            self.replay.replay(&mut NoProbe)?;
            overhead.plain_ns.push(self.running_since(before_ns));
            tick();
            overhead.measured_ns.push(self.in_mode(options.timing, options.sample, pair)?.running_ns);
            tick();
        }
        Ok((options.overhead_pairs > 0).then_some(overhead))
    }

    fn running_since(&self, before_ns: Option<u64>) -> u64 {
        self.clock.running_ns().unwrap_or(0).saturating_sub(before_ns.unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
