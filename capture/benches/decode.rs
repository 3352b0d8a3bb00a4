//! How fast captures are read: events and bytes per second, next to the bound of merely summing the bytes.
//!
//! `LANNER_BENCH_CAPTURE` names a plain capture to use instead of the made one.

mod support;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::MultiGzDecoder;
use lanner_capture::event::Event;
use lanner_capture::savefile::{Capture, Compression, Item, ReadOptions};

const EVENTS: u64 = 1_000_000;

/// A plain file in the page cache.
fn plain_file() -> (PathBuf, bool) {
    if let Some(path) = std::env::var_os("LANNER_BENCH_CAPTURE") {
        return (path.into(), false);
    }
    let path = std::env::temp_dir().join(format!("lanner-bench-{}.scap", std::process::id()));
    std::fs::write(&path, support::busy_capture(EVENTS, Compression::None)).unwrap();
    (path, true)
}

/// Reads everything as a replay does. The sum keeps the compiler from leaving out what a consumer
/// would use.
fn decode(capture: &Capture) -> (u64, u64) {
    let mut reader = capture.reader().unwrap();
    let (mut events, mut sum) = (0, 0u64);
    let mut each = |event: &Event<'_>| {
        events += 1;
        sum = sum.wrapping_add(event.ts_ns).wrapping_add(event.i64_at(0).unwrap_or(0) as u64);
    };
    loop {
        if let Some(event) = reader.next_usual() {
            each(&event);
            continue;
        }
        match reader.next().unwrap() {
            Some(Item::Event(event)) => each(&event),
            Some(item) => drop(item),
            None => return (events, sum),
        }
    }
}

fn sum_words(bytes: &[u8]) -> u64 {
    bytes.as_chunks::<8>().0.iter().fold(0, |sum, word| sum.wrapping_add(u64::from_le_bytes(*word)))
}

fn benches(criterion: &mut Criterion) {
    let (path, temporary) = plain_file();
    let bytes = std::fs::read(&path).unwrap();
    let capture = Capture::open(&path, ReadOptions::default()).unwrap();
    let (events, _) = decode(&capture);
    println!(
        "{events} events, {} bytes, {:.1} bytes per event",
        bytes.len(),
        bytes.len() as f64 / events as f64
    );

    let mut group = criterion.benchmark_group("read");
    group
        .sample_size(20)
        .throughput(Throughput::ElementsAndBytes { elements: events, bytes: bytes.len() as u64 });
    group.bench_function("sum the bytes", |bencher| bencher.iter(|| sum_words(black_box(&bytes))));
    group.bench_function("frame blocks", |bencher| {
        bencher.iter(|| {
            let mut reader = capture.reader().unwrap();
            let (blocks, _) = reader.parts();
            let mut count = 0u64;
            while let Some(block) = blocks.next_block().unwrap() {
                count += u64::from(block.ty.0);
            }
            count
        });
    });
    group.bench_function("decode a mapped file", |bencher| bencher.iter(|| decode(black_box(&capture))));
    let shared: std::sync::Arc<[u8]> = bytes.into();
    group.bench_function("decode a stream", |bencher| {
        bencher.iter(|| {
            let stream = std::io::Cursor::new(shared.clone());
            decode(&Capture::from_stream("stream", Box::new(stream)))
        });
    });
    let packed: std::sync::Arc<[u8]> =
        support::busy_capture(EVENTS / 4, Compression::Gzip { level: 3, threads: 2 }).into();
    group.throughput(Throughput::Elements(EVENTS / 4));
    group.bench_function("inflate", |bencher| {
        bencher.iter(|| std::io::copy(&mut MultiGzDecoder::new(&packed[..]), &mut std::io::sink()).unwrap());
    });
    group.bench_function("inflate and decode", |bencher| {
        bencher.iter(|| decode(&Capture::from_bytes("packed", packed.clone())));
    });
    group.bench_function("inflate on another thread", |bencher| {
        let options = ReadOptions { read_ahead: true, ..Default::default() };
        bencher.iter(|| decode(&Capture::from_bytes("packed", packed.clone()).with_options(options.clone())));
    });
    group.finish();
    compare_with_sysdig(&path, &capture);
    if temporary {
        let _ = std::fs::remove_file(path);
    }
}

/// Debian's sysdig reading the same file with a filter that never matches, in turns with us.
fn compare_with_sysdig(path: &Path, capture: &Capture) {
    let run = || Command::new("sysdig").args(["-r"]).arg(path).arg("evt.rawtime=1").output();
    if run().is_err() {
        println!("sysdig is not installed: no comparison");
        return;
    }
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..5 {
        let start = Instant::now();
        black_box(decode(capture));
        ours = ours.min(start.elapsed());
        let start = Instant::now();
        let output = run().unwrap();
        theirs = theirs.min(start.elapsed());
        assert!(output.status.success());
    }
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    println!("best of 5: decode {ours:?}, sysdig {theirs:?}: {ratio:.1} times as fast");
}

criterion_group!(decoding, benches);
criterion_main!(decoding);
