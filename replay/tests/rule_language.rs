//! The rule language against what the real engine says.
//!
//! Cases come from the shared data folder, which is not part of the repository; without it the tests skip.

mod shared;

#[path = "rule_language/common.rs"]
mod common;
#[path = "rule_language/compile.rs"]
mod compile;
#[path = "rule_language/differences.rs"]
mod differences;
#[path = "rule_language/loader.rs"]
mod loader;
#[path = "rule_language/round_trip.rs"]
mod round_trip;
#[path = "rule_language/spans.rs"]
mod spans;
#[path = "rule_language/stock.rs"]
mod stock;
#[path = "rule_language/syntax.rs"]
mod syntax;
