//! Files of the default profile must have the documented shape, byte for byte.

mod support;

use std::io::{self, Write};

use lanner_capture::ErrorKind;
use lanner_capture::event::{EventBuilder, EventType as E};
use lanner_capture::savefile::{
    Capture, Compression, FdBody, FdEntry, FdType, GroupEntry, Interface, L4Proto, MachineInfo, ProcessEntry,
    UserEntry, WriteOptions, Writer, WriterProfile,
};
use support::{Body, EV_V2, EV_V2_LARGE, EVF_V2, RawFile, read};

fn process() -> ProcessEntry {
    ProcessEntry {
        tid: 10,
        pid: 11,
        ptid: 1,
        sid: 12,
        vpgid: 13,
        pgid: 14,
        vtid: 15,
        vpid: 16,
        comm: b"comm".to_vec(),
        exe: b"exe".to_vec(),
        exepath: b"/bin/exe".to_vec(),
        args: b"-x\0".to_vec(),
        env: b"A=1\0".to_vec(),
        cgroups: b"cpu=/x\0".to_vec(),
        cwd: b"/cwd".to_vec(),
        root: b"/".to_vec(),
        fdlimit: 1024,
        flags: 5,
        uid: 1000,
        gid: 1001,
        loginuid: 1002,
        vmsize_kb: 1,
        vmrss_kb: 2,
        vmswap_kb: 3,
        pfmajor: 4,
        pfminor: 5,
        pidns_init_start_ts_ns: 6,
        tty: 7,
        exe_writable: true,
        exe_upper_layer: false,
        exe_lower_layer: true,
        exe_from_memfd: false,
        cap_inheritable: 8,
        cap_permitted: 9,
        cap_effective: 10,
        exe_ino: 11,
        exe_ino_ctime_ns: 12,
        exe_ino_mtime_ns: 13,
    }
}

fn fds() -> Vec<FdEntry> {
    let fd = |fd, body| FdEntry { fd, ino: 77, body };
    vec![
        fd(0, FdBody::File { flags: 1, name: b"/dev/null".to_vec(), dev: 5 }),
        fd(
            3,
            FdBody::Ipv4 {
                sip: [10, 0, 0, 1].into(),
                dip: [10, 0, 0, 2].into(),
                sport: 40_000,
                dport: 443,
                l4proto: L4Proto::Tcp,
            },
        ),
        fd(4, FdBody::Named { ty: FdType::MemFd, name: b"/memfd:x".to_vec() }),
        fd(5, FdBody::Unix { source: 1, destination: 2, name: b"/run/x".to_vec() }),
    ]
}

/// Writes one of everything.
fn written(profile: WriterProfile) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), WriteOptions { profile, ..Default::default() }).unwrap();
    let machine =
        MachineInfo { num_cpus: 2, memory_size_bytes: 3, hostname: b"host".to_vec(), boot_ts_epoch_ns: 4 };
    writer.machine(&machine).unwrap();
    let addr = std::net::Ipv4Addr::from([10, 0, 0, 1]);
    writer
        .interfaces(&[Interface::Ipv4 {
            name: b"eth0".to_vec(),
            addr,
            netmask: addr,
            broadcast: addr,
            link_speed: 9,
        }])
        .unwrap();
    let user = UserEntry {
        uid: 1000,
        gid: 100,
        name: b"ada".to_vec(),
        home: b"/home/ada".to_vec(),
        shell: b"/bin/sh".to_vec(),
    };
    writer.users(&[user], &[GroupEntry { gid: 100, name: b"users".to_vec() }]).unwrap();
    writer.processes(&[process()]).unwrap();
    writer.fds(10, &fds()).unwrap();
    // Not in the process list, so left out.
    writer.fds(99, &fds()).unwrap();
    let new = |ty| EventBuilder::new(ty, 1_000, 10).cpu(3);
    let mut exec = new(E::EXECVE_19_X);
    for index in 0..30u8 {
        exec = exec.u8(index);
    }
    for event in [
        exec.str("/bin/ls"),
        new(E::SOCKET_X).i64(3).u32(2).u32(1).u32(0).u32(0x10),
        new(E::FCNTL_X).i64(0).i64(3).u8(2).u64(1),
        new(E::CLOSE_X).i64(0).i64(3).state_only(true),
        new(E::ASYNCEVENT_E).u32(0).str("x").param(b"data"),
    ] {
        writer.event(&event.event()).unwrap();
    }
    assert_eq!(writer.machine(&machine).unwrap_err().kind(), ErrorKind::InvalidInput);
    writer.finish().unwrap()
}

