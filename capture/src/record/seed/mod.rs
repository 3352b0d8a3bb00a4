//! The state of the machine when a recording begins: processes, descriptors, users, interfaces.
//!
//! Threads and descriptors of the whole machine come from iterators over the kernel's lists, in one pass each, and from
//! /proc where there are no iterators or only a few processes are of interest; the rest is read from /proc, /sys and
//! /etc. Events already collect in the ring, so what changes meanwhile is in both: see [`super`] for how that becomes
//! neither a gap nor a repetition.

mod fds;
mod interfaces;
mod iterators;
mod machine;
mod processes;
mod sockets;
mod users;

use std::collections::HashSet;

use super::options::RecordOptions;
use crate::savefile::{FdEntry, ProcessEntry, StartState};

pub(super) use iterators::Iterators;
pub(super) use machine::boot_epoch_ns;

/// Looks at the machine. Processes that end meanwhile are left out. Iterators see all processes, so they are for recordings
/// that start with all of them.
pub(super) fn collect(
    options: &RecordOptions,
    boot_epoch_ns: u64,
    iterators: Option<Iterators>,
) -> StartState {
    let (users, groups) = users::read();
    let found = iterators.and_then(|iterators| iterators::read(iterators, options, boot_epoch_ns).ok());
    let (processes, fds) = found.unwrap_or_else(|| from_proc(options, boot_epoch_ns));
    StartState {
        machine: machine::read(boot_epoch_ns),
        interfaces: interfaces::read(),
        users,
        groups,
        processes,
        fds,
    }
}

/// Threads, leaders first, and the descriptors of each process.
type Tasks = (Vec<ProcessEntry>, Vec<(i64, Vec<FdEntry>)>);

fn from_proc(options: &RecordOptions, boot_epoch_ns: u64) -> Tasks {
    let tree = options.scope.roots().map(processes::Tree::of);
    let pids = match &tree {
        None => processes::all(),
        Some(tree) if options.no_ancestors => tree.members.clone(),
        Some(tree) => tree.members.iter().chain(&tree.ancestors).copied().collect(),
    };
    let ancestors: HashSet<u32> = tree.iter().flat_map(|tree| &tree.ancestors).copied().collect();
    let mut sockets = sockets::Tables::default();
    let (mut entries, mut fds) = (Vec::new(), Vec::new());
    for pid in pids {
        let is_ancestor = ancestors.contains(&pid);
        let wanted = processes::Wanted { env: !options.no_env && !is_ancestor, args: !options.no_args };
        let first = entries.len();
        processes::read(pid, &wanted, boot_epoch_ns, &mut entries);
        if entries.len() > first && !is_ancestor {
            fds.push((i64::from(pid), fds::read(pid, &mut sockets)));
        }
    }
    (entries, fds)
}

/// Some processes with their descendants.
pub(super) fn tree_of(roots: &[u32]) -> Vec<u32> {
    processes::Tree::of(roots).members
}

/// The number at the start of `text`, after blanks.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.split_ascii_whitespace().next()?.parse().ok()
}

/// Splits `line` at the first `separator`.
fn split_bytes(line: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = line.iter().position(|&byte| byte == separator)?;
    Some((&line[..at], &line[at + 1..]))
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::process::Command;
    use std::time::Instant;

    use super::*;
    use crate::record::{load, probe_support};

    /// A measurement: 1,000 processes more, and 10,000 descriptors more.
    #[test]
    #[ignore = "for docs/recording.md; root, in a release build"]
    fn both_ways_of_looking_are_timed() {
        assert_eq!(probe_support(), None);
        let options = RecordOptions::default();
        let measure = |what: &str| {
            let looks: Vec<(f64, f64)> = (0..5)
                .map(|_| {
                    let mut loaded = load::load(&options, 0).unwrap();
                    let iterators = loaded.iterators.take().expect("there are iterators");
                    let start = Instant::now();
                    let (processes, _) = iterators::read(iterators, &options, 0).unwrap();
                    let by_iterators = start.elapsed().as_secs_f64() * 1e3;
                    let start = Instant::now();
                    let (others, _) = from_proc(&options, 0);
                    assert!(processes.len().abs_diff(others.len()) < 50);
                    (by_iterators, start.elapsed().as_secs_f64() * 1e3)
                })
                .collect();
            let least = |of: fn(&(f64, f64)) -> f64| looks.iter().map(of).fold(f64::MAX, f64::min);
            println!("{what}: {:.1} ms by iterators, {:.1} ms by /proc", least(|t| t.0), least(|t| t.1));
        };
        measure("as it is");
        let mut children: Vec<_> =
            (0..1000).map(|_| Command::new("sleep").arg("600").spawn().unwrap()).collect();
        measure("1,000 processes more");
        children.iter_mut().for_each(|child| child.kill().and_then(|()| child.wait()).map(drop).unwrap());
        // The recorder's own are not looked at: a child inherits them.
        let files: Vec<File> = (0..10_000).map(|_| File::open("/dev/null").unwrap()).collect();
        let dup = |file: &File| rustix::io::fcntl_setfd(file, rustix::io::FdFlags::empty());
        files.iter().for_each(|file| dup(file).unwrap());
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        drop(files);
        measure("10,000 descriptors more");
        child.kill().and_then(|()| child.wait()).unwrap();
    }
}
