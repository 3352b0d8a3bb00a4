//! Fields that no real capture at hand exercises, on small states made for them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use bumpalo::Bump;
use capture::event::schema::EVENTS;
use capture::event::{EventBuilder, EventType, SockTuple};
use capture::savefile::{FdBody, FdEntry, FdType, GroupEntry, Interface, L4Proto, ProcessEntry, UserEntry};
use lanner_replay::context::EventContext;
use lanner_replay::fields::{self, ArgSpec};
use lanner_replay::state::{Lookups, State};
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;
/// 14 November 2023, 22:13:20 UTC.
const NOW: u64 = 1_700_000_000 * SECOND;

/// A state with one shell that has a file, a pipe, a listening socket and a connection.
struct Machine {
    state: State,
}

impl Machine {
    fn new() -> Self {
        let address = |last: u8| Ipv4Addr::new(10, 0, 0, last);
        let mut lookups = Lookups::default();
        let user = UserEntry { uid: 5, gid: 6, name: b"games".into(), ..UserEntry::default() };
        lookups.add_accounts(vec![user], vec![GroupEntry { gid: 6, name: b"play".into() }]);
        lookups.add_name("peer.example", address(2).into());
        lookups.add_name("other.example", address(2).into());
        let mut state = State::new(Arc::new(lookups));
        state.reset();
        state.seed_interfaces(vec![Interface::Ipv4 {
            name: b"eth0".into(),
            addr: address(1),
            netmask: Ipv4Addr::new(255, 255, 255, 0),
            broadcast: address(255),
            link_speed: 0,
        }]);
        let shell = ProcessEntry {
            tid: 10,
            pid: 10,
            ptid: 1,
            comm: b"sh".into(),
            exe: b"/bin/sh".into(),
            args: b"-c\0true\0".into(),
            cwd: b"/home/".into(),
            cgroups: b"cpu=/a\0memory=/b\0io=/c\0".into(),
            uid: 5,
            gid: 6,
            vmsize_kb: 3,
            vmrss_kb: 2,
            ..ProcessEntry::default()
        };
        let init = ProcessEntry {
            tid: 1,
            pid: 1,
            ptid: 0,
            comm: b"init".into(),
            env: b"A=1\0LANG= C \0".into(),
            ..ProcessEntry::default()
        };
        state.seed_processes(vec![init, shell]);
        let l4proto = L4Proto::Tcp;
        let fd = |fd, body| FdEntry { fd, ino: 7, body };
        let connection =
            FdBody::Ipv4 { sip: address(1), dip: address(2), sport: 40_000, dport: 443, l4proto };
        let server6 = FdBody::Ipv6Server { ip: Ipv6Addr::LOCALHOST, port: 81, l4proto };
        state.seed_fds(
            10,
            vec![
                fd(3, FdBody::File { flags: 1, name: b"/etc/passwd".into(), dev: 0xfe00 }),
                fd(4, FdBody::Named { ty: FdType::Fifo, name: b"".into() }),
                fd(5, FdBody::Ipv4Server { ip: address(1), port: 80, l4proto }),
                fd(6, connection),
                fd(7, server6),
            ],
        );
        Machine { state }
    }

    fn apply(&mut self, event: &EventBuilder) {
        let applied = self.state.apply(&event.event());
        self.state.commit(applied);
    }

    /// Checks what fields print at an event; `None` for no value.
    #[track_caller]
    fn check(&mut self, event: &EventBuilder, expected: &[(&str, Option<&str>)]) {
        let event = event.event();
        let applied = self.state.apply(&event);
        let (thread, fd) = self.state.subject(&applied);
        let arena = Bump::new();
        let cx = EventContext {
            event: &event,
            num: 9,
            state: &self.state,
            thread,
            fd_num: applied.fd_num,
            fd,
            facts: applied.facts,
            arena: &arena,
        };
        for (token, expected) in expected {
            let (id, arg) = fields::resolve(token).unwrap();
            let mut out = Vec::new();
            let found = fields::render(&cx, id, &arg, &mut out).then(|| String::from_utf8(out).unwrap());
            assert_eq!(found.as_deref(), *expected, "{token}");
        }
        self.state.commit(applied);
    }
}

