//! Reading of cases and counting of outcomes.

use serde_json::Value;

/// The cases of one section.
pub fn cases<'v>(facts: &'v Value, section: &str) -> &'v [Value] {
    facts[section].as_array().expect("an array of cases")
}

/// Counts cases; at the end fails unless all passed, except those that are known to differ.
pub struct Tally {
    section: &'static str,
    passed: usize,
    failures: Vec<String>,
}

impl Tally {
    pub fn new(section: &'static str) -> Self {
        Tally { section, passed: 0, failures: Vec::new() }
    }

    /// Notes a case; `Err` says what is wrong with it.
    pub fn case(&mut self, name: &str, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(problem) => self.failures.push(format!("{name}\n    {problem}")),
        }
    }

    #[track_caller]
    pub fn finish(self) {
        let total = self.passed + self.failures.len();
        eprintln!("{}: {} of {total} cases", self.section, self.passed);
        assert!(self.failures.is_empty(), "{} differ:\n{}", self.section, self.failures.join("\n"));
    }
}

/// `Err` with both sides when they differ.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), String> {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: ours {ours:?}, theirs {theirs:?}")) }
}
