//! Kernel facilities. Most calls are made so that they fail: their parameters are recorded all the same.

use lanner_capture::event::{EventType as E, SyscallCode};

use super::raw::{Calls, P, call, neg, p, pm, s};

pub fn make(calls: &mut Calls) {
    calls.call("bpf", &[20, 0, 0], E::BPF_2_X, &[P::Ret, P::U4(20)]);
    rings(calls);
    modules(calls);
    calls.call("seccomp", &[2, 0, 0], E::SECCOMP_X, &[P::Ret, P::U8(2), P::U8(0)]);
    let context = neg(-1);
    calls.call(
        "fsconfig",
        &[context, 1, p(c"source"), p(c"none"), 0],
        E::FSCONFIG_X,
        &[P::Ret, P::I8(-1), P::U4(1), s("source"), P::None, P::None, P::U4(0)],
    );
    let opened = call("fsopen", &[p(c"tmpfs"), 0]);
    if opened >= 0 {
        calls.call(
            "fsconfig",
            &[opened as u64, 1, p(c"size"), p(c"4096"), 0],
            E::FSCONFIG_X,
            &[P::Ret, P::I8(opened), P::U4(1), s("size"), P::None, s("4096"), P::U4(0)],
        );
    }
    quotas(calls);
    keys(calls);
    // A call without an event of its own: its code and its number.
    calls.call("getppid", &[], E::GENERIC_X, &[P::U2(SyscallCode::GETPPID.0), P::U2(110)]);
    calls.call("sched_yield", &[], E::GENERIC_X, &[P::U2(SyscallCode::SCHED_YIELD.0), P::U2(24)]);
}

fn rings(calls: &mut Calls) {
    let mut params = [0u32; 30];
    params[2] = 1 << 3; // CQSIZE
    params[1] = 16;
    let ret = call("io_uring_setup", &[4, pm(&mut params)]);
    let flags = if params[2] & 8 != 0 { 1 << 4 } else { 0 };
    let expected = [
        P::Ret,
        P::U4(4),
        P::U4(params[0]),
        P::U4(params[1]),
        P::U4(flags),
        P::U4(params[3]),
        P::U4(params[4]),
        P::U4(params[5] & 0x7ff),
    ];
    calls.expect("io_uring_setup", E::IO_URING_SETUP_X, ret, &expected);
    calls.call(
        "io_uring_enter",
        &[neg(-1), 2, 1, 1 | 4, 0xdead_beef, 8],
        E::IO_URING_ENTER_X,
        &[P::Ret, P::I8(-1), P::U4(2), P::U4(1), P::U4(1 | 4), P::U4(0xdead_beef)],
    );
    calls.call(
        "io_uring_register",
        &[neg(-1), 3, 0x1000, 2],
        E::IO_URING_REGISTER_X,
        &[P::Ret, P::I8(-1), P::U2(3), P::U8(0x1000), P::U4(2)],
    );
}

fn modules(calls: &mut Calls) {
    let image = *b"not a module";
    calls.call(
        "init_module",
        &[p(&image), 12, p(c"x=1")],
        E::INIT_MODULE_X,
        &[P::Ret, P::B(image.to_vec()), P::U8(12), s("x=1")],
    );
    calls.call(
        "finit_module",
        &[neg(-1), p(c"y=2"), 1 | 2],
        E::FINIT_MODULE_X,
        &[P::Ret, P::I8(-1), s("y=2"), P::U4(1 | 2)],
    );
    let args = [p(c"no_such"), 0o4000 | 0o1000];
    calls.call("delete_module", &args, E::DELETE_MODULE_X, &[P::Ret, s("no_such"), P::U4(2 | 1)]);
}

fn quotas(calls: &mut Calls) {
    let none = |ret: P, special: &str, file: P| {
        let mut params = vec![ret, s(special), file];
        params.extend([P::U8(0), P::U8(0), P::U8(0), P::U8(0), P::U8(0), P::U8(0), P::U8(0)]);
        params.extend([P::U8(0), P::U8(0), P::U1(0), P::U1(1)]);
        params
    };
    // Q_QUOTAON for users, format VFS_V0.
    let mut params = none(P::Ret, "/dev/none", s("/quota"));
    params.extend([P::U2(1), P::U1(1), P::U4(0), P::U1(4)]);
    calls.call("quotactl", &[0x8000_0200, p(c"/dev/none"), 2, p(c"/quota")], E::QUOTACTL_X, &params);
    // Q_SETQUOTA for groups with hard limits.
    let mut quota = [0u64; 9];
    (quota[0], quota[1]) = (100, 50);
    quota[8] = 1; // QIF_BLIMITS
    let mut params = none(P::Ret, "/dev/none", P::None);
    (params[3], params[4]) = (P::U8(100), P::U8(50));
    params.extend([P::U2(64), P::U1(2), P::U4(1000), P::U1(1)]);
    calls.call("quotactl", &[0x8000_0801, p(c"/dev/none"), 1000, p(&quota)], E::QUOTACTL_X, &params);
}

fn keys(calls: &mut Calls) {
    let number = |value: i64| P::B([&[0u8][..], &value.to_le_bytes()].concat());
    let text = |value: &str| P::B([&[1u8][..], value.as_bytes(), b"\0"].concat());
    let zero = number(0);
    // GET_KEYRING_ID of the session keyring.
    calls.call(
        "keyctl",
        &[0, neg(-3), 0, 9, 9],
        E::KEYCTL_X,
        &[P::Ret, P::U4(0), number(-3), zero.clone(), zero.clone(), zero.clone()],
    );
    // SEARCH: two strings between two numbers.
    calls.call(
        "keyctl",
        &[10, neg(-3), p(c"user"), p(c"name"), 0],
        E::KEYCTL_X,
        &[P::Ret, P::U4(10), number(-3), text("user"), text("name"), zero],
    );
}
