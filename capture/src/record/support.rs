//! Whether this machine and these privileges allow recording.

use std::fs;
use std::path::Path;

const BTF: &str = "/sys/kernel/btf/vmlinux";

/// Capabilities without which nothing can be recorded.
const NEEDED: &[(u32, &str)] = &[(38, "CAP_PERFMON"), (39, "CAP_BPF")];
/// Has the powers of the others: kernels before 5.8 know nothing else.
const CAP_SYS_ADMIN: u32 = 21;

/// Why recording cannot work here, in one line; `None` when it should. The programs can still be refused: the
/// final word is [`Recorder::start`](super::Recorder::start)'s.
pub fn probe_support() -> Option<String> {
    if !Path::new(BTF).exists() {
        return Some(format!("the kernel does not describe its types: {BTF} is missing"));
    }
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    let held = u64::from_str_radix(line.trim(), 16).ok()?;
    if held & (1 << CAP_SYS_ADMIN) != 0 {
        return None;
    }
    let missing: Vec<&str> =
        NEEDED.iter().filter(|(bit, _)| held & (1 << bit) == 0).map(|(_, name)| *name).collect();
    (!missing.is_empty()).then(|| format!("not root: {} missing", missing.join(" and ")))
}
