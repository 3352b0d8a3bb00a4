//! sysdig as it comes with Debian, reading the same events.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use capture::savefile::{Compression, WriteOptions, WriterProfile};

use super::support::Workload;

/// Events per second of CPU time that sysdig reads with a filter that never matches; `None`, with a message,
/// where it is not installed. Its events count, of which there are about twice as many: it needs the enter
/// events that no longer exist.
pub fn sysdig(folder: &Path, events: u64) -> Option<f64> {
    let path = folder.join("for-sysdig");
    let options = WriteOptions { profile: WriterProfile::Compat, compression: Compression::None };
    let file = std::io::BufWriter::new(File::create(&path).expect("a file"));
    Workload::Mixed.write(events, options, file).expect("a capture");
    let events = super::decode_blocks(&path);
    let run = || {
        let before = children_seconds();
        let status = Command::new("sysdig")
            .arg("-r")
            .arg(&path)
            .arg("evt.rawtime=1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .ok()?;
        status.success().then(|| children_seconds() - before)
    };
    let seconds = (0..3).filter_map(|_| run()).fold(f64::MAX, f64::min);
    let _ = std::fs::remove_file(&path);
    if seconds == f64::MAX {
        println!("sysdig is not installed or does not read the capture: no comparison\n");
        return None;
    }
    Some(events as f64 / seconds)
}

/// CPU time of ended children, in seconds; the kernel tells it in hundredths.
fn children_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let mut times = after_name.split_whitespace().skip(13).map_while(|text| text.parse::<f64>().ok());
    (times.next().unwrap_or(0.0) + times.next().unwrap_or(0.0)) / 100.0
}
