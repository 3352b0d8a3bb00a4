//! Any bytes as events: the state must neither panic nor hang, and its tables must stay usable.

use capture::event::schema::EVENT_COUNT;
use capture::event::{EventBuilder, EventType, SockAddr, SockTuple};
use capture::savefile::{FdBody, FdEntry, L4Proto, ProcessEntry};
use lanner_replay::state::State;
use proptest::prelude::*;

/// One parameter: mostly small numbers, so that events meet each other's threads and descriptors.
fn param() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => (-3i64..12).prop_map(|value| value.to_le_bytes().to_vec()),
        2 => (0u32..64).prop_map(|value| value.to_le_bytes().to_vec()),
        1 => any::<u32>().prop_map(|value| value.to_le_bytes().to_vec()),
        1 => any::<i64>().prop_map(|value| value.to_le_bytes().to_vec()),
        1 => any::<u8>().prop_map(|value| vec![value]),
        1 => any::<u16>().prop_map(|value| value.to_le_bytes().to_vec()),
        2 => Just(Vec::new()),
        1 => Just(b"(NULL)\0".to_vec()),
        2 => "(/|a|\\.){0,8}".prop_map(|path| [path.as_bytes(), b"\0"].concat()),
        1 => "[a-z]{1,3}=/[a-z./:-]{0,40}".prop_map(|cgroup| [cgroup.as_bytes(), b"\0"].concat()),
        2 => tuple(),
        1 => any::<[u8; 6]>().prop_map(|ip| SockAddr::Ipv4 { ip: [ip[0], 0, 0, ip[1]].into(), port: ip[2].into() }.to_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        1 => Just(b"{\"container\":{\"id\":\"x\",\"type\":0,\"labels\":{\"a\":\"b\"}}}\0".to_vec()),
    ]
}

fn tuple() -> impl Strategy<Value = Vec<u8>> {
    (any::<[u8; 4]>(), 0u8..3).prop_map(|([a, b, c, d], family)| {
        let (sport, dport) = (u16::from(a % 4), u16::from(b % 4));
        match family {
            0 => SockTuple::Ipv4 { sip: [c % 3, 0, 0, 1].into(), sport, dip: [d % 3, 0, 0, 1].into(), dport },
            1 => {
                let ip = |last: u8| if last.is_multiple_of(2) { [0; 16].into() } else { [last; 16].into() };
                SockTuple::Ipv6 { sip: ip(c), sport, dip: ip(d), dport }
            }
            _ => SockTuple::Unix { source: a.into(), destination: b.into(), path: b"/run/x" },
        }
        .to_bytes()
    })
}

fn event() -> impl Strategy<Value = EventBuilder> {
    let interesting = prop_oneof![
        Just(EventType::CLONE_20_X),
        Just(EventType::EXECVE_19_X),
        Just(EventType::PROCEXIT_1_E),
        Just(EventType::OPENAT_2_X),
        Just(EventType::SOCKET_X),
        Just(EventType::CONNECT_X),
        Just(EventType::DUP2_X),
    ];
    let ty = prop_oneof![2 => (0..EVENT_COUNT as u16).prop_map(EventType), 1 => interesting];
    let params = prop::collection::vec(param(), 0..32);
    (ty, -1i64..10, any::<u32>(), params).prop_map(|(ty, tid, ts_ns, params)| {
        params.iter().fold(EventBuilder::new(ty, ts_ns.into(), tid), |event, param| event.param(param))
    })
}

/// Reads all that can be asked about every thread.
fn look_around(state: &State) {
    let threads = state.threads();
    for tid in -1..12 {
        let Some(thread) = threads.get(tid) else { continue };
        assert_eq!(thread.tid, tid);
        for n in 0..5 {
            threads.ancestor(thread, n);
        }
        assert!(threads.ancestors(thread).count() <= threads.len());
        threads.session_leader(thread);
        threads.vpgid_leader(thread);
        threads.pgid_leader(thread);
        threads.cwd_of(thread);
        threads.env_of(thread);
        assert!(threads.child_thread_count_of(thread) <= threads.thread_count_of(thread));
        if let Some(fds) = threads.fds_of(thread) {
            assert_eq!(fds.iter().count(), fds.len());
            assert!(fds.iter().all(|(fd, _)| threads.fd_of(thread, fd).is_some()));
        }
    }
}

fn seeded() -> State {
    let mut state = State::default();
    state.seed_processes(
        (1..6)
            .map(|tid| ProcessEntry {
                tid,
                pid: tid,
                ptid: tid - 1,
                vtid: tid,
                vpid: tid,
                ..Default::default()
            })
            .collect(),
    );
    let (sip, dip) = ([127, 0, 0, 1].into(), [1, 2, 3, 4].into());
    state.seed_fds(
        2,
        vec![
            FdEntry {
                fd: 3,
                ino: 1,
                body: FdBody::Ipv4 { sip, dip, sport: 1, dport: 2, l4proto: L4Proto::Tcp },
            },
            FdEntry { fd: 4, ino: 2, body: FdBody::Ipv4Server { ip: sip, port: 1, l4proto: L4Proto::Udp } },
            FdEntry { fd: -7, ino: 3, body: FdBody::File { flags: 0, name: b"/x".to_vec(), dev: 0 } },
        ],
    );
    state
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn any_events_leave_usable_tables(events in prop::collection::vec(event(), 1..80), from_nothing: bool) {
        let mut state = if from_nothing { State::default() } else { seeded() };
        for built in &events {
            let event = built.event();
            let applied = state.apply(&event);
            let (thread, _) = state.subject(&applied);
            prop_assert_eq!(thread.map(|thread| thread.tid), applied.tid);
            look_around(&state);
            state.commit(applied);
        }
        look_around(&state);
    }
}
