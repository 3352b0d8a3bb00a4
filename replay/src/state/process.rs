//! Directories, credentials, capabilities, limits and memory of processes.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};

use super::thread::{ThreadInfo, flag};
use super::update::Update;
use super::{fd, open};
use crate::path;
use crate::text::Text;

/// `PPM_RLIMIT_NOFILE`.
const RLIMIT_NOFILE: u8 = 7;
/// `PPM_PR_SET_CHILD_SUBREAPER` and `PPM_PR_GET_CHILD_SUBREAPER`.
const CHILD_SUBREAPER: [u32; 2] = [36, 37];
/// All capabilities, up to `CAP_CHECKPOINT_RESTORE`.
const ALL_CAPABILITIES: u64 = (1 << 41) - 1;

/// `chdir` and `getcwd`.
pub(super) fn change_dir(update: &mut Update<'_>) {
    if update.succeeded() {
        let dir = update.text(CHDIR_X::path);
        set_cwd(update, dir);
    }
}

/// `fchdir`.
pub(super) fn change_dir_fd(update: &mut Update<'_>) {
    if update.succeeded()
        && let Some(fd::FdInfo { name, .. }) = update.fd()
    {
        let dir = name.clone();
        set_cwd(update, &dir);
    }
}

fn set_cwd(update: &mut Update<'_>, dir: &[u8]) {
    // Relative to the thread's own directory, which only a main thread has.
    let base = update.thread().map(|thread| thread.cwd.clone()).unwrap_or_default();
    if let Some(main) = update.main_mut() {
        main.cwd = directory(&base, dir);
    }
}

/// A directory as threads have it: resolved, with a slash at its end.
pub(super) fn directory(base: &[u8], dir: &[u8]) -> Text {
    let mut out = path::join(base, dir).to_vec();
    if !out.ends_with(b"/") {
        out.push(b'/');
    }
    Text::new(&out)
}

/// `chroot`.
pub(super) fn chroot(update: &mut Update<'_>) {
    if update.result() != Some(0) {
        return;
    }
    let root = update.text(CHROOT_X::path);
    let is_relative = !root.is_empty() && !root.starts_with(b"/") && root != b"<NA>";
    let root = if is_relative { Text::new(&path::join(open::cwd(update), root)) } else { Text::new(root) };
    if let Some(thread) = update.thread_mut() {
        thread.root = root;
    }
}

/// The calls that set the effective user.
pub(super) fn set_user(update: &mut Update<'_>) {
    let param = match update.event.ty {
        EventType::SETRESUID_X => SETRESUID_X::euid,
        EventType::SETREUID_X => SETREUID_X::euid,
        _ => SETUID_X::uid,
    };
    let uid = update.event.u32_at(param);
    if let (Some(0), Some(uid), Some(thread)) = (update.result(), uid, update.thread_mut()) {
        thread.uid = uid;
    }
}

/// The calls that set the effective group.
pub(super) fn set_group(update: &mut Update<'_>) {
    let param = match update.event.ty {
        EventType::SETRESGID_X => SETRESGID_X::egid,
        EventType::SETREGID_X => SETREGID_X::egid,
        _ => SETGID_X::gid,
    };
    let gid = update.event.u32_at(param);
    if let (Some(0), Some(gid), Some(thread)) = (update.result(), gid, update.thread_mut()) {
        thread.gid = gid;
    }
}

/// `setsid`: the session has the number of its leader.
pub(super) fn setsid(update: &mut Update<'_>) {
    if let Some(sid) = update.result().filter(|sid| *sid >= 0)
        && let Some(thread) = update.thread_mut()
    {
        thread.sid = sid;
    }
}

/// `capset`.
pub(super) fn capset(update: &mut Update<'_>) {
    let event = update.event;
    if !update.succeeded() {
        return;
    }
    let sets = [CAPSET_X::cap_inheritable, CAPSET_X::cap_permitted, CAPSET_X::cap_effective];
    let [Some(inheritable), Some(permitted), Some(effective)] = sets.map(|at| event.u64_at(at)) else {
        return;
    };
    if let Some(thread) = update.thread_mut() {
        thread.cap_inheritable = inheritable;
        thread.cap_permitted = permitted;
        thread.cap_effective = effective;
    }
}

