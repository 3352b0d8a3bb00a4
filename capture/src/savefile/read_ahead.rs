//! Decompressing on another thread, so that it overlaps with what is done with the events.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Bytes per piece: large enough that handing it over costs nothing, small enough to stay in the cache.
const PIECE_LEN: usize = 256 << 10;
/// Pieces that may wait. With the one being filled and the one being read this bounds the memory.
const QUEUE_LEN: usize = 3;

/// Reads from a stream that another thread reads ahead of us. The thread ends when the stream does, or at its
/// next piece after this is dropped.
pub(super) struct ReadAhead {
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// Pieces that were read go back to be filled again.
    used: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    position: usize,
}

impl ReadAhead {
    /// Starts the thread.
    pub fn start(stream: impl Read + Send + 'static) -> io::Result<ReadAhead> {
        let (to_reader, pieces) = sync_channel(QUEUE_LEN);
        let (used, reusable) = sync_channel(QUEUE_LEN + 2);
        std::thread::Builder::new()
            .name("inflate".into())
            .spawn(move || fill(stream, &to_reader, &reusable))?;
        Ok(ReadAhead { pieces, used, current: Vec::new(), position: 0 })
    }
}

/// Fills pieces until the stream ends, fails, or nobody wants them.
fn fill(mut stream: impl Read, pieces: &SyncSender<io::Result<Vec<u8>>>, reusable: &Receiver<Vec<u8>>) {
    loop {
        let mut piece = reusable.try_recv().unwrap_or_default();
        piece.clear();
        let read = stream.by_ref().take(PIECE_LEN as u64).read_to_end(&mut piece);
        // What came before an error is delivered before the error.
        let ended = piece.len() < PIECE_LEN;
        if !piece.is_empty() && pieces.send(Ok(piece)).is_err() {
            return;
        }
        if let Err(error) = read {
            let _ = pieces.send(Err(error));
            return;
        }
        if ended {
            return;
        }
    }
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position == self.current.len() {
            // A closed channel is the end of the stream.
            let Ok(piece) = self.pieces.recv() else { return Ok(0) };
            let _ = self.used.try_send(std::mem::replace(&mut self.current, piece?));
            self.position = 0;
        }
        let len = (&self.current[self.position..]).read(buffer)?;
        self.position += len;
        Ok(len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_in_order_and_then_the_error() {
        struct Failing(u64);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if self.0 >= 1_000_000 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let len = buffer.len().min(777).min(1_000_000 - self.0 as usize);
                for byte in &mut buffer[..len] {
                    *byte = (self.0 % 251) as u8;
                    self.0 += 1;
                }
                Ok(len)
            }
        }
        let mut read = Vec::new();
        let mut expected = Vec::new();
        let error = ReadAhead::start(Failing(0)).unwrap().read_to_end(&mut read).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        let _ = Failing(0).read_to_end(&mut expected);
        assert!(expected.len() == 1_000_000 && read == expected);
    }

    #[test]
    fn dropping_it_early_ends_the_thread() {
        let mut ahead = ReadAhead::start(io::repeat(7)).unwrap();
        let mut some = [0; 10];
        ahead.read_exact(&mut some).unwrap();
        assert_eq!(some, [7; 10]);
    }
}
