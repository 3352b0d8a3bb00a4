//! The tables, event by event, against what the real library knows at the same events of real captures.
//!
//! Facts are read from the tables directly, so that this tells faults of the state from those of extractors.

mod common;

use std::collections::{BTreeMap, HashMap};

use capture::event::EventType;
use lanner_replay::context::EventContext;
use lanner_replay::state::{FdInfo, FdKind, Role, ThreadInfo};
use serde_json::Value;

/// Text of one fact; `None` where it does not apply.
type Fact = fn(&EventContext<'_>, &ThreadInfo) -> Option<String>;

fn text(bytes: &[u8]) -> Option<String> {
    Some(String::from_utf8_lossy(bytes).into_owned())
}

/// Strings that are each ended by NUL, joined by blanks.
fn joined(list: &[u8]) -> Option<String> {
    let list = list.strip_suffix(b"\0").unwrap_or(list);
    text(&list.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect::<Vec<_>>())
}

fn fd(cx: &EventContext<'_>, fact: impl FnOnce(&FdInfo) -> Option<String>) -> Option<String> {
    cx.fd.and_then(fact)
}

fn ancestor(cx: &EventContext<'_>, thread: &ThreadInfo, n: usize) -> Option<String> {
    text(&cx.state.threads().ancestor(thread, n)?.comm)
}

/// Client's and server's ends of a socket whose role is known.
fn ends(cx: &EventContext<'_>) -> Option<(String, u16, String, u16)> {
    let fd = cx.fd.filter(|fd| fd.role != Role::None)?;
    match &fd.kind {
        FdKind::Ipv4Socket(t) => Some((t.sip.to_string(), t.sport, t.dip.to_string(), t.dport)),
        FdKind::Ipv6Socket(t) => Some((t.sip.to_string(), t.sport, t.dip.to_string(), t.dport)),
        FdKind::Ipv4Server { ip, port, .. } => Some((String::new(), 0, ip.to_string(), *port)),
        FdKind::Ipv6Server { ip, port, .. } => Some((String::new(), 0, ip.to_string(), *port)),
        _ => None,
    }
}

const FACTS: &[(&str, Fact)] = &[
    ("proc.name", |_, t| text(&t.comm)),
    ("proc.exe", |_, t| text(&t.exe)),
    ("proc.exepath", |_, t| text(&t.exepath)),
    ("proc.args", |_, t| joined(&t.args)),
    ("proc.cwd", |cx, t| text(cx.state.threads().cwd_of(t))),
    ("proc.aenv", |cx, t| joined(cx.state.threads().env_of(t))),
    ("proc.pid", |_, t| Some(t.pid.to_string())),
    ("proc.ppid", |_, t| Some(t.ptid.to_string())),
    ("proc.tty", |_, t| Some(t.tty.to_string())),
    ("proc.sid", |_, t| Some(t.sid.to_string())),
    ("proc.vpgid", |_, t| Some(t.vpgid.to_string())),
    ("proc.pgid", |_, t| Some(t.pgid.to_string())),
    ("proc.vpid", |_, t| Some(t.vpid.to_string())),
    ("thread.tid", |_, t| Some(t.tid.to_string())),
    ("thread.vtid", |_, t| Some(t.vtid.to_string())),
    ("thread.ismain", |_, t| Some(t.is_main().to_string())),
    ("thread.pfmajor", |_, t| Some(t.pfmajor.to_string())),
    ("thread.pfminor", |_, t| Some(t.pfminor.to_string())),
    ("proc.vmsize", |_, t| Some(t.vmsize_kb.to_string())),
    ("proc.vmrss", |_, t| Some(t.vmrss_kb.to_string())),
    ("proc.vmswap", |_, t| Some(t.vmswap_kb.to_string())),
    ("user.uid", |_, t| Some(t.uid.to_string())),
    ("group.gid", |_, t| Some(t.gid.to_string())),
    ("proc.exe_ino", |_, t| Some(t.exe_ino.to_string())),
    ("proc.is_exe_writable", |_, t| Some(t.exe_writable.to_string())),
    ("proc.is_exe_upper_layer", |_, t| Some(t.exe_upper_layer.to_string())),
    ("proc.is_exe_lower_layer", |_, t| Some(t.exe_lower_layer.to_string())),
    ("proc.is_exe_from_memfd", |_, t| Some(t.exe_from_memfd.to_string())),
    ("proc.pname", |cx, t| ancestor(cx, t, 1)),
    ("proc.aname[2]", |cx, t| ancestor(cx, t, 2)),
    ("proc.aname[3]", |cx, t| ancestor(cx, t, 3)),
    ("proc.aname[4]", |cx, t| ancestor(cx, t, 4)),
    ("proc.sname", |cx, t| {
        Some(cx.state.threads().session_leader(t).map_or(String::new(), |l| text(&l.comm).unwrap()))
    }),
    ("proc.vpgid.name", |cx, t| {
        Some(cx.state.threads().vpgid_leader(t).map_or(String::new(), |l| text(&l.comm).unwrap()))
    }),
    ("proc.fdopencount", |cx, t| {
        Some(
            cx.state
                .threads()
                .main_of(t)
                .and_then(|main| cx.state.threads().fds_of(main))
                .map_or(0, |fds| fds.len())
                .to_string(),
        )
    }),
    ("proc.fdlimit", |cx, t| Some(cx.state.threads().main_of(t).map_or(0, |main| main.fdlimit).to_string())),
    ("proc.nthreads", |cx, t| Some(cx.state.threads().thread_count_of(t).to_string())),
    ("proc.nchilds", |cx, t| Some(cx.state.threads().child_thread_count_of(t).to_string())),
    ("container.id", |_, t| if t.container_id.is_empty() { text(b"host") } else { text(&t.container_id) }),
    ("proc.stdin.name", |cx, t| cx.state.threads().fd_of(t, 0).and_then(|fd| text(&fd.name))),
    ("proc.stdin.type", |cx, t| {
        cx.state.threads().fd_of(t, 0).and_then(|fd| text(fd.kind.type_name().as_bytes()))
    }),
    ("proc.stdout.name", |cx, t| cx.state.threads().fd_of(t, 1).and_then(|fd| text(&fd.name))),
    ("fd.num", |cx, _| (cx.fd_num != -1).then(|| cx.fd_num.to_string())),
    ("fd.name", |cx, _| fd(cx, |fd| text(&fd.name))),
    ("fd.nameraw", |cx, _| fd(cx, |fd| text(fd.name_raw()))),
    ("fd.type", |cx, _| fd(cx, |fd| text(fd.kind.type_name().as_bytes()))),
    ("fd.typechar", |cx, _| fd(cx, |fd| Some(fd.kind.type_char().to_string()))),
    // The library tells the directory's inode at an open relative to one; the next event tells the file's.
    ("fd.ino", |cx, _| fd(cx, |fd| (cx.event.ty != EventType::OPENAT_2_X).then(|| fd.ino.to_string()))),
    ("fd.dev", |cx, _| fd(cx, |fd| Some(format!("{:X}", fd.dev)))),
    ("fd.sip", |cx, _| ends(cx).map(|(_, _, ip, _)| ip)),
    ("fd.sport", |cx, _| ends(cx).map(|(_, _, _, port)| port.to_string())),
    ("fd.cip", |cx, _| ends(cx).map(|(ip, ..)| ip)),
    ("fd.cport", |cx, _| ends(cx).map(|(_, port, ..)| port.to_string())),
    ("fd.connected", |cx, _| fd(cx, |fd| Some(fd.connected.to_string()))),
    ("fd.name_changed", |cx, _| fd(cx, |_| Some(cx.facts.fd_name_changed.to_string()))),
];

/// Values by field of every event, from lines that hold only what changed since the thread's last event.
fn expected(path: &std::path::Path) -> Vec<(u64, BTreeMap<String, String>)> {
    let mut by_tid: HashMap<i64, BTreeMap<String, String>> = HashMap::new();
    let mut events = Vec::new();
    for line in common::read(path).lines().skip(1) {
        let line: Value = serde_json::from_str(line).unwrap();
        let Some(num) = line["num"].as_u64() else { continue };
        let values = by_tid.entry(line["tid"].as_i64().unwrap_or(-1)).or_default();
        if line.get("v").is_some() {
            values.clear();
        }
        for gone in line["x"].as_array().into_iter().flatten() {
            values.remove(gone.as_str().unwrap());
        }
        for set in [&line["v"], &line["d"]] {
            for (field, value) in set.as_object().into_iter().flatten() {
                values.insert(field.clone(), value.as_str().unwrap().to_owned());
            }
        }
        events.push((num, values.clone()));
    }
    events
}

#[test]
fn tables_agree_with_the_real_library() {
    let Some(shared) = common::shared("state_captures") else { return };
    let mut wrong: BTreeMap<&str, (usize, String)> = BTreeMap::new();
    let mut checked = 0;
    let folder = shared.join("facts/conformance-captures");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let Some(name) = name.strip_suffix(".jsonl.gz") else { continue };
        let events = expected(&path);
        let mut rest = events.iter();
        common::for_each_event(&shared.join("captures").join(format!("{name}.scap")), |_, cx| {
            let (num, values) = rest.next().unwrap_or_else(|| panic!("{name}: more events than expected"));
            assert_eq!(cx.num, *num, "{name}");
            let Some(thread) = cx.thread else { return };
            for (field, fact) in FACTS {
                let (Some(want), Some(have)) = (values.get(*field), fact(cx, thread)) else { continue };
                checked += 1;
                if *want != have {
                    let entry = wrong.entry(field).or_default();
                    entry.0 += 1;
                    if entry.0 <= 4 {
                        let ty = cx.event.ty;
                        entry.1 +=
                            &format!("\n  {name} {num} {ty:?} tid {}: {have:?}, not {want:?}", thread.tid);
                    }
                }
            }
        });
        assert!(rest.next().is_none(), "{name}: fewer events than expected");
    }
    let report: Vec<_> =
        wrong.iter().map(|(field, (count, some))| format!("{field}: {count}{some}")).collect();
    assert!(report.is_empty(), "of {checked} facts are wrong:\n{}", report.join("\n"));
    assert!(checked > 100_000, "only {checked} facts were checked");
}

#[test]
fn tables_agree_with_the_unit_tests_of_the_real_library() {
    let Some(shared) = common::shared("state_captures") else { return };
    let folder = shared.join("facts/conformance-state");
    let cases: Value = serde_json::from_str(&common::read(&folder.join("cases.json"))).unwrap();
    let facts: HashMap<&str, Fact> = FACTS.iter().copied().collect();
    let (mut checked, mut wrong) = (0, Vec::new());
    for case in cases["cases"].as_array().unwrap() {
        let name = case["capture"].as_str().unwrap();
        common::for_each_event(&folder.join("captures").join(name), |n, cx| {
            let Some(thread) = cx.thread else { return };
            for check in case["checks"].as_array().unwrap() {
                let fact = facts.get(check["expr"].as_str().unwrap());
                let want = check["expect"].as_str();
                let (Some(fact), Some(want), true) = (fact, want, check["kind"] == "str" && check["n"] == n)
                else {
                    continue;
                };
                checked += 1;
                let have = fact(cx, thread);
                if have.as_deref() != Some(want) {
                    wrong.push(format!("{name} {n} {}: {have:?}, not {want:?}", check["expr"]));
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{} of {checked} facts are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 200, "only {checked} facts were checked");
}
