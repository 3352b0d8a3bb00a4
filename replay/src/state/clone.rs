//! `clone`, `clone3`, `fork` and `vfork`, each of which gives an event in the caller and one in the child.
//!
//! Whichever comes first makes the child, if it knows enough; the other one finds it there. The caller's
//! event does not make children in other pid namespaces, since it only has the id there.

use capture::event::{Event, EventType};

use super::State;
use super::container_id::CgroupLists;
use super::thread::{ThreadInfo, flag};
use super::threads::ThreadIndex;
use super::update::{Update, text_at};
use crate::text::Text;

// All of these events have the same parameters.
use capture::event::schema::param::CLONE_20_X as P;

/// A thread made longer ago than this is not the one that the event is about: its exit was lost.
pub(super) const STALE_NS: u64 = 2_000_000_000;

/// What such an event tells.
struct CloneParams<'e> {
    exe: &'e [u8],
    args: &'e [u8],
    pid: i64,
    ptid: i64,
    fdlimit: i64,
    /// Page faults and memory, unless the capture is too old.
    memory: Option<Memory>,
    comm: &'e [u8],
    cgroups: Option<&'e [u8]>,
    flags: u32,
    uid: u32,
    gid: u32,
    /// Thread and process in their pid namespace, unless the capture is too old.
    virtual_ids: Option<(i64, i64)>,
    pidns_init_start_ns: Option<u64>,
}

struct Memory {
    pfmajor: u64,
    pfminor: u64,
    vmsize_kb: u32,
    vmrss_kb: u32,
    vmswap_kb: u32,
}

impl<'e> CloneParams<'e> {
    fn read(event: &Event<'e>) -> Self {
        let exe = text_at(event, P::exe);
        let memory = event.u32_at(P::vm_swap).map(|vmswap_kb| Memory {
            pfmajor: event.u64_at(P::pgft_maj).unwrap_or(0),
            pfminor: event.u64_at(P::pgft_min).unwrap_or(0),
            vmsize_kb: event.u32_at(P::vm_size).unwrap_or(0),
            vmrss_kb: event.u32_at(P::vm_rss).unwrap_or(0),
            vmswap_kb,
        });
        CloneParams {
            exe,
            args: event.param(P::args).unwrap_or_default(),
            pid: event.i64_at(P::pid).unwrap_or(-1),
            ptid: event.i64_at(P::ptid).unwrap_or(-1),
            fdlimit: event.i64_at(P::fdlimit).unwrap_or(-1),
            memory,
            // Old captures have no task name.
            comm: event.bytes_at(P::comm).map_or(exe, |_| text_at(event, P::comm)),
            cgroups: event.bytes_at(P::cgroups),
            flags: event.u32_at(P::flags).unwrap_or(0),
            uid: event.u32_at(P::uid).unwrap_or(u32::MAX),
            gid: event.u32_at(P::gid).unwrap_or(u32::MAX),
            virtual_ids: event.i64_at(P::vpid).map(|vpid| (event.i64_at(P::vtid).unwrap_or(-1), vpid)),
            pidns_init_start_ns: event.u64_at(P::pidns_init_start_ts),
        }
    }

    fn is_thread(&self) -> bool {
        self.flags & flag::CLONE_THREAD != 0
    }

    /// A new thread with what the event tells about it. Most of that is the same as with `model`.
    fn make_child(
        &self,
        tid: i64,
        ts_ns: u64,
        lists: &mut CgroupLists,
        model: Option<&ThreadInfo>,
    ) -> ThreadInfo {
        let mut child = ThreadInfo::new(tid);
        child.flags = self.flags;
        // Threads never have descriptors of their own: the main thread has them.
        if self.is_thread() {
            child.flags |= flag::CLONE_FILES;
        }
        child.exe = Text::like(self.exe, model.map(|model| &model.exe));
        child.comm = Text::new(self.comm);
        child.args = Text::like(self.args, model.map(|model| &model.args));
        child.fdlimit = self.fdlimit;
        if let Some(memory) = &self.memory {
            child.pfmajor = memory.pfmajor;
            child.pfminor = memory.pfminor;
            child.vmsize_kb = memory.vmsize_kb;
            child.vmrss_kb = memory.vmrss_kb;
            child.vmswap_kb = memory.vmswap_kb;
        }
        child.uid = self.uid;
        child.gid = self.gid;
        child.cgroups = self.cgroups.and_then(|list| lists.share(list)).unwrap_or_default();
        child.clone_ts_ns = ts_ns;
        child
    }
}

