//! Memory-mapped files, which only an unsafe function can make.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::{Advice, Mmap};

/// Maps a regular file read-only.
///
/// Shortening the file while it is mapped ends the process with SIGBUS, as for every program that maps files.
/// Growing it, as a recorder does, is harmless: the mapping keeps the length it had.
pub(super) fn map(file: &File) -> io::Result<Mmap> {
    // SAFETY: the bytes are only read through shared slices and every value read from them is checked before
    // use, so another process that writes to the file can at worst make the input look malformed.
    let map = unsafe { Mmap::map(file)? };
    // Captures are read from front to back. Not being able to say so costs only speed.
    let _ = map.advise(Advice::Sequential);
    Ok(map)
}
