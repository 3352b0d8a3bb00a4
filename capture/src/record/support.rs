//! What this machine and these privileges allow.

use std::fs;
use std::path::Path;

use memchr::memmem;
use rustix::process::{Resource, geteuid, getrlimit};

use super::load;
use super::options::RecordOptions;
use crate::error::Result;

const BTF: &str = "/sys/kernel/btf/vmlinux";
/// The first pid namespace has this inode on every machine.
const FIRST_PID_NAMESPACE: &str = "pid:[4026531836]";
/// Ring of a trial, which records nothing worth keeping.
const TRIAL_RING_BYTES: u32 = 64 << 10;

/// Capabilities that recording asks for; bits of [`Facts::effective`] and [`Facts::bounding`].
#[allow(missing_docs)]
pub mod capability {
    pub const DAC_READ_SEARCH: u32 = 2;
    pub const SYS_PTRACE: u32 = 19;
    /// Has the powers of those that are younger.
    pub const SYS_ADMIN: u32 = 21;
    pub const SYS_NICE: u32 = 23;
    pub const SYS_RESOURCE: u32 = 24;
    pub const PERFMON: u32 = 38;
    pub const BPF: u32 = 39;
}

/// What was found out about this machine and this process. Files that cannot be read leave `None`.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Processor architecture.
    pub arch: String,
    /// Release of the kernel.
    pub kernel: String,
    /// The kernel describes its types.
    pub has_btf: bool,
    /// Tracepoints that the recorder attaches to, and whether the kernel has them.
    pub tracepoints: Vec<(&'static str, bool)>,
    /// Effective user.
    pub uid: u32,
    /// Effective capabilities.
    pub effective: u64,
    /// Capabilities that a program with file capabilities can get here.
    pub bounding: u64,
    /// Privileges cannot be gained by executing a program.
    pub no_new_privs: bool,
    /// System calls are filtered.
    pub has_seccomp_filter: bool,
    /// The first user namespace, where alone capabilities count for eBPF.
    pub in_first_user_namespace: bool,
    /// The first pid namespace: elsewhere processes have other numbers than in events.
    pub in_first_pid_namespace: bool,
    /// `none`, `integrity` or `confidentiality`.
    pub lockdown: Option<String>,
    /// `kernel.perf_event_paranoid`.
    pub perf_event_paranoid: Option<i32>,
    /// `kernel.unprivileged_bpf_disabled`.
    pub unprivileged_bpf_disabled: Option<i32>,
    /// `kernel.yama.ptrace_scope`.
    pub ptrace_scope: Option<i32>,
    /// Soft limit of locked memory, `None` for no limit.
    pub memlock_bytes: Option<u64>,
    /// Value of the mount option `hidepid` of /proc, if it is set.
    pub hidepid: Option<String>,
    /// A file system of tracepoints is mounted.
    pub has_tracefs: bool,
    /// Control groups have a unified hierarchy.
    pub has_cgroup2: bool,
    /// Path of this program.
    pub program: String,
}

impl Facts {
    /// Looks at the machine and at this process. Nothing is changed or loaded.
    pub fn collect() -> Facts {
        let status = read("/proc/self/status").unwrap_or_default();
        let bits = |key| line(&status, key).and_then(|bits| u64::from_str_radix(bits, 16).ok()).unwrap_or(0);
        let btf = fs::read(BTF).unwrap_or_default();
        let mounts = read("/proc/self/mountinfo").unwrap_or_default();
        let uname = rustix::system::uname();
        Facts {
            arch: uname.machine().to_string_lossy().into_owned(),
            kernel: uname.release().to_string_lossy().into_owned(),
            has_btf: !btf.is_empty(),
            tracepoints: load::tracepoints().map(|name| (name, has_tracepoint(&btf, name))).collect(),
            uid: geteuid().as_raw(),
            effective: bits("CapEff:"),
            bounding: bits("CapBnd:"),
            no_new_privs: line(&status, "NoNewPrivs:") == Some("1"),
            has_seccomp_filter: line(&status, "Seccomp:") == Some("2"),
            in_first_user_namespace: is_identity(&read("/proc/self/uid_map").unwrap_or_default()),
            in_first_pid_namespace: in_first_pid_namespace(),
            lockdown: read("/sys/kernel/security/lockdown").as_deref().and_then(chosen).map(str::to_owned),
            perf_event_paranoid: sysctl("kernel/perf_event_paranoid"),
            unprivileged_bpf_disabled: sysctl("kernel/unprivileged_bpf_disabled"),
            ptrace_scope: sysctl("kernel/yama/ptrace_scope"),
            memlock_bytes: getrlimit(Resource::Memlock).current,
            hidepid: mount_option(&mounts, "/proc", "hidepid="),
            has_tracefs: has_file_system(&mounts, "tracefs"),
            has_cgroup2: has_file_system(&mounts, "cgroup2"),
            program: fs::read_link("/proc/self/exe")
                .map(|path| path.to_string_lossy().into_owned())
                .unwrap_or_default(),
        }
    }

