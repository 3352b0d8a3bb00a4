//! What processes do, as lists of events.

use capture::event::{EventBuilder, EventType as E, SockTuple};

use super::Random;
use super::host::{Process, event};

/// Programs with their paths and arguments.
const COMMANDS: [(&str, &str, &[u8]); 12] = [
    ("ls", "/usr/bin/ls", b"-la\0"),
    ("cat", "/usr/bin/cat", b"README.md\0"),
    ("grep", "/usr/bin/grep", b"-rn\0TODO\0src\0"),
    ("git", "/usr/bin/git", b"status\0--porcelain\0"),
    ("sed", "/usr/bin/sed", b"-e\0s/a/b/\0"),
    ("date", "/usr/bin/date", b"+%s\0"),
    ("sh", "/usr/bin/dash", b"-c\0make check\0"),
    ("make", "/usr/bin/make", b"-j8\0"),
    ("curl", "/usr/bin/curl", b"-fsS\0https://example.org/\0"),
    ("id", "/usr/bin/id", b""),
    ("python3", "/usr/bin/python3", b"build.py\0--fast\0"),
    ("rm", "/usr/bin/rm", b"-f\0/tmp/x\0"),
];

const LIBRARIES: [&str; 5] = [
    "/etc/ld.so.cache",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libselinux.so.1",
    "/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0",
    "/usr/lib/locale/locale-archive",
];

const FILES: [&str; 16] = [
    "/home/user/src/main.rs",
    "/home/user/src/lib/parser.rs",
    "/home/user/.bashrc",
    "/home/user/.config/app/settings.toml",
    "/etc/passwd",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/proc/self/status",
    "/proc/meminfo",
    "/sys/fs/cgroup/memory.max",
    "/usr/share/zoneinfo/UTC",
    "/usr/include/stdio.h",
    "/usr/include/x86_64-linux-gnu/bits/types.h",
    "/var/lib/app/state.db",
    "/var/log/app.log",
    "/tmp/build/output.o",
];

/// Opened for reading.
const READ: u32 = 1;
/// Opened for writing, made if it is not there.
const WRITE: u32 = 1 << 1 | 1 << 2;

struct Script<'a> {
    random: &'a mut Random,
    events: Vec<EventBuilder>,
}

