use capture::event::{EventBuilder, EventType, SockAddr, SockTuple};
use capture::savefile::{FdBody, FdEntry, Interface, L4Proto};

use super::Machine;
use crate::state::{FdKind, Role};

const STREAM: u32 = 1;
const DGRAM: u32 = 2;

fn v4(sip: [u8; 4], sport: u16, dip: [u8; 4], dport: u16) -> Vec<u8> {
    SockTuple::Ipv4 { sip: sip.into(), sport, dip: dip.into(), dport }.to_bytes()
}

fn addr(ip: [u8; 4], port: u16) -> Vec<u8> {
    SockAddr::Ipv4 { ip: ip.into(), port }.to_bytes()
}

fn connect(machine: &mut Machine, res: i64, tuple: &[u8], addr: &[u8]) -> EventBuilder {
    machine.event(EventType::CONNECT_X, 10).i64(res).param(tuple).i64(3).param(addr)
}

const TUPLE: ([u8; 4], u16, [u8; 4], u16) = ([10, 0, 0, 2], 40000, [1, 2, 3, 4], 443);

fn tuple() -> Vec<u8> {
    v4(TUPLE.0, TUPLE.1, TUPLE.2, TUPLE.3)
}

#[test]
fn a_connect_makes_a_client() {
    let mut machine = Machine::new();
    machine.socket(10, 3, 2, STREAM);
    let event = connect(&mut machine, -115, &tuple(), &addr(TUPLE.2, TUPLE.3));
    let applied = machine.apply(&event);
    assert!(applied.facts.fd_name_changed);
    let fd = machine.fd(10, 3).unwrap();
    assert_eq!(&*fd.name, b"10.0.0.2:40000->1.2.3.4:443");
    assert_eq!((fd.role, fd.connected, fd.l4proto()), (Role::Client, true, L4Proto::Tcp));
}

#[test]
fn a_failed_connect_changes_nothing() {
    let mut machine = Machine::new();
    machine.socket(10, 3, 2, STREAM);
    let event = connect(&mut machine, -111, &[], &addr(TUPLE.2, TUPLE.3));
    machine.run(&event);
    let fd = machine.fd(10, 3).unwrap();
    assert_eq!((&*fd.name, fd.role, fd.connected), (&b""[..], Role::None, false));
}

#[test]
fn a_connect_believes_its_enter_event() {
    let mut machine = Machine::new();
    machine.socket(10, 3, 2, STREAM);
    let entered = machine.event(EventType::CONNECT_E, 10).i64(3).param(&addr([9, 9, 9, 9], 80));
    machine.run(&entered);
    let event = connect(&mut machine, 0, &tuple(), &addr(TUPLE.2, TUPLE.3));
    machine.run(&event);
    assert_eq!(machine.name(10, 3), "10.0.0.2:40000->9.9.9.9:80");
}

#[test]
fn a_server_binds_and_accepts() {
    let mut machine = Machine::new();
    machine.socket(10, 3, 2, STREAM);
    let event = machine.event(EventType::BIND_X, 10).i64(0).param(&addr([0, 0, 0, 0], 80)).i64(3);
    machine.run(&event);
    assert_eq!(machine.name(10, 3), "0.0.0.0:80");
    assert!(matches!(
        machine.fd(10, 3).unwrap().kind,
        FdKind::Ipv4Server { port: 80, l4proto: L4Proto::Tcp, .. }
    ));
    let event = machine.event(EventType::ACCEPT4_6_X, 10).i64(4).param(&tuple()).u8(0).u32(0).u32(5);
    let event = event.i32(1 << 12);
    assert_eq!(machine.apply(&event).fd_num, 4);
    let fd = machine.fd(10, 4).unwrap();
    assert_eq!((fd.role, fd.connected, fd.is_close_on_exec()), (Role::Server, true, true));
    assert_eq!(&*fd.name, b"10.0.0.2:40000->1.2.3.4:443");
}

