//! The diagnosis for people and for programs.

use capture::record::Facts;
use serde_json::{Value, json};

use super::assess::{Check, Diagnosis, Verdict};
use crate::cli::format::printable;

/// Columns of names; longer ones push their text.
const NAME_WIDTH: usize = 20;
const FEATURE_WIDTH: usize = 36;
const PLACE_WIDTH: usize = 18;

pub fn to_text(diagnosis: &Diagnosis, color: bool) -> String {
    let mut text = String::new();
    for (title, checks) in [("machine", &diagnosis.machine), ("privileges", &diagnosis.privileges)] {
        text.push_str(&format!("{title}\n"));
        for Check { name, verdict, found } in checks {
            let found = printable(found.as_bytes());
            text.push_str(&format!(
                "  {} {name:<NAME_WIDTH$} {found}\n",
                mark(*verdict, ["ok", "!!", "NO"], color)
            ));
        }
        text.push('\n');
    }
    text.push_str("what can be recorded\n");
    for feature in &diagnosis.features {
        let mark = mark(feature.verdict, ["ok", "!!", "NO"], color);
        let row = format!("  {mark} {:<FEATURE_WIDTH$} {}", feature.name, feature.why);
        text.push_str(row.trim_end());
        text.push('\n');
    }
    if !diagnosis.remedies.is_empty() {
        text.push_str("\nto grant what is missing\n");
        for remedy in &diagnosis.remedies {
            text.push_str(&format!(
                "  {:<PLACE_WIDTH$} {}\n",
                remedy.place,
                printable(remedy.text.as_bytes())
            ));
        }
    }
    text.push_str(match diagnosis.works() {
        true => "\nRecording works.\n",
        false => "\nRecording does not work here.\n",
    });
    text
}

fn mark(verdict: Verdict, [ok, less, no]: [&str; 3], color: bool) -> String {
    let (word, code) = match verdict {
        Verdict::Ok => (ok, "32"),
        Verdict::Less => (less, "33"),
        Verdict::No => (no, "31"),
    };
    if color { format!("\x1b[{code}m{word}\x1b[0m") } else { word.to_owned() }
}

pub fn to_json(facts: &Facts, diagnosis: &Diagnosis) -> Value {
    let verdict = |verdict| mark(verdict, ["ok", "less", "no"], false);
    let checks = |checks: &[Check]| -> Vec<Value> {
        let row = |check: &Check| json!({ "name": check.name, "verdict": verdict(check.verdict), "found": check.found });
        checks.iter().map(row).collect()
    };
    let features = diagnosis.features.iter().map(
        |feature| json!({ "name": feature.name, "verdict": verdict(feature.verdict), "why": feature.why }),
    );
    let remedies =
        diagnosis.remedies.iter().map(|remedy| json!({ "place": remedy.place, "text": remedy.text }));
    json!({
        "works": diagnosis.works(),
        "machine": checks(&diagnosis.machine),
        "privileges": checks(&diagnosis.privileges),
        "features": features.collect::<Vec<_>>(),
        "remedies": remedies.collect::<Vec<_>>(),
        "facts": {
            "arch": facts.arch,
            "kernel": facts.kernel,
            "uid": facts.uid,
            "capabilities_effective": format!("{:#018x}", facts.effective),
            "capabilities_bounding": format!("{:#018x}", facts.bounding),
            "lockdown": facts.lockdown,
            "perf_event_paranoid": facts.perf_event_paranoid,
            "unprivileged_bpf_disabled": facts.unprivileged_bpf_disabled,
            "ptrace_scope": facts.ptrace_scope,
            "memlock_bytes": facts.memlock_bytes,
            "hidepid": facts.hidepid,
            "has_tracefs": facts.has_tracefs,
            "has_seccomp_filter": facts.has_seccomp_filter,
            "no_new_privs": facts.no_new_privs,
        },
    })
}

#[cfg(test)]
mod tests {
    use capture::record::Tried;

    use super::super::assess::Trial;
    use super::*;

    fn facts() -> Facts {
        Facts {
            arch: "x86_64".into(),
            kernel: "6.1.0-13-amd64".into(),
            has_btf: true,
            tracepoints: vec![("sys_exit", true), ("sched_process_exec", true)],
            uid: 0,
            effective: u64::MAX,
            bounding: u64::MAX,
            in_first_user_namespace: true,
            in_first_pid_namespace: true,
            lockdown: Some("integrity".into()),
            memlock_bytes: Some(8 << 20),
            perf_event_paranoid: Some(3),
            unprivileged_bpf_disabled: Some(2),
            has_cgroup2: true,
            program: "/usr/local/bin/lanner".into(),
            ..Facts::default()
        }
    }

    fn check(facts: &Facts, trial: &Trial, expected: &str) {
        let diagnosis = Diagnosis::of(facts, trial);
        assert_eq!(to_text(&diagnosis, false), expected);
        assert_eq!(to_json(facts, &diagnosis)["works"], expected.ends_with("works.\n"));
    }

    #[test]
    fn root_needs_nothing() {
        check(&facts(), &Trial::Worked(Tried { iterators: true }), include_str!("golden/root.txt"));
    }

    #[test]
    fn a_kernel_without_iterators_records_all_the_same() {
        let facts = Facts { kernel: "5.15.0-100-generic".to_owned(), ..facts() };
        check(&facts, &Trial::Worked(Tried { iterators: false }), include_str!("golden/no-iterators.txt"));
    }

    #[test]
    fn a_user_is_told_what_to_type() {
        let facts = Facts {
            uid: 1000,
            effective: 0,
            hidepid: Some("2".into()),
            program: "/home/some body/lanner".into(),
            ..facts()
        };
        check(&facts, &Trial::NotTried, include_str!("golden/user.txt"));
    }

    #[test]
    fn a_container_with_part_of_the_privileges() {
        let bpf = [capture::record::capability::BPF, capture::record::capability::PERFMON];
        let bits = bpf.iter().map(|bit| 1 << bit).sum();
        let facts = Facts {
            effective: bits,
            bounding: bits,
            in_first_pid_namespace: false,
            has_cgroup2: false,
            has_seccomp_filter: true,
            ..facts()
        };
        check(&facts, &Trial::NotTried, include_str!("golden/container.txt"));
    }

    #[test]
    fn an_old_kernel() {
        let facts = Facts {
            kernel: "5.4.0".into(),
            has_btf: false,
            lockdown: Some("confidentiality".into()),
            memlock_bytes: Some(64 << 10),
            ..facts()
        };
        check(&facts, &Trial::NotTried, include_str!("golden/old-kernel.txt"));
    }
}
