//! A capture of real work on this machine, where recording is allowed.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use capture::record::{RecordOptions, Recorder, probe_support};
use capture::savefile::{Compression, WriteOptions, Writer, WriterProfile};
use lanner_replay::engine::Program;

use super::support::measure::best_cpu;
use super::{Bench, decode, open, options, verdicts};

/// Compiles, shells, file walks and pipes, over and over.
const WORK: &str = r#"
for round in $(seq 30); do
    find /usr/lib /usr/share -maxdepth 4 -newer /etc/passwd >/dev/null 2>&1
    grep -rl nothing-has-this /etc /usr/include >/dev/null 2>&1
    echo "int main(void) { return $round; }" >made.c
    cc -O1 -o made made.c 2>/dev/null && ./made
    for each in 1 2 3 4 5 6 7 8; do cat /etc/passwd | sort | uniq -c | tail -n 1 >/dev/null; done
    tar cf - /etc 2>/dev/null | gzip -1 >made.tar.gz
done
"#;
/// Work that takes longer is enough as far as it came: a busy machine makes half a million events a second.
const LONGEST: Duration = Duration::from_secs(5);

/// All rules on a capture that is recorded now.
pub fn row(bench: &Bench, program: &Program) {
    let what = "93 public rules, recorded work";
    if !bench.wants(what) {
        return;
    }
    let path = bench.folder.join("recorded");
    let recorded = match probe_support() {
        Some(reason) => Err(reason),
        None => record(&bench.folder, &path).map_err(|error| error.to_string()),
    };
    if let Err(reason) = recorded {
        bench.other(what, "-", &format!("not recorded: {reason}"));
        return;
    }
    let capture = open(&path);
    let events = decode(&capture);
    let seconds = best_cpu(3, || verdicts(&capture, program, &options()));
    bench.row(&format!("{what}: {events} events"), "-", events as f64 / seconds);
}

fn record(folder: &Path, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let options = WriteOptions { profile: WriterProfile::Portable, compression: Compression::None };
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut recorder = Recorder::start(&RecordOptions::default())?;
        let mut out = Writer::new(file, options)?;
        scope.spawn(|| {
            work(folder);
            ended.store(true, Ordering::Release);
        });
        recorder.run(&mut out, |_, _| ended.load(Ordering::Acquire))?;
        recorder.stop(&mut out)?;
        out.finish()?.into_inner()?;
        Ok(())
    })
}

/// Runs the work; a recorder that fails meanwhile waits for it to end.
fn work(folder: &Path) {
    let mut timed = Command::new("timeout");
    timed.arg(LONGEST.as_secs().to_string()).args(["sh", "-c", WORK]).current_dir(folder);
    let _ = timed.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
}
