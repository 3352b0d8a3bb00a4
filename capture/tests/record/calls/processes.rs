//! Processes, memory, waiting.

use lanner_capture::event::EventType as E;

use super::raw::{Calls, P, call, neg, own_pid, own_tid, p, s};

pub fn make(calls: &mut Calls) {
    failed_execs(calls);
    clones(calls);
    memory(calls);
}

/// Parameters of an exec that nobody can know: memory, faults, files of the running program.
fn exec(exe: P, args: P, env: P, tail: &[P]) -> Vec<P> {
    let mut params = vec![P::Ret, exe, args, P::I8(own_tid()), P::I8(own_pid()), P::Any, P::None];
    params.extend([P::Any, P::Any, P::Any, P::Any, P::Any, P::Any]); // fdlimit, faults, memory
    let comm = std::fs::read_to_string(format!("/proc/self/task/{}/comm", own_tid())).unwrap();
    params.extend([s(comm.trim_end()), P::Any, env]);
    params.extend([P::Any, P::Any, P::Any, P::Any, P::Any, P::Any, P::Any]); // tty to cap_effective
    let program = std::env::current_exe().unwrap();
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(&program).unwrap();
    let ns = |sec: i64, nsec: i64| P::U8((sec * 1_000_000_000 + nsec) as u64);
    params.push(P::U8(metadata.ino()));
    params.push(ns(metadata.ctime(), metadata.ctime_nsec()));
    params.push(ns(metadata.mtime(), metadata.mtime_nsec()));
    params.extend([P::U4(0), s(program.to_str().unwrap())]);
    params.extend([P::Any, P::U4(0)]); // pgid, gid
    params.extend_from_slice(tail);
    params
}

fn failed_execs(calls: &mut Calls) {
    let argv = [p(c"zero"), p(c"one"), p(c"two"), 0];
    let envp = [p(c"A=1"), p(c"B="), 0];
    let (args, env) = (P::B(b"one\0two\0".to_vec()), P::B(b"A=1\0B=\0".to_vec()));
    let params = exec(s("zero"), args.clone(), env.clone(), &[s("/no/such")]);
    calls.call("execve", &[p(c"/no/such"), p(&argv), p(&envp)], E::EXECVE_19_X, &params);
    let params = exec(s(""), P::None, P::None, &[s("/no/such")]);
    calls.call("execve", &[p(c"/no/such"), 0, 0], E::EXECVE_19_X, &params);
    let params = exec(s("zero"), args, env, &[]);
    calls.call("execveat", &[neg(-100), p(c"no-such"), p(&argv), p(&envp), 0], E::EXECVEAT_X, &params);
}

/// Parameters of a clone up to the flags' place.
fn clone(tid: P, pid: P, flags: u32, start: P) -> Vec<P> {
    let mut params = vec![P::Ret, P::Any, P::Any, tid.clone(), pid.clone(), P::Any, P::None];
    params.extend(vec![P::Any; 8]);
    params.extend([P::U4(flags), P::U4(0), P::U4(0), tid, pid, start]);
    params
}

