use capture::event::{EventBuilder, EventType};
use capture::savefile::{GroupEntry, UserEntry};

use super::Machine;

const ID: &str = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";

fn user_added(machine: &mut Machine, uid: u32, name: &str, container: &str) -> EventBuilder {
    let event = machine.event(EventType::USER_ADDED_E, -1).u32(uid).u32(7).str(name);
    event.str("/home/x").str("/bin/sh").str(container)
}

fn user_name(machine: &Machine, container: &str, uid: u32) -> Option<String> {
    let user = machine.state.accounts().user(container.as_bytes(), uid)?;
    Some(String::from_utf8_lossy(&user.name).into_owned())
}

fn container_event(machine: &mut Machine, name: &str) -> EventBuilder {
    let json = format!(
        r#"{{"container":{{"id":"{}","full_id":"{ID}","type":0,"name":"web","image":"nginx:1","imagerepo":"nginx",
        "imagetag":"1","privileged":true,"labels":{{"b":"2","a":"1"}},"Mounts":[{{"Source":"/s","Destination":"/d",
        "Mode":"ro","RW":false,"Propagation":"p"}}],"pod_sandbox_labels":null,"env":["K=V"],"ip":"10.1.2.3"}}}}"#,
        &ID[..12]
    );
    machine.event(EventType::ASYNCEVENT_E, -1).u32(0).str(name).str(json)
}

#[test]
fn events_at_the_head_complete_the_lists() {
    let mut machine = Machine::new();
    let users = vec![UserEntry { uid: 5, name: b"listed".to_vec(), ..UserEntry::default() }];
    machine.state.seed_users(users, vec![GroupEntry { gid: 8, name: b"staff".to_vec() }]);
    for (uid, name) in [(5, "not taken"), (6, "taken")] {
        let event = user_added(&mut machine, uid, name, "");
        let applied = machine.apply(&event);
        assert!(!applied.delivered && applied.tid.is_none());
        machine.state.commit(applied);
    }
    assert_eq!(user_name(&machine, "", 5).as_deref(), Some("listed"));
    assert_eq!(user_name(&machine, "", 6).as_deref(), Some("taken"));
    assert_eq!(
        machine.state.accounts().group(b"", 8).map(|group| group.name.to_vec()),
        Some(b"staff".to_vec())
    );
    let event = machine.event(EventType::MUNLOCKALL_X, 10).i64(0);
    assert!(machine.apply(&event).delivered);
    let event = user_added(&mut machine, 5, "renamed", "");
    assert!(machine.apply(&event).delivered, "later ones are events like others");
    assert_eq!(user_name(&machine, "", 5).as_deref(), Some("renamed"));
    let event = machine.event(EventType::USER_DELETED_E, -1).u32(5).u32(7).str("").str("").str("").str("");
    machine.run(&event);
    assert_eq!(user_name(&machine, "", 5), None);
}

#[test]
fn events_that_only_update_state_are_not_delivered() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::MUNLOCKALL_X, 10).i64(0).state_only(true);
    assert!(!machine.apply(&event).delivered);
    let event = machine.event(EventType::CREAT_E, 10).str("/x").u32(0);
    assert!(!machine.apply(&event).delivered);
}

#[test]
fn the_time_of_the_event_before_is_told() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::MUNLOCKALL_X, 10).i64(0);
    assert_eq!(machine.apply(&event).facts.previous_ts_ns, 0);
    let first = machine.ts_ns;
    let event = machine.event(EventType::MUNLOCKALL_X, 11).i64(0);
    assert_eq!(machine.apply(&event).facts.previous_ts_ns, first);
}

#[test]
fn containers_come_from_control_groups_and_events() {
    let mut machine = Machine::new();
    let event = machine.event(EventType::CLONE_20_X, 20).i64(0).str("sh").param(b"").i64(20).i64(20).i64(10);
    let event = event.str("").i64(1).u64(0).u64(0).u32(0).u32(0).u32(0).str("sh");
    let event =
        event.param(format!("cpu=/docker/{ID}\0").as_bytes()).u32(0).u32(0).u32(0).i64(20).i64(20).u64(0);
    machine.run(&event);
    let short = &ID.as_bytes()[..12];
    assert_eq!(&*machine.thread(20).container_id, short);
    assert!(machine.state.containers().get(short).is_none(), "nothing but the id is known");
    let event = container_event(&mut machine, "container");
    let applied = machine.apply(&event);
    let told = machine.state.containers().told_by_event().expect("the event's container");
    assert_eq!((&*told.name, &*told.engine, told.privileged), (&b"web"[..], &b"docker"[..], true));
    machine.state.commit(applied);
    assert!(machine.state.containers().told_by_event().is_none());
    let container = machine.state.containers().get(short).unwrap();
    assert_eq!((&*container.image_repository, &*container.ip), (&b"nginx"[..], &b"10.1.2.3"[..]));
    assert_eq!(container.labels[0].0, "a".into());
    assert_eq!((&*container.mounts[0].destination, container.mounts[0].read_write), (&b"/d"[..], false));
    let event = container_event(&mut machine, "container_removed");
    machine.run(&event);
    assert!(machine.state.containers().is_empty());
}

#[test]
fn broken_metadata_is_left_out() {
    let mut machine = Machine::new();
    for json in ["", "{", "{}", r#"{"container":7}"#, r#"{"container":{"id":5,"labels":[1]}}"#] {
        let event = machine.event(EventType::ASYNCEVENT_E, -1).u32(0).str("container").str(json);
        machine.run(&event);
    }
    assert!(machine.state.containers().get(b"5").is_none());
}
