//! Captures made from a seed, so that benches need nothing but this crate.

use lanner_capture::event::{EventBuilder, EventType};
use lanner_capture::savefile::{Compression, MachineInfo, ProcessEntry, WriteOptions, Writer, WriterProfile};

/// xorshift64*: a few lines, and the same numbers on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.max(1))
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % limit
    }
}

/// A capture of a host that compiles, greps and runs shells: types in the proportions of a real one, about 90
/// bytes per event.
pub fn busy_capture(events: u64, compression: Compression) -> Vec<u8> {
    let options = WriteOptions { profile: WriterProfile::Schema45, compression };
    let mut writer = Writer::new(Vec::new(), options).unwrap();
    let mut random = Random::new(7);
    writer.machine(&MachineInfo { num_cpus: 8, hostname: b"bench".to_vec(), ..Default::default() }).unwrap();
    let process = |tid| ProcessEntry { tid, pid: tid, comm: b"init".to_vec(), ..Default::default() };
    writer.processes(&(1..200).map(process).collect::<Vec<_>>()).unwrap();
    let mut ts_ns = 1_700_000_000_000_000_000;
    for _ in 0..events {
        ts_ns += 200 + random.below(8_000);
        let tid = 1 + random.below(200) as i64;
        let event = event(&mut random, ts_ns, tid).cpu(random.below(8) as u16);
        writer.event(&event.event()).unwrap();
    }
    writer.finish().unwrap()
}

fn event(random: &mut Random, ts_ns: u64, tid: i64) -> EventBuilder {
    use EventType as E;
    let new = |ty| EventBuilder::new(ty, ts_ns, tid);
    let fd = 3 + random.below(40) as i64;
    let path =
        ["/usr/lib/x86_64-linux-gnu/libc.so.6", "/etc/passwd", "/proc/self/status", "/home/user/src/main.rs"]
            [random.below(4) as usize];
    match random.below(100) {
        0..16 => new(E::GENERIC_X).u16(random.below(400) as u16).u16(3),
        16..31 => new(E::CLOSE_X).i64(0).i64(fd),
        31..45 => new(E::NEWFSTATAT_X).i64(0).i64(-100).str(path).u32(0),
        45..57 => new(E::FCNTL_X).i64(0).i64(fd).u8(2).u64(0),
        57..64 => {
            let memory = new(E::MMAP_X).i64(0x7F00_0000_0000).u32(4_000).u32(800).u32(0);
            memory.u64(0).u64(8_192).u32(3).u32(10).i64(-1).u64(0)
        }
        64..71 => new(E::OPENAT_2_X).i64(fd).i64(-100).str(path).u32(1).u32(0).u32(0x800).u64(77),
        71..76 => new(E::GETDENTS64_X).i64(120).i64(fd),
        76..80 => new(E::SCHEDSWITCH_6_E).i64(tid + 1).u64(0).u64(10).u32(4_000).u32(800).u32(0),
        80..90 => new(E::READ_X).i64(832).param(&[0x7F; 80]).i64(fd).u32(832),
        90..97 => new(E::WRITE_X).i64(14).param(b"hello, world!\n").i64(1).u32(14),
        97..98 => clone(new(E::CLONE_20_X), tid).u32(0).u32(1000).u32(1000).i64(tid).i64(tid).u64(0),
        98..99 => new(E::CONNECT_X).i64(0).param(&[2; 13]).i64(fd).param(&[2; 7]),
        _ => {
            let exec = clone(new(E::EXECVE_19_X), tid).param(b"PATH=/usr/bin\0HOME=/home/user\0LANG=C\0");
            let exec = exec.u32(0).i64(tid).u32(1000).u32(1).u64(0).u64(0).u64(0).u64(77).u64(1).u64(2);
            exec.u32(1000).str("/usr/bin/cc").i64(tid).u32(1000).str("/usr/bin/cc")
        }
    }
}

/// What clone and execve have in common.
fn clone(event: EventBuilder, tid: i64) -> EventBuilder {
    let event = event.i64(0).str("cc").param(b"-O2\0-c\0main.c\0").i64(tid).i64(tid).i64(1).str("");
    let event = event.i64(1024).u64(1).u64(300).u32(4_000).u32(800).u32(0).str("cc");
    event.param(b"cpuset=/\0cpu=/user.slice\0cpuacct=/\0io=/\0memory=/user.slice\0")
}
