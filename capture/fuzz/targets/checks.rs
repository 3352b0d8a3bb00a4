//! What must hold for any input, one function per fuzz target. Regression tests call them too.
#![allow(dead_code)] // each target uses one

use std::io::Cursor;

use lanner_capture::event::{Event, EventBuilder, EventType, MAX_PARAMS};
use lanner_capture::savefile::{
    Capture, Compression, Item, ReadOptions, Reader, WriteOptions, Writer, WriterProfile,
};

/// Events that are kept for comparison; more would only make the fuzzer slow.
const KEPT: usize = 2_000;

/// A whole file: reading from memory, from a stream and by the short way agree, and nothing panics.
pub fn file(bytes: &[u8]) {
    let options = ReadOptions { max_inflated_bytes: 1 << 22, max_block_bytes: 1 << 20, ..Default::default() };
    let memory = Capture::from_bytes("memory", bytes).with_options(options.clone());
    let stream =
        Capture::from_stream("stream", Box::new(Cursor::new(bytes.to_vec()))).with_options(options.clone());
    let raw = Capture::from_bytes("raw", bytes).with_options(ReadOptions { convert: false, ..options });
    let (from_memory, from_stream) = (read(&memory), read(&stream));
    assert!(from_memory == from_stream, "memory and stream differ");
    assert!(from_memory == read_usual_first(&memory), "the short way reads something else");
    assert!(from_memory == read_leaving_out(&memory), "what is left out is something else");
    let _ = read(&raw);
    let _ = lanner_capture::summary::Summary::read(
        &Capture::from_bytes("summary", bytes)
            .with_options(ReadOptions { max_inflated_bytes: 1 << 22, ..Default::default() }),
    );
}

/// One block of any type in either byte order, well framed, after a section header and an old process list.
pub fn block(bytes: &[u8]) {
    let Some((&[ty, order], body)) = bytes.split_first_chunk::<2>() else { return };
    let big_endian = order & 1 == 1;
    let u16 = |value: u16| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let u32 = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    let mut file = Vec::new();
    let mut add = |ty: u32, body: &[u8]| {
        let padded = body.len().next_multiple_of(4);
        file.extend(u32(ty));
        file.extend(u32(padded as u32 + 12));
        file.extend_from_slice(body);
        file.resize(file.len() + padded - body.len(), 0);
        file.extend(u32(padded as u32 + 12));
    };
    add(0x0A0D_0D0A, &[&u32(0x1A2B_3C4D)[..], &u16(1), &u16(2), &[0xFF; 8]].concat());
    if order & 2 == 2 {
        add(0x213, &[]);
    }
    // Twice, so that a second event meets what the first left behind.
    add(0x200 + u32::from(ty % 0x24), body);
    add(0x200 + u32::from(ty % 0x24), body);
    let _ = read(&Capture::from_bytes("block", file));
}

/// Events of any types with any parameters: conversion, and every typed reader on every parameter.
pub fn params(bytes: &[u8]) {
    let mut writer =
        Writer::new(Vec::new(), WriteOptions { profile: WriterProfile::Schema45, ..Default::default() })
            .unwrap_or_else(|error| panic!("{error}"));
    let mut rest = bytes;
    while let Some((&[low, high, tid, count], after)) = rest.split_first_chunk::<4>() {
        rest = after;
        let ty = EventType(u16::from_le_bytes([low, high]) % 460);
        let mut built = EventBuilder::new(ty, 1, i64::from(tid % 4));
        for _ in 0..usize::from(count) % (MAX_PARAMS + 1) {
            let Some((&len, after)) = rest.split_first() else { break };
            let (value, after) = after.split_at(usize::from(len).min(after.len()));
            built = built.param(value);
            rest = after;
        }
        writer.event(&built.event()).unwrap_or_else(|error| panic!("{error}"));
    }
    let made = writer.finish().unwrap_or_else(|error| panic!("{error}"));
    let read = read(&Capture::from_bytes("params", made));
    assert!(read.clean, "our own file has an error");
}

/// What was read, written in every profile and read again, has the same exits.
pub fn copy(bytes: &[u8]) {
    let capture = Capture::from_bytes("original", bytes);
    let original = read(&capture);
    for (profile, compression) in [
        (WriterProfile::Portable, Compression::None),
        (WriterProfile::Schema45, Compression::Gzip { level: 1, threads: 1 }),
        (WriterProfile::Compat, Compression::None),
    ] {
        let Some(copied) = write(&capture, WriteOptions { profile, compression }) else { continue };
        let copied = read(&Capture::from_bytes("copy", copied));
        assert!(copied.clean, "{profile:?}: our own file has an error");
        if original.events.len() < KEPT && copied.events.len() < KEPT {
            assert_eq!(exits(&original, profile), exits(&copied, profile), "{profile:?}");
        }
    }
}

