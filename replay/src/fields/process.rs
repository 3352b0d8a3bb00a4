//! Fields of the thread that made the event, its process and ancestors: `proc.*` and `thread.*`.

use capture::event::{ParamType as T, PrintFormat as P};

use super::def::{ArgSpec, FieldDef, Transforms, absent, boolean, field, text};

pub(super) const FIELDS: &[FieldDef] = &[
    text("proc.aargs", absent, "Args of ancestor n; without index all ancestors joined.")
        .arg(ArgSpec::Index { required: false }),
    text("proc.acmdline", absent, "Cmdline of ancestor n, or any.")
        .arg(ArgSpec::Index { required: false })
        .any_of(absent),
    text("proc.aenv", absent, "Environment of ancestors.")
        .arg(ArgSpec::IndexOrKey { required: false })
        .any_of(absent),
    text("proc.aexe", absent, "Argv[0] of ancestor n, or any ancestor.")
        .arg(ArgSpec::Index { required: false })
        .any_of(absent),
    text("proc.aexepath", absent, "Exepath of ancestor n, or any.")
        .arg(ArgSpec::Index { required: false })
        .any_of(absent),
    text("proc.aname", absent, "Comm of ancestor n, or any ancestor.")
        .arg(ArgSpec::Index { required: false })
        .any_of(absent),
    field("proc.apid", T::Int64, P::Id, absent, "Pid of ancestor n, or any.")
        .arg(ArgSpec::Index { required: false })
        .any_of(absent)
        .transforms(Transforms::ByType),
    text("proc.args", absent, "Argv[1..] joined by spaces, or one of them.")
        .arg(ArgSpec::Index { required: false }),
    field("proc.cmdlenargs", T::Uint64, P::Dec, absent, "Sum of arg lengths."),
    text("proc.cmdline", absent, "Comm followed by args."),
    field("proc.cmdnargs", T::Uint64, P::Dec, absent, "Number of args."),
    text("proc.cwd", absent, "Working directory with trailing slash."),
    field("proc.duration", T::RelTime, P::Dec, absent, "Event ts minus clone ts."),
    text("proc.env", absent, "Environment joined, or one variable.").arg(ArgSpec::Key { required: false }),
    text("proc.exe", absent, "Argv[0]."),
    field("proc.exe_ino", T::Int64, P::Dec, absent, "Inode of executable."),
    field("proc.exe_ino.ctime", T::AbsTime, P::Dec, absent, "Ctime of executable."),
    field(
        "proc.exe_ino.ctime_duration_pidns_start",
        T::AbsTime,
        P::Dec,
        absent,
        "Exe ctime minus pidns start.",
    ),
    field("proc.exe_ino.ctime_duration_proc_start", T::AbsTime, P::Dec, absent, "Clone ts minus exe ctime."),
    field("proc.exe_ino.mtime", T::AbsTime, P::Dec, absent, "Mtime of executable."),
    text("proc.exeline", absent, "Argv[0] followed by args."),
    text("proc.exepath", absent, "Resolved executable path."),
    field("proc.fdlimit", T::Int64, P::Dec, absent, "RLIMIT_NOFILE soft value."),
    field("proc.fdopencount", T::Uint64, P::Dec, absent, "Size of process fd table."),
    field("proc.fdusage", T::Double, P::Na, absent, "Open fds in percent of limit."),
    boolean("proc.is_exe_from_memfd", absent, "Exec flag: memfd backed."),
    boolean("proc.is_exe_lower_layer", absent, "Exec flag: overlayfs lower layer."),
    boolean("proc.is_exe_upper_layer", absent, "Exec flag: overlayfs upper layer."),
    boolean("proc.is_exe_writable", absent, "Exec flag: file writable by user."),
    boolean("proc.is_pgid_leader", absent, "Pgid equals pid."),
    boolean("proc.is_sid_leader", absent, "Sid equals vpid."),
    boolean("proc.is_vpgid_leader", absent, "Vpgid equals vpid."),
    field("proc.loginshellid", T::Int64, P::Id, absent, "Pid of oldest ancestor whose comm ends in sh."),
    text("proc.name", absent, "Comm (kernel task name)."),
    field("proc.nchilds", T::Uint64, P::Dec, absent, "Live non-leader threads in group."),
    field("proc.nthreads", T::Uint64, P::Dec, absent, "Live threads in group."),
    text("proc.pcmdline", absent, "Cmdline of parent."),
    text("proc.pexe", absent, "Argv[0] of parent process."),
    text("proc.pexepath", absent, "Exepath of parent."),
    field("proc.pgid", T::Int64, P::Id, absent, "Host process group id."),
    text("proc.pgid.exe", absent, "Argv[0] of group leader."),
    text("proc.pgid.exepath", absent, "Exepath of group leader."),
    text("proc.pgid.name", absent, "Comm of group leader."),
    field("proc.pid", T::Int64, P::Id, absent, "Process id."),
    field("proc.pid.ts", T::RelTime, P::Dec, absent, "Clone timestamp."),
    field("proc.pidns_init_start_ts", T::Uint64, P::Dec, absent, "Start of pid namespace init."),
    text("proc.pname", absent, "Comm of parent process."),
    field("proc.ppid", T::Int64, P::Id, absent, "Pid of parent process."),
    field("proc.ppid.duration", T::RelTime, P::Dec, absent, "Event ts minus parent clone ts."),
    field("proc.ppid.ts", T::RelTime, P::Dec, absent, "Clone timestamp of parent."),
    field("proc.pvpid", T::Int64, P::Id, absent, "Vpid of parent thread entry."),
    field("proc.sid", T::Int64, P::Id, absent, "Session id."),
    text("proc.sid.exe", absent, "Argv[0] of session leader."),
    text("proc.sid.exepath", absent, "Exepath of session leader."),
    text("proc.sname", absent, "Comm of session leader."),
    text("proc.stderr.name", absent, "Name of fd 2."),
    text("proc.stderr.type", absent, "Type of fd 2."),
    text("proc.stdin.name", absent, "Name of fd 0."),
    text("proc.stdin.type", absent, "Type of fd 0."),
    text("proc.stdout.name", absent, "Name of fd 1."),
    text("proc.stdout.type", absent, "Type of fd 1."),
    field("proc.tty", T::Uint32, P::Id, absent, "Controlling tty number."),
    field("proc.vmrss", T::Uint64, P::Dec, absent, "Resident memory kB."),
    field("proc.vmsize", T::Uint64, P::Dec, absent, "Virtual memory kB."),
    field("proc.vmswap", T::Uint64, P::Dec, absent, "Swapped memory kB."),
    field("proc.vpgid", T::Int64, P::Id, absent, "Process group id in pid namespace."),
    text("proc.vpgid.exe", absent, "Argv[0] of virtual group leader."),
    text("proc.vpgid.exepath", absent, "Exepath of virtual group leader."),
    text("proc.vpgid.name", absent, "Comm of virtual group leader."),
    field("proc.vpid", T::Int64, P::Id, absent, "Pid inside its pid namespace."),
    text("thread.cap_effective", absent, "Effective capability names."),
    text("thread.cap_inheritable", absent, "Inheritable capability names."),
    text("thread.cap_permitted", absent, "Permitted capability names."),
    text("thread.cgroup", absent, "Cgroup path of one subsystem.").arg(ArgSpec::Name { required: true }),
    text("thread.cgroups", absent, "All subsystem=path pairs."),
    field("thread.cpu", T::Double, P::Na, absent, "Cpu percent from procinfo events."),
    field("thread.cpu.system", T::Double, P::Na, absent, "System cpu percent."),
    field("thread.cpu.user", T::Double, P::Na, absent, "User cpu percent."),
    field("thread.exectime", T::RelTime, P::Dec, absent, "Cpu time from switch events."),
    boolean("thread.ismain", absent, "Is thread group leader."),
    text("thread.nametid", absent, "Comm concatenated with tid.").hidden(),
    field("thread.pfmajor", T::Uint64, P::Dec, absent, "Major faults."),
    field("thread.pfminor", T::Uint64, P::Dec, absent, "Minor faults."),
    field("thread.tid", T::Int64, P::Id, absent, "Tid from event header."),
    field("thread.totexectime", T::RelTime, P::Dec, absent, "Accumulated cpu time."),
    field("thread.vmrss", T::Uint64, P::Dec, absent, "Vmrss for leader else 0."),
    field("thread.vmrss.b", T::Uint64, P::Dec, absent, "Vmrss in bytes.").hidden(),
    field("thread.vmsize", T::Uint64, P::Dec, absent, "Vmsize for leader else 0."),
    field("thread.vmsize.b", T::Uint64, P::Dec, absent, "Vmsize in bytes.").hidden(),
    field("thread.vtid", T::Int64, P::Id, absent, "Tid inside its pid namespace."),
];
