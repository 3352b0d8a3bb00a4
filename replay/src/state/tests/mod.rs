//! Short scripts of events and what the tables must hold after them.

mod descriptors;
mod metadata;
mod processes;
mod sockets;

use capture::event::{EventBuilder, EventType};
use capture::savefile::{FdEntry, ProcessEntry};

use super::thread::flag;
use super::{Applied, FdInfo, State, ThreadInfo};

/// `PPM_AT_FDCWD`.
const AT_FDCWD: i64 = -100;

/// A state that gets one event per millisecond.
struct Machine {
    state: State,
    ts_ns: u64,
}

impl Machine {
    /// A machine with an init (1) and a shell (10) below it that stands in `/home/`.
    fn new() -> Self {
        let process = |tid, ptid, comm: &str| ProcessEntry {
            tid,
            pid: tid,
            ptid,
            vtid: tid,
            vpid: tid,
            sid: 10,
            comm: comm.into(),
            exe: comm.into(),
            exepath: format!("/bin/{comm}").into(),
            cwd: b"/home".to_vec(),
            env: b"A=1\0".to_vec(),
            uid: 1000,
            gid: 1000,
            ..ProcessEntry::default()
        };
        let mut state = State::default();
        state.seed_processes(vec![process(10, 1, "sh"), process(1, 0, "init")]);
        Machine { state, ts_ns: 1_000_000_000 }
    }

    /// The machine with descriptors of the shell.
    fn with_fds(fds: Vec<FdEntry>) -> Self {
        let mut machine = Machine::new();
        machine.state.seed_fds(10, fds);
        machine
    }

    /// An event of the next millisecond.
    fn event(&mut self, ty: EventType, tid: i64) -> EventBuilder {
        self.ts_ns += 1_000_000;
        EventBuilder::new(ty, self.ts_ns, tid)
    }

    fn apply(&mut self, event: &EventBuilder) -> Applied {
        self.state.apply(&event.event())
    }

    /// Applies an event and commits it at once.
    fn run(&mut self, event: &EventBuilder) {
        let applied = self.apply(event);
        self.state.commit(applied);
    }

    fn thread(&self, tid: i64) -> &ThreadInfo {
        self.state.threads().get(tid).unwrap_or_else(|| panic!("no thread {tid}"))
    }

    fn fd(&self, tid: i64, fd: i64) -> Option<&FdInfo> {
        self.state.threads().fd_of(self.thread(tid), fd)
    }

    /// Name of a descriptor; `-` when there is none.
    fn name(&self, tid: i64, fd: i64) -> String {
        self.fd(tid, fd).map_or("-".into(), |fd| String::from_utf8_lossy(&fd.name).into_owned())
    }

    /// Numbers of a thread's descriptors.
    fn fds(&self, tid: i64) -> Vec<i64> {
        let fds = self.state.threads().fds_of(self.thread(tid));
        fds.map_or(Vec::new(), |fds| fds.iter().map(|(fd, _)| fd).collect())
    }

    /// The caller's (`res` is the child) or child's (`res` is 0) event of a `clone`.
    fn clone(&mut self, tid: i64, res: i64, pid: i64, ptid: i64, flags: u32) {
        let event = self.clone_event(tid, res, pid, ptid, flags, (tid, pid));
        self.run(&event);
    }

    fn clone_event(
        &mut self,
        tid: i64,
        res: i64,
        pid: i64,
        ptid: i64,
        flags: u32,
        (vtid, vpid): (i64, i64),
    ) -> EventBuilder {
        let event = self.event(EventType::CLONE_20_X, tid).i64(res).str("sh").param(b"-c\0x\0");
        let event = event.i64(tid).i64(pid).i64(ptid).str("").i64(1024).u64(1).u64(2).u32(3).u32(4).u32(5);
        let event = event.str("sh").param(b"cpu=/\0").u32(flags).u32(1000).u32(1000);
        event.i64(vtid).i64(vpid).u64(7)
    }

    /// A process 20 whose parent is the shell, by both events.
    fn fork(&mut self) {
        self.clone(10, 20, 10, 1, 0);
        self.clone(20, 0, 20, 10, 0);
    }

    fn exec(&mut self, tid: i64, path: &str) {
        let event = self.event(EventType::EXECVE_19_X, tid).i64(0).str(path).param(b"a\0b\0");
        let event = event.i64(tid).i64(tid).i64(10).str("").u64(512).u64(1).u64(2).u32(3).u32(4).u32(5);
        let event = event.str("prog").param(b"cpu=/x\0").param(b"B=2\0").u32(0x8800).i64(tid).u32(1000);
        let event = event.u32(1 | 8).u64(1).u64(3).u64(7).u64(99).u64(5).u64(6).u32(0).str(path);
        let event = event.i64(tid).u32(50).str(path);
        self.run(&event);
    }

    fn exit_event(&mut self, tid: i64, reaper: i64) -> EventBuilder {
        self.event(EventType::PROCEXIT_1_E, tid).i64(0).i64(0).u8(0).u8(0).i64(reaper)
    }

    fn exit(&mut self, tid: i64, reaper: i64) {
        let event = self.exit_event(tid, reaper);
        self.run(&event);
    }

    fn openat(&mut self, tid: i64, fd: i64, dirfd: i64, name: &str, flags: u32) {
        let event = self.event(EventType::OPENAT_2_X, tid).i64(fd).i64(dirfd).str(name);
        let event = event.u32(flags).u32(0).u32(0xfe00).u64(1234);
        self.run(&event);
    }

    fn close(&mut self, tid: i64, fd: i64) {
        let event = self.event(EventType::CLOSE_X, tid).i64(0).i64(fd);
        self.run(&event);
    }

    fn socket(&mut self, tid: i64, fd: i64, domain: u32, ty: u32) {
        let event = self.event(EventType::SOCKET_X, tid).i64(fd).u32(domain).u32(ty).u32(0).u32(0);
        self.run(&event);
    }
}

/// Flags of a thread as libraries make it.
const THREAD: u32 = flag::CLONE_THREAD | flag::CLONE_FILES;
