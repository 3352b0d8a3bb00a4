//! Processes that make one system call again and again, and say what it cost them.
#![allow(unsafe_code)] // closing a descriptor that does not exist is what one of them is about

use std::time::Instant;

use rustix::fs::{Mode, OFlags};
use rustix::time::ClockId;

/// First argument of a child.
pub const CHILD: &str = "storm";

/// What is called.
#[derive(Clone, Copy)]
pub enum Storm {
    Getppid,
    CloseNothing,
    OpenClose,
    WriteByte,
    Write64,
}

impl Storm {
    pub const ALL: [Storm; 5] =
        [Storm::Getppid, Storm::CloseNothing, Storm::OpenClose, Storm::WriteByte, Storm::Write64];

    pub fn name(self) -> &'static str {
        match self {
            Storm::Getppid => "getppid",
            Storm::CloseNothing => "close(-1)",
            Storm::OpenClose => "open+close",
            Storm::WriteByte => "write-1",
            Storm::Write64 => "write-64",
        }
    }

    /// How often, so that each takes about a tenth of a second.
    pub fn calls(self) -> u64 {
        match self {
            Storm::OpenClose => 100_000,
            _ => 400_000,
        }
    }

    /// Makes the calls; an open and its close are one.
    fn run(self, count: u64) -> rustix::io::Result<()> {
        let null = rustix::fs::open("/dev/null", OFlags::WRONLY, Mode::empty())?;
        match self {
            Storm::Getppid => (0..count).for_each(|_| {
                let _ = rustix::process::getppid();
            }),
            Storm::CloseNothing => (0..count).for_each(|_| {
                // SAFETY: there is no descriptor -1, so nobody's is closed.
                unsafe { rustix::io::close(-1) }
            }),
            Storm::OpenClose => {
                for _ in 0..count {
                    drop(rustix::fs::open(
                        c"/etc/hostname",
                        OFlags::RDONLY | OFlags::CLOEXEC,
                        Mode::empty(),
                    )?);
                }
            }
            Storm::WriteByte | Storm::Write64 => {
                let bytes = if matches!(self, Storm::WriteByte) { &[7; 1][..] } else { &[7; 64] };
                for _ in 0..count {
                    rustix::io::write(&null, bytes)?;
                }
            }
        }
        Ok(())
    }
}

/// In a child: makes the calls that the arguments ask for and prints the CPU and wall time of one, in ns.
pub fn run_as_child(args: &[String]) -> Option<Result<(), Box<dyn std::error::Error>>> {
    let [first, name, count] = args else { return None };
    if first != CHILD {
        return None;
    }
    let storm = Storm::ALL.into_iter().find(|storm| storm.name() == name)?;
    let count: u64 = count.parse().ok()?;
    Some(measure(storm, count).map(|(cpu, wall)| println!("{cpu} {wall}")))
}

fn measure(storm: Storm, count: u64) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    storm.run(count / 20)?;
    let (cpu, wall) = (super::cpu_time(ClockId::ThreadCPUTime), Instant::now());
    storm.run(count)?;
    let (cpu, wall) = (super::cpu_time(ClockId::ThreadCPUTime) - cpu, wall.elapsed());
    let per_call = |time: std::time::Duration| time.as_nanos() as f64 / count as f64;
    Ok((per_call(cpu), per_call(wall)))
}