fn read(fd: i64, result: i64) -> EventBuilder {
    EventBuilder::new(EventType::READ_X, NOW, 10).i64(result).param(b"data").i64(fd).u32(100)
}

fn write(fd: i64, result: i64) -> EventBuilder {
    EventBuilder::new(EventType::WRITE_X, NOW, 10).i64(result).param(b"data").i64(fd).u32(100)
}

#[test]
fn times_are_in_utc() {
    Machine::new().check(
        &EventBuilder::new(EventType::SETSID_X, NOW + 1, 10).i64(10),
        &[
            ("evt.time", Some("22:13:20.000000001")),
            ("evt.time.s", Some("22:13:20")),
            ("evt.time.iso8601", Some("2023-11-14T22:13:20.000000001+0000")),
            ("evt.datetime", Some("2023-11-14 22:13:20.000000001")),
            ("evt.datetime.s", Some("2023-11-14 22:13:20")),
            ("util.cnt", Some("9")),
        ],
    );
}

#[test]
fn bytes_moved_are_told_by_direction_and_kind() {
    let mut machine = Machine::new();
    machine.check(
        &read(3, 4),
        &[
            ("evt.buflen", Some("4")),
            ("evt.buflen.in", Some("4")),
            ("evt.buflen.out", None),
            ("evt.buflen.file", Some("4")),
            ("evt.buflen.file.in", Some("4")),
            ("evt.buflen.file.out", None),
            ("evt.buflen.net", None),
        ],
    );
    machine.check(
        &write(6, 4),
        &[
            ("evt.buflen.out", Some("4")),
            ("evt.buflen.in", None),
            ("evt.buflen.file", None),
            ("evt.buflen.net", Some("4")),
            ("evt.buflen.net.out", Some("4")),
            ("evt.buflen.net.in", None),
        ],
    );
    machine
        .check(&read(3, -5), &[("evt.buflen", None), ("evt.res", Some("EIO")), ("evt.failed", Some("true"))]);
}

#[test]
fn ends_of_a_connection_are_compared_and_not_printed() {
    let mut machine = Machine::new();
    let never = ["fd.ip", "fd.port", "fd.proto", "fd.net", "fd.cip.name"].map(|name| (name, None));
    machine.check(&read(6, 1), &never);
    machine.check(
        &read(6, 1),
        &[
            ("fd.cip", Some("10.0.0.1")),
            ("fd.sip", Some("10.0.0.2")),
            ("fd.lip", Some("10.0.0.1")),
            ("fd.rport", Some("443")),
            ("fd.cnet", Some("<IPNET>")),
            ("fd.snet", Some("<IPNET>")),
            ("fd.lnet", Some("<IPNET>")),
            ("fd.rnet", Some("<IPNET>")),
        ],
    );
}

#[test]
fn answers_of_others_are_used() {
    Machine::new().check(
        &read(6, 1),
        &[
            ("user.name", Some("games")),
            ("group.name", Some("play")),
            ("fd.sip.name", Some("peer.example")),
            ("fd.rip.name", Some("peer.example")),
            ("fd.lip.name", None),
        ],
    );
}