/// `unshare` and `setns`: in a new user namespace a thread has all capabilities.
pub(super) fn change_namespace(update: &mut Update<'_>) {
    let param = if update.event.ty == EventType::UNSHARE_X { UNSHARE_X::flags } else { SETNS_X::nstype };
    let flags = update.event.u32_at(param).unwrap_or(0);
    if update.succeeded()
        && flags & flag::CLONE_NEWUSER != 0
        && let Some(thread) = update.thread_mut()
    {
        thread.cap_inheritable = ALL_CAPABILITIES;
        thread.cap_permitted = ALL_CAPABILITIES;
        thread.cap_effective = ALL_CAPABILITIES;
    }
}

/// `prctl`, as far as it makes the process inherit orphans.
pub(super) fn prctl(update: &mut Update<'_>) {
    let event = update.event;
    let Some(index) = update.thread.filter(|_| update.succeeded()) else { return };
    if event.u32_at(PRCTL_X::option).is_some_and(|option| CHILD_SUBREAPER.contains(&option))
        && let Some(arg) = event.i64_at(PRCTL_X::arg2_int)
    {
        update.state.threads.set_reaper(index, arg != 0);
    }
}

/// `getrlimit` and `setrlimit` on the number of open files.
pub(super) fn rlimit(update: &mut Update<'_>) {
    let event = update.event;
    if update.succeeded()
        && event.u8_at(GETRLIMIT_X::resource) == Some(RLIMIT_NOFILE)
        && let Some(limit) = event.i64_at(GETRLIMIT_X::cur).filter(|limit| *limit != -1)
        && let Some(main) = update.main_mut()
    {
        main.fdlimit = limit;
    }
}

/// `prlimit`, which can be about another process.
pub(super) fn prlimit(update: &mut Update<'_>) {
    let event = update.event;
    let nofile = event.u8_at(PRLIMIT_X::resource) == Some(RLIMIT_NOFILE);
    let limit = event.i64_at(PRLIMIT_X::newcur).filter(|limit| *limit != -1);
    let (Some(0), true, Some(limit), Some(tid)) =
        (update.result(), nofile, limit, event.i64_at(PRLIMIT_X::pid))
    else {
        return;
    };
    let tid = if tid == 0 { event.tid } else { tid };
    let found = update.state.threads.index_of(tid).or_else(|| update.state.add_placeholder(tid));
    let threads = &mut update.state.threads;
    let known = found.filter(|index| threads.info(*index).is_some_and(|thread| !thread.is_placeholder()));
    if let Some(main) = known.and_then(|index| threads.main_index_of(index))
        && let Some(main) = threads.info_mut(main)
    {
        main.fdlimit = limit;
    }
}

/// Memory sizes after `brk`, `mmap` and `munmap`.
pub(super) fn memory(update: &mut Update<'_>) {
    let event = update.event;
    if let Some(thread) = update.thread_mut() {
        set_memory(thread, event);
    }
}

/// Memory sizes that an event tells.
pub(super) fn set_memory(thread: &mut ThreadInfo, event: &Event<'_>) {
    if let Some(vmsize_kb) = event.u32_at(BRK_4_X::vm_size) {
        thread.vmsize_kb = vmsize_kb;
    }
    if let Some(vmswap_kb) = event.u32_at(BRK_4_X::vm_swap) {
        thread.vmrss_kb = event.u32_at(BRK_4_X::vm_rss).unwrap_or(0);
        thread.vmswap_kb = vmswap_kb;
    }
}

/// Memory sizes and page faults at a context switch.
pub(super) fn context_switch(update: &mut Update<'_>) {
    use SCHEDSWITCH_6_E as P;
    let event = update.event;
    let Some(vmswap_kb) = event.u32_at(P::vm_swap) else { return };
    if let Some(thread) = update.thread_mut() {
        thread.pfmajor = event.u64_at(P::pgft_maj).unwrap_or(0);
        thread.pfminor = event.u64_at(P::pgft_min).unwrap_or(0);
    }
    if let Some(main) = update.main_mut() {
        main.vmsize_kb = event.u32_at(P::vm_size).unwrap_or(0);
        main.vmrss_kb = event.u32_at(P::vm_rss).unwrap_or(0);
        main.vmswap_kb = vmswap_kb;
    }
}

/// CPU times, which only the fields that compare them with the time before look at.
pub(super) fn process_info(update: &mut Update<'_>) {
    use PROCINFO_E as P;
    let (Some(user), Some(system)) = (update.event.u64_at(P::cpu_usr), update.event.u64_at(P::cpu_sys))
    else {
        return;
    };
    let parts = update.thread.and_then(|index| update.state.threads.parts_mut(index));
    let Some((_, recent)) = parts else { return };
    update.applied.facts.previous_cpu = recent.cpu.replace((user, system));
}
