//! Fields of the thread that made the event, its process and ancestors: `proc.*` and `thread.*`.

pub(super) mod ancestors;
mod arguments;
mod executable;
mod leaders;
mod resources;
mod streams;

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{ArgSpec, FieldDef, Transforms, boolean, field, text};
use super::text_buf::join;
use super::{FieldArg, Value, names};
use crate::context::EventContext;
use crate::state::ThreadInfo;

const INDEX: ArgSpec = ArgSpec::Index { required: false };

pub(super) const FIELDS: &[FieldDef] = &[
    text("proc.name", name, "Name of the task, at most 15 bytes; usually the name of the program's file."),
    text("proc.exe", exe, "First command-line argument, which the caller may choose freely."),
    text("proc.exepath", exepath, "Path of the program's file."),
    text("proc.args", arguments::args, "Command-line arguments after the first, or the one at a position from 0.").arg(INDEX),
    text("proc.cmdline", arguments::cmdline, "Name and arguments."),
    text("proc.exeline", arguments::exeline, "First command-line argument and the others."),
    field("proc.cmdnargs", T::Uint64, P::Dec, arguments::count, "Number of command-line arguments after the first."),
    field("proc.cmdlenargs", T::Uint64, P::Dec, arguments::length, "Length of these arguments together."),
    text("proc.env", arguments::env, "Environment, or one variable by name. Variables that are not set are empty.").arg(ArgSpec::Key { required: false }),
    text("proc.cwd", cwd, "Working directory with a slash at its end."),
    field("proc.tty", T::Uint32, P::Id, tty, "Number of the controlling terminal, 0 without one."),
    field("proc.pid", T::Int64, P::Id, pid, "Process id."),
    field("proc.vpid", T::Int64, P::Id, vpid, "Process id in the process's own pid namespace."),
    field("proc.pid.ts", T::RelTime, P::Dec, clone_ts, "When the thread was made, in nanoseconds since the epoch."),
    field("proc.duration", T::RelTime, P::Dec, duration, "Nanoseconds since the thread was made; no value for threads that are older than the capture."),
    field("proc.pidns_init_start_ts", T::Uint64, P::Dec, pidns_start_ts, "When the first process of the pid namespace started: in nanoseconds since the epoch for processes older than the capture, since the boot for others, as in Falco. Processes of the host have no value."),
    field("proc.ppid", T::Int64, P::Id, ancestors::ppid, "Process id of the parent."),
    field("proc.pvpid", T::Int64, P::Id, ancestors::pvpid, "Process id of the parent in its own pid namespace."),
    field("proc.ppid.ts", T::RelTime, P::Dec, ancestors::parent_clone_ts, "When the parent was made, in nanoseconds since the epoch; 0 if it is older than the capture."),
    field("proc.ppid.duration", T::RelTime, P::Dec, ancestors::parent_duration, "Nanoseconds since the parent was made. For a parent that is older than the capture it is, as in Falco, the number of open descriptors."),
    text("proc.pname", ancestors::pname, "Name of the parent."),
    text("proc.pexe", ancestors::pexe, "First command-line argument of the parent."),
    text("proc.pexepath", ancestors::pexepath, "Path of the parent's program file."),
    text("proc.pcmdline", ancestors::pcmdline, "Name and arguments of the parent."),
    text("proc.aname", ancestors::aname, "Name of an ancestor: 0 is the process itself, 1 its parent. Without a position a comparison holds if it holds for any ancestor.").arg(INDEX).any_of(ancestors::printed_aname),
    text("proc.aexe", ancestors::aexe, "First command-line argument of an ancestor, as `proc.aname`.").arg(INDEX).any_of(ancestors::printed_aexe),
    text("proc.aexepath", ancestors::aexepath, "Path of an ancestor's program file, as `proc.aname`.").arg(INDEX).any_of(ancestors::printed_aexepath),
    text("proc.acmdline", ancestors::acmdline, "Name and arguments of an ancestor, as `proc.aname`.").arg(INDEX).any_of(ancestors::printed_acmdline),
    text("proc.aargs", ancestors::aargs, "Arguments of an ancestor; without a position, those of all ancestors in one text.").arg(INDEX),
    text("proc.aenv", ancestors::aenv, "Environment of an ancestor by position, or the first value that an ancestor has for a variable by name.").arg(ArgSpec::IndexOrKey { required: false }).any_of(ancestors::printed_aenv),
    field("proc.apid", T::Int64, P::Id, ancestors::apid, "Process id of an ancestor, as `proc.aname`.").arg(INDEX).any_of(ancestors::printed_apid).transforms(Transforms::ByType),
    field("proc.loginshellid", T::Int64, P::Id, ancestors::login_shell_id, "Process id of the oldest of the process and its ancestors whose name ends in `sh`."),
    field("proc.sid", T::Int64, P::Id, leaders::sid, "Session id."),
    text("proc.sname", leaders::session_name, "Name of the session's leader, or of the oldest ancestor in the session."),
    text("proc.sid.exe", leaders::session_exe, "First command-line argument of the session's leader."),
    text("proc.sid.exepath", leaders::session_exepath, "Path of the program file of the session's leader."),
    boolean("proc.is_sid_leader", leaders::is_session_leader, "Whether the process leads its session."),
    field("proc.vpgid", T::Int64, P::Id, leaders::vpgid, "Process group id in the process's pid namespace."),
    text("proc.vpgid.name", leaders::vpgid_name, "Name of the leader of that process group."),
    text("proc.vpgid.exe", leaders::vpgid_exe, "First command-line argument of the leader of that process group."),
    text("proc.vpgid.exepath", leaders::vpgid_exepath, "Path of the program file of the leader of that process group."),
    boolean("proc.is_vpgid_leader", leaders::is_vpgid_leader, "Whether the process leads that process group."),
    field("proc.pgid", T::Int64, P::Id, leaders::pgid, "Process group id."),
    text("proc.pgid.name", leaders::pgid_name, "Name of the leader of the process group."),
    text("proc.pgid.exe", leaders::pgid_exe, "First command-line argument of the leader of the process group."),
    text("proc.pgid.exepath", leaders::pgid_exepath, "Path of the program file of the leader of the process group."),
    boolean("proc.is_pgid_leader", leaders::is_pgid_leader, "Whether the process leads its process group."),
    boolean("proc.is_exe_writable", executable::is_writable, "Whether the user of the process may write to the program's file."),
    boolean("proc.is_exe_upper_layer", executable::is_upper_layer, "Whether the program's file is in the upper layer of an overlay: it was added or changed after a container started."),
    boolean("proc.is_exe_lower_layer", executable::is_lower_layer, "Whether the program's file is in the lower layer of an overlay."),
    boolean("proc.is_exe_from_memfd", executable::is_from_memfd, "Whether the program's file is in memory only."),
    field("proc.exe_ino", T::Int64, P::Dec, executable::inode, "Inode of the program's file."),
    field("proc.exe_ino.ctime", T::AbsTime, P::Dec, executable::ctime, "When the inode last changed, in nanoseconds since the epoch."),
    field("proc.exe_ino.mtime", T::AbsTime, P::Dec, executable::mtime, "When the file was last written to, in nanoseconds since the epoch."),
    field("proc.exe_ino.ctime_duration_proc_start", T::AbsTime, P::Dec, executable::ctime_to_clone, "Nanoseconds from the change of the inode to the making of the process."),
    field("proc.exe_ino.ctime_duration_pidns_start", T::AbsTime, P::Dec, executable::pidns_start_to_ctime, "Nanoseconds from the start of the pid namespace to the change of the inode."),
    field("proc.nthreads", T::Uint64, P::Dec, resources::threads, "Threads of the process that are alive."),
    field("proc.nchilds", T::Uint64, P::Dec, resources::child_threads, "Threads of the process that are alive, without the main thread."),
    field("proc.fdopencount", T::Uint64, P::Dec, resources::open_fds, "Open descriptors of the process."),
    field("proc.fdlimit", T::Int64, P::Dec, resources::fd_limit, "Most descriptors the process may have open."),
    field("proc.fdusage", T::Double, P::Na, resources::fd_usage, "Open descriptors in percent of the limit."),
    field("proc.vmsize", T::Uint64, P::Dec, resources::vmsize, "Virtual memory in kilobytes."),
    field("proc.vmrss", T::Uint64, P::Dec, resources::vmrss, "Resident memory in kilobytes."),
    field("proc.vmswap", T::Uint64, P::Dec, resources::vmswap, "Swapped memory in kilobytes."),
    text("proc.stdin.type", streams::stdin_type, "Kind of descriptor 0, as `fd.type`."),
    text("proc.stdin.name", streams::stdin_name, "Name of descriptor 0."),
    text("proc.stdout.type", streams::stdout_type, "Kind of descriptor 1, as `fd.type`."),
    text("proc.stdout.name", streams::stdout_name, "Name of descriptor 1."),
    text("proc.stderr.type", streams::stderr_type, "Kind of descriptor 2, as `fd.type`."),
    text("proc.stderr.name", streams::stderr_name, "Name of descriptor 2."),
    field("thread.tid", T::Int64, P::Id, tid, "Thread id."),
    field("thread.vtid", T::Int64, P::Id, vtid, "Thread id in the thread's own pid namespace."),
    boolean("thread.ismain", is_main, "Whether the thread is the main one of its process."),
    text("thread.nametid", name_and_tid, "Name and thread id without anything between.").hidden(),
    text("thread.cap_permitted", cap_permitted, "Names of the permitted capabilities."),
    text("thread.cap_inheritable", cap_inheritable, "Names of the inheritable capabilities."),
    text("thread.cap_effective", cap_effective, "Names of the effective capabilities."),
    text("thread.cgroups", arguments::cgroups, "Control groups as `subsystem=path`."),
    text("thread.cgroup", arguments::cgroup, "Path of the control group of one subsystem, such as `thread.cgroup.memory`.").arg(ArgSpec::Name { required: true }),
    field("thread.exectime", T::RelTime, P::Dec, resources::cpu_time, "CPU time spent before the thread was switched away. Not recorded: always 0."),
    field("thread.totexectime", T::RelTime, P::Dec, resources::total_cpu_time, "CPU time of the thread so far. Not recorded: always 0."),
    field("thread.cpu", T::Double, P::Na, resources::cpu, "CPU time since the process information before, in hundredths of a second and at most 100; only events with process information have it."),
    field("thread.cpu.user", T::Double, P::Na, resources::cpu_user, "The part of `thread.cpu` in user mode."),
    field("thread.cpu.system", T::Double, P::Na, resources::cpu_system, "The part of `thread.cpu` in the kernel."),
    field("thread.vmsize", T::Uint64, P::Dec, resources::thread_vmsize, "Virtual memory in kilobytes of a main thread; 0 for others, so that sums are right."),
    field("thread.vmrss", T::Uint64, P::Dec, resources::thread_vmrss, "Resident memory in kilobytes of a main thread; 0 for others."),
    field("thread.vmsize.b", T::Uint64, P::Dec, resources::thread_vmsize_bytes, "`thread.vmsize` in bytes.").hidden(),
    field("thread.vmrss.b", T::Uint64, P::Dec, resources::thread_vmrss_bytes, "`thread.vmrss` in bytes.").hidden(),
    field("thread.pfmajor", T::Uint64, P::Dec, resources::major_faults, "Page faults that needed the disk."),
    field("thread.pfminor", T::Uint64, P::Dec, resources::minor_faults, "Page faults that did not need the disk."),
];

