//! Where a recording goes: one file, standard output, several files one after the other, or memory.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use capture::record::{KeepLimits, RecordSummary, RotateLimits, RotatingWriter, UncachedFile};
use capture::savefile::{WriteOptions, Writer};
use capture::{Error, ErrorKind};

use super::Args;
use super::files::{self, Numbered, Undo};
use super::flight;
use super::session::Session;
use super::tracker::ReplayTracker;
use crate::cli::UsageError;
use crate::cli::format::bytes;

/// What came out of a recording.
pub struct Outcome {
    pub summary: RecordSummary,
    /// Files that are there now; none for standard output.
    pub files: Vec<PathBuf>,
    /// Their bytes, and those of files that were removed again.
    pub bytes: u64,
    /// What a flight recorder kept to the end.
    pub kept: Option<Kept>,
}

/// The last stretch of a recording.
pub struct Kept {
    pub events: u64,
    pub duration: Duration,
    /// Its limit in bytes made it shorter than its limit in time.
    pub is_cut_by_bytes: bool,
}

/// Made files, before anything is recorded.
pub enum Target {
    Stdout,
    File { path: PathBuf, file: UncachedFile, undo: Undo },
    Rotating { limits: RotateLimits, files: Numbered, undo: Undo },
    Flight { limits: KeepLimits, path: PathBuf },
}

impl Target {
    /// Makes the first file, so that what is wrong with it is told before something runs.
    pub fn prepare(args: &Args) -> anyhow::Result<Target> {
        let limits = RotateLimits { bytes: args.rotate_size, duration: args.rotate_time };
        let is_stdout = args.output == Path::new("-");
        if let Some(limits) = args.ring {
            if is_stdout {
                return Err(UsageError("--ring needs a file: give one with --output").into());
            }
            flight::check_place(&args.output)?;
            return Ok(Target::Flight { limits, path: args.output.clone() });
        }
        if limits != RotateLimits::default() {
            if is_stdout {
                return Err(UsageError(
                    "standard output cannot be divided into files: give one with --output",
                )
                .into());
            }
            let (files, undo) = Numbered::new(&args.output, args.keep)?;
            return Ok(Target::Rotating { limits, files, undo });
        }
        if is_stdout {
            return Ok(Target::Stdout);
        }
        let (file, undo) = files::create(&args.output)?;
        Ok(Target::File { path: args.output.clone(), file: UncachedFile::new(file), undo })
    }

    /// Puts everything back: nothing comes of the recording.
    pub fn undo(&self) {
        match self {
            Target::File { undo, .. } | Target::Rotating { undo, .. } => undo.restore(),
            Target::Stdout | Target::Flight { .. } => {}
        }
    }

    /// Records to the end.
    pub fn record(self, session: &mut Session<'_>, options: WriteOptions) -> anyhow::Result<Outcome> {
        match self {
            Target::Stdout => {
                let (summary, bytes) = to_one(session, io::stdout().lock(), options)?;
                Ok(Outcome { summary, files: Vec::new(), bytes, kept: None })
            }
            Target::File { path, mut file, .. } => {
                let written = to_one(session, &mut file, options);
                let (summary, bytes) = written.with_context(|| {
                    // The error that led here is the one to tell.
                    let _ = file.flush();
                    what_is_left(&path, file.file())
                })?;
                Ok(Outcome { summary, files: vec![path], bytes, kept: None })
            }
            Target::Rotating { limits, mut files, .. } => {
                let open = |number| {
                    let file = files.open(number);
                    let file = file.map_err(|error| Error::new(ErrorKind::Io, format!("{error:#}")))?;
                    Writer::new(UncachedFile::new(file), options.clone())
                };
                let mut out = RotatingWriter::new(limits, ReplayTracker::default(), open);
                let summary = session.record(&mut out, |_, _, _| ())?;
                let bytes = out.finish()?;
                Ok(Outcome { summary, files: files.paths(), bytes, kept: None })
            }
            Target::Flight { limits, path } => flight::record(session, limits, &path, &options),
        }
    }
}

/// Everything into one output.
fn to_one<W: Write>(
    session: &mut Session<'_>,
    out: W,
    options: WriteOptions,
) -> anyhow::Result<(RecordSummary, u64)> {
    let mut out = Writer::new(out, options)?;
    let summary = session.record(&mut out, |_, _, _| ())?;
    out.flush()?;
    let bytes = out.written_bytes();
    out.finish()?;
    Ok((summary, bytes))
}

/// What a recording that failed has left.
fn what_is_left(path: &Path, file: &File) -> String {
    match file.metadata() {
        Ok(metadata) if metadata.is_file() && metadata.len() > 0 => {
            format!(
                "the recording ended early; its first {} are in {}",
                bytes(metadata.len()),
                path.display()
            )
        }
        _ => format!("cannot record into {}", path.display()),
    }
}
