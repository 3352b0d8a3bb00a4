//! Loading and attaching the eBPF programs.

use std::collections::{HashMap, HashSet};

use aya::maps::{Array, HashMap as BpfHashMap, Map, MapData, PerCpuArray, ProgramArray};
use aya::programs::tp_btf::BtfTracePointLink;
use aya::programs::{BtfTracePoint, Iter, Program, ProgramFd};
use aya::{Btf, Ebpf, EbpfLoader};

use super::direct::{Completed, DirectReads};
use super::filter;
use super::ia32;
use super::object;
use super::options::{CGROUPS_MAX, RecordOptions, Scope};
use super::ring::Ring;
use super::seed::Iterators;
use crate::error::{Error, ErrorKind, Result};
use crate::event::syscalls::{SYSCALLS, SyscallInfo};
use crate::event::{EventType, SyscallCode};

/// A program that is attached to a tracepoint. All others handle one system call each and are reached from
/// `sys_exit`.
struct Attached {
    program: &'static str,
    tracepoint: &'static str,
    /// Whether it is needed.
    when: fn(&RecordOptions) -> bool,
}

const ATTACHED: &[Attached] = &[
    Attached { program: "sys_exit", tracepoint: "sys_exit", when: |_| true },
    Attached { program: "process_exec", tracepoint: "sched_process_exec", when: |_| true },
    Attached { program: "process_fork", tracepoint: "sched_process_fork", when: |_| true },
    Attached { program: "process_exit", tracepoint: "sched_process_exit", when: |_| true },
    Attached {
        program: "signal_deliver",
        tracepoint: "signal_deliver",
        when: |options| options.events.shows(EventType::SIGNALDELIVER_E),
    },
    Attached { program: "sched_switch", tracepoint: "sched_switch", when: |options| options.switches },
    Attached {
        program: "page_fault_user",
        tracepoint: "page_fault_user",
        when: |options| options.page_faults,
    },
    Attached {
        program: "page_fault_kernel",
        tracepoint: "page_fault_kernel",
        when: |options| options.page_faults,
    },
];

/// Iterators over the kernel's lists: program, and what it goes over.
const ITERATORS: [(&str, &str); 2] = [("seed_threads", "task"), ("seed_files", "task_file")];

/// Tracepoints that must be there.
pub(super) fn tracepoints() -> impl Iterator<Item = &'static str> {
    let plain = RecordOptions::default();
    ATTACHED.iter().filter(move |attached| (attached.when)(&plain)).map(|attached| attached.tracepoint)
}

/// Events that another event's handler records.
const SHARED: &[(&str, &str)] =
    &[("clone3_x", "clone_20_x"), ("fork_20_x", "clone_20_x"), ("vfork_20_x", "clone_20_x")];

const SYSCALL_WANTED: u32 = 1 << 16;
const SYSCALL_HANDLED: u32 = 1 << 17;
const SYSCALL_CHANGES_STATE: u32 = 1 << 18;
const SYSCALL_EVENT_SHIFT: u32 = 20;

/// The loaded programs and the maps that user space talks to.
pub(super) struct Loaded {
    ebpf: Ebpf,
    attached: Vec<&'static Attached>,
    /// The kernel empties the array when its last descriptor is closed.
    _handlers: ProgramArray<MapData>,
    links: Vec<BtfTracePointLink>,
    /// Absent where the kernel has them not, or not all that they use.
    pub iterators: Option<Iterators>,
    pub ring: Ring,
    pub drops: PerCpuArray<MapData, u64>,
    pub followed: BpfHashMap<MapData, u32, u8>,
}

/// Loads everything; nothing runs yet.
pub(super) fn load(options: &RecordOptions, boot_epoch_ns: u64) -> Result<Loaded> {
    let object = object::bytes().ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "there are no eBPF programs for this architecture yet")
    })?;
    let btf = Btf::from_sys_fs().map_err(|e| {
        let message = "the kernel does not describe its types (no usable /sys/kernel/btf/vmlinux)";
        Error::new(ErrorKind::Unsupported, message).with_source(e)
    })?;
    // A kernel that has what plain loads need may still refuse it, as one without JIT compiler does.
    DirectReads::find(&btf)
        .and_then(|direct| load_object(object, &btf, Some(direct), options, boot_epoch_ns).ok())
        .map_or_else(|| load_object(object, &btf, None, options, boot_epoch_ns), Ok)
}

