//! Captures inside gzip, zstd and lz4 files.

mod support;

use std::io::{Cursor, Write as _};

use flate2::write::GzEncoder;
use lanner_capture::ErrorKind;
use lanner_capture::event::EventType;
use lanner_capture::savefile::{Capture, ReadOptions};
use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use support::{RawFile, Read, read};

type Pack = fn(&[u8]) -> Vec<u8>;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let frame = FrameInfo::new().block_size(BlockSize::Max64KB).content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(frame, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const PACKS: [(&str, Pack); 3] = [("gzip", gzip), ("zstd", zstd), ("lz4", lz4)];

/// Events with data that no compression makes small.
fn file(events: u64) -> Vec<u8> {
    let mut file = RawFile::new(false);
    let mut state = 1u64;
    for fd in 0..events {
        let data: Vec<u8> = (0..600)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .collect();
        let values = [&600i64.to_le_bytes()[..], &data, &fd.to_le_bytes(), &600u32.to_le_bytes()];
        file = file.event(EventType::WRITE_X, 7, &values);
    }
    file.bytes
}

/// A pipe whose writer writes little at a time.
struct Trickle(Cursor<Vec<u8>>, usize);

impl std::io::Read for Trickle {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = self.1 % 13 + 1;
        let len = buffer.len().min(self.1);
        self.0.read(&mut buffer[..len])
    }
}

/// The same bytes from memory, from a pipe, and decompressed by another thread.
fn ways(bytes: &[u8]) -> [Read; 3] {
    let ahead = ReadOptions { read_ahead: true, ..Default::default() };
    [
        read(&Capture::from_bytes("memory", bytes)),
        read(&Capture::from_stream("pipe", Box::new(Trickle(Cursor::new(bytes.to_vec()), 0)))),
        read(&Capture::from_bytes("ahead", bytes).with_options(ahead)),
    ]
}

#[test]
fn packed_captures_hold_the_same() {
    let plain = file(500);
    let expected = read(&Capture::from_bytes("plain", &plain[..]));
    assert_eq!((expected.events.len(), &expected.error.is_none()), (500, &true));
    for (name, pack) in PACKS {
        let halves = [pack(&plain[..100_001]), pack(&[]), pack(&plain[100_001..])].concat();
        for packed in [pack(&plain), halves] {
            for found in ways(&packed) {
                assert!(found.error.is_none(), "{name}: {:?}", found.error);
                let same =
                    found.events.iter().map(|e| e.event()).eq(expected.events.iter().map(|e| e.event()));
                assert!(same, "{name}");
            }
        }
    }
}

#[test]
fn skippable_zstd_frames_are_skipped() {
    let skippable = |len: u32| [&0x184D_2A53u32.to_le_bytes()[..], &len.to_le_bytes(), &[7; 9]].concat();
    let packed = [zstd(&file(2)), skippable(9)].concat();
    assert!(ways(&packed).iter().all(|read| read.events.len() == 2 && read.error.is_none()));
    let cut = [zstd(&file(2)), skippable(10)].concat();
    for found in ways(&cut) {
        assert_eq!(found.events.len(), 2);
        assert_eq!(found.error.unwrap().kind(), ErrorKind::Truncated);
    }
}

#[test]
fn what_came_before_a_cut_is_delivered() {
    let plain = file(400);
    for (name, pack) in PACKS {
        let packed = pack(&plain);
        let mut most = 0;
        for cut in (0..packed.len()).step_by(packed.len() / 97).chain([packed.len() - 1]) {
            for found in ways(&packed[..cut]) {
                let kind = found.error.unwrap_or_else(|| panic!("{name} cut at {cut}")).kind();
                // Where nothing comes out of the decompressor, nothing shows that there is a capture in it.
                let expected = match found.events.len() {
                    0 => [ErrorKind::NotACapture, ErrorKind::Truncated],
                    _ => [ErrorKind::Truncated; 2],
                };
                assert!(expected.contains(&kind), "{name} cut at {cut}: {kind:?}");
                most = most.max(found.events.len());
            }
        }
        // The zstd decoder keeps a window back, which a cut frame takes with it.
        let least = if name == "zstd" { 150 } else { 350 };
        assert!(most >= least, "{name}: {most}");
    }
}

#[test]
fn damage_is_told_or_changes_nothing_but_data() {
    let plain = file(40);
    for (name, pack) in PACKS {
        let packed = pack(&plain);
        let mut told = 0;
        for at in (0..packed.len()).step_by(53) {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            let found = read(&Capture::from_bytes("damaged", damaged));
            assert!(found.events.len() <= 40, "{name} at {at}");
            told += usize::from(found.error.is_some());
        }
        assert!(told > 0, "{name}");
    }
}

#[test]
fn the_limit_holds_for_all() {
    let plain = file(300);
    for (name, pack) in PACKS {
        let options = ReadOptions { max_inflated_bytes: 100_000, ..Default::default() };
        let found = read(&Capture::from_bytes("bomb", pack(&plain)).with_options(options));
        assert_eq!(found.error.unwrap().kind(), ErrorKind::LimitExceeded, "{name}");
        assert!(found.events.len() < 300 && !found.events.is_empty(), "{name}");
    }
}