/// The metadata blocks, by hand.
fn expected_metadata() -> RawFile {
    let file = RawFile::new(false);
    let machine = file.body().u32(2).u64(3).u64(0).raw(b"host").raw(&[0; 124]).u64(4).raw(&[0; 24]);
    let interface = file.body().u32(28).u16(1).u16(4).raw(&[10, 0, 0, 1].repeat(3)).u64(9).raw(b"eth0");
    let user = file.body().u8(0).u32(1000).u32(100).text("ada").text("/home/ada").text("/bin/sh");
    let group = file.body().u8(1).u32(100).text("users");
    let users = file.body().raw(&sized(&user)).raw(&sized(&group));
    let entry = file.body().u64(10).u64(11).u64(1).u64(12).u64(13).text("comm").text("exe").text("/bin/exe");
    let entry = entry.text("-x\0").text("/cwd").i64(1024).u32(5).u32(1000).u32(1001);
    let entry =
        entry.u32(1).u32(2).u32(3).u64(4).u64(5).text("A=1\0").i64(15).i64(16).text("cpu=/x\0").text("/");
    let entry = entry.u64(6).u32(7).u32(1002).u8(1).u64(8).u64(9).u64(10).u8(0).u64(11).u64(12).u64(13);
    let processes = file.body().raw(&sized(&entry.u8(0).u8(1).i64(14)));
    let fd = |number, ty| file.body().i64(number).u64(77).u8(ty);
    let fds = [
        fd(0, 16).u32(1).text("/dev/null").u32(5),
        fd(3, 3).raw(&[10, 0, 0, 1, 10, 0, 0, 2]).u16(40_000).u16(443).u8(2),
        fd(4, 16).u32(0).text("/memfd:x").u32(0),
        fd(5, 8).u64(1).u64(2).text("/run/x"),
    ];
    let fds = fds.iter().fold(file.body().i64(10), |body, fd| body.raw(&sized(fd)));
    file.block(0x201, machine)
        .block(0x219, interface)
        .block(0x220, users)
        .block(0x215, processes)
        .block(0x218, fds)
}

/// An entry with its length, which counts itself.
fn sized(entry: &Body) -> Vec<u8> {
    [&(entry.bytes.len() as u32 + 4).to_le_bytes()[..], &entry.bytes].concat()
}

fn event_body(file: &RawFile, ty: E, values: &[&[u8]]) -> Body {
    file.body().u16(3).event(ty, 10, values, true)
}

#[test]
fn the_portable_profile() {
    let file = expected_metadata();
    let params: Vec<[u8; 1]> = (0..30).map(|index| [index]).collect();
    let params: Vec<&[u8]> = params.iter().map(|param| &param[..]).collect();
    let socket: [&[u8]; 4] = [&[3, 0, 0, 0, 0, 0, 0, 0], &[2, 0, 0, 0], &[1, 0, 0, 0], &[0; 4]];
    let fcntl: [&[u8]; 3] = [&[0; 8], &[3, 0, 0, 0, 0, 0, 0, 0], &[2]];
    let close = file.body().u16(3).u32(1).event(E::CLOSE_X, 10, &fcntl[..2], true);
    let wide = file.body().u16(3).u64(1_000).i64(10).u32(26 + 12 + 10).u16(E::ASYNCEVENT_E.0).u32(3);
    let wide = wide.u32(4).u32(2).u32(4).u32(0).raw(b"x\0data");
    let expected = file
        .clone()
        .block(EV_V2, event_body(&file, E::EXECVE_19_E, &[b"/bin/ls\0"]))
        .block(EV_V2, event_body(&file, E::EXECVE_19_X, &params))
        .block(EV_V2, event_body(&file, E::SOCKET_X, &socket))
        .block(EV_V2, event_body(&file, E::FCNTL_X, &fcntl))
        .block(EVF_V2, close)
        .block(EV_V2_LARGE, wide);
    assert!(written(WriterProfile::Portable) == expected.bytes);
}

#[test]
fn the_current_profile_writes_everything() {
    let found = read(&Capture::from_bytes("made", written(WriterProfile::Schema45)));
    assert_eq!(found.types(), [E::EXECVE_19_X, E::SOCKET_X, E::FCNTL_X, E::CLOSE_X, E::ASYNCEVENT_E]);
    assert_eq!(found.events[1].event().u32_at(4), Some(0x10));
    assert_eq!(found.events[2].event().u64_at(3), Some(1));
    assert!(found.events[3].event().state_only);
}

