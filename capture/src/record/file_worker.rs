//! The thread that does for a file what takes time: writing without the page cache, and emptying it.
#![allow(unsafe_code)] // a system call without a safe wrapper

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::fs::{Advice, OFlags, fadvise, fcntl_getfl, fcntl_setfl};

use super::piece::Piece;

/// What stays in memory, so that small recordings can be read at once.
pub(super) const KEPT_BYTES: u64 = 1 << 20;
/// Ranges of the page cache that the disk may take its time with.
const RANGES_BEHIND: usize = 4;
/// What is tried again before a range, as a slow disk may have taken longer.
const RETRIED_BYTES: u64 = 64 << 20;

pub(super) enum Job {
    /// Write a piece at a place. It comes back as [`Written`].
    Write { piece: Piece, at: u64 },
    /// Have a range of the page cache written, and forget it some ranges later.
    PassOn { range: Range<u64> },
}

/// What became of a piece.
pub(super) struct Written {
    pub piece: Piece,
    pub result: io::Result<()>,
    /// It could be written through the page cache only.
    pub is_refused: bool,
}

/// Starts the thread. It ends when the sender is gone.
pub(super) fn start(file: Arc<File>) -> io::Result<(Sender<Job>, Receiver<Written>)> {
    let ((jobs, received), (sender, written)) = (channel(), channel());
    thread::Builder::new().spawn(move || work(&file, &received, &sender))?;
    Ok((jobs, written))
}

/// Whether writes go past the page cache from now on.
pub(super) fn set_direct(file: &File, is_direct: bool) -> io::Result<()> {
    let flags = fcntl_getfl(file)?;
    let flags = if is_direct { flags | OFlags::DIRECT } else { flags - OFlags::DIRECT };
    Ok(fcntl_setfl(file, flags)?)
}

pub(super) fn work(file: &File, jobs: &Receiver<Job>, done: &Sender<Written>) {
    let mut passed_on = VecDeque::new();
    let mut has_failed = false;
    for job in jobs {
        match job {
            Job::Write { piece, .. } if has_failed => {
                let result = Err(io::Error::other("what comes before could not be written"));
                let _ = done.send(Written { piece, result, is_refused: false });
            }
            Job::Write { piece, at } => {
                let written = write(file, piece, at);
                has_failed = written.result.is_err();
                let _ = done.send(written);
            }
            Job::PassOn { range } => {
                start_writing(file, &range);
                passed_on.push_back(range);
                if passed_on.len() > RANGES_BEHIND {
                    passed_on.pop_front().inspect(|range| forget(file, range));
                }
            }
        }
    }
}

/// What is refused past the page cache, for whatever reason, is tried as usual. That error counts.
pub(super) fn write(file: &File, piece: Piece, at: u64) -> Written {
    let is_refused = file.write_all_at(piece.bytes(), at).is_err();
    let result = match is_refused {
        true => set_direct(file, false).and_then(|()| file.write_all_at(piece.bytes(), at)),
        false => Ok(()),
    };
    Written { piece, result, is_refused }
}

/// Gives pages back. Those that are not on the disk yet stay.
fn forget(file: &File, range: &Range<u64>) {
    let begin = range.start.saturating_sub(RETRIED_BYTES).max(KEPT_BYTES);
    if let Some(len) = range.end.checked_sub(begin).and_then(NonZeroU64::new) {
        let _ = fadvise(file, begin, Some(len), Advice::DontNeed);
    }
}

/// Has the kernel start writing a range to the disk. What cannot be done is left to the kernel.
fn start_writing(file: &File, range: &Range<u64>) {
    // SAFETY: the call has no memory of ours to do with, and the descriptor is open as long as `file` is borrowed.
    unsafe {
        libc::sync_file_range(
            file.as_raw_fd(),
            range.start as libc::off64_t,
            (range.end - range.start) as libc::off64_t,
            libc::SYNC_FILE_RANGE_WRITE,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_written_as_usual() {
        let path = std::env::temp_dir().join(format!("lanner-worker-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        if set_direct(&file, true).is_err() {
            eprintln!("skipped: the file system of {} knows no O_DIRECT", path.display());
            return;
        }
        let (jobs, written) = start(Arc::new(file.try_clone().unwrap())).unwrap();
        // No disk takes three bytes at an odd place.
        let mut piece = Piece::default();
        piece.append(b"abc");
        jobs.send(Job::Write { piece, at: 1 }).unwrap();
        let Written { piece, result, is_refused: _ } = written.recv().unwrap();
        result.unwrap();
        assert_eq!(piece.bytes(), b"abc");
        let mut found = [9; 4];
        file.read_exact_at(&mut found, 0).unwrap();
        assert_eq!(&found, b"\0abc");
    }

    #[test]
    fn nothing_follows_what_is_missing() {
        let (jobs, written) = start(Arc::new(File::open("/dev/null").unwrap())).unwrap();
        for _ in 0..2 {
            let mut piece = Piece::default();
            piece.append(b"abc");
            jobs.send(Job::Write { piece, at: 0 }).unwrap();
        }
        let errors: Vec<_> = (0..2).map(|_| written.recv().unwrap().result.unwrap_err()).collect();
        assert_eq!(errors[1].to_string(), "what comes before could not be written");
    }
}
