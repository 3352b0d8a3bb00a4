//! Block versions, event encodings and byte orders that no capture at hand has.

mod support;

use lanner_capture::event::{EventType as E, SockTuple};
use lanner_capture::savefile::{Capture, Item, ReadOptions};
use support::{Body, EV, EV_V2_LARGE, EVF, EVF_V2, RawFile, read};

/// A process entry of a version, without its length and tail.
fn process(body: Body, version: u8) -> Body {
    let mut body = body.u64(10).u64(11).u64(1);
    if version >= 6 {
        body = body.u64(12);
    }
    if version >= 8 {
        body = body.u64(13);
    }
    body = body.text("comm").text("exe");
    if version >= 7 {
        body = body.text("/bin/exe");
    }
    body = body.text("-x\0").text("/cwd").i64(1024).u32(5).u32(1000).u32(1001);
    if version >= 2 {
        body = body.u32(100).u32(50).u32(25).u64(7).u64(8);
    }
    if version >= 3 {
        body = body.text("A=1\0");
    }
    if version >= 4 {
        body = body.i64(3).i64(4).text("cpu=/x\0");
    }
    if version >= 5 {
        body = body.text("/root");
    }
    body
}

#[test]
fn process_lists_of_all_versions() {
    let types: [(u32, u8); 11] = [
        (0x202, 1),
        (0x8000_ABCD, 1),
        (0x207, 2),
        (0x8013_ABCD, 2),
        (0x209, 3),
        (0x8014_ABCD, 3),
        (0x210, 4),
        (0x211, 5),
        (0x212, 6),
        (0x213, 7),
        (0x214, 8),
    ];
    for big_endian in [false, true] {
        for (ty, version) in types {
            let file = RawFile::new(big_endian);
            let body = process(process(file.body(), version), version);
            let capture = file.block(ty, body).capture();
            let mut reader = capture.reader().unwrap();
            assert_eq!(reader.next().unwrap(), Some(Item::Section));
            let Some(Item::Processes(list)) = reader.next().unwrap() else { panic!("{ty:#x}") };
            assert_eq!(list.len(), 2, "{ty:#x}");
            assert_eq!(list[0], list[1]);
            let entry = &list[0];
            assert_eq!((entry.tid, entry.pid, entry.ptid, entry.uid, entry.gid), (10, 11, 1, 1000, 1001));
            assert_eq!(
                (&entry.comm[..], &entry.args[..], &entry.cwd[..]),
                (&b"comm"[..], &b"-x\0"[..], &b"/cwd"[..])
            );
            let from = |first: u8, value: i64, absent: i64| if version >= first { value } else { absent };
            assert_eq!(entry.sid, from(6, 12, -1));
            assert_eq!(entry.vpgid, from(8, 13, -1));
            assert_eq!((entry.vtid, entry.vpid), (from(4, 3, -1), from(4, 4, -1)));
            assert_eq!(entry.pfminor, from(2, 8, 0) as u64);
            assert_eq!(entry.root.is_empty(), version < 5);
            assert_eq!((entry.pgid, entry.loginuid), (-1, u32::MAX));
        }
    }
}

#[test]
fn the_tail_of_a_process_may_end_anywhere() {
    let full = RawFile::default().body().u64(99).u32(34816).u32(1000).u8(1).u64(2).u64(3).u64(4).u8(1);
    let full = full.u64(77).u64(11).u64(12).u8(0).u8(1).i64(10).bytes;
    assert_eq!(full.len(), 76);
    for len in [0, 4, 5, 29, 66, 67, 68, 76, 80] {
        // Tails of up to 29 bytes are from before the first two fields came.
        let mut tail = if len <= 29 { full[12..].to_vec() } else { full.clone() };
        tail.resize(len, 0);
        let entry = process(RawFile::default().body(), 9).raw(&tail).bytes;
        let file = RawFile::new(false);
        let body = file.body().u32(entry.len() as u32 + 4).raw(&entry);
        let capture = file.block(0x215, body).capture();
        let mut reader = capture.reader().unwrap();
        reader.next().unwrap();
        let Some(Item::Processes(list)) = reader.next().unwrap() else { panic!("{len}") };
        let entry = &list[0];
        assert_eq!(entry.loginuid, if len >= 4 { 1000 } else { u32::MAX }, "{len}");
        assert_eq!(entry.exe_writable, len >= 5, "{len}");
        assert_eq!(entry.cap_effective, if len >= 29 { 4 } else { 0 }, "{len}");
        assert_eq!((entry.tty, entry.exe_ino), if len >= 66 { (34816, 77) } else { (0, 0) }, "{len}");
        assert_eq!(entry.exe_lower_layer, len >= 68, "{len}");
        assert_eq!(entry.pgid, if len >= 76 { 10 } else { -1 }, "{len}");
    }
}

