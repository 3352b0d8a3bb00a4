//! What alerts tell of containers, pods, users and names: from the capture, or from this machine on request.

use capture::event::{EventBuilder, EventType as E};
use capture::savefile::{ProcessEntry, WriteOptions, Writer};

use crate::harness::{Scratch, root, run};

const SECOND: u64 = 1_700_000_000_000_000_000;

/// Replays a capture of one process with a rule of this output; gives the first alert without its time.
fn alert(
    scratch: &Scratch,
    process: ProcessEntry,
    events: &[EventBuilder],
    output: &str,
    args: &[&str],
) -> String {
    let mut writer = Writer::new(Vec::new(), WriteOptions::default()).unwrap();
    writer.processes(&[process]).unwrap();
    events.iter().for_each(|event| writer.event(&event.event()).unwrap());
    let (capture, rules) = (scratch.join("one.scap"), scratch.join("rules.yaml"));
    std::fs::write(&capture, writer.finish().unwrap()).unwrap();
    let rule = format!(
        "- rule: r\n  desc: d\n  condition: evt.type = close\n  output: \"{output}\"\n  priority: INFO\n"
    );
    std::fs::write(&rules, rule).unwrap();
    let (capture, rules) = (capture.display().to_string(), rules.display().to_string());
    let mut all = vec!["-q", "replay", "-r", &rules, &capture];
    all.extend(args);
    let replayed = run(&all);
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stderr));
    let text = String::from_utf8(replayed.stdout).unwrap();
    let (_, after) = text.trim_end().split_once("Informational ").expect("an alert");
    after.to_string()
}

fn close() -> EventBuilder {
    EventBuilder::new(E::CLOSE_X, SECOND + 5, 7).i64(0).i64(3)
}

#[test]
fn containers_and_pods_come_from_events_in_the_capture() {
    let scratch = Scratch::new("metadata-container");
    let id = "0123456789ab".to_string();
    let cgroups = format!("cpu=/kubepods/pod1/{}\0", id.clone() + &"cd".repeat(26)).into_bytes();
    let process = ProcessEntry { tid: 7, pid: 7, comm: b"cat".to_vec(), cgroups, ..Default::default() };
    let json = format!(
        "{{\"container\": {{\"type\": 6, \"id\": \"{id}\", \"name\": \"web\", \"image\": \"r.io/web:1\", \
         \"imagerepo\": \"r.io/web\", \"imagetag\": \"1\", \"Mounts\": [], \"labels\": \
         {{\"io.kubernetes.pod.name\": \"web-0\", \"io.kubernetes.pod.namespace\": \"shop\"}}}}}}\0"
    );
    let read = || EventBuilder::new(E::READ_X, SECOND, 7).i64(0).param(&[]).i64(3).u32(0);
    let announced =
        EventBuilder::new(E::ASYNCEVENT_E, SECOND + 1, 7).u32(0).str("container").param(json.as_bytes());
    let known = alert(&scratch, process.clone(), &[read(), announced, close()], "%container.image", &[]);
    assert_eq!(
        known,
        "r.io/web:1 container_id=0123456789ab container_name=web container_image_repository=r.io/web \
         container_image_tag=1 k8s_pod_name=web-0 k8s_ns_name=shop"
    );
    let unknown = alert(&scratch, process, &[read(), close()], "%container.image", &[]);
    assert!(unknown.starts_with("<NA> container_id=0123456789ab container_name=<NA>"), "{unknown}");
}

#[test]
fn users_of_this_machine_are_asked_for_on_request_only() {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let account = accounts
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|columns| columns.len() >= 7 && columns[2].parse::<u32>().is_ok_and(|uid| uid != 0));
    let Some(account) = account else {
        return eprintln!("skipped: /etc/passwd has no user but root");
    };
    let scratch = Scratch::new("metadata-users");
    let process = ProcessEntry { tid: 7, pid: 7, uid: account[2].parse().unwrap(), ..Default::default() };
    let ask = |args: &[&str]| {
        let all = [&["--no-suggested"], args].concat();
        alert(&scratch, process.clone(), &[close()], "%user.uid %user.name %user.shell", &all)
    };
    assert_eq!(ask(&[]), format!("{} <NA> <NA>", account[2]));
    assert_eq!(ask(&["--host-users"]), format!("{} {} {}", account[2], account[0], account[6]));
}

#[test]
fn domains_are_resolved_on_request_only() {
    let scratch = Scratch::new("metadata-names");
    let rules = scratch.join("rules.yaml");
    let rule = "- rule: r\n  desc: d\n  condition: evt.type = connect and fd.sip.name = localhost\n  \
                output: \"%fd.sip.name\"\n  priority: INFO\n";
    std::fs::write(&rules, rule).unwrap();
    let capture = root().join("fixtures/captures/demo.scap").display().to_string();
    let rules = rules.display().to_string();
    let replay = |args: &[&str]| {
        let all = [&["-q", "replay", "--no-suggested", "-r", &rules, &capture], args].concat();
        String::from_utf8(run(&all).stdout).unwrap()
    };
    assert_eq!(replay(&[]), "");
    let resolved = replay(&["--resolve-dns", "--limit", "1"]);
    assert!(resolved.trim_end().ends_with("Informational localhost"), "{resolved}");
}
