//! What a [`Recorder`](super::Recorder) measures.

/// What to measure, known at compile time.
pub trait Mode {
    /// Read the clock at stages and rules, and at nodes and fields if they are sites.
    const TIME: bool;
    /// Look at rules one by one. Without it they are only counted.
    const RULES: bool;
    /// Nodes and fields are sites.
    const NODES: bool;
    /// Count work.
    const WORK: bool;
}

/// Counts of rules.
#[derive(Clone, Copy, Debug)]
pub struct CountRules;

/// Counts of rules, nodes, fields and work.
#[derive(Clone, Copy, Debug)]
pub struct CountNodes;

/// Times of stages. The only mode in which rules may be evaluated together.
#[derive(Clone, Copy, Debug)]
pub struct TimeStages;

/// Counts of rules, and times of stages and rules.
#[derive(Clone, Copy, Debug)]
pub struct TimeRules;

/// Counts and times of stages, rules, nodes and fields.
#[derive(Clone, Copy, Debug)]
pub struct TimeNodes;

impl Mode for CountRules {
    const TIME: bool = false;
    const RULES: bool = false;
    const NODES: bool = false;
    const WORK: bool = false;
}

impl Mode for CountNodes {
    const TIME: bool = false;
    const RULES: bool = true;
    const NODES: bool = true;
    const WORK: bool = true;
}

impl Mode for TimeStages {
    const TIME: bool = true;
    const RULES: bool = false;
    const NODES: bool = false;
    const WORK: bool = false;
}

impl Mode for TimeRules {
    const TIME: bool = true;
    const RULES: bool = true;
    const NODES: bool = false;
    const WORK: bool = false;
}

impl Mode for TimeNodes {
    const TIME: bool = true;
    const RULES: bool = true;
    const NODES: bool = true;
    const WORK: bool = false;
}