    /// Whether the process has a capability, or the one that includes those for eBPF.
    pub fn has(&self, capability: u32) -> bool {
        let stands_in = matches!(capability, capability::BPF | capability::PERFMON);
        let bit = |capability: u32| self.effective & (1 << capability) != 0;
        bit(capability) || (stands_in && bit(capability::SYS_ADMIN))
    }
}

/// What the kernel took of the eBPF programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Those that go over threads and descriptors. Without them the state at the start is all from /proc.
    pub iterators: bool,
}

/// Loads and attaches the eBPF programs for a moment: the final word on whether recording works.
///
/// # Errors
/// As [`Recorder::start`](super::Recorder::start).
pub fn try_programs() -> Result<Tried> {
    let options = RecordOptions { ring_bytes: TRIAL_RING_BYTES, ..RecordOptions::default() };
    let mut loaded = load::load(&options, 0)?;
    loaded.attach()?;
    Ok(Tried { iterators: loaded.iterators.is_some() })
}

/// Why recording cannot work here, in one line; `None` when it should. The programs can still be refused: the
/// final word is [`try_programs`]'.
pub fn probe_support() -> Option<String> {
    if !Path::new(BTF).exists() {
        return Some(format!("the kernel does not describe its types: {BTF} is missing"));
    }
    if !in_first_pid_namespace() {
        let why = "processes have other numbers here than in events, as this pid namespace is not the first";
        return Some(format!("{why} (containers: --pid host)"));
    }
    let facts = Facts { effective: effective_capabilities()?, ..Facts::default() };
    let needed = [(capability::PERFMON, "CAP_PERFMON"), (capability::BPF, "CAP_BPF")];
    let missing: Vec<&str> =
        needed.iter().filter(|(number, _)| !facts.has(*number)).map(|(_, name)| *name).collect();
    (!missing.is_empty()).then(|| format!("not root: {} missing", missing.join(" and ")))
}

fn in_first_pid_namespace() -> bool {
    fs::read_link("/proc/self/ns/pid").is_ok_and(|link| link == Path::new(FIRST_PID_NAMESPACE))
}

fn effective_capabilities() -> Option<u64> {
    let status = read("/proc/self/status")?;
    u64::from_str_radix(line(&status, "CapEff:")?, 16).ok()
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

fn sysctl(name: &str) -> Option<i32> {
    read(&format!("/proc/sys/{name}"))?.trim().parse().ok()
}

/// The value in a line `key value`.
fn line<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// The word in brackets among others.
fn chosen(text: &str) -> Option<&str> {
    Some(text.split_once('[')?.1.split_once(']')?.0)
}

/// Whether ids inside are ids outside, as in the first user namespace.
fn is_identity(map: &str) -> bool {
    map.split_ascii_whitespace().eq(["0", "0", "4294967295"])
}

/// For each tracepoint the kernel has a type of this name.
fn has_tracepoint(btf: &[u8], name: &str) -> bool {
    memmem::find(btf, format!("\0btf_trace_{name}\0").as_bytes()).is_some()
}

fn has_file_system(mounts: &str, kind: &str) -> bool {
    mounts.lines().any(|mount| file_system(mount) == Some(kind))
}

fn file_system(mount: &str) -> Option<&str> {
    mount.split_once(" - ")?.1.split(' ').next()
}

/// The value of an option of what is mounted last at a place.
fn mount_option(mounts: &str, place: &str, key: &str) -> Option<String> {
    let mount = mounts.lines().rfind(|mount| mount.split(' ').nth(4) == Some(place))?;
    let own = mount.split(' ').nth(5).unwrap_or_default();
    let of_file_system = mount.rsplit(' ').next().unwrap_or_default();
    let mut options = own.split(',').chain(of_file_system.split(','));
    options.find_map(|option| option.strip_prefix(key)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_is_understood() {
        assert_eq!(chosen("none [integrity] confidentiality\n"), Some("integrity"));
        assert!(is_identity("         0          0 4294967295\n") && !is_identity("0 1000 1\n"));
        assert!(has_tracepoint(b"\0int\0btf_trace_sys_exit\0", "sys_exit"));
        assert!(!has_tracepoint(b"\0int\0btf_trace_sys_exit\0", "sys"));
        let mounts = "22 27 0:21 / /proc rw,relatime - proc proc rw,hidepid=invisible\n\
                      41 31 0:38 / /sys/fs/cgroup rw - cgroup2 none rw\n";
        assert_eq!(mount_option(mounts, "/proc", "hidepid=").as_deref(), Some("invisible"));
        assert_eq!(mount_option(mounts, "/sys/fs/cgroup", "hidepid="), None);
        assert!(has_file_system(mounts, "cgroup2") && !has_file_system(mounts, "tracefs"));
    }

    #[test]
    fn one_capability_stands_for_those_that_were_taken_out_of_it() {
        let facts =
            |bits: &[u32]| Facts { effective: bits.iter().map(|bit| 1 << bit).sum(), ..Facts::default() };
        assert!(facts(&[capability::SYS_ADMIN]).has(capability::BPF));
        assert!(!facts(&[capability::SYS_ADMIN]).has(capability::SYS_PTRACE));
        assert!(facts(&[capability::BPF]).has(capability::BPF));
        assert!(!facts(&[]).has(capability::PERFMON));
    }
}