#[test]
fn ipv6_addresses_that_are_ipv4_are_shown_so() {
    let mut machine = Machine::new();
    machine.socket(10, 3, 10, STREAM);
    let mapped = |last| std::net::Ipv4Addr::new(1, 2, 3, last).to_ipv6_mapped();
    let bytes = SockTuple::Ipv6 { sip: mapped(4), sport: 5, dip: mapped(6), dport: 7 }.to_bytes();
    let event = machine.event(EventType::ACCEPT_5_X, 10).i64(4).param(&bytes).u8(0).u32(0).u32(5);
    machine.run(&event);
    assert_eq!(machine.name(10, 4), "1.2.3.4:5->1.2.3.6:7");
    assert!(matches!(machine.fd(10, 4).unwrap().kind, FdKind::Ipv4Socket(_)));
}

fn send(machine: &mut Machine, tuple: &[u8]) -> EventBuilder {
    machine.event(EventType::SENDTO_X, 10).i64(1).param(b"x").i64(3).u32(1).param(tuple)
}

#[test]
fn datagrams_follow_their_destination() {
    let mut machine = Machine::new();
    machine.state.seed_interfaces(vec![Interface::Ipv4 {
        name: b"eth0".to_vec(),
        addr: [10, 0, 0, 2].into(),
        netmask: [255, 0, 0, 0].into(),
        broadcast: [10, 255, 255, 255].into(),
        link_speed: 0,
    }]);
    machine.socket(10, 3, 2, DGRAM);
    for (to, expected) in [(53, "10.0.0.2:999->8.8.8.8:53"), (54, "10.0.0.2:999->8.8.8.8:54")] {
        let event = send(&mut machine, &v4([0, 0, 0, 0], 999, [8, 8, 8, 8], to));
        let applied = machine.apply(&event);
        assert!(applied.facts.fd_name_changed, "{to}");
        assert_eq!(machine.name(10, 3), expected);
    }
    let event = machine.event(EventType::RECVFROM_X, 10).i64(1).param(b"y");
    let event = event.param(&v4([8, 8, 8, 8], 54, [10, 0, 0, 2], 999)).i64(3).u32(1);
    let applied = machine.apply(&event);
    assert!(!applied.facts.fd_name_changed, "the answer comes from there");
    assert_eq!(machine.fd(10, 3).unwrap().role, Role::Client);
}

#[test]
fn a_socket_that_was_missed_is_guessed() {
    let mut machine = Machine::new();
    let event = send(&mut machine, &v4([10, 0, 0, 2], 1, [8, 8, 8, 8], 53));
    assert_eq!(machine.apply(&event).fd_num, 3);
    assert_eq!(machine.name(10, 3), "10.0.0.2:1->8.8.8.8:53");
    assert_eq!(machine.fd(10, 3).unwrap().l4proto(), L4Proto::Udp);
}

#[test]
fn unix_sockets_are_named_by_path() {
    let mut machine = Machine::new();
    machine.socket(10, 3, 1, STREAM);
    let bytes = SockTuple::Unix { source: 0xab, destination: 0xcd, path: b"/run/x" }.to_bytes();
    let event = connect(&mut machine, 0, &bytes, &SockAddr::Unix { path: b"/run/x" }.to_bytes());
    machine.run(&event);
    assert_eq!(machine.name(10, 3), "ab->cd /run/x");
}

#[test]
fn listed_connections_are_oriented_by_listening_ports() {
    let socket = |fd, sport| FdEntry {
        fd,
        ino: 1,
        body: FdBody::Ipv4 {
            sip: [10, 0, 0, 2].into(),
            dip: [1, 2, 3, 4].into(),
            sport,
            dport: 5555,
            l4proto: L4Proto::Tcp,
        },
    };
    let server = FdBody::Ipv4Server { ip: [0, 0, 0, 0].into(), port: 80, l4proto: L4Proto::Tcp };
    let server = FdEntry { fd: 3, ino: 1, body: server };
    let mut machine = Machine::with_fds(vec![socket(4, 80), socket(5, 40000), server]);
    machine.close(10, 99);
    assert_eq!(machine.name(10, 4), "1.2.3.4:5555->10.0.0.2:80");
    assert_eq!(machine.name(10, 5), "10.0.0.2:40000->1.2.3.4:5555");
    assert_eq!([4, 5].map(|fd| machine.fd(10, fd).unwrap().role), [Role::Server, Role::Client]);
}
