//! From facts to what works, what does not, and why.

use capture::record::{Facts, Tried, capability};

use super::remedy::{self, Remedy};

/// What happened when the eBPF programs were loaded and attached.
pub enum Trial {
    Worked(Tried),
    Refused(String),
    /// Something else is missing already.
    NotTried,
}

/// What a check says about recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ok,
    /// Something is less than it could be.
    Less,
    /// Nothing can be recorded.
    No,
}

/// One thing that was looked at.
pub struct Check {
    pub name: &'static str,
    pub verdict: Verdict,
    /// What was found, and what it means unless all is well.
    pub found: String,
}

/// Something that `lanner record` does.
pub struct Feature {
    pub name: &'static str,
    pub verdict: Verdict,
    /// Why not, or not fully.
    pub why: String,
}

/// Everything there is to say.
pub struct Diagnosis {
    pub machine: Vec<Check>,
    pub privileges: Vec<Check>,
    pub features: Vec<Feature>,
    pub remedies: Vec<Remedy>,
}

/// Capabilities that are asked for, with what each is for.
pub const CAPABILITIES: [(u32, &str, &str); 5] = [
    (capability::BPF, "CAP_BPF", "loads the programs"),
    (capability::PERFMON, "CAP_PERFMON", "attaches them and lets them read"),
    (capability::SYS_PTRACE, "CAP_SYS_PTRACE", "files and directories of other users' processes"),
    (capability::DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "their descriptors"),
    (capability::SYS_NICE, "CAP_SYS_NICE", "a priority that keeps up with a loaded machine"),
];

impl Diagnosis {
    pub fn of(facts: &Facts, trial: &Trial) -> Diagnosis {
        let (machine, privileges) = (machine(facts, trial), privileges(facts));
        let first = |checks: &[Check], verdict| {
            checks.iter().find(|check| check.verdict == verdict).map(|check| check.name)
        };
        let obstacle = first(&machine, Verdict::No).or_else(|| first(&privileges, Verdict::No));
        Diagnosis {
            features: features(facts, obstacle),
            remedies: remedy::remedies(facts, obstacle.is_some()),
            machine,
            privileges,
        }
    }

    /// Whether events can be recorded.
    pub fn works(&self) -> bool {
        self.features.iter().all(|feature| feature.verdict != Verdict::No)
    }
}

fn check(name: &'static str, verdict: Verdict, found: impl Into<String>) -> Check {
    Check { name, verdict, found: found.into() }
}

/// All is well if `good`, and otherwise the verdict and its text.
fn require(name: &'static str, good: bool, verdict: Verdict, yes: &str, no: &str) -> Check {
    if good { check(name, Verdict::Ok, yes) } else { check(name, verdict, no) }
}

fn machine(facts: &Facts, trial: &Trial) -> Vec<Check> {
    use Verdict::{Less, No, Ok};
    let absent: Vec<&str> =
        facts.tracepoints.iter().filter(|(_, there)| !there).map(|(name, _)| *name).collect();
    let mut checks = vec![
        require(
            "architecture",
            facts.arch == "x86_64",
            Less,
            &facts.arch,
            &format!("{}: recording has been tested on x86_64 only", facts.arch),
        ),
        require(
            "kernel",
            at_least(&facts.kernel, 5, 8),
            No,
            &facts.kernel,
            &format!("{}: 5.8 or newer is needed", facts.kernel),
        ),
        require(
            "type information",
            facts.has_btf,
            No,
            "/sys/kernel/btf/vmlinux",
            "/sys/kernel/btf/vmlinux is missing: the kernel needs CONFIG_DEBUG_INFO_BTF",
        ),
    ];
    if facts.has_btf {
        checks.push(require(
            "tracepoints",
            absent.is_empty(),
            No,
            &format!("all {}", facts.tracepoints.len()),
            &format!("not in this kernel: {}", absent.join(", ")),
        ));
    }
    checks.push(match facts.lockdown.as_deref() {
        Some("confidentiality") => {
            check("lockdown", No, "confidentiality: programs may not read the kernel's memory")
        }
        mode => check("lockdown", Ok, mode.unwrap_or("none")),
    });
    checks.push(require(
        "user namespace",
        facts.in_first_user_namespace,
        No,
        "the first",
        "not the first: capabilities count for nothing in eBPF here (rootless container?)",
    ));
    checks.push(require(
        "pid namespace",
        facts.in_first_pid_namespace,
        No,
        "the first",
        "not the first, so processes have other numbers here than in events (containers: --pid host)",
    ));
    checks.push(match facts.hidepid.as_deref() {
        None | Some("0" | "off") => check("/proc", Ok, "shows all processes"),
        Some(value) if facts.has(capability::SYS_PTRACE) => {
            check("/proc", Ok, format!("hidepid={value}, without effect on CAP_SYS_PTRACE"))
        }
        Some(value) => check("/proc", Less, format!("hidepid={value} hides other users' processes")),
    });
    checks.push(require(
        "control groups",
        facts.has_cgroup2,
        Less,
        "unified hierarchy",
        "no unified hierarchy: --cgroup and --container do not work",
    ));
    if facts.has_seccomp_filter {
        checks.push(require(
            "seccomp",
            matches!(trial, Trial::Worked(_)),
            Less,
            "system calls are filtered, those of eBPF are allowed",
            "system calls are filtered, perhaps those of eBPF too (docker: --security-opt seccomp=unconfined)",
        ));
    }
    checks.push(match trial {
        Trial::Worked(_) => check("eBPF programs", Ok, "loaded and attached"),
        Trial::Refused(error) => check("eBPF programs", No, error.clone()),
        Trial::NotTried => check("eBPF programs", Less, "not tried"),
    });
    if let Trial::Worked(tried) = trial {
        checks.push(require(
            "iterators",
            tried.iterators,
            Less,
            "over threads and descriptors",
            "not in this kernel (5.18 or newer): the state at the start of a recording of the whole machine is from \
             /proc, which takes longer and tells less of sockets and overlays",
        ));
    }
    checks
}

