//! Whatever is written is read back the same.

mod support;

use lanner_capture::event::schema::EVENTS;
use lanner_capture::event::{EventBuilder, EventFlags, EventType, MAX_PARAMS};
use lanner_capture::savefile::{
    Capture, Compression, FdBody, FdEntry, FdType, GroupEntry, Interface, Item, L4Proto, MachineInfo,
    ProcessEntry, ReadOptions, UserEntry, WriteOptions, Writer, WriterProfile,
};
use proptest::collection::vec;
use proptest::prelude::*;

fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..most)
}

prop_compose! {
    fn process()(
        ids in any::<[i64; 8]>(), comm in text(20), exe in text(40), exepath in text(40), args in text(200),
        env in text(300), cgroups in text(100), cwd in text(1025), small in any::<[u32; 7]>(),
        large in any::<[u64; 9]>(), bools in any::<[bool; 4]>(), fdlimit in any::<i64>(),
    ) -> ProcessEntry {
        let [tid, pid, ptid, sid, vpgid, pgid, vtid, vpid] = ids;
        let [flags, uid, gid, loginuid, vmsize_kb, vmrss_kb, tty] = small;
        let [pfmajor, pfminor, pidns_init_start_ts_ns, cap_inheritable, cap_permitted, cap_effective, exe_ino,
             exe_ino_ctime_ns, exe_ino_mtime_ns] = large;
        let [exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd] = bools;
        ProcessEntry {
            tid, pid, ptid, sid, vpgid, pgid, vtid, vpid, comm, exe, exepath, args, env, cgroups, root: cwd.clone(),
            cwd, fdlimit, flags, uid, gid, loginuid, vmsize_kb, vmrss_kb, vmswap_kb: 3, pfmajor, pfminor,
            pidns_init_start_ts_ns, tty, exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd,
            cap_inheritable, cap_permitted, cap_effective, exe_ino, exe_ino_ctime_ns, exe_ino_mtime_ns,
        }
    }
}

fn l4proto() -> impl Strategy<Value = L4Proto> {
    (0..6u8).prop_map(L4Proto::from_number)
}

fn fd_body() -> impl Strategy<Value = FdBody> {
    let named = (0..22u8, text(100)).prop_filter_map("a type that has only a name", |(number, name)| {
        FdType::from_number(number).filter(|ty| ty.is_named()).map(|ty| FdBody::Named { ty, name })
    });
    prop_oneof![
        Just(FdBody::Unknown),
        (any::<[[u8; 4]; 2]>(), any::<[u16; 2]>(), l4proto()).prop_map(
            |([sip, dip], [sport, dport], l4proto)| {
                FdBody::Ipv4 { sip: sip.into(), dip: dip.into(), sport, dport, l4proto }
            }
        ),
        (any::<[[u8; 16]; 2]>(), any::<[u16; 2]>(), l4proto()).prop_map(
            |([sip, dip], [sport, dport], l4proto)| {
                FdBody::Ipv6 { sip: sip.into(), dip: dip.into(), sport, dport, l4proto }
            }
        ),
        (any::<[u8; 4]>(), any::<u16>(), l4proto()).prop_map(|(ip, port, l4proto)| FdBody::Ipv4Server {
            ip: ip.into(),
            port,
            l4proto
        }),
        (any::<[u8; 16]>(), any::<u16>(), l4proto()).prop_map(|(ip, port, l4proto)| FdBody::Ipv6Server {
            ip: ip.into(),
            port,
            l4proto
        }),
        (any::<u64>(), any::<u64>(), text(120)).prop_map(|(source, destination, name)| FdBody::Unix {
            source,
            destination,
            name
        }),
        (any::<u32>(), text(1024), any::<u32>()).prop_map(|(flags, name, dev)| FdBody::File {
            flags,
            name,
            dev
        }),
        named,
    ]
}

fn fd() -> impl Strategy<Value = FdEntry> {
    (any::<i64>(), any::<u64>(), fd_body()).prop_map(|(fd, ino, body)| FdEntry { fd, ino, body })
}

