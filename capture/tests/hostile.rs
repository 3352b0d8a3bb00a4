//! Damaged and hostile input: a clear error at the right place, bounded memory, no panic.

mod support;

use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use lanner_capture::ErrorKind;
use lanner_capture::event::EventType;
use lanner_capture::savefile::{BlockType, Capture, ReadOptions};
use support::{EV_V2, RawFile, read};

fn small_file() -> RawFile {
    let file = RawFile::new(false);
    let machine = file.body().u32(2).u64(0).u64(0).raw(&[b'h'; 128]).raw(&[0; 32]);
    let mut file = file.block(0x201, machine);
    for fd in 0..3i64 {
        file = file.event(EventType::CLOSE_X, 7, &[&0i64.to_le_bytes(), &fd.to_le_bytes()]);
    }
    file
}

/// Starts of all blocks, and the end of the file.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    while let Some(len) = bytes.get(starts[starts.len() - 1] + 4..).and_then(|rest| rest.first_chunk::<4>()) {
        starts.push(starts[starts.len() - 1] + u32::from_le_bytes(*len) as usize);
    }
    starts
}

fn stream(bytes: &[u8]) -> Capture {
    Capture::from_stream("stream", Box::new(Cursor::new(bytes.to_vec())))
}

#[test]
fn a_file_cut_anywhere_gives_all_whole_events() {
    let bytes = small_file().bytes;
    let boundaries = boundaries(&bytes);
    for cut in 0..=bytes.len() {
        let whole = boundaries.iter().filter(|&&end| end <= cut).count() - 1;
        for capture in [Capture::from_bytes("cut", &bytes[..cut]), stream(&bytes[..cut])] {
            let found = read(&capture);
            assert_eq!(found.events.len(), whole.saturating_sub(2), "cut at {cut}");
            match found.error {
                None => assert!(boundaries[1..].contains(&cut), "cut at {cut}"),
                Some(error) if cut < 8 => assert_eq!(error.kind(), ErrorKind::NotACapture),
                Some(error) => {
                    assert_eq!(error.kind(), ErrorKind::Truncated, "cut at {cut}");
                    assert_eq!(error.offset(), Some(boundaries[whole] as u64), "cut at {cut}");
                    let has_type = cut - boundaries[whole] >= 8;
                    assert_eq!(error.block().is_some(), has_type, "cut at {cut}");
                }
            }
        }
    }
}

/// Replaces bytes of a good file; the error must name the place and nothing may be allocated for it.
fn check_patched(at: usize, patch: &[u8], kind: ErrorKind, block: u32) {
    let mut bytes = small_file().bytes;
    let starts = boundaries(&bytes);
    bytes[starts[2] + at..starts[2] + at + patch.len()].copy_from_slice(patch);
    for capture in [Capture::from_bytes("patched", &bytes[..]), stream(&bytes)] {
        let found = read(&capture);
        let error = found.error.unwrap_or_else(|| panic!("no error with {patch:?} at {at}"));
        assert_eq!((error.kind(), error.offset()), (kind, Some(starts[2] as u64)), "{error:?}");
        assert_eq!(error.block(), Some(BlockType(block)), "{error:?}");
        assert_eq!(found.events.len(), 0);
    }
}

