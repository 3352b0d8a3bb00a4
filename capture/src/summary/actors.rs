//! Who made the events: processes and containers.

use hashbrown::HashMap;

use crate::event::schema::param::EXECVE_19_X;
use crate::event::{Event, EventType};
use crate::savefile::ProcessEntry;

/// Events of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessCount {
    /// Process id.
    pub pid: i64,
    /// Its last name; empty when the capture never says.
    pub comm: Vec<u8>,
    /// Events of all its threads.
    pub events: u64,
}

/// Events of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerCount {
    /// First twelve digits of its id.
    pub id: String,
    /// Processes seen in it.
    pub processes: u64,
    /// Events of all of them.
    pub events: u64,
}

/// Counts by thread while reading.
#[derive(Default)]
pub(super) struct Actors {
    threads: HashMap<i64, Thread>,
    /// Name and container, by process.
    processes: HashMap<i64, Process>,
}

#[derive(Clone, Copy)]
struct Thread {
    pid: i64,
    events: u64,
}

#[derive(Default)]
struct Process {
    comm: Vec<u8>,
    container: Option<String>,
    events: u64,
}

/// More threads than this are not told apart. `PID_MAX_LIMIT` of Linux, so no real capture gets there.
const THREADS_MAX: usize = 1 << 22;

/// Length of a container's id in the name of its control group, and of the form people use.
const CONTAINER_ID_LEN: usize = 64;
const CONTAINER_SHORT_ID_LEN: usize = 12;

impl Actors {
    pub fn seed(&mut self, entry: &ProcessEntry) {
        self.set_pid(entry.tid, entry.pid);
        if entry.tid == entry.pid {
            self.describe(entry.pid, &entry.comm, &entry.cgroups);
        }
    }

    pub fn count(&mut self, event: &Event<'_>) {
        use EventType as E;
        if let E::EXECVE_19_X | E::EXECVEAT_X | E::CLONE_20_X | E::FORK_20_X | E::VFORK_20_X | E::CLONE3_X =
            event.ty
        {
            self.describe_by(event);
        }
        if self.threads.len() >= THREADS_MAX && !self.threads.contains_key(&event.tid) {
            return;
        }
        self.threads.entry(event.tid).or_insert(Thread { pid: event.tid, events: 0 }).events += 1;
    }

    /// The parameters that tell who a thread is have the same places in execve and in clone.
    fn describe_by(&mut self, event: &Event<'_>) {
        let (Some(tid), Some(pid)) = (event.i64_at(EXECVE_19_X::tid), event.i64_at(EXECVE_19_X::pid)) else {
            return;
        };
        self.set_pid(tid, pid);
        if tid == pid {
            let comm = event.str_at(EXECVE_19_X::comm).unwrap_or_default();
            self.describe(pid, comm, event.param(EXECVE_19_X::cgroups).unwrap_or_default());
        }
    }

    fn set_pid(&mut self, tid: i64, pid: i64) {
        if self.threads.len() < THREADS_MAX {
            self.threads.entry(tid).or_insert(Thread { pid, events: 0 }).pid = pid;
        }
    }

    fn describe(&mut self, pid: i64, comm: &[u8], cgroups: &[u8]) {
        if self.processes.len() >= THREADS_MAX && !self.processes.contains_key(&pid) {
            return;
        }
        let process = self.processes.entry(pid).or_default();
        if !comm.is_empty() && process.comm != comm {
            process.comm = comm.to_vec();
        }
        if !cgroups.is_empty() {
            process.container = container_id(cgroups);
        }
    }

    pub fn finish(mut self) -> (Vec<ProcessCount>, Vec<ContainerCount>) {
        for thread in self.threads.values().filter(|thread| thread.events > 0) {
            self.processes.entry(thread.pid).or_default().events += thread.events;
        }
        let mut containers: HashMap<String, ContainerCount> = HashMap::new();
        let mut processes = Vec::new();
        for (pid, process) in self.processes {
            if let Some(id) = process.container {
                let empty = ContainerCount { id: id.clone(), processes: 0, events: 0 };
                let container = containers.entry(id).or_insert(empty);
                container.processes += 1;
                container.events += process.events;
            }
            if process.events > 0 {
                processes.push(ProcessCount { pid, comm: process.comm, events: process.events });
            }
        }
        let mut containers: Vec<_> = containers.into_values().collect();
        processes.sort_by_key(|process| (std::cmp::Reverse(process.events), process.pid));
        containers.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.id.cmp(&b.id)));
        (processes, containers)
    }
}

/// The id in a process' control groups: 64 hexadecimal digits, as every container engine names them.
fn container_id(cgroups: &[u8]) -> Option<String> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    let id = cgroups.split(|byte| !is_digit(byte)).find(|run| run.len() == CONTAINER_ID_LEN)?;
    String::from_utf8(id[..CONTAINER_SHORT_ID_LEN].to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn container_ids_are_found_in_all_styles() {
        let id = "0123456789abcdef".repeat(4);
        for path in [
            format!("cpuset=/docker/{id}\0"),
            format!("cpu=/kubepods.slice/cri-containerd-{id}.scope\0"),
            format!("memory=/machine.slice/libpod-{id}.scope/container\0"),
        ] {
            assert_eq!(container_id(path.as_bytes()).as_deref(), Some("0123456789ab"), "{path}");
        }
        assert_eq!(container_id(b"cpu=/user.slice/user-1000.slice\0"), None);
        assert_eq!(container_id("a".repeat(65).as_bytes()), None);
    }
}
