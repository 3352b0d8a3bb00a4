//! What is chosen by event and control group is shown; what it refers to is recorded all the same.

use std::process::Command;

use lanner_capture::event::EventType;
use lanner_capture::record::{Cgroup, EventFilter, RecordOptions, Scope};
use lanner_capture::savefile::WriterProfile;

use super::group::Group;
use super::harness::{self, Recorded};

fn choose(include: &[&str], exclude: &[&str]) -> RecordOptions {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let events = EventFilter::new(&owned(include), &owned(exclude)).unwrap();
    RecordOptions { events, ..RecordOptions::default() }
}

/// The event before `at` that gave the thread its descriptor by a given call, if that was recorded.
fn has_origin(events: &[Recorded], at: usize, fd: i64) -> bool {
    events[..at].iter().any(|event| match event.ty {
        EventType::OPENAT_2_X | EventType::SOCKET_X | EventType::DUP_1_X | EventType::DUP2_X => {
            event.i64_at(0) == fd
        }
        EventType::PIPE2_X => event.i64_at(1) == fd || event.i64_at(2) == fd,
        _ => false,
    })
}

const SCRIPT: &str = "cd /tmp; cat /etc/hostname | cat >/dev/null; exec 8</etc/hostname; read line <&8; true";

#[test]
fn chosen_events_are_shown_and_their_descriptors_known() {
    if !harness::can_record() {
        return;
    }
    let recording =
        harness::record_command(&["sh", "-c", SCRIPT], choose(&["read"], &[]), WriterProfile::Schema45);
    let mut reads = 0;
    for (at, event) in recording.events.iter().enumerate() {
        assert_eq!(event.ty == EventType::READ_X, !event.state_only, "{event:?}");
        let fd = event.i64_at(2);
        if event.ty == EventType::READ_X && event.i64_at(0) >= 0 && fd > 2 {
            reads += 1;
            assert!(has_origin(&recording.events, at, fd), "where does {fd} come from?");
        }
        // Nothing that failed changes anything.
        let failed = event.ty != EventType::READ_X && (-4095..0).contains(&event.i64_at(0));
        assert!(!failed || event.i64_at(0) == -115, "{event:?}");
    }
    assert!(reads > 3, "{reads} reads");
    for ty in [EventType::EXECVE_19_X, EventType::CHDIR_X, EventType::CLOSE_X, EventType::PROCEXIT_1_E] {
        assert!(recording.count(ty) > 0, "{}", ty.info().symbol);
    }
    for ty in [EventType::MMAP_X, EventType::GENERIC_X, EventType::NEWFSTATAT_X, EventType::WRITE_X] {
        assert_eq!(recording.count(ty), 0, "{}", ty.info().symbol);
    }
}

#[test]
fn excluded_events_are_not_shown() {
    if !harness::can_record() {
        return;
    }
    let options = choose(&[], &["memory", "openat", "rt_sigaction"]);
    let recording = harness::record_command(&["sh", "-c", SCRIPT], options, WriterProfile::Portable);
    assert_eq!(recording.count(EventType::MMAP_X) + recording.count(EventType::BRK_4_X), 0);
    let opens: Vec<_> = recording.events.iter().filter(|event| event.ty == EventType::OPENAT_2_X).collect();
    assert!(!opens.is_empty() && opens.iter().all(|event| event.state_only));
    // Parameter 1 of a generic event is the native number: 13 is rt_sigaction on x86-64.
    if cfg!(target_arch = "x86_64") {
        let mut generic = recording.events.iter().filter(|event| event.ty == EventType::GENERIC_X).peekable();
        assert!(generic.peek().is_some() && generic.all(|event| event.params[1] != 13u16.to_le_bytes()));
    }
    let others = recording.events.iter().filter(|event| event.ty != EventType::OPENAT_2_X);
    assert!(others.filter(|event| event.state_only && event.ty != EventType::MEMFD_CREATE_X).count() == 0);
}

#[test]
fn a_control_group_is_recorded_with_what_its_processes_brought_along() {
    if !harness::can_record() {
        return;
    }
    let id = "feedc0ffee1234567890";
    let Some(group) = Group::new(&format!("docker-{id}.scope")) else { return };
    let outer = Cgroup::at(group.path.parent().unwrap()).unwrap();
    assert_ne!(Cgroup::at(&group.path).unwrap(), outer);
    assert_eq!(Cgroup::of_container(&id[..12]).unwrap(), Cgroup::at(&group.path).unwrap());
    let options = RecordOptions { scope: Scope::Cgroups(vec![outer]), ..RecordOptions::default() };
    let mut pid = 0;
    let recording = harness::record_host(options, || {
        let procs = group.path.join("cgroup.procs");
        // Opened outside, read inside.
        let script = format!("exec 9</etc/hostname; echo $$ >{}; exec cat <&9 >/dev/null", procs.display());
        let mut child = Command::new("sh").args(["-c", &script]).spawn().unwrap();
        pid = i64::from(child.id());
        assert!(child.wait().unwrap().success());
    });
    assert!(recording.events.iter().all(|event| event.state_only || event.tid == pid));
    let of_child: Vec<&Recorded> = recording.events.iter().filter(|event| event.tid == pid).collect();
    let first_shown = of_child.iter().position(|event| !event.state_only).expect("it came in");
    let opened = of_child[..first_shown]
        .iter()
        .any(|event| event.ty == EventType::OPENAT_2_X && event.params[2].starts_with(b"/etc/hostname\0"));
    assert!(opened, "what was opened outside is known inside");
    assert!(of_child[first_shown..].iter().all(|event| !event.state_only));
    assert!(of_child[first_shown..].iter().any(|event| event.ty == EventType::EXECVE_19_X));
    assert!(of_child[first_shown..].iter().any(|event| event.ty == EventType::READ_X));
}
