//! The state of the machine when a recording begins: processes, descriptors, users, interfaces.
//!
//! Everything is read from /proc, /sys and /etc while events already collect in the ring, so what changes
//! meanwhile is in both: see [`super`] for how that becomes neither a gap nor a repetition.

mod fds;
mod interfaces;
mod machine;
mod processes;
mod sockets;
mod users;

use std::collections::HashSet;

use super::options::RecordOptions;
use crate::savefile::StartState;

pub(super) use machine::boot_epoch_ns;

/// Looks at the machine. Processes that end meanwhile are left out.
pub(super) fn collect(options: &RecordOptions, boot_epoch_ns: u64) -> StartState {
    let (users, groups) = users::read();
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
    StartState {
        machine: machine::read(boot_epoch_ns),
        interfaces: interfaces::read(),
        users,
        groups,
        processes: entries,
        fds,
    }
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