fn interface() -> impl Strategy<Value = Interface> {
    let v4 = (text(16), any::<[[u8; 4]; 3]>(), any::<u64>()).prop_map(|(name, [a, n, b], link_speed)| {
        Interface::Ipv4 { name, addr: a.into(), netmask: n.into(), broadcast: b.into(), link_speed }
    });
    let v6 = (text(16), any::<[[u8; 16]; 3]>(), any::<u64>()).prop_map(|(name, [a, n, b], link_speed)| {
        Interface::Ipv6 { name, addr: a.into(), netmask: n.into(), broadcast: b.into(), link_speed }
    });
    prop_oneof![v4, v6]
}

/// An event of a current type with all its parameters, of any content and size.
fn event() -> impl Strategy<Value = EventBuilder> {
    let current = |id: &usize| {
        let old = EventFlags(EventFlags::OLD_VERSION.0 | EventFlags::UNUSED.0);
        !EVENTS[*id].flags.intersects(old)
    };
    let ids: Vec<usize> = (0..EVENTS.len()).filter(current).collect();
    let param =
        prop_oneof![8 => vec(any::<u8>(), 0..12), 1 => vec(any::<u8>(), 0..600), 1 => Just(Vec::new())];
    let head = (proptest::sample::select(ids), any::<u64>(), -1..6i64, any::<u16>(), any::<bool>());
    (head, vec(param, MAX_PARAMS)).prop_map(|((id, ts_ns, tid, cpu, state_only), params)| {
        let built = EventBuilder::new(EventType(id as u16), ts_ns, tid).cpu(cpu).state_only(state_only);
        params.iter().take(EVENTS[id].params.len()).fold(built, |built, param| built.param(param))
    })
}

fn compression() -> impl Strategy<Value = Compression> {
    prop_oneof![
        Just(Compression::None),
        (1..10u32, 0..4usize).prop_map(|(level, threads)| Compression::Gzip { level, threads })
    ]
}