#[test]
fn lying_lengths_are_found() {
    use ErrorKind::{LimitExceeded, Malformed, Truncated};
    // The block's length.
    check_patched(4, &0u32.to_le_bytes(), Malformed, EV_V2);
    check_patched(4, &11u32.to_le_bytes(), Malformed, EV_V2);
    check_patched(4, &0x0100_0000u32.to_le_bytes(), Truncated, EV_V2);
    // The event's length, its number of parameters, and the length of a parameter.
    check_patched(26, &25u32.to_le_bytes(), Malformed, EV_V2);
    check_patched(26, &0u32.to_le_bytes(), Malformed, EV_V2);
    check_patched(26, &u32::MAX.to_le_bytes(), Malformed, EV_V2);
    check_patched(32, &9u32.to_le_bytes(), Malformed, EV_V2);
    check_patched(32, &33u32.to_le_bytes(), Malformed, EV_V2);
    check_patched(32, &u32::MAX.to_le_bytes(), Malformed, EV_V2);
    check_patched(36, &u16::MAX.to_le_bytes(), Malformed, EV_V2);
    check_patched(38, &9u16.to_le_bytes(), Malformed, EV_V2);

    let mut bytes = small_file().bytes;
    let second = boundaries(&bytes)[2];
    bytes[second + 4..second + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = read(&stream(&bytes)).error.unwrap();
    assert_eq!((error.kind(), error.offset()), (LimitExceeded, Some(second as u64)));
}

#[test]
fn a_block_shorter_than_an_event_is_malformed() {
    for len in 0..28 {
        let file = RawFile::new(false);
        let body = file.body().raw(&vec![0; len]);
        let error = read(&file.block(EV_V2, body).capture()).error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{len}");
    }
}

#[test]
fn damage_inside_a_block_does_not_stop_the_reader() {
    let file = small_file();
    let body = file.body().raw(&[0xFF; 40]);
    let file = file.block(EV_V2, body).event(EventType::CLOSE_X, 9, &[&[0; 8], &[0; 8]]);
    let capture = file.capture();
    let mut reader = capture.reader().unwrap();
    let (mut items, mut errors) = (0, 0);
    loop {
        match reader.next() {
            Ok(Some(_)) => items += 1,
            Ok(None) => break,
            Err(_) => errors += 1,
        }
    }
    assert_eq!((items, errors), (6, 1));
}

#[test]
fn lists_with_lying_entries_are_malformed() {
    for (ty, body) in [
        (0x215, RawFile::default().body().u32(3).raw(&[0; 40])),
        (0x215, RawFile::default().body().u32(0).raw(&[0; 40])),
        (0x215, RawFile::default().body().u32(u32::MAX).raw(&[0; 40])),
        (0x212, RawFile::default().body().raw(&[0xFF; 60])),
        (0x218, RawFile::default().body().u64(1).u32(0).raw(&[0; 20])),
        (0x203, RawFile::default().body().u64(1).u64(3).u64(1).u8(99).raw(&[0; 20])),
        (0x205, RawFile::default().body().u16(9).u16(1).raw(&[0; 20])),
        (0x219, RawFile::default().body().u32(1000).raw(&[0; 20])),
        (0x220, RawFile::default().body().u32(2).raw(&[0; 20])),
        (0x206, RawFile::default().body().u8(0).raw(&[0xFF; 20])),
        (0x201, RawFile::default().body().raw(&[0; 100])),
    ] {
        let error = read(&RawFile::new(false).block(ty, body).capture()).error;
        let error = error.unwrap_or_else(|| panic!("no error for {ty:#x}"));
        assert_eq!((error.kind(), error.block()), (ErrorKind::Malformed, Some(BlockType(ty))), "{error:?}");
    }
}

#[test]
fn what_is_not_a_capture_is_said_to_be_none() {
    for bytes in
        [&b""[..], b"\x0A\x0D", b"%PDF-1.7 and more", &[0; 64], b"\x28\xB5\x2F\xFD zstd", b"\x1F\x8B"]
    {
        for capture in [Capture::from_bytes("x", bytes), stream(bytes)] {
            let error = read(&capture).error.unwrap();
            assert!(matches!(error.kind(), ErrorKind::NotACapture | ErrorKind::Truncated), "{error:?}");
        }
    }
    let file = RawFile::default().section(2);
    assert_eq!(read(&file.capture()).error.unwrap().kind(), ErrorKind::UnsupportedVersion);
}

#[test]
fn a_gzip_bomb_stops_at_the_limit() {
    // A valid capture of many equal events: 9 MB in a few dozen kilobytes.
    let event =
        RawFile::default().event(EventType::WRITE_X, 1, &[&[0; 8], &[0; 60_000], &[0; 8], &[0; 4]]).bytes;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&RawFile::new(false).bytes).unwrap();
    for _ in 0..150 {
        encoder.write_all(&event).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 50_000, "{}", bomb.len());
    for read_ahead in [false, true] {
        let options = ReadOptions { max_inflated_bytes: 1 << 20, read_ahead, ..Default::default() };
        let limited = Capture::from_bytes("bomb", &bomb[..]).with_options(options);
        let error = read(&limited).error.unwrap();
        assert_eq!(error.kind(), ErrorKind::LimitExceeded);
        assert!(error.offset().is_some_and(|offset| offset <= 1 << 20));
    }
    assert_eq!(read(&Capture::from_bytes("bomb", bomb)).events.len(), 150);
}

#[test]
fn a_stream_takes_memory_only_for_what_arrives() {
    // The block claims 200 MB, which the limit allows, but nothing follows.
    let mut bytes = RawFile::new(false).bytes;
    bytes.extend(EV_V2.to_le_bytes());
    bytes.extend(200_000_000u32.to_le_bytes());
    bytes.extend([0; 100]);
    let error = read(&stream(&bytes)).error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Truncated);
}

#[test]
fn a_stream_is_read_once() {
    let capture = stream(&small_file().bytes);
    assert_eq!(read(&capture).events.len(), 3);
    assert_eq!(read(&capture).error.unwrap().kind(), ErrorKind::AlreadyRead);
}

#[test]
fn a_stream_that_comes_in_small_pieces_is_read() {
    struct Trickle(Cursor<Vec<u8>>);
    impl std::io::Read for Trickle {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let len = buffer.len().min(5);
            self.0.read(&mut buffer[..len])
        }
    }
    let found = read(&Capture::from_stream("trickle", Box::new(Trickle(Cursor::new(small_file().bytes)))));
    assert!(found.error.is_none() && found.events.len() == 3, "{found:?}");
}
