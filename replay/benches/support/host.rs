//! The machine: processes that take turns, each following a script.

use std::collections::VecDeque;
use std::io::Write;

use capture::event::{EventBuilder, EventType as E};
use capture::savefile::{GroupEntry, MachineInfo, ProcessEntry, UserEntry, Writer};

use super::{Random, Workload, scripts};

/// Scripts that run at the same time.
const LANES: usize = 8;
const SHELLS: i64 = 24;
const GENERATIONS: i64 = 64;
const CONTAINERS: [&str; 2] = [
    "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e",
    "b5f0c7e24be1d8a4b7d2e6f1900c1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b",
];

/// Who makes events.
#[derive(Clone, Debug)]
pub struct Process {
    pub tid: i64,
    pub pid: i64,
    pub ptid: i64,
    pub comm: &'static str,
    pub exepath: &'static str,
    pub uid: u32,
    pub container: Option<usize>,
}

impl Process {
    pub fn cgroups(&self) -> Vec<u8> {
        let path = match self.container {
            Some(index) => format!("/docker/{}", CONTAINERS[index]),
            None => "/user.slice/user-1000.slice".to_string(),
        };
        let sets = ["cpuset", "cpu", "cpuacct", "io", "memory", "devices"];
        sets.map(|set| format!("{set}={path}\0")).concat().into_bytes()
    }
}

pub struct Host<W: Write> {
    writer: Writer<W>,
    workload: Workload,
    pub random: Random,
    ts_ns: u64,
    next_pid: i64,
    /// Processes that last: shells, daemons, threads.
    lasting: Vec<Process>,
    lanes: Vec<VecDeque<EventBuilder>>,
}

impl<W: Write> Host<W> {
    pub fn new(mut writer: Writer<W>, workload: Workload) -> capture::Result<Self> {
        let info = MachineInfo { num_cpus: 8, hostname: b"bench".to_vec(), ..MachineInfo::default() };
        writer.machine(&info)?;
        let user = |uid, name: &str| UserEntry {
            uid,
            gid: uid,
            name: name.into(),
            home: b"/home".to_vec(),
            shell: b"/bin/sh".to_vec(),
        };
        let group = |gid, name: &str| GroupEntry { gid, name: name.into() };
        writer.users(
            &[user(0, "root"), user(1000, "user"), user(33, "www-data")],
            &[group(0, "root"), group(1000, "user")],
        )?;
        let lasting = lasting(workload);
        let mut listed = vec![entry(&Process {
            tid: 1,
            pid: 1,
            ptid: 0,
            comm: "systemd",
            exepath: "/usr/lib/systemd/systemd",
            uid: 0,
            container: None,
        })];
        listed.extend(lasting.iter().map(entry));
        writer.processes(&listed)?;
        Ok(Host {
            writer,
            workload,
            random: Random::new(7),
            ts_ns: 1_700_000_000_000_000_000,
            next_pid: 100_000,
            lasting,
            lanes: vec![VecDeque::new(); LANES],
        })
    }

    pub fn run(&mut self, events: u64) -> capture::Result<()> {
        let mut written = 0;
        while written < events {
            let lane = self.random.below(LANES as u64) as usize;
            if self.lanes[lane].is_empty() {
                let script = self.script();
                self.lanes[lane].extend(script);
            }
            // A process keeps its CPU for a few calls.
            for _ in 0..1 + self.random.below(8) {
                let Some(built) = self.lanes[lane].pop_front() else { break };
                self.ts_ns += 200 + self.random.below(8_000);
                let mut event = built.event();
                (event.ts_ns, event.cpu) = (self.ts_ns, lane as u16);
                self.writer.event(&event)?;
                written += 1;
            }
        }
        Ok(())
    }

    pub fn finish(self) -> capture::Result<W> {
        self.writer.finish()
    }

    /// What one process does next.
    fn script(&mut self) -> Vec<EventBuilder> {
        let actor = match self.workload {
            Workload::DeepTrees => self.lasting[self.lasting.len() - 1].clone(),
            _ => self.random.pick(&self.lasting).clone(),
        };
        let random = &mut self.random;
        match self.workload {
            Workload::ExecStorm => scripts::command(random, &actor, &mut self.next_pid, 2),
            Workload::FileStorm => scripts::files(random, &actor),
            Workload::NetworkStorm => scripts::network(random, &actor),
            Workload::DeepTrees => scripts::command(random, &actor, &mut self.next_pid, 20),
            Workload::Threads(_) => scripts::calls(random, &actor),
            Workload::Mixed => match random.below(20) {
                0..2 => scripts::command(random, &actor, &mut self.next_pid, 30),
                2..3 => scripts::compile(random, &actor, &mut self.next_pid),
                3..5 => scripts::files(random, &actor),
                5..9 => scripts::walk(random, &actor),
                9..11 => scripts::network(random, &actor),
                _ => scripts::calls(random, &actor),
            },
        }
    }
}

fn lasting(workload: Workload) -> Vec<Process> {
    let daemon = |tid, comm, exepath, uid, container| Process {
        tid,
        pid: tid,
        ptid: 1,
        comm,
        exepath,
        uid,
        container,
    };
    match workload {
        Workload::Threads(count) => {
            let thread = |number| Process {
                tid: 1_000 + number,
                pid: 1_000 + number - number % 50,
                ..daemon(0, "worker", "/usr/bin/java", 1000, None)
            };
            (0..count as i64).map(thread).collect()
        }
        Workload::DeepTrees => {
            let shell = |number| Process {
                ptid: if number == 0 { 1 } else { 1_000 + number - 1 },
                ..daemon(1_000 + number, "bash", "/usr/bin/bash", 1000, None)
            };
            (0..GENERATIONS).map(shell).collect()
        }
        _ => {
            let mut all: Vec<Process> = (0..SHELLS)
                .map(|number| daemon(1_000 + number, "bash", "/usr/bin/bash", 1000, None))
                .collect();
            all.push(daemon(2_000, "sshd", "/usr/sbin/sshd", 0, None));
            all.push(daemon(2_001, "cron", "/usr/sbin/cron", 0, None));
            all.push(daemon(2_002, "dockerd", "/usr/bin/dockerd", 0, None));
            for number in 0..4 {
                let container = Some(number as usize % CONTAINERS.len());
                all.push(daemon(3_000 + number, "nginx", "/usr/sbin/nginx", 33, container));
            }
            all
        }
    }
}

fn entry(process: &Process) -> ProcessEntry {
    ProcessEntry {
        tid: process.tid,
        pid: process.pid,
        ptid: process.ptid,
        sid: 1_000,
        vpgid: process.pid,
        pgid: process.pid,
        vtid: process.tid,
        vpid: process.pid,
        comm: process.comm.into(),
        exe: process.exepath.into(),
        exepath: process.exepath.into(),
        env: b"PATH=/usr/local/bin:/usr/bin:/bin\0HOME=/home/user\0LANG=C.UTF-8\0".to_vec(),
        cgroups: process.cgroups(),
        cwd: b"/home/user/src/".to_vec(),
        root: b"/".to_vec(),
        fdlimit: 1_024,
        uid: process.uid,
        gid: process.uid,
        ..ProcessEntry::default()
    }
}

/// An event of a process; its time is set when it is written.
pub fn event(ty: E, process: &Process) -> EventBuilder {
    EventBuilder::new(ty, 0, process.tid)
}