/// Adds the child or completes what is known.
pub(super) fn apply(update: &mut Update<'_>) {
    match update.result() {
        Some(0) => in_child(update, &CloneParams::read(update.event)),
        Some(child) if child > 0 => in_caller(update, child),
        _ => {}
    }
}

fn in_caller(update: &mut Update<'_>, child_tid: i64) {
    let (tid, ts_ns) = (update.event.tid, update.event.ts_ns);
    let Some(caller) = update.state.threads.find(tid).or_else(|| update.state.add_placeholder(tid)) else {
        update.thread = None;
        return;
    };
    update.thread = Some(caller);
    let knows_caller = update.thread().is_some_and(|thread| !thread.is_placeholder());
    if knows_caller && !makes_child(update, child_tid) {
        return;
    }
    let params = &CloneParams::read(update.event);
    if !knows_caller {
        complete_caller(update, caller, params);
        if !makes_child(update, child_tid) {
            return;
        }
    }
    if update.state.threads.get(child_tid).is_some() {
        update.state.threads.remove(child_tid);
        // The caller may have been removed with it, or be the removed thread itself.
        if update.state.threads.find(tid) != Some(caller) {
            update.thread = None;
            return;
        }
    }
    let State { threads, cgroups, .. } = &mut *update.state;
    let mut child = params.make_child(child_tid, ts_ns, cgroups, threads.info(caller));
    child.vtid = child_tid;
    let boot_cwd = update.thread().map(|thread| Text::new(update.state.threads.cwd_of(thread)));
    let copies_fds = knows_caller && !params.is_thread();
    let fds = if copies_fds { update.state.threads.share_fds(caller) } else { None };
    let Some(caller_info) = update.thread() else { return };
    if params.is_thread() {
        child.pid = caller_info.pid;
        child.ptid = caller_info.ptid;
        child.lastexec_ts_ns = caller_info.lastexec_ts_ns;
    } else {
        child.pid = child_tid;
        child.ptid = caller_info.tid;
        if knows_caller {
            child.fds = fds.unwrap_or_default();
            child.cwd = boot_cwd.unwrap_or_default();
            child.env = caller_info.env.clone();
        }
    }
    child.vpid = child.pid;
    if knows_caller {
        inherit(&mut child, caller_info);
    } else {
        lend_program(update.state.threads.info_mut(caller), params);
    }
    if let Some(index) = update.state.threads.insert(child) {
        update.state.threads.relate(index);
    }
}

/// Whether the caller's event makes the child.
fn makes_child(update: &Update<'_>, child_tid: i64) -> bool {
    let Some(thread) = update.thread() else { return false };
    let (tid, ts_ns) = (update.event.tid, update.event.ts_ns);
    let flags = update.event.u32_at(P::flags).unwrap_or(0);
    let in_namespace = flag::CHILD_IN_PIDNS | flag::CLONE_NEWPID | flag::CLONE_PARENT;
    if flags & in_namespace != 0 || tid != thread.vtid {
        return false;
    }
    // A caller of vfork continues only after its child executed a program or exited: the child's event was
    // first, and the child may be gone by now.
    if flags & flag::CLONE_VFORK != 0 || update.event.ty == EventType::VFORK_20_X {
        return false;
    }
    !update.state.recently_exited.contains(child_tid, tid, ts_ns)
        && update.state.threads.get(child_tid).is_none_or(|child| child.flags & flag::CLONE_INVERTED == 0)
}

/// A caller that was only a stand-in gets its ids from the event.
fn complete_caller(update: &mut Update<'_>, caller: ThreadIndex, params: &CloneParams<'_>) {
    let Some(thread) = update.state.threads.info_mut(caller) else { return };
    thread.pid = params.pid;
    thread.ptid = params.ptid;
    (thread.vtid, thread.vpid) = params.virtual_ids.unwrap_or((thread.tid, -1));
    update.state.threads.relate(caller);
}

