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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Timing {
    /// Nothing but whole iterations; everything is counted.
    Off,
    /// Stages and rules.
    Rules,
    /// Stages, rules, and every node and field of a condition.
    Nodes,
}

impl Timing {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Timing::Off => "off",
            Timing::Rules => "rules",
            Timing::Nodes => "nodes",
        }
    }
}
