//! The cost model: what exact counts of operations amount to, in cost units.
//!
//! Costs are the same on every machine, for every number of workers and in every run, because counts are; so they
//! are what is compared over time. The weights say what an operation takes compared with the others. They were
//! fitted to measured times (`cargo bench -p lanner-profiler --bench cost_fit`) and then frozen: changing one means
//! a new [`VERSION`], and costs of different versions cannot be compared.

mod class;

use replay::engine::Work;

pub use class::FieldClass;

/// Version of the model.
pub const VERSION: u32 = 1;

/// What an evaluation of a rule costs besides its checks: finding it, entering it, leaving it.
pub const EVALUATION: u64 = 600;

/// What one piece of work costs. Work of extractions is weighed by the class of the field: see [`extraction`].
pub const fn of_work(work: Work) -> u64 {
    match work {
        Work::Check => 250,
        Work::RememberedCheck => 150,
        Work::Candidate => 150,
        Work::Transform => 2000,
        Work::Bytes => 10,
        Work::Search => 1000,
        Work::SearchByte => 20,
        Work::SetProbe => 300,
        Work::GlobStep => 60,
        Work::RegexStep => 100,
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