#[derive(Default, PartialEq)]
struct Read {
    metadata: Vec<String>,
    events: Vec<Vec<u8>>,
    heads: Vec<(u64, i64, EventType)>,
    /// The end was reached without an error.
    clean: bool,
}

/// Exits, with the type unless the profile may give it an older name.
fn exits(read: &Read, profile: WriterProfile) -> Vec<(u64, i64, Option<EventType>)> {
    use EventType as E;
    let renamed = |ty| {
        let later = [E::DUP2_X, E::DUP3_X, E::PIPE2_X, E::EVENTFD2_X, E::INOTIFY_INIT1_X, E::SIGNALFD4_X];
        let earlier = [E::DUP_1_X, E::PIPE_X, E::EVENTFD_X, E::INOTIFY_INIT_X, E::SIGNALFD_X];
        profile == WriterProfile::Compat && (later.contains(&ty) || earlier.contains(&ty))
    };
    let exits = read.heads.iter().filter(|(_, _, ty)| ty.0 % 2 == 1);
    exits.map(|&(ts_ns, tid, ty)| (ts_ns, tid, (!renamed(ty)).then_some(ty))).collect()
}

impl Read {
    fn event(&mut self, event: &Event<'_>) {
        touch(event);
        if self.events.len() < KEPT {
            let params = event.params.iter();
            self.events.push(params.flat_map(|param| [&[param.len() as u8], param].concat()).collect());
            self.heads.push((event.ts_ns, event.tid, event.ty));
        }
    }
}

fn read(capture: &Capture) -> Read {
    read_after(capture, |_, _| false)
}

fn read_usual_first(capture: &Capture) -> Read {
    read_after(capture, |reader, read| {
        let event = reader.next_usual();
        event.as_ref().inspect(|event| read.event(event)).is_some()
    })
}

/// Takes two of three events where they are left out.
fn read_leaving_out(capture: &Capture) -> Read {
    read_after(capture, |reader, read| {
        let mut left = 3;
        let next = reader.next_usual_unless(5, |head| {
            left -= 1;
            if left > 0 {
                let event = head.event();
                assert_eq!((head.ts_ns(), head.tid(), head.ty()), (event.ts_ns, event.tid, event.ty));
                read.event(&event);
            }
            left > 0
        });
        let has_next = next.inspect(|(event, _)| read.event(event)).is_some();
        has_next || left < 3
    })
}

/// Reads everything that `first` leaves.
fn read_after(capture: &Capture, first: impl Fn(&mut Reader, &mut Read) -> bool) -> Read {
    let mut read = Read { clean: true, ..Read::default() };
    let Ok(mut reader) = capture.reader() else { return Read::default() };
    loop {
        if first(&mut reader, &mut read) {
            continue;
        }
        match reader.next() {
            Ok(Some(Item::Event(event))) => read.event(&event),
            Ok(Some(item)) => read.metadata.push(format!("{item:?}")),
            Ok(None) => break,
            Err(_) => read.clean = false,
        }
    }
    check_stats(&reader);
    read
}

fn check_stats(reader: &Reader) {
    let stats = reader.stats();
    assert_eq!(stats.events, stats.delivered + stats.absorbed);
    assert_eq!(stats.recorded().map(|(_, count)| count).sum::<u64>(), stats.events);
}

/// Reads every parameter in every way.
fn touch(event: &Event<'_>) {
    assert!(event.ty.get_info().is_some() && event.params.len() <= MAX_PARAMS);
    let mut total = 0;
    for index in 0..=event.params.len() {
        total += event.param(index).map_or(0, <[u8]>::len);
        let _ = (event.i64_at(index), event.u32_at(index), event.u16_at(index), event.u8_at(index));
        let _ = (event.str_at(index), event.tuple_at(index), event.addr_at(index), event.dynamic_at(index));
        let _ = event.strings_at(index).map(Iterator::count);
        let _ = event.fd_list_at(index).map(Iterator::count);
    }
    assert_eq!(total, event.params.data().len());
    let _ = event.syscall();
}

/// A copy; `None` if the writer refuses something that no real capture has.
fn write(capture: &Capture, options: WriteOptions) -> Option<Vec<u8>> {
    let mut writer = Writer::new(Vec::new(), options).ok()?;
    let mut reader = capture.reader().ok()?;
    let mut has_events = false;
    loop {
        let item = match reader.next() {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(_) => continue,
        };
        match item {
            Item::Section => {
                has_events = false;
                writer.section().ok()?;
            }
            Item::Event(event) => {
                has_events = true;
                writer.event(&event).ok()?;
            }
            _ if has_events => {}
            Item::Machine(info) => writer.machine(&info).ok()?,
            Item::Interfaces(list) => writer.interfaces(&list).ok()?,
            Item::Users { users, groups } => writer.users(&users, &groups).ok()?,
            Item::Processes(list) => writer.processes(&list).ok()?,
            Item::Fds { tid, fds } => writer.fds(tid, &fds).ok()?,
        }
    }
    writer.finish().ok()
}
