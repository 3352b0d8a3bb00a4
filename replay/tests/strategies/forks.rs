//! A state that skims is as one to which everything was applied, whatever processes do to themselves and to each other.

use capture::event::schema::{EVENT_COUNT, EVENTS};
use capture::event::{EventBuilder, EventFlags, EventType as E, ParamInfo, ParamType};
use capture::savefile::{Capture, ProcessEntry, WriteOptions, Writer, WriterProfile};

use super::follow::check;
use super::support::Random;

const TIDS: [i64; 8] = [1, 2, 3, 4, 66, 67, 68, 131];
/// Second, third and fourth are in containers, of the third an engine knows no more than the id.
const CGROUPS: [&str; 4] = [
    "cpuset=/\0memory=/user.slice\0",
    "cpu=/kubepods/pod1/0123456789ab0123456789ab0123456789ab0123456789ab0123456789abcdef\0",
    "cpu=/lxc.payload/alpine\0",
    "cpu=/system.slice/docker-0123456789ab0123456789ab0123456789ab0123456789ab0123456789abcdef.scope\0",
];
/// What is known of the third.
const CONTAINER: &str = r#"{"container":{"id":"alpine","type":1,"name":"named","image":"alpine:3"}}"#;
const RLIMIT_NOFILE: u8 = 7;
/// `PPM_CL_*`: files, pid namespace, parent, thread with files, user namespace, vfork, child in a pid namespace.
const CLONE_FLAGS: [u32; 8] = [0, 0, 1, 1 << 6, 1 << 8, 1 << 13 | 1, 1 << 27, 1 << 29];
const NUMBERS: [u64; 10] = [0, 0, 1, 2, 3, 4, 7, 26, 36, 1 << 20];

const LIVES: [E; 8] = [
    E::CLONE_20_X,
    E::CLONE_20_X,
    E::CLONE3_X,
    E::FORK_20_X,
    E::VFORK_20_X,
    E::EXECVE_19_X,
    E::EXECVEAT_X,
    E::PROCEXIT_1_E,
];
const OTHERS: [E; 15] = [
    E::CONTAINER_JSON_2_E,
    E::PRCTL_X,
    E::PRLIMIT_X,
    E::SETRLIMIT_X,
    E::PIDFD_OPEN_X,
    E::PIDFD_GETFD_X,
    E::CHROOT_X,
    E::CHDIR_X,
    E::FCHDIR_X,
    E::SETNS_X,
    E::SETUID_X,
    E::SETSID_X,
    E::SCHEDSWITCH_6_E,
    E::PROCINFO_E,
    E::OPENAT_2_E,
];
const DESCRIPTORS: [E; 18] = [
    E::OPENAT_2_X,
    E::OPENAT_2_X,
    E::OPEN_X,
    E::CLOSE_X,
    E::CLOSE_X,
    E::READ_X,
    E::WRITE_X,
    E::GENERIC_X,
    E::FSTAT_X,
    E::NEWFSTATAT_X,
    E::FCNTL_X,
    E::DUP2_X,
    E::DUP3_X,
    E::PIPE2_X,
    E::SOCKET_X,
    E::CONNECT_X,
    E::CLOSE_RANGE_X,
    E::MMAP_X,
];

fn event_type(random: &mut Random, favourites: &[E]) -> E {
    match random.below(24) {
        0..4 => *random.pick(&LIVES),
        4..6 => *random.pick(&OTHERS),
        6..11 => *random.pick(favourites),
        11..22 => *random.pick(&DESCRIPTORS),
        _ => loop {
            let ty = E(random.below(EVENT_COUNT as u64) as u16);
            let old = EventFlags(EventFlags::UNUSED.0 | EventFlags::OLD_VERSION.0);
            if !ty.info().flags.intersects(old) {
                break ty;
            }
        },
    }
}