/// Values as comparisons see them.
#[test]
fn candidates_are_lists() {
    let check = |fd: i64, token: &str, expected: &str| {
        let mut machine = Machine::new();
        let built = read(fd, 1);
        let event = built.event();
        let applied = machine.state.apply(&event);
        let (thread, fd_info) = machine.state.subject(&applied);
        let arena = Bump::new();
        let cx = EventContext {
            event: &event,
            num: 1,
            state: &machine.state,
            thread,
            fd_num: applied.fd_num,
            fd: fd_info,
            facts: applied.facts,
            arena: &arena,
        };
        let (id, arg) = fields::resolve(token).unwrap();
        assert_eq!(format!("{:?}", (id.def().extract)(&cx, &arg)), expected, "{token} of {fd}");
    };
    check(6, "fd.port", "List([U64(40000), U64(443)])");
    check(5, "fd.ip", "List([Ip(10.0.0.1)])");
    check(3, "fd.ip", "List([])");
    check(6, "fd.cip.name", "List([Bytes([])])");
    check(3, "fd.sip.name", "List([])");
    check(99, "fd.ip", "Absent");
    check(3, "proc.apid", "List([I64(1)])");
    check(3, "proc.apid[0]", "I64(10)");
    check(3, "evt.around[1700000000001000000]", "U64(1)");
    check(3, "evt.around[1699999999999999999]", "U64(1)");
    check(3, "evt.around[1700000000000000000]", "U64(0)");
}

#[test]
fn poll_lists_its_descriptors() {
    let mut list = vec![6, 0];
    for fd in [3u8, 4, 5, 6, 7, 99] {
        list.extend([fd, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    }
    let poll = EventBuilder::new(EventType::POLL_X, NOW, 10).i64(1).param(&list).i64(-1);
    Machine::new().check(
        &poll,
        &[
            ("fdlist.nums", Some("3,4,5,6,7,99")),
            ("fdlist.names", Some("/etc/passwd,<NA>,10.0.0.1:80,10.0.0.1:40000->10.0.0.2:443,::1:81,<NA>")),
            ("fdlist.cips", Some("10.0.0.1")),
            ("fdlist.sips", Some("10.0.0.1,10.0.0.2,::1")),
            ("fdlist.cports", Some("40000")),
            ("fdlist.sports", Some("443")),
            ("evt.arg.fds", Some("3:f1 4:p1 5:41 6:41 7:61 99:?1")),
        ],
    );
    Machine::new().check(&read(3, 1), &[("fdlist.nums", None)]);
}

#[test]
fn processes_have_groups_environments_and_sizes() {
    Machine::new().check(
        &read(3, 1),
        &[
            ("thread.cgroups", Some("cpu=/a memory=/b blkio=/c")),
            ("thread.cgroup.memory", Some("/b")),
            ("thread.cgroup.blkio", Some("/c")),
            ("thread.cgroup.pids", None),
            ("thread.nametid", Some("sh10")),
            ("thread.vmsize.b", Some("3072")),
            ("thread.vmrss.b", Some("2048")),
            ("proc.aenv[LANG]", Some("C")),
            ("proc.aenv[A]", Some("1")),
            ("proc.aenv[B]", Some("")),
            ("proc.aenv[1]", Some("A=1 LANG= C ")),
            ("proc.aenv[2]", None),
            ("proc.env[A]", Some("")),
            ("proc.args[1]", Some("true")),
            ("proc.args[2]", Some("")),
            ("proc.loginshellid", Some("10")),
            ("evt.type.is.read", None),
            ("evt.latency.quantized", Some("0")),
            ("evt.pluginname", None),
        ],
    );
}

#[test]
fn cpu_times_are_compared_with_those_before() {
    let mut machine = Machine::new();
    let info =
        |user: u64, system: u64| EventBuilder::new(EventType::PROCINFO_E, NOW, 10).u64(user).u64(system);
    let expected = |all, user, system| {
        [("thread.cpu", Some(all)), ("thread.cpu.user", Some(user)), ("thread.cpu.system", Some(system))]
    };
    machine.check(&info(10, 20), &expected("0.0", "0.0", "0.0"));
    machine.check(&info(13, 24), &expected("7.0", "3.0", "4.0"));
    machine.check(&info(500, 24), &expected("100.0", "100.0", "0.0"));
    machine.check(&read(3, 1), &[("thread.cpu", None)]);
}

#[test]
fn both_paths_of_a_call_are_absolute() {
    let rename =
        EventBuilder::new(EventType::RENAMEAT2_X, NOW, 10).i64(0).i64(-100).str("a").i64(99).str("b").u32(0);
    Machine::new().check(
        &rename,
        &[
            ("evt.abspath", Some("/home/a")),
            ("evt.abspath.src", Some("/home/a")),
            ("evt.abspath.dst", Some("<UNKNOWN>/b")),
            ("fs.path.source", Some("/home/a")),
            ("fs.path.target", Some("<UNKNOWN>b")),
            ("fs.path.targetraw", Some("b")),
            ("fs.path.name", None),
        ],
    );
}

#[test]
fn docker_events_are_taken_apart() {
    let event = EventBuilder::new(EventType::INFRASTRUCTURE_EVENT_E, NOW, -1)
        .str("docker")
        .str("x")
        .str("Event: start; ID: 0123456789abcdef; name: web ; Image: nginx@sha256:12")
        .str("scope");
    Machine::new().check(
        &event,
        &[
            ("evt.infra.docker.name", Some("start")),
            ("evt.infra.docker.container.id", Some("0123456789ab")),
            ("evt.infra.docker.container.name", Some("web")),
            ("evt.infra.docker.container.image", Some("nginx")),
        ],
    );
}

const POD: &str = r#"{"container": {"type": 7, "id": "aaaaaaaaaaaa", "full_id": "aaaaaaaaaaaabbbb", "name": "web",
    "image": "r.io/web:1", "imageid": "id", "imagerepo": "r.io/web", "imagetag": "1", "imagedigest": "sha256:1",
    "privileged": true, "host_pid": true, "host_network": false, "host_ipc": true, "ip": "10.0.0.9",
    "pod_sandbox_id": "cccccccccccc0000", "cni_json": "{}",
    "labels": {"io.kubernetes.pod.name": "web-1", "io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.uid": "u",
               "app": "web", "empty": ""},
    "pod_sandbox_labels": {"tier": "front"},
    "Mounts": [{"Source": "/var/data", "Destination": "/data", "Mode": "rw", "RW": true, "Propagation": "private"},
               {"Source": "/proc", "Destination": "/host/proc", "Mode": "", "RW": false, "Propagation": ""}]}}"#;

