//! Compression into gzip members, in order, on as many threads as wanted.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::{Error, Result};

/// Compresses pieces into members; they come out in the order they went in.
pub(super) struct Deflater {
    level: Compression,
    workers: Vec<Worker>,
    /// Worker that gets the next piece; pieces go round, so results are collected in the same order.
    next: usize,
    /// Workers that owe a member, oldest first.
    owing: VecDeque<usize>,
    /// Without workers: members made on the caller's thread.
    ready: VecDeque<io::Result<Vec<u8>>>,
}

struct Worker {
    /// `None` only while the worker is being stopped.
    pieces: Option<SyncSender<Vec<u8>>>,
    members: Receiver<io::Result<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

/// Pieces that may wait at one worker, so that it never waits for the caller.
const QUEUE_LEN: usize = 2;

impl Deflater {
    pub fn new(level: u32, threads: usize) -> Result<Self> {
        let level = Compression::new(level.clamp(1, 9));
        let workers = (0..threads).map(|_| Worker::start(level)).collect::<Result<_>>()?;
        Ok(Deflater { level, workers, next: 0, owing: VecDeque::new(), ready: VecDeque::new() })
    }

    /// Takes a piece to be compressed.
    pub fn push(&mut self, piece: Vec<u8>) {
        if self.workers.is_empty() {
            self.ready.push_back(member(self.level, &piece));
            return;
        }
        // Never blocks: `drain` has left at most QUEUE_LEN - 1 pieces at each worker.
        let sent = self.workers[self.next].pieces.as_ref().map(|pieces| pieces.send(piece));
        if matches!(sent, Some(Ok(()))) {
            self.owing.push_back(self.next);
        } else {
            self.ready.push_back(Err(io::Error::other("a compressing thread has ended")));
        }
        self.next = (self.next + 1) % self.workers.len();
    }

    /// Hands finished members to `write`: all of them, or as many as keeps the queues short.
    pub fn drain(
        &mut self,
        everything: bool,
        mut write: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let may_owe = if everything { 0 } else { self.workers.len() * (QUEUE_LEN - 1) };
        while self.owing.len() > may_owe
            && let Some(worker) = self.owing.pop_front()
        {
            let member = self.workers[worker].members.recv();
            write(&member.map_err(|_| io::Error::other("a compressing thread has ended"))??)?;
        }
        while let Some(member) = self.ready.pop_front() {
            write(&member?)?;
        }
        Ok(())
    }
}

impl Worker {
    fn start(level: Compression) -> Result<Worker> {
        let (pieces, to_compress) = sync_channel::<Vec<u8>>(QUEUE_LEN);
        let (finished, members) = sync_channel(QUEUE_LEN);
        let thread = std::thread::Builder::new().name("gzip".into()).spawn(move || {
            for piece in to_compress {
                if finished.send(member(level, &piece)).is_err() {
                    break;
                }
            }
        });
        let thread = thread.map_err(|error| Error::io("cannot start a thread for compression", error))?;
        Ok(Worker { pieces: Some(pieces), members, thread: Some(thread) })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.pieces = None;
        // A worker that waits to hand over a member nobody wants must not wait for ever.
        while self.members.recv().is_ok() {}
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One gzip member, without a name or time so that equal input gives equal output.
fn member(level: Compression, piece: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(piece.len() / 3), level);
    encoder.write_all(piece)?;
    encoder.finish()
}
