//! The machine itself.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

use super::number;
use crate::savefile::MachineInfo;

/// When the machine booted, in the clock of events: the kernel's time since boot added to this is the
/// time of day at the start of the recording. Read thrice, as being interrupted in between makes it late.
pub(crate) fn boot_epoch_ns() -> u64 {
    let ns = |clock| {
        let time = clock_gettime(clock);
        time.tv_sec as i128 * 1_000_000_000 + time.tv_nsec as i128
    };
    let differences = (0..3).map(|_| {
        let before = ns(ClockId::Boottime);
        let now = ns(ClockId::Realtime);
        let after = ns(ClockId::Boottime);
        (after - before, now - (before + after) / 2)
    });
    let best = differences.min().map_or(0, |(_, epoch)| epoch);
    u64::try_from(best).unwrap_or(0)
}

pub(super) fn read(boot_epoch_ns: u64) -> MachineInfo {
    let memory_kb = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| text.lines().find_map(|line| number::<u64>(line.strip_prefix("MemTotal:")?)))
        .unwrap_or(0);
    let hostname = rustix::system::uname().nodename().to_bytes().to_vec();
    MachineInfo {
        num_cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
        memory_size_bytes: memory_kb * 1024,
        hostname: hostname.into_iter().take(127).collect(),
        boot_ts_epoch_ns: boot_epoch_ns,
    }
}