fn privileges(facts: &Facts) -> Vec<Check> {
    let mut checks = Vec::new();
    for (number, name, what_for) in CAPABILITIES {
        let verdict = match number {
            _ if facts.has(number) => Verdict::Ok,
            capability::BPF | capability::PERFMON => Verdict::No,
            _ => Verdict::Less,
        };
        let missing = match facts.bounding & (1 << number) {
            0 => "missing, and cannot be had here",
            _ => "missing",
        };
        let found = match verdict {
            Verdict::Ok => what_for.to_owned(),
            _ => format!("{missing}: {what_for}"),
        };
        checks.push(check(name, verdict, found));
    }
    // Later kernels count the memory of maps to the control group instead.
    if let Some(bytes) = facts.memlock_bytes.filter(|_| !at_least(&facts.kernel, 5, 11)) {
        let enough = bytes >= 64 << 20 || facts.has(capability::SYS_RESOURCE);
        let found = format!("{} KiB of locked memory", bytes >> 10);
        let few = format!("{found}: too little for the ring");
        checks.push(require("RLIMIT_MEMLOCK", enough, Verdict::No, &found, &few));
    }
    let settings = [
        ("perf_event_paranoid", facts.perf_event_paranoid),
        ("unprivileged_bpf_disabled", facts.unprivileged_bpf_disabled),
        ("ptrace_scope", facts.ptrace_scope),
    ];
    let settings = settings.iter().filter_map(|(name, value)| Some(format!("{name} {}", (*value)?)));
    let settings = settings.collect::<Vec<_>>().join(", ");
    if !settings.is_empty() {
        checks.push(check("settings", Verdict::Ok, format!("{settings}: do not matter to who has these")));
    }
    if facts.no_new_privs && !facts.has(capability::BPF) {
        checks.push(check(
            "no_new_privs",
            Verdict::Less,
            "set: neither sudo nor file capabilities have an effect in this session",
        ));
    }
    checks
}

fn features(facts: &Facts, obstacle: Option<&'static str>) -> Vec<Feature> {
    let lacks = |numbers: &[u32]| {
        let missing =
            CAPABILITIES.iter().filter(|(number, ..)| numbers.contains(number) && !facts.has(*number));
        missing.map(|(_, name, _)| *name).collect::<Vec<_>>().join(" and ")
    };
    let feature = |name, verdict, why: String| match obstacle {
        Some(obstacle) => Feature { name, verdict: Verdict::No, why: format!("see {obstacle}") },
        None if why.is_empty() => Feature { name, verdict: Verdict::Ok, why },
        None => Feature { name, verdict, why },
    };
    let why = |good: bool, why: &str| if good { String::new() } else { why.to_owned() };
    let of_others = lacks(&[capability::SYS_PTRACE, capability::DAC_READ_SEARCH]);
    let of_others = why(of_others.is_empty(), &format!("without {of_others}, in parts"));
    let priority = lacks(&[capability::SYS_NICE]);
    let priority = why(priority.is_empty(), &format!("without {priority}, a loaded machine can lose events"));
    vec![
        feature("a command and its descendants", Verdict::Less, String::new()),
        feature("the whole machine", Verdict::Less, String::new()),
        feature("other users' processes at the start", Verdict::Less, of_others),
        feature(
            "control groups and containers",
            Verdict::Less,
            why(facts.has_cgroup2, "no unified hierarchy of control groups"),
        ),
        feature("keeping up under load", Verdict::Less, priority),
    ]
}

/// Whether a release such as `6.1.0-13-amd64` is new enough. One that cannot be read is taken for new.
fn at_least(release: &str, major: u32, minor: u32) -> bool {
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(a), Some(b)) => (a, b) >= (major, minor),
        _ => true,
    }
}