#[test]
fn events_of_all_block_types_in_both_orders() {
    for big_endian in [false, true] {
        let file = RawFile::new(big_endian);
        let number = |value: i64| file.body().i64(value).bytes;
        let values: [&[u8]; 2] = [&number(-9), &number(5)];
        let old = file.body().u16(3).event(E::CLOSE_X, -1, &values, false);
        let old_flagged = file.body().u16(3).u32(1).event(E::CLOSE_X, -1, &values, false);
        let flagged = file.body().u16(3).u32(1).event(E::CLOSE_X, -1, &values, true);
        let file = file
            .clone()
            .event(E::CLOSE_X, -1, &values)
            .block(EV, old.clone())
            .block(0x8010_ABCD, old)
            .block(EVF, old_flagged)
            .block(EVF_V2, flagged);
        let found = read(&file.capture());
        assert!(found.error.is_none(), "{found:?}");
        let states: Vec<bool> = found
            .events
            .iter()
            .map(|built| {
                let event = built.event();
                assert_eq!((event.ty, event.ts_ns, event.tid, event.cpu), (E::CLOSE_X, 1_000, -1, 3));
                assert_eq!((event.i64_at(0), event.i64_at(1)), (Some(-9), Some(5)));
                event.state_only
            })
            .collect();
        assert_eq!(states, [false, false, false, true, true]);
    }
}

#[test]
fn large_events_have_wide_lengths() {
    let data = vec![b'x'; 100_000];
    for big_endian in [false, true] {
        let file = RawFile::new(big_endian);
        let len = 26 + 3 * 4 + 4 + 2 + data.len() as u32;
        let body = file.body().u16(0).u64(1).i64(-1).u32(len).u16(E::ASYNCEVENT_E.0).u32(3);
        let body = body.u32(4).u32(2).u32(data.len() as u32).u32(6).raw(b"n\0").raw(&data);
        let found = read(&file.block(EV_V2_LARGE, body).capture());
        let event = found.events[0].event();
        assert_eq!((event.u32_at(0), event.str_at(1)), (Some(6), Some(&b"n"[..])));
        assert_eq!(event.param(2), Some(&data[..]));
    }
}

#[test]
fn descriptors_of_all_types_in_both_orders() {
    for big_endian in [false, true] {
        for sized in [false, true] {
            let file = RawFile::new(big_endian);
            let empty = || file.body();
            let mut entries = vec![
                empty().u8(0),
                empty().u8(3).raw(&[10, 0, 0, 1]).raw(&[10, 0, 0, 2]).u16(40_000).u16(443).u8(2),
                empty().u8(4).raw(&[1; 16]).raw(&[2; 16]).u16(1).u16(2).u8(3),
                empty().u8(5).raw(&[0; 4]).u16(22).u8(2),
                empty().u8(6).raw(&[0; 16]).u16(22).u8(2),
                empty().u8(8).u64(1).u64(2).text("/run/x"),
            ];
            let file_entry = empty().u8(16).u32(1).text("/etc/passwd");
            entries.push(if sized { file_entry.u32(0x800) } else { file_entry });
            entries.extend((9..=15).map(|ty| empty().u8(ty).text("name")));
            if sized {
                entries.push(empty().u8(99).raw(&[1, 2, 3]));
            }
            let count = entries.len();
            let mut body = file.body().i64(42);
            for (fd, entry) in entries.into_iter().enumerate() {
                let fields = file.body().i64(fd as i64).u64(7).raw(&entry.bytes).bytes;
                body = if sized { body.u32(fields.len() as u32 + 4) } else { body }.raw(&fields);
            }
            let capture = file.clone().block(if sized { 0x218 } else { 0x203 }, body).capture();
            let mut reader = capture.reader().unwrap();
            reader.next().unwrap();
            let Some(Item::Fds { tid: 42, fds }) = reader.next().unwrap() else { panic!("{sized}") };
            assert_eq!(fds.len(), count);
            let text = format!("{fds:?}");
            for expected in ["10.0.0.2, sport: 40000, dport: 443, l4proto: Tcp", "source: 1, destination: 2"]
            {
                assert!(text.contains(expected), "{text}");
            }
            assert_eq!(text.contains("dev: 2048"), sized);
            // `unknown-type:[99]`
            assert_eq!(text.contains("Unsupported, name: [117, 110, 107"), sized, "{text}");
        }
    }
}

