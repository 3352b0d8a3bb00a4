//! Writing while the replay goes on.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// A writer whose writing is done by a thread of its own, in the same order. At the rate of alerts the copies that
/// the operating system makes cost about as much as making the lines.
#[derive(Debug)]
pub struct Background<W> {
    /// `None` once the thread was told to end.
    full: Option<SyncSender<Vec<u8>>>,
    /// Buffers that are written and can be filled again.
    empty: Receiver<Vec<u8>>,
    thread: Option<JoinHandle<io::Result<W>>>,
}

/// Chunks that may wait to be written. More would only take memory when the other side is slow.
const WAITING_MAX: usize = 8;

impl<W: Write + Send + 'static> Background<W> {
    /// Starts the thread.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(mut out: W) -> io::Result<Self> {
        let (full, filled) = sync_channel::<Vec<u8>>(WAITING_MAX);
        let (emptied, empty) = channel();
        let thread = thread::Builder::new().name("alerts".into()).spawn(move || {
            for mut chunk in filled {
                out.write_all(&chunk)?;
                chunk.clear();
                // At the end of a replay nobody wants it back.
                let _ = emptied.send(chunk);
            }
            out.flush()?;
            Ok(out)
        })?;
        Ok(Background { full: Some(full), empty, thread: Some(thread) })
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// When writing failed and [`Write::write`] did not tell yet.
    pub fn finish(mut self) -> io::Result<W> {
        self.full = None;
        self.join()
    }

    fn join(&mut self) -> io::Result<W> {
        let gone = || io::Error::other("the thread that writes is gone");
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) | None => Err(gone()),
        }
    }
}

impl<W: Write + Send + 'static> Write for Background<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut chunk = self.empty.try_recv().unwrap_or_default();
        chunk.extend_from_slice(bytes);
        if self.full.as_ref().is_none_or(|full| full.send(chunk).is_err()) {
            self.full = None;
            // The thread only ends before it is told to when writing fails.
            return match self.join() {
                Ok(_) => Err(io::ErrorKind::BrokenPipe.into()),
                Err(error) => Err(error),
            };
        }
        Ok(bytes.len())
    }

    /// Does not wait; [`Background::finish`] does.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_written_in_order() {
        let mut background = Background::new(Vec::new()).unwrap();
        let mut expected = Vec::new();
        for number in 0..1000u32 {
            let chunk = vec![number as u8; number as usize % 37];
            background.write_all(&chunk).unwrap();
            expected.extend(chunk);
        }
        assert_eq!(background.finish().unwrap(), expected);
    }

    #[test]
    fn errors_come_back() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut background = Background::new(Full).unwrap();
        let error = loop {
            if let Err(error) = background.write_all(b"line\n") {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(background.write_all(b"line\n").is_err());

        let mut background = Background::new(Full).unwrap();
        background.write_all(b"line\n").unwrap();
        let finished = background.finish().map(|_| ());
        assert_eq!(finished.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
