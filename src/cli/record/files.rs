//! The files of a recording: made for their owner alone, and without losing what was there before.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::cli::private;

/// Creates a file. What a machine does is nobody else's business, so only the owner may read it. An earlier
/// file is kept as FILE.old, as perf does.
pub fn create(path: &Path) -> anyhow::Result<(File, Undo)> {
    let undo = Undo { path: path.to_owned(), old: keep_old(path)? };
    match private::create(path) {
        Ok(file) => Ok((file, undo)),
        Err(error) => {
            undo.restore();
            Err(error).with_context(|| format!("cannot write {}", path.display()))
        }
    }
}

/// Moves an earlier file away and returns its new name.
pub fn keep_old(path: &Path) -> anyhow::Result<Option<PathBuf>> {
    if !path.is_file() {
        return Ok(None);
    }
    let name = with_suffix(path, "old");
    fs::rename(path, &name).with_context(|| format!("cannot move {} away", path.display()))?;
    Ok(Some(name))
}

/// FILE with a dot and something more.
pub fn with_suffix(path: &Path, suffix: impl std::fmt::Display) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    PathBuf::from(name)
}

/// What creating a file changed, in case nothing comes of the recording.
pub struct Undo {
    path: PathBuf,
    old: Option<PathBuf>,
}

impl Undo {
    /// Puts everything back as far as that is possible; the error that led here is the one to tell.
    pub fn restore(&self) {
        if self.path.is_file() {
            let _ = fs::remove_file(&self.path);
        }
        if let Some(old) = &self.old {
            let _ = fs::rename(old, &self.path);
        }
    }
}

/// Files with numbers: FILE.1, FILE.2 and so on, of which only the newest may be kept.
pub struct Numbered {
    base: PathBuf,
    keep: Option<u64>,
    /// The first one is made early, so that nothing has to be told after the recording began.
    first: Option<File>,
    newest: u64,
}

impl Numbered {
    /// Makes the first file.
    pub fn new(base: &Path, keep: Option<u64>) -> anyhow::Result<(Numbered, Undo)> {
        let (first, undo) = create(&with_suffix(base, 1))?;
        Ok((Numbered { base: base.to_owned(), keep, first: Some(first), newest: 0 }, undo))
    }

    /// The file of a number, and an end to the one that is too many then.
    pub fn open(&mut self, number: u64) -> anyhow::Result<File> {
        self.newest = number;
        if let Some(gone) = self.keep.and_then(|keep| number.checked_sub(keep)).filter(|gone| *gone > 0) {
            let path = with_suffix(&self.base, gone);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {}", path.display()));
                }
                _ => {}
            }
        }
        match self.first.take() {
            Some(file) => Ok(file),
            None => Ok(create(&with_suffix(&self.base, number))?.0),
        }
    }

    /// Those that are there.
    pub fn paths(&self) -> Vec<PathBuf> {
        let oldest = self.keep.map_or(1, |keep| self.newest.saturating_sub(keep.saturating_sub(1)).max(1));
        (oldest..=self.newest).map(|number| with_suffix(&self.base, number)).collect()
    }
}