#[test]
fn users_and_interfaces_in_both_orders_and_layouts() {
    for big_endian in [false, true] {
        for sized in [false, true] {
            let file = RawFile::new(big_endian);
            let user = file.body().u8(0).u32(1000).u32(100).text("ada").text("/home/ada").text("/bin/sh");
            let group = file.body().u8(1).u32(100).text("users");
            let interface = file.body().u16(1).u16(3).raw(&[10, 0, 0, 1, 255, 0, 0, 0, 10, 255, 255, 255]);
            let interface = interface.u64(1_000).raw(b"eth");
            let slow = file.body().u16(4).u16(2).raw(&[1; 48]).raw(b"lo");
            let join = |entries: &[&Body], extra: u32| {
                entries.iter().fold(file.body(), |body, entry| {
                    let body = if sized { body.u32(entry.bytes.len() as u32 + extra) } else { body };
                    body.raw(&entry.bytes)
                })
            };
            let users = join(&[&user, &group], 4);
            let interfaces = join(&[&interface, &slow], 0);
            let (ul, il) = if sized { (0x220, 0x219) } else { (0x206, 0x205) };
            let found = read(&file.clone().block(il, interfaces).block(ul, users).capture());
            assert!(found.error.is_none(), "{found:?}");
            assert!(found.metadata[1].contains("link_speed: 1000"), "{found:?}");
            assert!(found.metadata[1].contains("Ipv6"), "{found:?}");
            assert!(found.metadata[2].contains("uid: 1000, gid: 100"), "{found:?}");
            assert!(found.metadata[2].contains("GroupEntry { gid: 100"), "{found:?}");
        }
    }
}

#[test]
fn options_and_comments_are_skipped() {
    let file = RawFile::default();
    let header = file.body().u32(0x1A2B_3C4D).u16(1).u16(0).u64(u64::MAX).raw(b"\x01\0\x04\0text\0\0\0\0");
    let comment = file.body().u16(0).event(E::CLOSE_X, 1, &[&[0; 8], &[0; 8]], true).raw(&[7; 34]);
    let found = read(&file.block(0x0A0D_0D0A, header).block(0x216, comment).capture());
    assert!(found.error.is_none() && found.events.len() == 1, "{found:?}");
}

#[test]
fn unknown_blocks_and_events_are_skipped_and_counted() {
    let file = RawFile::new(false);
    let body = file.body().raw(&[1; 10]);
    let file = file.block(0x777, body.clone()).event(E(60_000), 1, &[b"x"]).event(E::GETUID_X, 1, &[&[0; 4]]);
    let capture = file.block(0x778, body).capture();
    let mut reader = capture.reader().unwrap();
    let mut items = 0;
    while reader.next().unwrap().is_some() {
        items += 1;
    }
    let stats = reader.stats();
    assert_eq!(items, 2);
    assert_eq!((stats.blocks, stats.skipped_blocks, stats.skipped_events, stats.events), (5, 2, 1, 1));
}

