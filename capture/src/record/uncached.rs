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
/// Pieces there are at most, while a slow disk takes its time with what it has begun.
const PIECES_AT_MOST: usize = 32;

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

/// How what comes next gets into the file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Through the page cache up to a place, at which a block of the disk begins. No piece is away.
    Cached { until: u64 },
    /// In pieces, past the page cache.
    Direct,
    /// In pieces, through the page cache, until none is away.
    Leaving,
}

/// A file with a thread that does for it what takes time.
struct Managed {
    file: Arc<File>,
    jobs: Sender<Job>,
    written: Receiver<Written>,
    /// Place of the next byte.
    end: u64,
    way: Way,
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
            way: Way::Cached { until: KEPT_BYTES },
            cached_from: KEPT_BYTES,
            piece: Piece::default(),
            free: Vec::new(),
            away: 0,
            is_refused: false,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Way::Cached { mut until } = self.way {
            if self.end == until && set_direct(&self.file, true).is_err() {
                self.is_refused = true;
                until = u64::MAX;
                self.way = Way::Cached { until };
            }
            if self.end < until {
                return self.write_cached(bytes, until);
            }
            self.way = Way::Direct;
            self.pass_on_cached();
        }
        let count = self.piece.append(bytes);
        self.end += count as u64;
        if self.piece.is_full() {
            self.pass_on_piece()?;
        }
        Ok(count)
    }

    /// Makes all readable that was written. What fills no block of the disk goes through the page cache, and what waits
    /// behind a write of the thread.
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
        let is_slow = self.way == Way::Leaving;
        if self.away > 1 {
            self.leave_direct()?;
        }
        while self.away > 0 {
            self.wait_for_one()?;
        }
        if !self.piece.bytes().is_empty() {
            self.leave_direct()?;
        }
        match self.way {
            Way::Leaving if is_slow => self.use_page_cache(u64::MAX),
            Way::Leaving => self.use_page_cache(self.end.next_multiple_of(ALIGNMENT as u64)),
            Way::Cached { .. } | Way::Direct => Ok(()),
        }
    }

    fn write_cached(&mut self, bytes: &[u8], until: u64) -> io::Result<usize> {
        let room = usize::try_from(until - self.end).unwrap_or(usize::MAX);
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
        while let Ok(written) = self.written.try_recv() {
            self.take_back(written)?;
        }
        if self.away + 1 >= PIECES || self.is_refused {
            self.leave_direct()?;
        }
        if self.way == Way::Leaving && self.away == 0 {
            return self.use_page_cache(u64::MAX);
        }
        if self.away + 1 >= PIECES_AT_MOST {
            self.wait_for_one()?;
        }
        let piece = std::mem::replace(&mut self.piece, self.free.pop().unwrap_or_default());
        let at = self.end - piece.bytes().len() as u64;
        let _ = self.jobs.send(Job::Write { piece, at });
        self.away += 1;
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

    fn wait_for_one(&mut self) -> io::Result<()> {
        let written = self.written.recv().map_err(io::Error::other)?;
        self.take_back(written)
    }

    /// Has what the thread has not begun go through the page cache, without waiting: only what it has begun takes the
    /// disk's time.
    fn leave_direct(&mut self) -> io::Result<()> {
        if self.way == Way::Direct {
            set_direct(&self.file, false)?;
            let here = self.end - self.piece.bytes().len() as u64;
            self.cached_from = here.saturating_sub((self.away * PIECE_LEN) as u64).max(KEPT_BYTES);
            self.way = Way::Leaving;
        }
        Ok(())
    }

    /// Once none is away: writes what was collected through the page cache, and what comes up to a place, at which a
    /// block of the disk begins.
    fn use_page_cache(&mut self, until: u64) -> io::Result<()> {
        self.file.write_all_at(self.piece.bytes(), self.end - self.piece.bytes().len() as u64)?;
        self.piece.clear();
        let until = if self.is_refused { u64::MAX } else { until };
        if until == u64::MAX {
            self.piece = Piece::default();
            self.free = Vec::new();
        }
        self.way = Way::Cached { until };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

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
            if managed.way == Way::Direct {
                managed.leave_direct().unwrap();
                while managed.away > 0 {
                    managed.wait_for_one().unwrap();
                }
                let until = managed.end.next_multiple_of(ALIGNMENT as u64) + 3 * ALIGNMENT as u64;
                managed.use_page_cache(until).unwrap();
            }
        });
    }

    /// A file whose thread does nothing: its jobs, and where what became of them is sent.
    struct Held {
        file: File,
        out: UncachedFile,
        jobs: Receiver<Job>,
        done: Sender<Written>,
        bytes: Vec<u8>,
        end: usize,
    }

    impl Held {
        fn new(name: &str) -> Held {
            let file = scratch(name);
            let mut out = UncachedFile::new(file.try_clone().unwrap());
            let managed = out.managed.as_mut().unwrap();
            let ((sender, jobs), (done, written)) = (channel(), channel());
            (managed.jobs, managed.written) = (sender, written);
            let bytes = bytes(KEPT_BYTES as usize + (PIECES_AT_MOST + 8) * PIECE_LEN);
            Held { file, out, jobs, done, bytes, end: 0 }
        }

        fn write(&mut self, len: usize) -> io::Result<()> {
            self.end += len;
            self.out.write_all(&self.bytes[self.end - len..self.end])
        }

        fn managed(&self) -> &Managed {
            self.out.managed.as_ref().unwrap()
        }

        /// What the thread would do.
        fn work(&self) {
            for job in self.jobs.try_iter() {
                if let Job::Write { piece, at } = job {
                    self.done.send(file_worker::write(&self.file, piece, at)).unwrap();
                }
            }
        }

        fn assert_written(&self) {
            let mut found = vec![0; self.end];
            self.file.read_exact_at(&mut found, 0).unwrap();
            assert!(found == self.bytes[..self.end]);
            assert_eq!(self.file.metadata().unwrap().len(), self.end as u64);
        }

        fn is_direct(&self) -> bool {
            fcntl_getfl(&self.file).unwrap().contains(OFlags::DIRECT)
        }

        /// Up to where the disk is seen not to keep up. Absent where the file system knows no `O_DIRECT`.
        fn leaving(name: &str) -> Option<Held> {
            let mut held = Held::new(name);
            held.write(KEPT_BYTES as usize + (PIECES - 1) * PIECE_LEN).unwrap();
            if held.managed().is_refused {
                eprintln!("skipped: the file system of {} knows no O_DIRECT", std::env::temp_dir().display());
                return None;
            }
            assert!(held.is_direct() && held.managed().away == PIECES - 1);
            held.write(PIECE_LEN).unwrap();
            assert!(!held.is_direct() && held.managed().away == PIECES);
            assert_eq!((held.managed().way, held.managed().cached_from), (Way::Leaving, KEPT_BYTES));
            Some(held)
        }
    }

    #[test]
    fn a_slow_disk_is_left_to_the_page_cache_without_waiting() {
        let Some(mut held) = Held::leaving("slow") else { return };
        // As nobody does the jobs, this ends only if nothing waits.
        held.write((PIECES_AT_MOST - PIECES - 1) * PIECE_LEN + 5).unwrap();
        assert_eq!((held.managed().way, held.managed().away), (Way::Leaving, PIECES_AT_MOST - 1));
        held.work();
        held.write(PIECE_LEN).unwrap();
        let managed = held.managed();
        assert_eq!((managed.way, managed.away), (Way::Cached { until: u64::MAX }, 0));
        assert!(managed.free.is_empty() && managed.free.capacity() == 0);
        held.write(2 * PIECE_LEN + 7).unwrap();
        held.assert_written();
        let passed_on: Vec<_> = held.jobs.try_iter().collect();
        assert!(matches!(&passed_on[..], [Job::PassOn { range }, ..] if range.start == KEPT_BYTES));
    }

    #[test]
    fn a_flush_waits_for_all_that_is_away() {
        let Some(mut held) = Held::leaving("flush-slow") else { return };
        held.write(2 * PIECE_LEN + 5).unwrap();
        held.work();
        assert_eq!(held.managed().away, PIECES + 2);
        held.out.flush().unwrap();
        assert_eq!((held.managed().way, held.managed().away), (Way::Cached { until: u64::MAX }, 0));
        held.assert_written();
    }

    #[test]
    fn no_more_pieces_are_away_than_there_may_be() {
        let Some(mut held) = Held::leaving("bound") else { return };
        held.write((PIECES_AT_MOST - PIECES - 1) * PIECE_LEN).unwrap();
        // One comes back: there is room for one.
        let Ok(Job::Write { piece, at }) = held.jobs.try_recv() else { panic!("no piece") };
        held.done.send(file_worker::write(&held.file, piece, at)).unwrap();
        for (written, away) in [(PIECE_LEN, PIECES_AT_MOST - 1), (PIECE_LEN - 1, PIECES_AT_MOST - 1)] {
            held.write(written).unwrap();
            assert_eq!(held.managed().away, away);
        }
        let (file, done) = (held.file.try_clone().unwrap(), held.done.clone());
        let jobs = std::mem::replace(&mut held.jobs, channel().1);
        std::thread::spawn(move || file_worker::work(&file, &jobs, &done));
        held.write(3 * PIECE_LEN).unwrap();
        assert!(held.managed().away < PIECES_AT_MOST);
        held.out.flush().unwrap();
        held.assert_written();
    }

    #[test]
    fn an_error_of_any_piece_is_told() {
        let Some(mut held) = Held::leaving("error-slow") else { return };
        held.write(3 * PIECE_LEN).unwrap();
        for number in 0..3 {
            let Ok(Job::Write { piece, .. }) = held.jobs.try_recv() else { panic!("no piece") };
            let result = if number < 2 { Ok(()) } else { Err(io::Error::from_raw_os_error(libc::ENOSPC)) };
            held.done.send(Written { piece, result, is_refused: false }).unwrap();
        }
        assert_eq!(held.write(PIECE_LEN).unwrap_err().raw_os_error(), Some(libc::ENOSPC));
        assert!(held.out.write(&[1]).is_err() && held.out.flush().is_err());
        assert_eq!(held.file.metadata().unwrap().len(), KEPT_BYTES);
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