fn load_object(
    object: &[u8],
    btf: &Btf,
    direct: Option<DirectReads>,
    options: &RecordOptions,
    boot_epoch_ns: u64,
) -> Result<Loaded> {
    let cpus = aya::util::nr_cpus()
        .map_err(|(path, e)| Error::new(ErrorKind::Io, format!("cannot read {path}")).with_source(e))?;
    let flag = |set: bool| u32::from(set);
    let (follow, no_env, no_args, no_data) = (
        flag(options.scope.roots().is_some()),
        flag(options.no_env),
        flag(options.no_args),
        flag(options.no_data),
    );
    let cgroups = match &options.scope {
        Scope::Cgroups(cgroups) => cgroups.as_slice(),
        _ => &[],
    };
    if cgroups.len() > CGROUPS_MAX {
        let message = format!("at most {CGROUPS_MAX} control groups can be told apart");
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    let (mut cgroup_ids, mut cgroup_levels) = ([0u64; CGROUPS_MAX], [0u32; CGROUPS_MAX]);
    for (at, cgroup) in cgroups.iter().enumerate() {
        (cgroup_ids[at], cgroup_levels[at]) = (cgroup.id, cgroup.level);
    }
    let cpus = u32::try_from(cpus).unwrap_or(u32::MAX - 1);
    let mut ebpf = EbpfLoader::new()
        .btf(Some(btf))
        .override_global("BOOT_EPOCH_NS", &boot_epoch_ns, true)
        .override_global("RECORDER_TGID", &std::process::id(), true)
        .override_global("WORD_TYPE", &direct.map_or(0, |direct| direct.word_type), true)
        .override_global("SEED_SCRATCH", &cpus, true)
        .override_global("FOLLOW", &follow, true)
        .override_global("CGROUPS", &(cgroups.len() as u32), true)
        .override_global("CGROUP_IDS", &cgroup_ids, true)
        .override_global("CGROUP_LEVELS", &cgroup_levels, true)
        .override_global("SNAPLEN", &u32::from(options.snaplen), true)
        .override_global("NO_ENV", &no_env, true)
        .override_global("NO_ARGS", &no_args, true)
        .override_global("NO_DATA", &no_data, true)
        .map_max_entries("ring", options.ring_bytes)
        .map_max_entries("scratches", cpus + 1)
        .load(Completed::new(object, direct).object())
        .map_err(refused)?;

    let needed: HashSet<String> =
        SYSCALLS.iter().filter(|call| is_recorded(call, options)).filter_map(handler_of).collect();
    let mut handlers = HashMap::new();
    for (name, program) in ebpf.programs_mut() {
        if matches!(program, Program::Iter(_)) {
            continue;
        }
        let program: &mut BtfTracePoint = program.try_into().map_err(refused)?;
        let attached = ATTACHED.iter().find(|attached| attached.program == name);
        // The kernel takes milliseconds to check one, and some exist only on one architecture.
        if !attached.map_or_else(|| needed.contains(name), |attached| (attached.when)(options)) {
            continue;
        }
        let tracepoint = attached.map_or("sys_exit", |attached| attached.tracepoint);
        program.load(tracepoint, btf).map_err(|e| {
            Error::new(ErrorKind::Unsupported, format!("the kernel refused the program {name}"))
                .with_source(e)
        })?;
        if attached.is_none() {
            let fd = program.fd().map_err(refused)?.try_clone().map_err(refused)?;
            handlers.insert(name.to_owned(), fd);
        }
    }
    let handlers = fill_syscalls(&mut ebpf, &handlers, options)?;
    // A tree has few processes, and those of others are nobody's business.
    let iterators = match options.scope.roots() {
        None => load_iterators(&mut ebpf, btf).ok(),
        Some(_) => None,
    };
    Ok(Loaded {
        iterators,
        attached: ATTACHED.iter().filter(|attached| (attached.when)(options)).collect(),
        _handlers: handlers,
        ring: map_ring(&mut ebpf, options.ring_bytes)?,
        drops: PerCpuArray::try_from(take_map(&mut ebpf, "drops")?).map_err(refused)?,
        followed: BpfHashMap::try_from(take_map(&mut ebpf, "followed")?).map_err(refused)?,
        ebpf,
        links: Vec::new(),
    })
}

impl Loaded {
    /// Detaches the programs: nothing is recorded any more.
    pub fn detach(&mut self) {
        for link in self.links.drain(..) {
            drop(link);
        }
    }

    /// Attaches the programs: events are recorded from here on.
    pub fn attach(&mut self) -> Result<()> {
        for Attached { program: name, tracepoint, .. } in &self.attached {
            let program: &mut BtfTracePoint = self
                .ebpf
                .program_mut(name)
                .ok_or_else(|| {
                    Error::new(ErrorKind::Unsupported, format!("no program {name} in the object"))
                })?
                .try_into()
                .map_err(refused)?;
            let failed = |e| {
                let message = format!("cannot attach to the tracepoint {tracepoint}");
                Error::new(ErrorKind::Unsupported, message).with_source(e)
            };
            let id = program.attach().map_err(failed)?;
            self.links.push(program.take_link(id).map_err(failed)?);
        }
        Ok(())
    }
}

/// Loads the iterators. They run when they are read.
fn load_iterators(ebpf: &mut Ebpf, btf: &Btf) -> Result<Iterators> {
    let mut load = |(name, target): (&str, &str)| {
        let program = ebpf
            .program_mut(name)
            .ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("no program {name} in the object")))?;
        let program: &mut Iter = program.try_into().map_err(refused)?;
        program.load(target, btf).map_err(refused)?;
        let id = program.attach().map_err(refused)?;
        program.take_link(id).map_err(refused)?.into_file().map_err(refused)
    };
    let [threads, files] = ITERATORS;
    Ok(Iterators { threads: load(threads)?, files: load(files)? })
}

