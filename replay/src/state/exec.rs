//! `execve` and `execveat`: a thread becomes another program.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};

use super::enter;
use super::open;
use super::thread::{ThreadInfo, flag};
use super::update::{Update, text_at};
use crate::path;
use crate::text::Text;

/// `PPM_EXVAT_AT_EMPTY_PATH`.
const AT_EMPTY_PATH: u32 = 1 << 0;

/// Bits of the `flags` parameter.
mod exe_flag {
    pub const WRITABLE: u32 = 1 << 0;
    pub const UPPER_LAYER: u32 = 1 << 1;
    pub const FROM_MEMFD: u32 = 1 << 2;
    pub const LOWER_LAYER: u32 = 1 << 3;
}

// Both events have the same parameters, up to the last one, which is not used here.
use EXECVE_19_X as P;

/// Turns the thread into the program that was executed.
pub(super) fn apply(update: &mut Update<'_>) {
    if !update.succeeded() {
        return;
    }
    let Some(index) = update.thread else { return };
    // A secondary thread that executes a program takes the id of its main thread, which may be dead.
    update.state.threads.resurrect(index);
    let exepath = match update.event.bytes_at(P::trusted_exepath) {
        Some(_) => Some(update.text(P::trusted_exepath).to_vec()),
        None => path_from_enter(update),
    };
    let event = update.event;
    let cgroups = event.bytes_at(P::cgroups).and_then(|list| update.state.cgroups.share(list));
    let Some(thread) = update.thread_mut() else { return };
    if let Some(cgroups) = cgroups {
        thread.cgroups = cgroups;
    }
    let was_placeholder = take_identity(thread, event);
    if let Some(exepath) = exepath {
        thread.set_exepath(&exepath);
    }
    take_program(thread, event);
    take_resources(thread, event);
    if was_placeholder {
        update.state.threads.relate(index);
    }
    close_on_exec(update);
    drop_siblings(update);
}

/// Ids and strings. Returns whether the thread was a stand-in until now.
fn take_identity(thread: &mut ThreadInfo, event: &Event<'_>) -> bool {
    thread.exe = Text::new(text_at(event, P::exe));
    thread.lastexec_ts_ns = event.ts_ns;
    // Old captures have no task name.
    thread.comm = match event.bytes_at(P::comm) {
        Some(_) => Text::new(text_at(event, P::comm)),
        None => thread.exe.clone(),
    };
    thread.args = Text::new(event.param(P::args).unwrap_or_default());
    if let Some(pid) = event.i64_at(P::pid) {
        thread.pid = pid;
    }
    let was_placeholder = thread.is_placeholder();
    if was_placeholder {
        thread.ptid = event.i64_at(P::ptid).unwrap_or(-1);
        if thread.flags & flag::CHILD_IN_PIDNS == 0 {
            thread.vtid = thread.tid;
            thread.vpid = thread.pid;
        }
    }
    was_placeholder
}

/// Facts about the program and its file.
fn take_program(thread: &mut ThreadInfo, event: &Event<'_>) {
    if let Some(env) = event.bytes_at(P::env) {
        replace(&mut thread.env, env);
    }
    if let Some(flags) = event.u32_at(P::flags) {
        thread.exe_writable = flags & exe_flag::WRITABLE != 0;
        thread.exe_upper_layer = flags & exe_flag::UPPER_LAYER != 0;
        thread.exe_from_memfd = flags & exe_flag::FROM_MEMFD != 0;
        thread.exe_lower_layer = flags & exe_flag::LOWER_LAYER != 0;
    }
    if let Some(mtime) = event.u64_at(P::exe_ino_mtime) {
        thread.exe_ino = event.u64_at(P::exe_ino).unwrap_or(0);
        thread.exe_ino_ctime_ns = event.u64_at(P::exe_ino_ctime).unwrap_or(0);
        thread.exe_ino_mtime_ns = mtime;
        let changed = thread.exe_ino_ctime_ns;
        if thread.clone_ts_ns != 0 {
            thread.exe_ino_ctime_duration_clone_ns = thread.clone_ts_ns.wrapping_sub(changed);
        }
        if thread.pidns_init_start_ts_ns != 0 && changed > thread.pidns_init_start_ts_ns {
            thread.exe_ino_ctime_duration_pidns_start_ns = changed - thread.pidns_init_start_ts_ns;
        }
    }
}

