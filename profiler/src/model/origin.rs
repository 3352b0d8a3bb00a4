//! Where a profile comes from: program, machine, inputs, options.

use serde::{Deserialize, Serialize};

/// One run of the profiler. Profiles can be compared when theirs agree in what matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Origin {
    /// Program and version.
    pub tool: String,
    /// Model of the processor, if known.
    pub cpu: Option<String>,
    pub captures: Vec<CaptureInfo>,
    pub options: RunOptions,
    pub clock: ClockInfo,
    /// What measuring itself cost. `None` if that was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overhead: Option<Overhead>,
}

/// Replays in pairs on one thread, one without a probe and one measured: what the second took longer is the overhead.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Overhead {
    /// Processor time of replays without a probe.
    pub plain_ns: Vec<u64>,
    /// Processor time of the replay that followed each.
    pub measured_ns: Vec<u64>,
}

impl Overhead {
    /// How much longer measured replays took, as a share of those without: median, smallest and largest over pairs.
    pub fn share(&self) -> Option<(f64, f64, f64)> {
        let mut shares: Vec<f64> = self
            .plain_ns
            .iter()
            .zip(&self.measured_ns)
            .filter(|(plain, _)| **plain > 0)
            .map(|(plain, measured)| *measured as f64 / *plain as f64 - 1.0)
            .collect();
        shares.sort_by(f64::total_cmp);
        let (first, last) = (*shares.first()?, *shares.last()?);
        let middle = shares.len() / 2;
        let median = (shares[middle] + shares[(shares.len() - 1) / 2]) / 2.0;
        Some((median, first, last))
    }
}

/// A capture that was replayed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CaptureInfo {
    /// Path as given.
    pub name: String,
    /// SHA-256 of the file.
    pub hash: String,
    pub bytes: u64,
}

/// A rules file that was loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileInfo {
    /// Path as given.
    pub name: String,
    /// SHA-256 of the file.
    pub hash: String,
    pub bytes: u64,
}

/// How the run was asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunOptions {
    pub iterations: u32,
    pub warmup: u32,
    pub workers: u32,
    /// Which matches of an event count: `first` or `all`.
    pub matching: String,
    /// How rules are evaluated: `faithful` (each on its own, as Falco does) or `shared`.
    pub strategy: String,
    /// Rules and nodes were timed for one event in so many.
    #[serde(default = "every_event")]
    pub sample: u32,
}

fn every_event() -> u32 {
    1
}

/// What the clock costs on the machine of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClockInfo {
    /// Time of one reading, in picoseconds.
    pub read_ps: u64,
    /// Smallest difference it can show.
    pub resolution_ns: u64,
}

/// What was timed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Timing {
    /// Nothing but whole iterations; everything is counted.
    Off,
    /// Stages. All there is to time where rules are evaluated together.
    Stages,
    /// Stages and rules.
    #[default]
    Rules,
    /// Stages, rules, and every node and field of a condition.
    Nodes,
}

impl Timing {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Timing::Off => "off",
            Timing::Stages => "stages",
            Timing::Rules => "rules",
            Timing::Nodes => "nodes",
        }
    }
}