fn map_ring(ebpf: &mut Ebpf, bytes: u32) -> Result<Ring> {
    match take_map(ebpf, "ring")? {
        Map::RingBuf(map) => Ring::new(map, bytes).map_err(refused),
        _ => Err(Error::new(ErrorKind::Unsupported, "the map ring is none")),
    }
}

fn take_map(ebpf: &mut Ebpf, name: &str) -> Result<Map> {
    ebpf.take_map(name)
        .ok_or_else(|| Error::new(ErrorKind::Unsupported, format!("no map {name} in the object")))
}

/// Whether a call is recorded, be it for the state only.
fn is_recorded(call: &SyscallInfo, options: &RecordOptions) -> bool {
    options.events.shows_call(call.code) || filter::changes_state(call)
}

/// Name of the program that records a call: that of its event, in lower case.
fn handler_of(call: &SyscallInfo) -> Option<String> {
    let event = call.exit?.info().symbol.to_lowercase();
    let shared = SHARED.iter().find(|(name, _)| *name == event);
    Some(shared.map_or(event, |(_, handler)| (*handler).to_owned()))
}

/// Tells `sys_exit` what to do with each native system call number.
fn fill_syscalls(
    ebpf: &mut Ebpf,
    handlers: &HashMap<String, ProgramFd>,
    options: &RecordOptions,
) -> Result<ProgramArray<MapData>> {
    let mut programs = ProgramArray::try_from(take_map(ebpf, "handlers")?).map_err(refused)?;
    let mut table = Array::<_, u32>::try_from(take_map(ebpf, "syscalls")?).map_err(refused)?;
    let entry_of = |code: SyscallCode, syscall: Option<&SyscallInfo>, handler: bool| {
        let mut entry = u32::from(code.0);
        if options.events.shows_call(code) {
            entry |= SYSCALL_WANTED;
        }
        if syscall.is_some_and(filter::changes_state) {
            entry |= SYSCALL_CHANGES_STATE;
        }
        if handler {
            entry |= SYSCALL_HANDLED;
        }
        let event = syscall.and_then(|syscall| syscall.exit).map_or(0, |event| event.0);
        entry | u32::from(event) << SYSCALL_EVENT_SHIFT
    };
    let handler_for = |syscall: &SyscallInfo| handler_of(syscall).and_then(|name| handlers.get(&name));
    for syscall in SYSCALLS {
        let Some(native) = native_number(syscall).map(u32::from) else {
            continue;
        };
        let handler = handler_for(syscall);
        if let Some(handler) = handler {
            programs.set(native, handler, 0).map_err(refused)?;
        }
        table.set(native, entry_of(syscall.code, Some(syscall), handler.is_some()), 0).map_err(refused)?;
    }
    let mut table = Array::<_, u64>::try_from(take_map(ebpf, "compat_syscalls")?).map_err(refused)?;
    for ia32::CompatCall { number, code, call, same_form } in ia32::calls() {
        let handler = same_form && call.and_then(handler_for).is_some();
        let native = call.and_then(|call| call.x86_64).unwrap_or(number);
        // `struct compat_call`
        let entry = u64::from(entry_of(code, call, handler)) | u64::from(native) << 32;
        table.set(u32::from(number), entry, 0).map_err(refused)?;
    }
    Ok(programs)
}

#[cfg(target_arch = "x86_64")]
fn native_number(syscall: &SyscallInfo) -> Option<u16> {
    syscall.x86_64
}

#[cfg(not(target_arch = "x86_64"))]
fn native_number(syscall: &SyscallInfo) -> Option<u16> {
    syscall.aarch64
}

fn refused(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unsupported, "the kernel refused the recorder's programs or maps")
        .with_source(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::probe_support;

    /// Kernels that allow plain loads get no other programs, so nothing else would notice.
    #[test]
    fn the_programs_load_with_and_without_direct_reads() {
        if let Some(reason) = probe_support() {
            eprintln!("skipped: {reason}");
            return;
        }
        let (object, btf) = (object::bytes().unwrap(), Btf::from_sys_fs().unwrap());
        let options = RecordOptions { ring_bytes: 64 << 10, switches: true, ..RecordOptions::default() };
        let has_iterators = |direct| {
            let loaded = load_object(object, &btf, direct, &options, 0).unwrap();
            loaded.iterators.is_some()
        };
        assert_eq!(has_iterators(DirectReads::find(&btf)), has_iterators(None));
    }
}