/// Limits, memory and credentials.
fn take_resources(thread: &mut ThreadInfo, event: &Event<'_>) {
    if let Some(fdlimit) = event.i64_at(P::fdlimit) {
        thread.fdlimit = fdlimit;
    }
    if let Some(vmswap_kb) = event.u32_at(P::vm_swap) {
        thread.pfmajor = event.u64_at(P::pgft_maj).unwrap_or(0);
        thread.pfminor = event.u64_at(P::pgft_min).unwrap_or(0);
        thread.vmsize_kb = event.u32_at(P::vm_size).unwrap_or(0);
        thread.vmrss_kb = event.u32_at(P::vm_rss).unwrap_or(0);
        thread.vmswap_kb = vmswap_kb;
    }
    if let Some(tty) = event.u32_at(P::tty) {
        thread.tty = tty;
    }
    if let Some(vpgid) = event.i64_at(P::vpgid) {
        thread.vpgid = vpgid;
    }
    thread.pgid = event.i64_at(P::pgid).unwrap_or(-1);
    if let Some(loginuid) = event.u32_at(P::loginuid) {
        thread.loginuid = loginuid;
    }
    if let Some(effective) = event.u64_at(P::cap_effective) {
        thread.cap_inheritable = event.u64_at(P::cap_inheritable).unwrap_or(0);
        thread.cap_permitted = event.u64_at(P::cap_permitted).unwrap_or(0);
        thread.cap_effective = effective;
    }
    if let Some(uid) = event.u32_at(P::uid) {
        thread.uid = uid;
    }
    if let Some(gid) = event.u32_at(P::gid) {
        thread.gid = gid;
    }
}

/// Path of the executable in captures whose exit events lack it.
fn path_from_enter(update: &mut Update<'_>) -> Option<Vec<u8>> {
    let entered = enter::take(update)?;
    let entered = entered.event();
    if entered.ty == EventType::EXECVE_19_E {
        let name = text_at(&entered, EXECVE_19_E::filename);
        if name == b"<NA>" {
            return Some(name.to_vec());
        }
        return Some(path::join(open::cwd(update), name).to_vec());
    }
    let dirfd = entered.i64_at(EXECVEAT_E::dirfd).unwrap_or(-1);
    let flags = entered.u32_at(EXECVEAT_E::flags).unwrap_or(0);
    let name = text_at(&entered, EXECVEAT_E::pathname);
    let dir = open::base_dir(update, name, dirfd);
    let by_descriptor = flags & AT_EMPTY_PATH != 0;
    if dir == b"<UNKNOWN>" || (!by_descriptor && name == b"<NA>") {
        return Some(b"<NA>".to_vec());
    }
    let path = if by_descriptor { path::join(b"", &dir) } else { path::join(&dir, name) };
    Some(path.to_vec())
}

/// Closes what is marked so, and resets the flags that belong to the old program.
fn close_on_exec(update: &mut Update<'_>) {
    let Some(index) = update.thread else { return };
    update.state.threads.change_fds(index, |fds| fds.retain(|_, fd| !fd.is_close_on_exec()));
    let Some(thread) = update.thread_mut() else { return };
    let kept = flag::PIPE_SRC | flag::PIPE_DST | flag::IS_MAIN_THREAD | flag::CLONE_INVERTED;
    thread.flags = thread.flags & kept | flag::ACTIVE | flag::NAME_CHANGED;
}

/// The other threads of the process are gone.
fn drop_siblings(update: &mut Update<'_>) {
    let Some(index) = update.thread else { return };
    for tid in update.state.threads.siblings(index) {
        update.state.threads.remove(tid);
    }
}

/// Replaces a string unless it is the same, which keeps memory shared with other processes.
fn replace(old: &mut Text, new: &[u8]) {
    if **old != *new {
        *old = Text::new(new);
    }
}
