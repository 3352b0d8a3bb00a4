//! Reading integers and strings from a bounded piece of a block, and writing them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// What is left of a piece of input. Every method returns `None` when too little is left.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
    big_endian: bool,
}

macro_rules! integers {
    ($($name:ident: $ty:ty),*) => {
        $(pub fn $name(&mut self) -> Option<$ty> {
            let bytes = self.array()?;
            Some(if self.big_endian { <$ty>::from_be_bytes(bytes) } else { <$ty>::from_le_bytes(bytes) })
        })*
    };
}

impl<'a> Cursor<'a> {
    pub fn new(rest: &'a [u8], big_endian: bool) -> Self {
        Cursor { rest, big_endian }
    }

    pub fn left(&self) -> usize {
        self.rest.len()
    }

    pub fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*taken)
    }

    integers! { u8: u8, u16: u16, u32: u32, u64: u64, i64: i64 }

    /// A string with its length before it.
    pub fn string(&mut self) -> Option<Vec<u8>> {
        let len = self.u16()?;
        self.bytes(usize::from(len)).map(<[u8]>::to_vec)
    }

    pub fn ipv4(&mut self) -> Option<Ipv4Addr> {
        self.array::<4>().map(Ipv4Addr::from)
    }

    pub fn ipv6(&mut self) -> Option<Ipv6Addr> {
        self.array::<16>().map(Ipv6Addr::from)
    }

    /// The next `len` bytes as a piece of their own.
    pub fn piece(&mut self, len: usize) -> Option<Cursor<'a>> {
        Some(Cursor { rest: self.bytes(len)?, big_endian: self.big_endian })
    }
}

/// Appends a string of at most `limit` bytes with its length before it; what is longer is cut.
pub(super) fn write_string(out: &mut Vec<u8>, text: &[u8], limit: usize) {
    let text = &text[..text.len().min(limit)];
    out.extend_from_slice(&(text.len() as u16).to_le_bytes());
    out.extend_from_slice(text);
}

/// As [`write_string`], for strings that are each ended by NUL: a cut list still ends with one.
pub(super) fn write_strings(out: &mut Vec<u8>, list: &[u8], limit: usize) {
    write_string(out, list, limit);
    if list.len() > limit
        && let Some(last) = out.last_mut()
    {
        *last = 0;
    }
}

/// Appends what `write` appends, with its length in a `u32` before it. `extra` is added to the length.
pub(super) fn write_sized(out: &mut Vec<u8>, extra: usize, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let len = (out.len() - start - 4 + extra) as u32;
    out[start..start + 4].copy_from_slice(&len.to_le_bytes());
}