#[test]
fn containers_are_told_by_their_events() {
    let mut machine = Machine::new();
    let announce = EventBuilder::new(EventType::ASYNCEVENT_E, NOW, 10)
        .u32(0)
        .str("container")
        .param(&[POD.as_bytes(), b"\0"].concat());
    let expected = [
        ("container.id", Some("aaaaaaaaaaaa")),
        ("container.full_id", Some("aaaaaaaaaaaabbbb")),
        ("container.type", Some("containerd")),
        ("container.image", Some("r.io/web:1")),
        ("container.image.id", Some("id")),
        ("container.image.repository", Some("r.io/web")),
        ("container.image.tag", Some("1")),
        ("container.ip", Some("10.0.0.9")),
        ("container.image.digest", Some("sha256:1")),
        ("container.privileged", Some("true")),
        ("container.host_pid", Some("true")),
        ("container.host_network", Some("false")),
        ("container.host_ipc", Some("true")),
        ("container.cni.json", Some("{}")),
        ("container.label[app]", Some("web")),
        ("container.label[other]", None),
        ("container.labels", Some("app:web, empty")),
        ("container.mounts", Some("/var/data:/data:rw:true:private,/proc:/host/proc::false:")),
        ("container.mount[0]", Some("/var/data:/data:rw:true:private")),
        ("container.mount[9]", None),
        ("container.mount[/nothing]", None),
        ("container.mount.dest[/proc*]", Some("/host/proc")),
        ("container.mount.source[^/data$]", Some("/var/data")),
        ("container.mount.mode[/var]", Some("rw")),
        ("container.mount.rdwr[1]", Some("false")),
        ("container.mount.propagation[0]", Some("private")),
        ("container.start_ts", None),
        ("container.healthcheck", None),
        ("k8s.pod.name", Some("web-1")),
        ("k8s.ns.name", Some("shop")),
        ("k8s.pod.id", Some("u")),
        ("k8s.pod.uid", Some("u")),
        ("k8s.pod.sandbox_id", Some("cccccccccccc")),
        ("k8s.pod.full_sandbox_id", Some("cccccccccccc0000")),
        ("k8s.pod.label[tier]", Some("front")),
        ("k8s.pod.labels", Some("tier:front")),
        ("k8s.pod.ip", Some("10.0.0.9")),
        ("k8s.pod.cni.json", Some("{}")),
        ("k8s.ns.id", None),
    ];
    machine.apply(&EventBuilder::new(EventType::SETSID_X, NOW, 10).i64(10));
    machine.check(&announce, &expected);
    // A process enters it.
    let full_id = "aaaaaaaaaaaa".to_string() + &"0".repeat(52);
    machine.apply(&execve(&format!("cpu=/docker/{full_id}\0")));
    machine
        .check(&read(3, 1), &[("container.name", Some("web")), ("container.mount.dest[0]", Some("/data"))]);
    let gone = EventBuilder::new(EventType::ASYNCEVENT_E, NOW, 10)
        .u32(0)
        .str("container_removed")
        .param(&[POD.as_bytes(), b"\0"].concat());
    machine.check(&gone, &[("container.name", Some("web"))]);
    machine.check(
        &read(3, 1),
        &[
            ("container.id", Some("aaaaaaaaaaaa")),
            ("fd.containername", Some("aaaaaaaaaaaa:/etc/passwd")),
            ("fd.containerdirectory", Some("aaaaaaaaaaaa:/etc")),
        ],
    );
}

