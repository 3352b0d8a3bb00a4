//! `--ring`: the last stretch of a recording stays in memory until a signal or the end asks for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use capture::record::{FlightRecorder, KeepLimits, Stretch};
use capture::savefile::{WriteOptions, Writer};

use super::files;
use super::session::Session;
use super::target::{Kept, Outcome};
use super::tracker::ReplayTracker;
use crate::cli::format::{bytes, count, duration};
use crate::cli::{Ui, private, ui};

/// Finds out whether a file can be made there: not after hours of recording.
pub fn check_place(path: &Path) -> anyhow::Result<()> {
    let part = files::with_suffix(path, "part");
    private::create(&part).with_context(|| format!("cannot write {}", part.display()))?;
    fs::remove_file(&part).with_context(|| format!("cannot remove {}", part.display()))
}

/// Records to the end, and writes what is kept whenever SIGUSR1 asks for it.
pub fn record(
    session: &mut Session<'_>,
    limits: KeepLimits,
    path: &Path,
    options: &WriteOptions,
) -> anyhow::Result<Outcome> {
    let mut out = FlightRecorder::new(limits, ReplayTracker::default());
    let mut dumps = Dumps { path, options, writing: None, files: Vec::new() };
    let ui = session.ui;
    let summary = session.record(&mut out, |out, signals, line| {
        dumps.collect(false, line, ui);
        // One at a time: a signal that comes meanwhile waits.
        if dumps.writing.is_none() && signals.take_write() {
            dumps.start(out.stretch());
        }
    })?;
    dumps.collect(true, &mut ui.progress(), ui);
    let is_cut_by_bytes = out.is_cut_by_bytes();
    let written = write(&out.stretch(), path, options)?;
    let mut files = dumps.files;
    files.push(path.to_owned());
    let kept = Kept { events: written.events, duration: written.duration, is_cut_by_bytes };
    Ok(Outcome { summary, files, bytes: written.bytes, kept: Some(kept) })
}

/// Stretches that are written while the recording goes on.
struct Dumps<'a> {
    path: &'a Path,
    options: &'a WriteOptions,
    writing: Option<(PathBuf, JoinHandle<anyhow::Result<Written>>)>,
    files: Vec<PathBuf>,
}

impl Dumps<'_> {
    /// Writes a stretch on a thread of its own: the kernel's ring must be emptied meanwhile.
    fn start(&mut self, stretch: Stretch) {
        let path = files::with_suffix(self.path, self.files.len() + 1);
        let (to, options) = (path.clone(), self.options.clone());
        let thread = std::thread::spawn(move || write(&stretch, &to, &options));
        self.writing = Some((path, thread));
    }

    /// Tells what became of the last one, if it is done or `wait` is set. A failure does not end the recording.
    fn collect(&mut self, wait: bool, line: &mut ui::Progress, ui: &Ui) {
        let Some((path, thread)) = self.writing.take_if(|(_, thread)| wait || thread.is_finished()) else {
            return;
        };
        line.clear();
        match thread.join() {
            Ok(Ok(written)) => {
                ui.note(format_args!("{written} in {}", path.display()));
                self.files.push(path);
            }
            Ok(Err(error)) => ui.warn(format_args!("{error:#}")),
            Err(_) => ui.warn(format_args!("writing {} failed", path.display())),
        }
    }
}

/// A stretch that was written.
struct Written {
    events: u64,
    duration: Duration,
    bytes: u64,
}

impl std::fmt::Display for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = duration(self.duration.as_nanos() as u64);
        write!(f, "the last {time}, {} events, {}", count(self.events), bytes(self.bytes))
    }
}

/// Writes a stretch under another name first, so that the file is whole once it is there.
fn write(stretch: &Stretch, path: &Path, options: &WriteOptions) -> anyhow::Result<Written> {
    let part = files::with_suffix(path, "part");
    let context = || format!("cannot write {}", path.display());
    let written = write_to(stretch, &part, options).with_context(context);
    let placed = written.and_then(|written| {
        files::keep_old(path)?;
        fs::rename(&part, path).with_context(context)?;
        Ok(written)
    });
    placed.inspect_err(|_| drop(fs::remove_file(&part)))
}

fn write_to(stretch: &Stretch, part: &Path, options: &WriteOptions) -> anyhow::Result<Written> {
    let mut out = Writer::new(private::create(part)?, options.clone())?;
    let (events, duration) = stretch.write(&mut out)?;
    out.flush()?;
    let bytes = out.written_bytes();
    out.finish()?;
    Ok(Written { events, duration, bytes })
}