impl Script<'_> {
    fn push(&mut self, event: EventBuilder) {
        self.events.push(event);
    }

    fn open(&mut self, process: &Process, fd: i64, path: &str, flags: u32) {
        let opened = event(E::OPENAT_2_X, process).i64(fd).i64(-100).str(path).u32(flags);
        let inode = 4_000 + path.len() as u64;
        self.push(opened.u32(0o644).u32(0x801).u64(if fd < 0 { 0 } else { inode }));
    }

    fn read(&mut self, process: &Process, fd: i64) {
        let data = [b'x'; 80];
        let len = 1 + self.random.below(80) as usize;
        self.push(event(E::READ_X, process).i64(len as i64).param(&data[..len]).i64(fd).u32(4_096));
    }

    fn write(&mut self, process: &Process, fd: i64) {
        let text = b"a line of output, not a long one, of a program that runs\n";
        let len = 1 + self.random.below(text.len() as u64) as usize;
        self.push(event(E::WRITE_X, process).i64(len as i64).param(&text[..len]).i64(fd).u32(len as u32));
    }

    fn close(&mut self, process: &Process, fd: i64) {
        self.push(event(E::CLOSE_X, process).i64(0).i64(fd));
    }

    fn stat(&mut self, process: &Process, path: &str) {
        let result = if self.random.one_in(3) { -2 } else { 0 };
        self.push(event(E::NEWFSTATAT_X, process).i64(result).i64(-100).str(path).u32(0));
    }

    fn map(&mut self, process: &Process, fd: i64) {
        let mapped = event(E::MMAP_X, process).i64(0x7F00_0000_0000).u32(4_000).u32(800).u32(0);
        self.push(mapped.u64(0).u64(8_192).u32(3).u32(10).i64(fd).u64(0));
    }

    fn other(&mut self, process: &Process) {
        let fd = 3 + self.random.below(20) as i64;
        let path = *self.random.pick(&FILES);
        match self.random.below(12) {
            0..5 => {
                let code = self.random.below(300) as u16;
                self.push(event(E::GENERIC_X, process).u16(code).u16(code));
            }
            5..8 => self.push(event(E::FCNTL_X, process).i64(0).i64(fd).u8(2).u64(0)),
            8..9 => self.map(process, -1),
            9..10 => self.push(event(E::IOCTL_3_X, process).i64(0).i64(fd).u64(0x5401).u64(0)),
            10..11 => self.push(event(E::FSTAT_X, process).i64(0).i64(fd)),
            _ => self.stat(process, path),
        }
    }

    /// A process starts a program; returns the new process.
    fn spawn(&mut self, parent: &Process, next_pid: &mut i64) -> Process {
        let tid = *next_pid;
        *next_pid += 1;
        let (comm, exepath, args) = *self.random.pick(&COMMANDS);
        let before = Process { tid, pid: tid, ptid: parent.pid, ..parent.clone() };
        let after = Process { comm, exepath, ..before.clone() };
        for (process, result) in [(&before, 0), (parent, tid)] {
            let cloned = started(event(E::CLONE_20_X, process).i64(result), process, b"");
            let cloned = cloned.u32(0x0100_0000).u32(process.uid).u32(process.uid);
            self.push(cloned.i64(process.tid).i64(process.pid).u64(0));
        }
        let exec = started(event(E::EXECVE_19_X, &after).i64(0), &after, args);
        let exec =
            exec.param(b"PATH=/usr/local/bin:/usr/bin:/bin\0HOME=/home/user\0LANG=C.UTF-8\0PWD=/home\0");
        let exec = exec.u32(0x8800).i64(tid).u32(1_000).u32(1).u64(0).u64(0).u64(0);
        let exec = exec.u64(77).u64(1_600_000_000_000_000_000).u64(1_600_000_000_000_000_000);
        self.push(exec.u32(after.uid).str(exepath).i64(tid).u32(after.uid).str(exepath));
        for path in LIBRARIES {
            self.open(&after, 3, path, READ);
            if path.contains(".so") {
                self.read(&after, 3);
            }
            self.map(&after, 3);
            self.close(&after, 3);
        }
        after
    }

    fn exit(&mut self, process: &Process) {
        self.push(event(E::PROCEXIT_1_E, process).i64(0).i64(0).u8(0).u8(0).i64(1));
    }

    fn work_on_file(&mut self, process: &Process, fd: i64) {
        let path = *self.random.pick(&FILES);
        let writes = !path.starts_with("/etc") && !path.starts_with("/usr") && self.random.one_in(4);
        if self.random.one_in(6) {
            self.open(process, -2, path, READ);
            return;
        }
        self.open(process, fd, path, if writes { WRITE } else { READ });
        for _ in 0..1 + self.random.below(3) {
            if writes { self.write(process, fd) } else { self.read(process, fd) }
        }
        self.close(process, fd);
    }
}

/// What clone and execve have in common, from the program's name on.
fn started(event: EventBuilder, process: &Process, args: &[u8]) -> EventBuilder {
    let event = event.str(process.exepath).param(args).i64(process.tid).i64(process.pid).i64(process.ptid);
    let event = event.str("").i64(1_024).u64(1).u64(300).u32(4_000).u32(800).u32(0);
    event.str(process.comm).param(&process.cgroups())
}

fn script<'a>(random: &'a mut Random, write: impl FnOnce(&mut Script<'a>)) -> Vec<EventBuilder> {
    let mut script = Script { random, events: Vec::new() };
    write(&mut script);
    script.events
}