/// A shell that executes itself in other control groups.
fn execve(cgroups: &str) -> EventBuilder {
    let event = EventBuilder::new(EventType::EXECVE_19_X, NOW, 10).i64(0).str("/bin/sh").empty();
    let event = event.i64(10).i64(10).i64(1).str("/home").u64(1024).u64(0).u64(0).u32(0).u32(0).u32(0);
    event.str("sh").param(cgroups.as_bytes()).empty().u32(0)
}

#[test]
fn hosts_have_values_of_their_own() {
    Machine::new().check(
        &read(3, 1),
        &[
            ("container.id", Some("host")),
            ("container.name", Some("host")),
            ("container.image.digest", Some("")),
            ("container.host_ipc", Some("false")),
            ("container.mounts", Some("")),
            ("container.mount[0]", None),
            ("container.labels", Some("")),
            ("container.label[a]", None),
            ("container.duration", None),
            ("k8s.pod.name", None),
            ("k8s.pod.ip", Some("")),
            ("k8s.pod.labels", Some("")),
            ("fd.containername", Some(":/etc/passwd")),
        ],
    );
}

#[test]
fn connections_of_parameters_are_text() {
    let tuple = |tuple: SockTuple<'_>| {
        EventBuilder::new(EventType::CONNECT_X, NOW, 10).i64(-111).param(&tuple.to_bytes()).i64(99).empty()
    };
    let v6 = |ip: Ipv6Addr| SockTuple::Ipv6 { sip: ip, sport: 1, dip: ip, dport: 2 };
    let check = |connect: EventBuilder, expected: &str| {
        Machine::new().check(&connect, &[("evt.arg.tuple", Some(expected))]);
    };
    check(tuple(v6(Ipv6Addr::LOCALHOST)), "::1:1->::1:2");
    check(tuple(v6(Ipv4Addr::new(1, 2, 3, 4).to_ipv6_mapped())), "1.2.3.4:1->1.2.3.4:2");
    check(tuple(v6(Ipv6Addr::UNSPECIFIED)), "0.0.0.0:1->0.0.0.0:2");
    check(tuple(SockTuple::Unix { source: 0x1f, destination: 0, path: b"/run/x" }), "1f->0 /run/x");
    let broken = EventBuilder::new(EventType::CONNECT_X, NOW, 10).i64(0).param(&[2, 1]).i64(99).empty();
    check(broken, "INVALID IPv4");
    let other = EventBuilder::new(EventType::CONNECT_X, NOW, 10).i64(0).param(&[40]).i64(99).empty();
    check(other, "family 40");
    let missing = EventBuilder::new(EventType::CONNECT_X, NOW, 10).i64(0).empty().i64(99).empty();
    check(missing, "NULL");
}