#[test]
fn the_compat_profile_has_enters_and_old_descriptor_types() {
    let bytes = written(WriterProfile::Compat);
    let raw = lanner_capture::savefile::ReadOptions { convert: false, ..Default::default() };
    let found = read(&Capture::from_bytes("made", bytes).with_options(raw));
    let pairs = [E::EXECVE_19_E, E::EXECVE_19_X, E::SOCKET_E, E::SOCKET_X, E::FCNTL_E, E::FCNTL_X];
    assert_eq!(found.types()[..6], pairs);
    assert_eq!(found.types()[6..], [E::CLOSE_E, E::CLOSE_X, E::ASYNCEVENT_E]);
    let memfd = "File { flags: 0, name: [47, 109, 101, 109, 102, 100, 58, 120], dev: 0 }";
    assert!(found.metadata.iter().any(|item| item.contains(memfd)), "{:?}", found.metadata);
}

#[test]
fn strings_that_readers_refuse_are_cut() {
    let long = ProcessEntry {
        tid: 1,
        comm: vec![b'c'; 5_000],
        args: [vec![b'a'; 5_000], vec![0]].concat(),
        ..Default::default()
    };
    let mut writer = Writer::new(Vec::new(), WriteOptions::default()).unwrap();
    writer.processes(&[long]).unwrap();
    let name = vec![b'n'; 2_000];
    writer.fds(1, &[FdEntry { fd: 1, ino: 0, body: FdBody::Named { ty: FdType::Fifo, name } }]).unwrap();
    let capture = Capture::from_bytes("made", writer.finish().unwrap());
    let mut reader = capture.reader().unwrap();
    reader.next().unwrap();
    let Some(lanner_capture::savefile::Item::Processes(list)) = reader.next().unwrap() else { panic!() };
    assert_eq!((list[0].comm.len(), list[0].args.len(), list[0].args.last()), (1024, 4096, Some(&0)));
    let Some(lanner_capture::savefile::Item::Fds { fds, .. }) = reader.next().unwrap() else { panic!() };
    assert!(matches!(&fds[0].body, FdBody::Named { name, .. } if name.len() == 1023));
}

/// Keeps what is written in pieces, as a disk does, and is full after some bytes.
struct Disk {
    written: Vec<u8>,
    capacity: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = bytes.len().min(self.capacity - self.written.len());
        if len == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.written.extend_from_slice(&bytes[..len]);
        Ok(len)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn compressions() -> [Compression; 3] {
    [
        Compression::None,
        Compression::Gzip { level: 1, threads: 1 },
        Compression::Gzip { level: 1, threads: 3 },
    ]
}

#[test]
fn what_was_flushed_can_be_read() {
    for compression in compressions() {
        let mut disk = Disk { written: Vec::new(), capacity: usize::MAX };
        let options = WriteOptions { compression, ..Default::default() };
        let mut writer = Writer::new(&mut disk, options).unwrap();
        for number in 0..1_000 {
            writer.event(&EventBuilder::new(E::CLOSE_X, number, 1).i64(0).i64(3).event()).unwrap();
            if number == 699 {
                writer.flush().unwrap();
            }
        }
        // Killed: what was collected since is lost, what was flushed is not.
        drop(writer);
        let found = read(&Capture::from_bytes("killed", disk.written));
        assert!(found.error.is_none(), "{compression:?}");
        assert_eq!(found.events.len(), 700, "{compression:?}");
    }
}

#[test]
fn a_full_disk_is_an_error_and_keeps_what_was_written() {
    for compression in compressions() {
        let mut disk = Disk { written: Vec::new(), capacity: 500_000 };
        let options = WriteOptions { compression, ..Default::default() };
        let mut writer = Writer::new(&mut disk, options).unwrap();
        let mut noise = 1u64;
        let mut data = [0; 4_000];
        let error = loop {
            for byte in &mut data {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (noise >> 56) as u8;
            }
            let event = EventBuilder::new(E::READ_X, 1, 1).i64(4_000).param(&data).i64(3).u32(4_000);
            if let Err(error) = writer.event(&event.event()) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::Io);
        let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<io::Error>());
        assert_eq!(cause.map(io::Error::kind), Some(io::ErrorKind::StorageFull));
        assert_eq!(writer.finish().map(|_| ()).unwrap_err().kind(), ErrorKind::Io);
        let found = read(&Capture::from_bytes("full", disk.written));
        assert_eq!(found.error.map(|error| error.kind()), Some(ErrorKind::Truncated), "{compression:?}");
        assert!(found.events.len() > 60, "{compression:?}: {}", found.events.len());
    }
}