fn in_child(update: &mut Update<'_>, params: &CloneParams<'_>) {
    let (tid, ts_ns) = (update.event.tid, update.event.ts_ns);
    if let Some(thread) = update.thread().filter(|thread| thread.clone_ts_ns != 0) {
        if ts_ns.wrapping_sub(thread.clone_ts_ns) < STALE_NS {
            return;
        }
        update.state.threads.remove(tid);
        update.thread = None;
    }
    // A process copies its parent, a thread has much in common with its main thread.
    let model_tid = if params.is_thread() { params.pid } else { params.ptid };
    let model = update.state.threads.index_of(model_tid);
    let State { threads, cgroups, .. } = &mut *update.state;
    let mut child = params.make_child(tid, ts_ns, cgroups, model.and_then(|model| threads.info(model)));
    child.pid = params.pid;
    child.ptid = params.ptid;
    (child.vtid, child.vpid) = params.virtual_ids.unwrap_or((tid, -1));
    child.flags |= flag::CLONE_INVERTED;
    let Some(model) = model.or_else(|| update.state.add_placeholder(model_tid)) else {
        update.thread = None;
        return;
    };
    inherit_from_model(update, &mut child, model, params);
    let in_namespace = child.flags & (flag::CHILD_IN_PIDNS | flag::CLONE_NEWPID) != 0 || tid != child.vtid;
    // The parameter counts from the boot. The reference implementation means to add the boot time, and to take
    // it for the host's namespace, but reading a file leaves it with an empty machine description.
    let namespace_start_ns = params.pidns_init_start_ns.filter(|_| in_namespace);
    child.pidns_init_start_ts_ns = namespace_start_ns.unwrap_or(0);
    update.thread = update.state.threads.insert(child);
    if let Some(index) = update.thread {
        update.state.threads.relate(index);
    }
}

/// Copies from the parent or main thread, or completes a main thread that was only a stand-in.
fn inherit_from_model(
    update: &mut Update<'_>,
    child: &mut ThreadInfo,
    model: ThreadIndex,
    params: &CloneParams<'_>,
) {
    let threads = &mut update.state.threads;
    let Some(info) = threads.info(model) else { return };
    if !info.is_placeholder() {
        inherit(child, info);
        if params.is_thread() {
            child.lastexec_ts_ns = info.lastexec_ts_ns;
        } else {
            child.cwd = Text::new(threads.cwd_of(info));
            child.env = info.env.clone();
            child.fds = threads.share_fds(model).unwrap_or_default();
        }
    } else if params.is_thread() {
        if let Some(main) = threads.info_mut(model) {
            main.pid = child.pid;
            main.ptid = child.ptid;
            main.vpid = child.vpid;
            main.vtid = child.vpid;
        }
        threads.relate(model);
        lend_program(threads.info_mut(model), params);
    }
}

/// What a new thread has from the one it was made by.
fn inherit(child: &mut ThreadInfo, from: &ThreadInfo) {
    child.exepath = from.exepath.clone();
    child.exe_writable = from.exe_writable;
    child.exe_upper_layer = from.exe_upper_layer;
    child.exe_lower_layer = from.exe_lower_layer;
    child.exe_from_memfd = from.exe_from_memfd;
    child.root = from.root.clone();
    child.sid = from.sid;
    child.vpgid = from.vpgid;
    child.pgid = from.pgid;
    child.tty = from.tty;
    child.loginuid = from.loginuid;
    child.cap_permitted = from.cap_permitted;
    child.cap_inheritable = from.cap_inheritable;
    child.cap_effective = from.cap_effective;
    child.exe_ino = from.exe_ino;
    child.exe_ino_ctime_ns = from.exe_ino_ctime_ns;
    child.exe_ino_mtime_ns = from.exe_ino_mtime_ns;
    child.exe_ino_ctime_duration_clone_ns = from.exe_ino_ctime_duration_clone_ns;
}

/// A stand-in gets the program that the event tells about: its child has the same.
fn lend_program(thread: Option<&mut ThreadInfo>, params: &CloneParams<'_>) {
    if let Some(thread) = thread {
        thread.exe = Text::new(params.exe);
        thread.comm = Text::new(params.comm);
        thread.args = Text::new(params.args);
    }
}
