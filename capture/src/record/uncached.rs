//! A file for a recording, which does not stay in memory.
//!
//! Left alone, the kernel keeps all that is written until somebody wants the memory. A long recording would push out what
//! the recorded programs read, and each page of it is a fresh one, for which a virtual machine may have to ask its host. So
//! a thread has what was written go to the disk soon and gives the pages back; the next bytes use them again.
#![allow(unsafe_code)] // a system call without a safe wrapper

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroU64;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rustix::fs::{Advice, fadvise};

/// What stays in memory, so that small recordings can be read at once.
const KEPT_BYTES: u64 = 8 << 20;
/// What is handled at once: little, so that pages are used again while they are in the processor's caches.
const WINDOW_BYTES: u64 = 1 << 20;
/// Windows that the disk may take its time with.
const WINDOWS_BEHIND: u64 = 4;
/// Windows whose pages are tried again, as a slow disk may have taken longer.
const WINDOWS_RETRIED: u64 = 64;

/// Writes a regular file from its beginning.
pub struct UncachedFile {
    file: Arc<File>,
    written: u64,
    /// Beginning of the window that is being written.
    window: u64,
    /// Takes windows that are written; `None` where there is nothing to be gained.
    windows: Option<Sender<u64>>,
}

impl UncachedFile {
    /// A file into which nothing was written. Anything but a regular file is written as usual.
    pub fn new(file: File) -> UncachedFile {
        let file = Arc::new(file);
        let (sender, receiver) = channel();
        let is_regular = file.metadata().is_ok_and(|metadata| metadata.is_file());
        let same = file.clone();
        let work = move || pass_on(&same, &receiver);
        // Without a thread the pages stay, which is no reason not to record.
        let windows = is_regular.then(|| thread::Builder::new().spawn(work).ok().map(|_| sender)).flatten();
        UncachedFile { file, written: 0, window: KEPT_BYTES, windows }
    }

    /// The file itself.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Write for UncachedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = (&*self.file).write(bytes)?;
        self.written += count as u64;
        while self.written >= self.window + WINDOW_BYTES {
            if let Some(windows) = &self.windows {
                // The thread ends with this file, not before.
                let _ = windows.send(self.window);
            }
            self.window += WINDOW_BYTES;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.file).flush()
    }
}

/// Has windows written, and forgets those that were so some time ago. What cannot be done is left to the kernel.
fn pass_on(file: &File, windows: &Receiver<u64>) {
    for window in windows {
        start_writing(file, window);
        let end = window.saturating_sub((WINDOWS_BEHIND - 1) * WINDOW_BYTES);
        let begin = end.saturating_sub(WINDOWS_RETRIED * WINDOW_BYTES).max(KEPT_BYTES);
        if let Some(len) = end.checked_sub(begin).and_then(NonZeroU64::new) {
            // Pages that are not on the disk yet stay.
            let _ = fadvise(file, begin, Some(len), Advice::DontNeed);
        }
    }
}

/// Has the kernel start writing a window to the disk.
fn start_writing(file: &File, window: u64) {
    // SAFETY: the call has no memory of ours to do with, and the descriptor is open as long as `file` is borrowed.
    unsafe {
        libc::sync_file_range(
            file.as_raw_fd(),
            window as libc::off64_t,
            WINDOW_BYTES as libc::off64_t,
            libc::SYNC_FILE_RANGE_WRITE,
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom};

    use super::*;

    #[test]
    fn everything_is_in_the_file() {
        let path = std::env::temp_dir().join(format!("lanner-uncached-{}", std::process::id()));
        let mut file = File::options().read(true).write(true).create_new(true).open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let mut out = UncachedFile::new(file.try_clone().unwrap());
        let pieces = (0..).map(|number: u32| vec![number as u8; 300_000 + 7 * number as usize]);
        let bytes: Vec<u8> = pieces.take(100).flatten().collect();
        bytes.chunks(123_457).for_each(|chunk| out.write_all(chunk).unwrap());
        assert!(bytes.len() as u64 > KEPT_BYTES + 2 * WINDOWS_BEHIND * WINDOW_BYTES);
        drop(out);
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut found = Vec::new();
        io::Read::read_to_end(&mut file, &mut found).unwrap();
        assert!(found == bytes);
    }
}