/// Every field with every kind of argument it takes.
fn tokens() -> Vec<String> {
    let arguments = |def: &fields::FieldDef| -> &[&str] {
        match (def.arg, def.name) {
            (ArgSpec::None, _) => &[""],
            (ArgSpec::Index { required: true }, _) => &["[0]", "[18446744073709551615]"],
            (ArgSpec::Index { .. }, _) => &["", "[0]", "[2]", "[18446744073709551615]"],
            (ArgSpec::Key { required: true }, _) => &["[a]"],
            (ArgSpec::Key { .. }, _) => &["", "[A]", "[]"],
            (ArgSpec::IndexOrKey { required: true }, _) => &["[0]", "[a.*]"],
            (ArgSpec::IndexOrKey { .. }, _) => &["", "[1]", "[18446744073709551615]", "[A]"],
            (ArgSpec::IndexOrName { .. }, _) => {
                &["[0]", "[1]", "[2]", "[3]", "[31]", ".data", ".fd", ".flags"]
            }
            (ArgSpec::Name { .. }, "evt.type.is") => &[".open", ".3"],
            (ArgSpec::Name { .. }, "evt.abspath") => &["", ".dst"],
            (ArgSpec::Name { .. }, "thread.cgroup") => &[".cpu"],
            (ArgSpec::Name { .. }, _) => {
                &[".res", ".fd", ".name", ".flags", ".addr", ".data", ".val", ".mode"]
            }
        }
    };
    fields::all()
        .iter()
        .flat_map(|def| arguments(def).iter().map(|arg| format!("{}{arg}", def.name)))
        .collect()
}

/// Parameters that are right for an event, and ones that are not.
fn event() -> impl Strategy<Value = EventBuilder> {
    let param = prop_oneof![
        Just(Vec::new()),
        (-3i64..12).prop_map(|number| number.to_le_bytes().to_vec()),
        any::<u64>().prop_map(|number| number.to_le_bytes().to_vec()),
        any::<u32>().prop_map(|number| number.to_le_bytes().to_vec()),
        proptest::collection::vec(prop_oneof![Just(0), Just(b'/'), Just(b'.'), any::<u8>()], 0..40),
        Just(b"../a//b\0".to_vec()),
    ];
    (
        0..EVENTS.len(),
        proptest::collection::vec(param, 0..32),
        prop_oneof![Just(10i64), Just(1), any::<i64>()],
    )
        .prop_map(|(ty, params, tid)| {
            let event = EventBuilder::new(EVENTS[ty].id, NOW, tid);
            params.iter().fold(event, |event, param| event.param(param))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn extraction_never_fails(events in proptest::collection::vec(event(), 1..6)) {
        let tokens: Vec<_> = tokens().iter().map(|token| fields::resolve(token).unwrap()).collect();
        let mut machine = Machine::new();
        for built in events {
            let event = built.event();
            let applied = machine.state.apply(&event);
            let (thread, fd) = machine.state.subject(&applied);
            let arena = Bump::new();
            let cx = EventContext {
                event: &event,
                num: 1,
                state: &machine.state,
                thread,
                fd_num: applied.fd_num,
                fd,
                facts: applied.facts,
                arena: &arena,
            };
            for (id, arg) in &tokens {
                let value = (id.def().extract)(&cx, arg);
                let mut text = Vec::new();
                let is_printed = fields::render(&cx, *id, arg, &mut text);
                prop_assert!(is_printed || text.is_empty());
                if id.def().print.is_none() && value.is_present() {
                    // Only numbers can have no text.
                    prop_assert!(is_printed || id.def().name == "evt.type.is", "{}", id.def().name);
                }
                let mut json = Vec::new();
                fields::write_json(&cx, *id, arg, &mut json);
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&json).is_ok(), "{json:?}");
            }
            machine.state.commit(applied);
        }
    }
}
