//! Time and memory of this process.

use std::hint::black_box;
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread in seconds.
fn cpu_now() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Least CPU time of some runs, in seconds: other load does not make it longer, except through caches.
pub fn best_cpu<R>(runs: usize, mut work: impl FnMut() -> R) -> f64 {
    let run = |_| {
        let start = cpu_now();
        black_box(work());
        cpu_now() - start
    };
    (0..runs).map(run).fold(f64::MAX, f64::min)
}

/// Least elapsed time of some runs, in seconds, for work on several threads.
pub fn best_wall<R>(runs: usize, mut work: impl FnMut() -> R) -> f64 {
    let run = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed().as_secs_f64()
    };
    (0..runs).map(run).fold(f64::MAX, f64::min)
}

/// Resident memory of this process that belongs to no file.
pub fn anonymous_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