/// A command that is started, does about `calls` calls and ends.
pub fn command(random: &mut Random, parent: &Process, next_pid: &mut i64, calls: u64) -> Vec<EventBuilder> {
    script(random, |script| {
        let process = script.spawn(parent, next_pid);
        for _ in 0..script.random.below(2 * calls) {
            script.other(&process);
        }
        script.work_on_file(&process, 3);
        script.write(&process, 1);
        script.exit(&process);
    })
}

/// A compiler: headers are looked for, read, and an object is written.
pub fn compile(random: &mut Random, parent: &Process, next_pid: &mut i64) -> Vec<EventBuilder> {
    script(random, |script| {
        let shell = script.spawn(parent, next_pid);
        let compiler = script.spawn(&shell, next_pid);
        for _ in 0..30 {
            script.stat(&compiler, "/usr/lib/gcc/x86_64-linux-gnu/12/include/stddef.h");
            script.open(&compiler, -2, "/usr/local/include/stddef.h", READ);
            script.work_on_file(&compiler, 4);
            script.other(&compiler);
        }
        script.open(&compiler, 5, "/tmp/build/output.o", WRITE);
        for _ in 0..20 {
            script.write(&compiler, 5);
        }
        script.close(&compiler, 5);
        script.exit(&compiler);
        script.exit(&shell);
    })
}

/// Files are opened, read or written, and closed.
pub fn files(random: &mut Random, process: &Process) -> Vec<EventBuilder> {
    script(random, |script| {
        for _ in 0..20 {
            script.work_on_file(process, 5);
        }
    })
}

/// A directory is listed and each entry looked at.
pub fn walk(random: &mut Random, process: &Process) -> Vec<EventBuilder> {
    script(random, |script| {
        script.open(process, 6, "/home/user/src", READ | 1 << 10);
        for _ in 0..2 {
            script.push(event(E::GETDENTS64_X, process).i64(120).i64(6));
        }
        for _ in 0..20 {
            let path = *script.random.pick(&FILES);
            script.stat(process, path);
        }
        script.close(process, 6);
    })
}

/// Calls that no rule looks at, and reading and writing.
pub fn calls(random: &mut Random, process: &Process) -> Vec<EventBuilder> {
    script(random, |script| {
        for _ in 0..1 + script.random.below(20) {
            match script.random.below(4) {
                0 => script.read(process, 0),
                1 => script.write(process, 1),
                _ => script.other(process),
            }
        }
    })
}

/// A connection is made or taken, used and closed.
pub fn network(random: &mut Random, process: &Process) -> Vec<EventBuilder> {
    script(random, |script| {
        let port = *script.random.pick(&[443u16, 80, 5432, 6379, 8080]);
        let peer = [10, 0, script.random.below(4) as u8, script.random.below(200) as u8];
        let local = 32_768 + script.random.below(20_000) as u16;
        let ends = SockTuple::Ipv4 { sip: [10, 0, 0, 1].into(), sport: local, dip: peer.into(), dport: port };
        let tuple = ends.to_bytes();
        if script.random.one_in(2) {
            script.push(event(E::SOCKET_X, process).i64(7).u32(2).u32(1).u32(6).u32(0));
            let mut address = vec![2];
            address.extend(peer);
            address.extend(port.to_le_bytes());
            script.push(event(E::CONNECT_X, process).i64(0).param(&tuple).i64(7).param(&address));
        } else {
            script.push(event(E::ACCEPT4_6_X, process).i64(7).param(&tuple).u8(0).u32(0).u32(128).u32(0));
        }
        for _ in 0..1 + script.random.below(6) {
            let data = [b'y'; 64];
            script.push(event(E::SENDTO_X, process).i64(64).param(&data).i64(7).u32(64).empty());
            script.push(event(E::RECVFROM_X, process).i64(64).param(&data).empty().i64(7).u32(4_096));
            script.other(process);
        }
        script.close(process, 7);
    })
}
