//! A file for a recording, which does not stay in memory.
//!
//! Left alone, the kernel keeps all that is written until somebody wants the memory. A long recording would push out what
//! the recorded programs read, and each page of it is a fresh one, for which a virtual machine may have to ask its host. So
//! all but the beginning goes to the disk from a few buffers that are used again and again (`O_DIRECT`), on a thread of its
//! own. Where the file system knows no such way, and once the disk does not keep up, it goes through the page cache, and
//! the thread has its pages written soon and gives them back.
//!
//! Nothing is written before what precedes it, whichever way it goes.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};

use rustix::fs::{OFlags, fcntl_getfl};

use super::file_worker::{self, Job, KEPT_BYTES, Written, set_direct};
use super::piece::{ALIGNMENT, PIECE_LEN, Piece};

/// What of the page cache is handled at once: little, so that pages are used again while they are in the processor's caches.
const WINDOW_BYTES: u64 = 1 << 20;
/// Pieces there are. When all are being written, the disk does not keep up, and the page
/// cache is used from there on: waiting for the disk would lose events.
const PIECES: usize = 4;

/// Writes a regular file from its beginning.
pub struct UncachedFile {
    file: Arc<File>,
    /// Absent where there is nothing to be gained.
    managed: Option<Managed>,
    has_failed: bool,
}

impl UncachedFile {
    /// A file into which nothing was written. Anything but a regular file is written as usual.
    pub fn new(file: File) -> UncachedFile {
        let file = Arc::new(file);
        // Places are counted from the beginning.
        let is_suitable = file.metadata().is_ok_and(|metadata| metadata.is_file())
            && fcntl_getfl(&*file).is_ok_and(|flags| !flags.contains(OFlags::APPEND))
            && (&*file).stream_position().is_ok_and(|position| position == 0);
        // Without a thread the pages stay, which is no reason not to record.
        let managed = is_suitable.then(|| Managed::new(file.clone()).ok()).flatten();
        UncachedFile { file, managed, has_failed: false }
    }

    /// The file itself.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// What would follow something that is missing is not written.
    fn unless_failed<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> io::Result<T> {
        if self.has_failed {
            return Err(io::Error::other("writing failed before"));
        }
        let result = work(self);
        self.has_failed = result.is_err();
        result
    }
}

impl Write for UncachedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_failed(|out| match &mut out.managed {
            Some(managed) => managed.write(bytes),
            None => (&*out.file).write(bytes),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_failed(|out| match &mut out.managed {
            Some(managed) => managed.flush(),
            None => (&*out.file).flush(),
        })
    }
}

impl Drop for UncachedFile {
    fn drop(&mut self) {
        // Whoever wants to know of errors has flushed.
        let _ = self.flush();
        // Nor is it a concern of whoever else has the file.
        let _ = set_direct(&self.file, false);
    }
}

/// A file with a thread that does for it what takes time.
struct Managed {
    file: Arc<File>,
    jobs: Sender<Job>,
    written: Receiver<Written>,
    /// Place of the next byte.
    end: u64,
    /// From here on without the page cache.
    direct_from: u64,
    is_direct: bool,
    /// Where that begins in the page cache of which the thread was not told.
    cached_from: u64,
    /// What collects, to be written without the page cache.
    piece: Piece,
    /// Pieces that were used before.
    free: Vec<Piece>,
    /// Pieces that the thread has.
    away: usize,
    /// The file system has no way without the page cache.
    is_refused: bool,
}

