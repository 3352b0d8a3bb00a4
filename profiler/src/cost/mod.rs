//! The cost model: what exact counts of operations amount to, in cost units.
//!
//! Costs are the same on every machine, for every number of workers and in every run, because counts are; so they
//! are what is compared over time. The weights say what an operation takes compared with the others. They were
//! fitted to measured times (`cargo bench -p lanner-profiler --bench cost -- weights`), rounded and frozen: changing
//! one means a new [`VERSION`], and costs of different versions cannot be compared. A hundred units were about a
//! nanosecond on the machine they were fitted on; docs/measuring.md tells more.

mod class;

use replay::engine::Work;

pub use class::FieldClass;

/// Version of the model.
pub const VERSION: u32 = 1;

/// What an evaluation of a rule costs besides its checks: finding it, entering it, leaving it. Times it was fitted to
/// have a reading of the clock in them.
pub const EVALUATION: u64 = 550;

/// What one piece of work costs. Work of extractions is weighed by the class of the field: see [`extraction`].
pub const fn of_work(work: Work) -> u64 {
    match work {
        Work::Check => 800,
        Work::RememberedCheck => 200,
        Work::Candidate => 200,
        Work::Transform => 5000,
        Work::Bytes => 15,
        Work::Search => 900,
        Work::SearchByte => 20,
        Work::SetProbe => 650,
        Work::GlobStep => 80,
        Work::GlobSearchByte => 300,
        Work::RegexStep => 200,
        Work::ValueBytes | Work::AncestorStep => 0,
    }
}

/// What an extraction costs: by the class of the field, the bytes of text it yielded, and the ancestors it looked up.
pub const fn extraction(class: FieldClass, value_bytes: u64, ancestor_steps: u64) -> u64 {
    let ClassWeights { each, byte, step } = class.weights();
    each + byte * value_bytes + step * ancestor_steps
}

/// Weights of extractions of one class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassWeights {
    /// For the extraction itself.
    pub each: u64,
    /// For each byte of text it yields.
    pub byte: u64,
    /// For each ancestor it looks up.
    pub step: u64,
}