#[test]
fn captures_may_follow_each_other() {
    let first = RawFile::new(false).old_event(E::READ_E, 5, &[&3i64.to_le_bytes(), &[9, 0, 0, 0]]);
    // Another machine's byte order, and no memory of the first capture's enters.
    let second = RawFile::new(true).old_event(E::READ_X, 5, &[&0i64.to_be_bytes(), b""]);
    let capture = Capture::from_bytes("two", [first.bytes, second.bytes].concat());
    let mut reader = capture.reader().unwrap();
    assert_eq!(reader.next().unwrap(), Some(Item::Section));
    assert_eq!(reader.next().unwrap(), Some(Item::Section));
    let Some(Item::Event(event)) = reader.next().unwrap() else { panic!() };
    assert_eq!((event.ty, event.i64_at(2)), (E::READ_X, Some(0)));
    assert_eq!(reader.stats().oddities.exits_without_enter, 1);
}

#[test]
fn ids_of_sysdig_0_20_are_told_by_its_process_list() {
    let bpf = |file: RawFile| file.old_event(E::EXECVE_19_X, 1, &[b"\x01\0\0\0\0\0\0\0\0"]);
    let file = RawFile::new(false);
    let list = process(file.body(), 7);
    let found = read(&bpf(file.block(0x213, list)).capture());
    assert_eq!(found.types(), [E::BPF_2_X]);
    let file = RawFile::new(false);
    let list = process(file.body(), 8);
    let found = read(&bpf(file.block(0x214, list)).capture());
    assert_eq!(found.types(), [E::EXECVE_19_X]);
}

#[test]
fn old_pairs_become_one_event_and_oddities_are_counted() {
    let fd = 3i64.to_le_bytes();
    let size = 80u32.to_le_bytes();
    let res = 4i64.to_le_bytes();
    let file = RawFile::new(false)
        .old_event(E::READ_E, 1, &[&fd, &size])
        .old_event(E::READ_X, 1, &[&res, b"data"])
        // An exit whose enter was lost, after another call's enter.
        .old_event(E::WRITE_E, 1, &[&fd, &size])
        .old_event(E::CLOSE_X, 1, &[&res])
        // An exit with more parameters than today's.
        .event(E::CLOSE_X, 2, &[&res, &fd, b"more"])
        // An enter that is hidden from rules but delivered, with a count that never was.
        .event(E::EXECVE_19_E, 2, &[]);
    let capture = file.capture();
    let mut reader = capture.reader().unwrap();
    let mut events = Vec::new();
    while let Some(item) = reader.next().unwrap() {
        if let Item::Event(event) = item {
            events.push((event.ty, event.params.iter().map(<[u8]>::to_vec).collect::<Vec<_>>()));
        }
    }
    assert_eq!(events[0], (E::READ_X, vec![res.to_vec(), b"data".to_vec(), fd.to_vec(), size.to_vec()]));
    assert_eq!(events[1], (E::CLOSE_X, vec![res.to_vec(), vec![0; 8]]));
    assert_eq!(events[2], (E::CLOSE_X, vec![res.to_vec(), fd.to_vec()]));
    assert_eq!(events[3].0, E::EXECVE_19_E);
    let odd = reader.stats().oddities;
    assert_eq!((odd.stale_enters, odd.extra_params, odd.missing_params), (1, 1, 1));
}

#[test]
fn without_conversion_events_are_as_recorded() {
    let file = RawFile::new(true).old_event(E::READ_E, 1, &[&3i64.to_be_bytes(), &80u32.to_be_bytes()]);
    let options = ReadOptions { convert: false, ..Default::default() };
    let found = read(&file.capture().with_options(options));
    assert_eq!(found.types(), [E::READ_E]);
    let event = found.events[0].event();
    assert_eq!((event.i64_at(0), event.u32_at(1)), (Some(3), Some(80)));
}

#[test]
fn big_endian_tuples_have_their_ports_turned() {
    let file = RawFile::new(true);
    let tuple = file.body().u8(2).raw(&[10, 0, 0, 1]).u16(40_000).raw(&[10, 0, 0, 2]).u16(443).bytes;
    let values: [&[u8]; 4] = [&[0; 8], &tuple, &[0; 8], b""];
    let found = read(&file.event(E::CONNECT_X, 1, &values).capture());
    let expected =
        SockTuple::Ipv4 { sip: [10, 0, 0, 1].into(), sport: 40_000, dip: [10, 0, 0, 2].into(), dport: 443 };
    assert_eq!(found.events[0].event().tuple_at(1), Some(expected));
}
