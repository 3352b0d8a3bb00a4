//! Our ranking of the public rules beside Falco's.

use lanner_profiler::session::Options;

use crate::common;

pub fn run() {
    let options = Options { iterations: 15, warmup: 2, detail: 0, overhead_pairs: 0, ..Options::default() };
    let Some(comparison) = common::falco::compare(&options) else { return };
    println!("\nranking of the stock rules on mixed-modern.scap beside Falco's:");
    print!("{comparison}");
}
