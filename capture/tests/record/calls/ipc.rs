//! Signals, tracing, semaphores, futexes, sleeping.

use lanner_capture::event::EventType as E;

use super::raw::{Calls, P, call, neg, own_pid, own_tid, p, pm};

pub fn make(calls: &mut Calls) {
    let (pid, tid) = (own_pid(), own_tid());
    calls.call("kill", &[pid as u64, 0], E::KILL_X, &[P::Ret, P::I8(pid), P::U1(0)]);
    calls.call("kill", &[neg(-999_999), 15], E::KILL_X, &[P::Ret, P::I8(-999_999), P::U1(15)]);
    calls.call("tkill", &[tid as u64, 0], E::TKILL_X, &[P::Ret, P::I8(tid), P::U1(0)]);
    calls.call(
        "tgkill",
        &[pid as u64, tid as u64, 0],
        E::TGKILL_X,
        &[P::Ret, P::I8(pid), P::I8(tid), P::U1(0)],
    );
    let dynamic = |value: u64| P::B([&[0u8][..], &value.to_le_bytes()].concat());
    // PEEKDATA of a process that is not traced fails: no address and no data then.
    calls.call(
        "ptrace",
        &[2, 1, 0x1000, 0x2000],
        E::PTRACE_X,
        &[P::Ret, dynamic(0), dynamic(0), P::U2(3), P::I8(1)],
    );
    let time = [0u64, 1500];
    calls.call("nanosleep", &[p(&time), 0], E::NANOSLEEP_X, &[P::Ret, P::U8(1500)]);
    let mut word = 5u32;
    let at = pm(&mut word);
    calls.call(
        "futex",
        &[at, 1 | 128, 1, 0, 0, 0],
        E::FUTEX_X,
        &[P::Ret, P::U8(at), P::U2(1 | 128), P::U8(1)],
    );
    calls.call("futex", &[at, 0, 6, 0, 0, 0], E::FUTEX_X, &[P::Ret, P::U8(at), P::U2(0), P::U8(6)]);
    semaphores(calls);
}

fn semaphores(calls: &mut Calls) {
    let four = |value: i64| P::B((value as i32).to_le_bytes().to_vec());
    let flags = P::U4(0o600 | 1 << 13);
    let id = calls.call("semget", &[0, 2, 0o1600], E::SEMGET_X, &[P::Ret, four(0), four(2), flags]);
    if id < 0 {
        return; // no System V semaphores here
    }
    let set = |cmd: u16, number: i64, value: i64| [P::Ret, four(id), four(number), P::U2(cmd), four(value)];
    calls.call("semctl", &[id as u64, 1, 16, 3], E::SEMCTL_X, &set(1 << 12, 1, 3));
    #[repr(C)]
    struct Operation(u16, i16, i16);
    let operations = [Operation(1, -2, 0o10000), Operation(0, 1, 0o4000)];
    let expected = |count: u32, second: [P; 3]| {
        let first = [P::U2(1), P::U2((-2i16) as u16), P::U2(2)];
        [&[P::Ret, P::U4(count)], &first[..], &second[..], &[four(id)]].concat()
    };
    let two = expected(2, [P::U2(0), P::U2(1), P::U2(1)]);
    calls.call("semop", &[id as u64, p(&operations), 2], E::SEMOP_X, &two);
    call("semctl", &[id as u64, 1, 16, 3]);
    let one = expected(1, [P::U2(0), P::U2(0), P::U2(0)]);
    calls.call("semop", &[id as u64, p(&operations), 1], E::SEMOP_X, &one);
    calls.call("semctl", &[id as u64, 0, 0, 9], E::SEMCTL_X, &set(1 << 2, 0, 0));
}