/// A value of the event's thread, if that is known.
fn of_thread<'a>(cx: &EventContext<'a>, value: impl FnOnce(&'a ThreadInfo) -> Value<'a>) -> Value<'a> {
    cx.thread.map_or(Value::Absent, value)
}

/// Ids outside the range of pids are not shown: some sources cannot tell the process of an event.
fn id(id: i64) -> Value<'static> {
    if (-1..=i64::from(u32::MAX)).contains(&id) { Value::I64(id) } else { Value::Absent }
}

/// A number, where `unknown` means that it is not known.
fn known<N: PartialEq>(number: N, unknown: N, value: fn(N) -> Value<'static>) -> Value<'static> {
    if number == unknown { Value::Absent } else { value(number) }
}

fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bytes(&thread.comm))
}

fn exe<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bytes(&thread.exe))
}

fn exepath<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bytes(&thread.exepath))
}

fn cwd<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bytes(cx.cwd(thread)))
}

fn tty<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::U64(thread.tty.into()))
}

fn pid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| id(thread.pid))
}

fn vpid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.vpid, -1, Value::I64))
}

fn tid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    id(cx.event.tid)
}

fn vtid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.vtid, -1, Value::I64))
}

fn clone_ts<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.clone_ts_ns, 0, Value::U64))
}

fn duration<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| match thread.clone_ts_ns {
        0 => Value::Absent,
        clone_ts => Value::U64(cx.event.ts_ns.wrapping_sub(clone_ts)),
    })
}

fn pidns_start_ts<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| known(thread.pidns_init_start_ts_ns, 0, Value::U64))
}

fn is_main<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| Value::Bool(thread.is_main()))
}

fn name_and_tid<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    of_thread(cx, |thread| {
        let mut text = super::text_buf::TextBuf::new(cx.arena);
        text.push(&thread.comm);
        text.print(format_args!("{}", cx.event.tid));
        Value::Bytes(text.finish())
    })
}

fn capabilities<'a>(cx: &EventContext<'a>, set: impl FnOnce(&ThreadInfo) -> u64) -> Value<'a> {
    of_thread(cx, |thread| {
        let names = names::capability_names(set(thread)).map(str::as_bytes);
        Value::Bytes(join(cx.arena, b" ", names))
    })
}

fn cap_permitted<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    capabilities(cx, |thread| thread.cap_permitted)
}

fn cap_inheritable<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    capabilities(cx, |thread| thread.cap_inheritable)
}

fn cap_effective<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    capabilities(cx, |thread| thread.cap_effective)
}
