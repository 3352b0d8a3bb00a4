//! Compressed captures: inflating overlaps with evaluation.

use std::fs::File;

use capture::savefile::{Capture, Compression, ReadOptions, WriteOptions, WriterProfile};
use lanner_replay::engine::Program;

use super::support::Workload;
use super::support::measure::best_wall;
use super::{Bench, options, verdicts};

/// All rules on a compressed capture, next to inflating alone and to the slower of inflating and evaluating,
/// which no overlap can beat.
pub fn row(bench: &Bench, bytes: usize, plain: &Capture, program: &Program) {
    if !bench.wants("gzip") {
        return;
    }
    let packed = WriteOptions {
        compression: Compression::Gzip { level: 3, threads: 2 },
        profile: WriterProfile::Schema45,
    };
    let path = bench.folder.join("packed");
    let file = File::create(&path).expect("a file");
    Workload::Mixed.write(bench.events, packed, file).expect("a capture");
    let inflate = best_wall(3, || {
        let packed = std::io::BufReader::new(File::open(&path).expect("the capture"));
        std::io::copy(&mut flate2::read::MultiGzDecoder::new(packed), &mut std::io::sink())
    });
    let evaluate = best_wall(3, || verdicts(plain, program, &options()));
    let overlapped = Capture::open(&path, ReadOptions { read_ahead: true, ..ReadOptions::default() });
    let overlapped = overlapped.expect("a capture");
    let replayed = best_wall(3, || verdicts(&overlapped, program, &options()));
    let part = |of: f64| 100.0 * of / replayed;
    let figure = format!(
        "{:.0} % at {:.0} MB/s; {:.0} % of the slower one of inflating and evaluating",
        part(inflate),
        bytes as f64 / replayed / 1e6,
        part(inflate.max(evaluate))
    );
    bench.other("93 public rules on gzip, of inflating alone", ">= 90 %", &figure);
}