impl Managed {
    fn new(file: Arc<File>) -> io::Result<Managed> {
        let (jobs, written) = file_worker::start(file.clone())?;
        Ok(Managed {
            file,
            jobs,
            written,
            end: 0,
            direct_from: KEPT_BYTES,
            is_direct: false,
            cached_from: KEPT_BYTES,
            piece: Piece::default(),
            free: Vec::new(),
            away: 0,
            is_refused: false,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.end < self.direct_from {
            return self.write_cached(bytes);
        }
        if !self.is_direct {
            if set_direct(&self.file, true).is_err() {
                self.is_refused = true;
                self.direct_from = u64::MAX;
                return self.write_cached(bytes);
            }
            self.is_direct = true;
            self.pass_on_cached();
        }
        let count = self.piece.append(bytes);
        self.end += count as u64;
        if self.piece.is_full() {
            self.pass_on_piece()?;
        }
        Ok(count)
    }

    /// Makes all readable that was written. Only what fills no block of the disk goes through the page cache.
    fn flush(&mut self) -> io::Result<()> {
        let mut rest = self.piece.split_rest();
        self.end -= rest.len() as u64;
        if !self.piece.bytes().is_empty() {
            self.pass_on_piece()?;
        }
        while !rest.is_empty() {
            let count = self.write(&rest)?;
            rest.drain(..count);
        }
        self.wait()?;
        if self.piece.bytes().is_empty() {
            return Ok(());
        }
        self.use_page_cache(self.end.next_multiple_of(ALIGNMENT as u64))
    }

    fn write_cached(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = usize::try_from(self.direct_from - self.end).unwrap_or(usize::MAX);
        let count = self.file.write_at(&bytes[..bytes.len().min(room)], self.end)?;
        self.end += count as u64;
        if self.end >= self.cached_from + WINDOW_BYTES {
            self.pass_on_cached();
        }
        Ok(count)
    }

    fn pass_on_cached(&mut self) {
        if self.cached_from < self.end {
            // The thread ends with this file, not before.
            let _ = self.jobs.send(Job::PassOn { range: self.cached_from..self.end });
            self.cached_from = self.end;
        }
    }

    fn pass_on_piece(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, self.free.pop().unwrap_or_default());
        let at = self.end - piece.bytes().len() as u64;
        let _ = self.jobs.send(Job::Write { piece, at });
        self.away += 1;
        while let Ok(written) = self.written.try_recv() {
            self.take_back(written)?;
        }
        if self.away == PIECES || self.is_refused {
            self.use_page_cache(u64::MAX)?;
        }
        Ok(())
    }

    fn take_back(&mut self, written: Written) -> io::Result<()> {
        let Written { mut piece, result, is_refused } = written;
        self.away -= 1;
        self.is_refused |= is_refused;
        piece.clear();
        self.free.push(piece);
        result
    }

    /// Waits for what is on its way.
    fn wait(&mut self) -> io::Result<()> {
        while self.away > 0 {
            let written = self.written.recv().map_err(io::Error::other)?;
            self.take_back(written)?;
        }
        Ok(())
    }

    /// Writes what was collected through the page cache, and what comes up to a place, at which a block of the disk
    /// begins.
    fn use_page_cache(&mut self, until: u64) -> io::Result<()> {
        // What the thread has not begun goes through the page cache from here on, too: only one write is waited for.
        set_direct(&self.file, false)?;
        self.is_direct = false;
        let here = self.end - self.piece.bytes().len() as u64;
        self.cached_from = here.saturating_sub((self.away * PIECE_LEN) as u64).max(KEPT_BYTES);
        self.wait()?;
        self.file.write_all_at(self.piece.bytes(), here)?;
        self.piece.clear();
        self.direct_from = if self.is_refused { u64::MAX } else { until };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that is not there any more when it is closed.
    fn scratch(name: &str) -> File {
        let path = std::env::temp_dir().join(format!("lanner-uncached-{name}-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        file
    }

    /// Bytes that differ from place to place.
    fn bytes(len: usize) -> Vec<u8> {
        (0..len.div_ceil(8))
            .flat_map(|at| (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes())
            .take(len)
            .collect()
    }

    /// Writes in chunks and does something after some of them; compares with the file each time.
    fn check(name: &str, every: usize, mut between: impl FnMut(&mut UncachedFile)) {
        let file = scratch(name);
        let mut out = UncachedFile::new(file.try_clone().unwrap());
        assert!(out.managed.is_some());
        let bytes = bytes(KEPT_BYTES as usize + 12 * PIECE_LEN + 4321);
        let mut found = Vec::new();
        let mut is_written = |len: usize| {
            found.resize(len, 0);
            file.metadata().unwrap().len() == len as u64
                && file.read_exact_at(&mut found, 0).is_ok()
                && found == bytes[..len]
        };
        let mut end = 0;
        for (number, chunk) in bytes.chunks(123_457).enumerate() {
            out.write_all(chunk).unwrap();
            end += chunk.len();
            if number % every == every - 1 {
                between(&mut out);
                out.flush().unwrap();
                assert!(is_written(end), "after {end} bytes");
            }
        }
        drop(out);
        assert!(is_written(bytes.len()));
        assert!(!fcntl_getfl(&file).unwrap().contains(OFlags::DIRECT));
    }

    #[test]
    fn everything_is_in_the_file() {
        check("all", usize::MAX, |_| ());
        check("flushed", 7, |_| ());
    }

    #[test]
    fn the_page_cache_takes_over_and_gives_back() {
        check("relief", 5, |out| {
            let managed = out.managed.as_mut().unwrap();
            if managed.is_direct {
                let until = managed.end.next_multiple_of(ALIGNMENT as u64) + 3 * ALIGNMENT as u64;
                managed.use_page_cache(until).unwrap();
            }
        });
    }

    #[test]
    fn after_an_error_nothing_is_written() {
        let file = scratch("failed");
        let mut out = UncachedFile::new(file.try_clone().unwrap());
        let bytes = bytes(KEPT_BYTES as usize + PIECE_LEN / 2);
        out.write_all(&bytes).unwrap();
        let managed = out.managed.as_mut().unwrap();
        let lost =
            Written { piece: Piece::default(), result: Err(io::Error::other("gone")), is_refused: false };
        managed.away += 1;
        assert_eq!(managed.take_back(lost).unwrap_err().to_string(), "gone");
        out.has_failed = true;
        assert!(out.write(&[1]).is_err() && out.flush().is_err());
        drop(out);
        assert_eq!(file.metadata().unwrap().len(), KEPT_BYTES);
    }
}