/// A value of one of few, so that events have to do with each other.
fn value(random: &mut Random, param: &ParamInfo) -> Vec<u8> {
    use ParamType as T;
    let number = match param.ty {
        T::Pid | T::Pid32 if param.name == "res" && random.one_in(2) => 0,
        T::Pid | T::Pid32 => *random.pick(&TIDS) as u64,
        T::Fd | T::Fd32 | T::Errno if random.one_in(6) => *random.pick(&[-100_i64, -2, -1]) as u64,
        T::Fd | T::Fd32 => 3 + random.below(4),
        T::Errno => 0,
        T::Flags32 if param.name == "flags" && random.one_in(2) => u64::from(*random.pick(&CLONE_FLAGS)),
        T::CharBuf | T::FsPath | T::FsRelPath => {
            return random.pick(&[&b"/a\0"[..], b"/b/../c\0", b"d\0", b"\0", b""]).to_vec();
        }
        T::ByteBuf if param.name == "cgroups" => return random.pick(&CGROUPS).as_bytes().to_vec(),
        T::ByteBuf => return random.pick(&[&b"x\0y\0"[..], b"", b"A=1\0"]).to_vec(),
        T::SockTuple if random.one_in(2) => return b"\x02\x7f\0\0\x01\x50\0\x7f\0\0\x01\x51\0".to_vec(),
        T::SockAddr if random.one_in(2) => return b"\x02\x7f\0\0\x01\x50\0".to_vec(),
        T::Dyn => return vec![1, 0, 0, 0, 0, 0, 0, 0, 0],
        _ => *random.pick(&NUMBERS),
    };
    number.to_le_bytes()[..param.ty.fixed_len().unwrap_or(0).min(8)].to_vec()
}

fn event(random: &mut Random, favourites: &[E], is_strange: bool, ts_ns: u64, tid: i64) -> EventBuilder {
    let ty = event_type(random, favourites);
    let mut event = EventBuilder::new(ty, ts_ns, tid);
    for param in EVENTS[usize::from(ty.0)].params {
        event = match (ty, param.name) {
            // Mostly what a kernel would say.
            (E::EXECVE_19_X | E::EXECVEAT_X, "tid" | "pid") if !(is_strange && random.one_in(9)) => {
                event.i64(tid)
            }
            (E::EXECVE_19_X | E::EXECVEAT_X, "res") if !random.one_in(5) => event.i64(0),
            (E::CLONE_20_X | E::CLONE3_X | E::FORK_20_X, "tid" | "pid" | "vtid" | "vpid")
                if !random.one_in(5) =>
            {
                event.i64(tid)
            }
            (E::CLONE_20_X | E::CLONE3_X | E::FORK_20_X, "flags") if !random.one_in(4) => event.u32(0),
            (E::PRLIMIT_X | E::SETRLIMIT_X, "resource") => event.u8(RLIMIT_NOFILE),
            (E::PIDFD_OPEN_X, "fd") | (E::PIDFD_GETFD_X, "pid_fd") => event.i64(6),
            (E::PIDFD_GETFD_X, "fd") => event.i64(5),
            (E::CONTAINER_JSON_2_E, _) => event.str(CONTAINER),
            (_, "cgroups") if !random.one_in(6) => event.param(CGROUPS[tid as usize % 4].as_bytes()),
            _ => event.param(&value(random, param)),
        };
    }
    event
}

#[test]
fn of_processes_that_come_and_go() {
    let mut random = Random::new(23);
    for round in 0..400 {
        let options = WriteOptions { profile: WriterProfile::Schema45, ..WriteOptions::default() };
        let mut writer = Writer::new(Vec::new(), options).unwrap();
        let init = ProcessEntry { tid: 1, pid: 1, ptid: 0, cwd: b"/".to_vec(), ..ProcessEntry::default() };
        writer.processes(&[init]).unwrap();
        // Some exits are forgotten only when the id comes back.
        let step_ns = *random.pick(&[1, 1_000_000, 400_000_000]);
        let favourites: Vec<E> = (0..4).map(|_| *random.pick(&[&LIVES[..], &OTHERS].concat())).collect();
        let is_strange = random.one_in(6);
        let mut tid = 1;
        for number in 1..700 {
            if random.one_in(3) {
                tid = *random.pick(&TIDS);
            }
            let _ = writer.event(&event(&mut random, &favourites, is_strange, number * step_ns, tid).event());
        }
        let capture = Capture::from_bytes(format!("round {round}"), writer.finish().unwrap());
        check(&capture, *random.pick(&[3, 40, 200, 1_000]));
    }
}
