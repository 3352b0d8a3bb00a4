//! Ids, capabilities, namespaces, limits. Last, as some of it sticks.

use lanner_capture::event::EventType as E;

use super::raw::{Calls, P, call, neg, own_pid, p, pm, s};

const UNCHANGED: u64 = u32::MAX as u64;

pub fn make(calls: &mut Calls) {
    getters(calls);
    limits(calls);
    calls.call("setpgid", &[999_999, 5], E::SETPGID_X, &[P::Ret, P::I8(999_999), P::I8(5)]);
    calls.call("setsid", &[], E::SETSID_X, &[P::Ret]);
    calls.call("setns", &[neg(-1), 0x4000_0000], E::SETNS_X, &[P::Ret, P::I8(-1), P::U4(16)]);
    calls.call("unshare", &[0x200 | 0x400], E::UNSHARE_X, &[P::Ret, P::U4(2 | 1)]);
    calls.call("prctl", &[15, p(c"renamed")], E::PRCTL_X, &[P::Ret, P::U4(15), s("renamed"), P::I8(0)]);
    let mut name = [0u8; 16];
    calls.call("prctl", &[16, pm(&mut name)], E::PRCTL_X, &[P::Ret, P::U4(16), s("renamed"), P::I8(0)]);
    calls.call("prctl", &[36, 1], E::PRCTL_X, &[P::Ret, P::U4(36), P::None, P::I8(1)]);
    let mut reaper = 0i32;
    calls.call("prctl", &[37, pm(&mut reaper)], E::PRCTL_X, &[P::Ret, P::U4(37), P::None, P::I8(1)]);
    calls.call("prctl", &[4, 1], E::PRCTL_X, &[P::Ret, P::U4(4), P::None, P::I8(1)]);
    capabilities(calls);
    setters(calls);
}

fn getters(calls: &mut Calls) {
    calls.call("getuid", &[], E::GETUID_X, &[P::U4(0)]);
    calls.call("geteuid", &[], E::GETEUID_X, &[P::U4(0)]);
    calls.call("getgid", &[], E::GETGID_X, &[P::U4(0)]);
    calls.call("getegid", &[], E::GETEGID_X, &[P::U4(0)]);
    let mut ids = [7u32; 3];
    let at = pm(&mut ids);
    let three = [P::Ret, P::U4(0), P::U4(0), P::U4(0)];
    calls.call("getresuid", &[at, at + 4, at + 8], E::GETRESUID_X, &three);
    calls.call("getresgid", &[at, at + 4, at + 8], E::GETRESGID_X, &three);
}

fn limits(calls: &mut Calls) {
    let mut limit = [0i64; 2];
    let ret = call("getrlimit", &[7, pm(&mut limit)]);
    calls.expect("getrlimit", E::GETRLIMIT_X, ret, &[P::Ret, P::I8(limit[0]), P::I8(limit[1]), P::U1(7)]);
    calls.call(
        "getrlimit",
        &[99, pm(&mut limit)],
        E::GETRLIMIT_X,
        &[P::Ret, P::I8(-1), P::I8(-1), P::U1(255)],
    );
    calls.call(
        "setrlimit",
        &[7, p(&limit)],
        E::SETRLIMIT_X,
        &[P::Ret, P::I8(limit[0]), P::I8(limit[1]), P::U1(7)],
    );
    let mut old = [0i64; 2];
    let (new_soft, new_hard, pid) = (limit[0], limit[1], own_pid());
    calls.call(
        "prlimit64",
        &[pid as u64, 7, p(&limit), pm(&mut old)],
        E::PRLIMIT_X,
        &[P::Ret, P::I8(new_soft), P::I8(new_hard), P::I8(new_soft), P::I8(new_hard), P::I8(pid), P::U1(7)],
    );
    calls.call(
        "prlimit64",
        &[neg(-5), 0, 0, 0],
        E::PRLIMIT_X,
        &[P::Ret, P::I8(0), P::I8(0), P::I8(-1), P::I8(-1), P::I8(-5), P::U1(0)],
    );
}

fn capabilities(calls: &mut Calls) {
    let mut header = [0x2008_0522u32, 0];
    let mut data = [0u32; 6];
    call("capget", &[pm(&mut header), pm(&mut data)]);
    let wide = |low: u32, high: u32| P::U8(u64::from(high) << 32 | u64::from(low));
    // effective, permitted, inheritable, low halves first; the event has them the other way round.
    let params = [P::Ret, wide(data[2], data[5]), wide(data[1], data[4]), wide(data[0], data[3])];
    calls.call("capset", &[pm(&mut header), p(&data)], E::CAPSET_X, &params);
}

fn setters(calls: &mut Calls) {
    let all = P::U4(u32::MAX);
    let two = [P::Ret, all.clone(), all.clone()];
    let three = [P::Ret, all.clone(), all.clone(), all];
    calls.call("setreuid", &[UNCHANGED, UNCHANGED], E::SETREUID_X, &two);
    calls.call("setregid", &[UNCHANGED, UNCHANGED], E::SETREGID_X, &two);
    calls.call("setresuid", &[UNCHANGED; 3], E::SETRESUID_X, &three);
    calls.call("setresgid", &[UNCHANGED; 3], E::SETRESGID_X, &three);
    calls.call("setgid", &[0], E::SETGID_X, &[P::Ret, P::U4(0)]);
    calls.call("setuid", &[0], E::SETUID_X, &[P::Ret, P::U4(0)]);
    calls.call("setuid", &[UNCHANGED], E::SETUID_X, &[P::Ret, P::U4(u32::MAX)]);
}