/// What a call is read back as that old captures only had under the name of a relative.
fn relative(ty: EventType) -> EventType {
    use EventType as E;
    match ty {
        E::DUP2_X | E::DUP3_X => E::DUP_1_X,
        E::PIPE2_X => E::PIPE_X,
        E::EVENTFD2_X => E::EVENTFD_X,
        E::INOTIFY_INIT1_X => E::INOTIFY_INIT_X,
        E::SIGNALFD4_X => E::SIGNALFD_X,
        ty => ty,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn metadata(
        machine in (any::<u32>(), any::<u64>(), vec(1..=255u8, 0..127), any::<u64>()),
        interfaces in vec(interface(), 0..5),
        users in vec((any::<u32>(), any::<u32>(), text(256), text(256), text(256)), 0..5),
        groups in vec((any::<u32>(), text(256)), 0..5),
        processes in vec(process(), 0..8),
        fds in vec(fd(), 0..20),
        compression in compression(),
    ) {
        let (num_cpus, memory_size_bytes, hostname, boot_ts_epoch_ns) = machine;
        let machine = MachineInfo { num_cpus, memory_size_bytes, hostname, boot_ts_epoch_ns };
        let users: Vec<_> = users
            .into_iter()
            .map(|(uid, gid, name, home, shell)| UserEntry { uid, gid, name, home, shell })
            .collect();
        let groups: Vec<_> = groups.into_iter().map(|(gid, name)| GroupEntry { gid, name }).collect();
        let mut writer = Writer::new(Vec::new(), WriteOptions { compression, profile: WriterProfile::Schema45 }).unwrap();
        writer.machine(&machine).unwrap();
        writer.interfaces(&interfaces).unwrap();
        writer.users(&users, &groups).unwrap();
        writer.processes(&processes).unwrap();
        let mut expected = vec![
            Item::Section,
            Item::Machine(machine),
            Item::Interfaces(interfaces),
            Item::Users { users, groups },
            Item::Processes(processes.clone()),
        ];
        if let Some(first) = processes.first() {
            writer.fds(first.tid, &fds).unwrap();
            expected.push(Item::Fds { tid: first.tid, fds });
        }
        let capture = Capture::from_bytes("made", writer.finish().unwrap());
        let mut reader = capture.reader().unwrap();
        for item in expected {
            prop_assert_eq!(reader.next().unwrap(), Some(item));
        }
        prop_assert_eq!(reader.next().unwrap(), None);
    }

    #[test]
    fn events(events in vec(event(), 0..60), compression in compression(), encoded in any::<bool>()) {
        let options = WriteOptions { profile: WriterProfile::Schema45, compression };
        let mut writer = Writer::new(Vec::new(), options).unwrap();
        let mut expected = Vec::new();
        for built in events {
            if encoded {
                let (event, bytes) = (built.event(), built.encode().unwrap());
                let with = writer.written_bytes() + writer.encoded_bytes(event.state_only, &bytes);
                writer.encoded(event.cpu, event.state_only, &bytes).unwrap();
                prop_assert!(compression != Compression::None || writer.written_bytes() == with);
            } else {
                writer.event(&built.event()).unwrap();
            }
            expected.push(built);
        }
        let capture = Capture::from_bytes("made", writer.finish().unwrap());
        let mut reader = capture.reader().unwrap();
        prop_assert_eq!(reader.next().unwrap(), Some(Item::Section));
        for built in &expected {
            prop_assert_eq!(reader.next().unwrap(), Some(Item::Event(built.event())));
        }
        prop_assert_eq!(reader.next().unwrap(), None);
        prop_assert_eq!(reader.stats().oddities.total(), 0);
    }

    /// Profiles for older readers lose what they document and nothing else, and never make a file that our
    /// converter finds odd.
    #[test]
    fn older_profiles_keep_the_events(
        events in vec(event(), 0..60),
        profile in proptest::sample::select(vec![WriterProfile::Portable, WriterProfile::Compat]),
    ) {
        let mut writer = Writer::new(Vec::new(), WriteOptions { profile, ..Default::default() }).unwrap();
        for built in &events {
            let (bytes, state_only) = (built.encode().unwrap(), built.event().state_only);
            let bound = writer.written_bytes() + writer.encoded_bytes(state_only, &bytes);
            writer.encoded(built.event().cpu, state_only, &bytes).unwrap();
            prop_assert!(writer.written_bytes() <= bound);
        }
        let capture = Capture::from_bytes("made", writer.finish().unwrap());
        let found = support::read(&capture);
        prop_assert!(found.error.is_none());
        let heads = |events: &[EventBuilder]| -> Vec<(u64, i64, EventType)> {
            let heads = events.iter().map(|built| (built.event().ts_ns, built.event().tid, built.event().ty));
            heads.filter(|(_, _, ty)| ty.0 % 2 == 1).collect()
        };
        let mut expected = heads(&events);
        if profile == WriterProfile::Compat {
            expected.iter_mut().for_each(|(_, _, ty)| *ty = relative(*ty));
        }
        prop_assert_eq!(heads(&found.events), expected);
    }

    /// Any bytes at all: no panic, and the two ways of reading agree.
    #[test]
    fn noise(bytes in vec(any::<u8>(), 0..300), blocks in vec((any::<u8>(), vec(any::<u8>(), 0..80)), 0..6)) {
        let mut file = support::RawFile::new(false);
        for (ty, body) in blocks {
            // Mostly types that exist.
            let body = file.body().raw(&body);
            file = file.block(0x200 + u32::from(ty % 0x24), body);
        }
        let bytes = [file.bytes, bytes].concat();
        let options = ReadOptions { max_block_bytes: 1 << 20, ..Default::default() };
        let stream = Box::new(std::io::Cursor::new(bytes.clone()));
        let from_memory = support::read(&Capture::from_bytes("noise", bytes));
        let from_stream = support::read(&Capture::from_stream("noise", stream).with_options(options));
        prop_assert_eq!(&from_memory.metadata, &from_stream.metadata);
        prop_assert_eq!(from_memory.events.len(), from_stream.events.len());
        prop_assert_eq!(from_memory.error.is_some(), from_stream.error.is_some());
    }
}
