//! The ring between the kernel's programs and the recorder.
//!
//! aya has a reader as well, which tells the kernel of each record that it is done with. Programs look at that place before
//! each record that they make, on another CPU, so it is told of many at once here.
#![allow(unsafe_code)] // memory that is shared with the kernel

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use aya::maps::MapData;
use memmap2::{MmapOptions, MmapRaw};

/// Before each record: its length with two flags, and a word for the kernel (`struct bpf_ringbuf_hdr`).
const HEADER_LEN: u64 = 8;
const BUSY: u32 = 1 << 31;
const DISCARDED: u32 = 1 << 30;
/// What may be read before the kernel is told, if that is little of the ring.
const UNTOLD_BYTES: u64 = 64 << 10;

/// Reads a ring buffer. There must be one reader only.
pub(super) struct Ring {
    /// A page with the place up to which records were read.
    consumer: MmapRaw,
    /// A page with the place up to which records were made, and the ring twice, so that records never wrap.
    producer: MmapRaw,
    page_len: usize,
    bytes: u64,
    read: u64,
    told: u64,
    made: u64,
    _map: MapData,
}

impl Ring {
    /// Maps a ring of `bytes` bytes.
    pub fn new(map: MapData, bytes: u32) -> io::Result<Ring> {
        let fd = map.fd().as_fd().as_raw_fd();
        let page_len = page_len();
        let consumer = MmapOptions::new().len(page_len).map_raw(fd)?;
        let producer_len = page_len + 2 * bytes as usize;
        let producer = MmapOptions::new().offset(page_len as u64).len(producer_len).map_raw_read_only(fd)?;
        let mut ring =
            Ring { consumer, producer, page_len, bytes: bytes.into(), read: 0, told: 0, made: 0, _map: map };
        ring.read = ring.consumer_place().load(Ordering::Acquire);
        (ring.told, ring.made) = (ring.read, ring.read);
        Ok(ring)
    }

    /// The next record, if there is one.
    pub fn next(&mut self) -> Option<&[u8]> {
        if self.read - self.told >= UNTOLD_BYTES.min(self.bytes / 8) {
            self.tell();
        }
        loop {
            if self.read == self.made {
                self.tell();
                self.made = self.producer_place().load(Ordering::Acquire);
                if self.read == self.made {
                    return None;
                }
            }
            let at = self.page_len + (self.read & (self.bytes - 1)) as usize;
            let header = self.header(at).load(Ordering::Acquire);
            if header & BUSY != 0 {
                self.tell();
                return None;
            }
            let len = header & !(BUSY | DISCARDED);
            self.read += (HEADER_LEN + u64::from(len)).next_multiple_of(8);
            if header & DISCARDED == 0 {
                return Some(self.record(at + HEADER_LEN as usize, len as usize));
            }
        }
    }

    /// Has the kernel use again what was read.
    fn tell(&mut self) {
        if self.told != self.read {
            self.consumer_place().store(self.read, Ordering::Release);
            self.told = self.read;
        }
    }

    fn consumer_place(&self) -> &AtomicU64 {
        // SAFETY: the mapping begins at a page, is longer than the number, and lives as long as `self`. The kernel reads
        // the number atomically.
        unsafe { &*self.consumer.as_ptr().cast::<AtomicU64>() }
    }

    fn producer_place(&self) -> &AtomicU64 {
        // SAFETY: as above; the kernel writes it and we only load, as the mapping may not be written.
        unsafe { &*self.producer.as_ptr().cast::<AtomicU64>() }
    }

    /// The header of the record at a place of the mapping.
    fn header(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(8) && at + HEADER_LEN as usize <= self.producer.len());
        // SAFETY: the place is inside the mapping, as was just checked, and aligned, as mappings begin at pages.
        unsafe { &*self.producer.as_ptr().add(at).cast::<AtomicU32>() }
    }

    /// The bytes of a record that the kernel has completed and was not told to be read.
    fn record(&self, at: usize, len: usize) -> &[u8] {
        assert!(at <= self.producer.len() && len <= self.producer.len() - at);
        // SAFETY: the bytes are inside the mapping, as was just checked. Nobody writes them before the kernel is told,
        // which needs `self` again and so ends this borrow.
        unsafe { std::slice::from_raw_parts(self.producer.as_ptr().add(at), len) }
    }
}

fn page_len() -> usize {
    // SAFETY: the call has no memory of ours to do with.
    let len = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(len).unwrap_or(4096)
}