fn clones(calls: &mut Calls) {
    let (tid, pid) = (P::I8(own_tid()), P::I8(own_pid()));
    // A call that fails: flags that contradict each other (CLONE_THREAD without CLONE_SIGHAND).
    let mut params = clone(tid.clone(), pid.clone(), 1 << 13, P::U8(0));
    (params[1], params[2]) = (P::None, P::None);
    calls.call("clone", &[0x10000, 0, 0, 0, 0], E::CLONE_20_X, &params);
    let clone_args = [0x10000u64 | 0x200, 0, 0, 0, 0, 0, 0, 0];
    let mut params = clone(tid, pid, 1 << 13 | 1 << 1, P::U8(0));
    (params[1], params[2]) = (P::None, P::None);
    calls.call("clone3", &[p(&clone_args), 64], E::CLONE3_X, &params);

    // A child of std: clone or vfork on both sides, an exec, an exit.
    let mut child = std::process::Command::new("/bin/sh").args(["-c", "exit 7"]).env_clear().spawn().unwrap();
    let child_pid = i64::from(child.id());
    assert_eq!(child.wait().unwrap().code(), Some(7));
    let code = 7i64 << 8;
    let exit = [P::I8(code), P::I8(7), P::U1(0), P::U1(0), P::I8(0)];
    calls.expect_of(child_pid, "exit_group", E::PROCEXIT_1_E, 0, &exit);

    let mut killed = std::process::Command::new("/bin/sleep").arg("100").spawn().unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    // The kernel forgets who sent a signal that ends a whole process.
    let signal = [P::I8(0), P::I8(killed.id().into()), P::U1(9)];
    calls.expect_of(killed.id().into(), "kill", E::SIGNALDELIVER_E, 0, &signal);
    let exit = [P::I8(9), P::I8(0), P::U1(9), P::U1(0), P::I8(0)];
    calls.expect_of(killed.id().into(), "kill", E::PROCEXIT_1_E, 0, &exit);

    let mut trapping = std::process::Command::new("/bin/sh")
        .args(["-c", "trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(trapping.stdout.as_mut().unwrap(), &mut ready).unwrap();
    call("kill", &[trapping.id().into(), 15]);
    assert_eq!(trapping.wait().unwrap().code(), Some(5));
    let signal = [P::I8(own_pid()), P::I8(trapping.id().into()), P::U1(15)];
    calls.expect_of(trapping.id().into(), "kill", E::SIGNALDELIVER_E, 0, &signal);

    // A thread: its own tid, this pid; the result on its side is 0.
    let thread = std::thread::spawn(own_tid);
    let other = thread.join().unwrap();
    let exit = [P::I8(0), P::I8(0), P::U1(0), P::U1(0), P::I8(0)];
    calls.expect_of(other, "exit", E::PROCEXIT_1_E, 0, &exit);
}

fn memory(calls: &mut Calls) {
    let vm = [P::Any, P::Any, P::Any];
    let with_vm = |rest: &[P]| [&[P::Ret], &vm[..], rest].concat();
    // PRIVATE|ANONYMOUS|POPULATE, READ|WRITE.
    let rest = [P::U8(0), P::U8(8192), P::U4(3), P::U4(2 | 8 | 128), P::I8(-1), P::U8(0)];
    let at =
        calls.call("mmap", &[0, 8192, 3, 0x2 | 0x20 | 0x8000, neg(-1), 0], E::MMAP_X, &with_vm(&rest)) as u64;
    let rest = [P::U8(4096), P::U8(0), P::U4(7), P::U4(1), P::I8(99), P::U8(4096)];
    calls.call("mmap", &[4096, 0, 7, 1, 99, 4096], E::MMAP_X, &with_vm(&rest));
    calls.call("mprotect", &[at, 4096, 5], E::MPROTECT_X, &[P::Ret, P::U8(at), P::U8(4096), P::U4(5)]);
    calls.call("mlock", &[at, 4096], E::MLOCK_X, &[P::Ret, P::U8(at), P::U8(4096)]);
    calls.call("mlock2", &[at, 4096, 1], E::MLOCK2_X, &[P::Ret, P::U8(at), P::U8(4096), P::U4(1)]);
    calls.call("munlock", &[at, 4096], E::MUNLOCK_X, &[P::Ret, P::U8(at), P::U8(4096)]);
    calls.call("mlockall", &[2 | 4], E::MLOCKALL_X, &[P::Ret, P::U4(2 | 4)]);
    calls.call("munlockall", &[], E::MUNLOCKALL_X, &[P::Ret]);
    calls.call("munmap", &[at, 8192], E::MUNMAP_X, &with_vm(&[P::U8(at), P::U8(8192)]));
    calls.call("brk", &[0], E::BRK_4_X, &with_vm(&[P::U8(0)]));
}
