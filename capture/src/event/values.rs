//! Typed access to an event's parameters.
//!
//! Every reader returns `None` when the event has no such parameter, when the recorder had no value for it
//! (length 0), and when its size is not that of the type asked for.

use super::address::{SockAddr, SockTuple};
use super::schema::param::GENERIC_X;
use super::syscalls::find_x86_64;
use super::{Event, SyscallCode};

macro_rules! integer_readers {
    ($($name:ident: $ty:ty),*) => {
        $(#[doc = concat!("Parameter `index` as `", stringify!($ty), "`.")]
        #[inline]
        pub fn $name(&self, index: usize) -> Option<$ty> {
            self.param(index)?.try_into().ok().map(<$ty>::from_le_bytes)
        })*
    };
}

impl<'a> Event<'a> {
    integer_readers! { u8_at: u8, i8_at: i8, u16_at: u16, i16_at: i16, u32_at: u32, i32_at: i32, u64_at: u64, i64_at: i64 }

    /// Bytes of parameter `index`, without any trailing NUL being cut. `None` when the event has fewer
    /// parameters; an empty slice means that the recorder had no value.
    #[inline]
    pub fn param(&self, index: usize) -> Option<&'a [u8]> {
        self.params.get(index)
    }

    /// Parameter `index` without its NUL; anything after a first NUL is cut, as C readers would. `None` when
    /// it is absent or has length 0; an empty string is `Some`.
    #[inline]
    pub fn str_at(&self, index: usize) -> Option<&'a [u8]> {
        match self.param(index)? {
            [] => None,
            bytes => Some(cut_nul(bytes)),
        }
    }

    /// Parameter `index` as raw bytes.
    #[inline]
    pub fn bytes_at(&self, index: usize) -> Option<&'a [u8]> {
        self.param(index).filter(|bytes| !bytes.is_empty())
    }

    /// The system call of a `GENERIC` event.
    ///
    /// The code is 0 where the recorder did not know the call, and where the portable profile of our writer
    /// replaced it because old readers crash on newer codes. The native number beside it is then taken for one of
    /// x86-64, the only machine we record on.
    pub fn syscall(&self) -> Option<SyscallCode> {
        let code = SyscallCode(self.u16_at(GENERIC_X::ID)?);
        if code != SyscallCode::UNKNOWN {
            return Some(code);
        }
        let native = self.u16_at(GENERIC_X::nativeID).and_then(find_x86_64);
        Some(native.map_or(code, |info| info.code))
    }

    /// Parameter `index` as several strings, each ended by NUL (arguments, environment, control groups).
    pub fn strings_at(&self, index: usize) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        self.bytes_at(index).map(split_strings)
    }

    /// Parameter `index` as both ends of a connection.
    pub fn tuple_at(&self, index: usize) -> Option<SockTuple<'a>> {
        SockTuple::parse(self.param(index)?)
    }

    /// Parameter `index` as a socket address.
    pub fn addr_at(&self, index: usize) -> Option<SockAddr<'a>> {
        SockAddr::parse(self.param(index)?)
    }

    /// Parameter `index` as a list of descriptors with their poll flags. Entries that are cut off are left out.
    pub fn fd_list_at(&self, index: usize) -> Option<impl Iterator<Item = (i64, u16)> + use<'a>> {
        let (count, entries) = self.param(index)?.split_first_chunk::<2>()?;
        let count = usize::from(u16::from_le_bytes(*count));
        let entries = entries.chunks_exact(10).take(count);
        Some(entries.filter_map(|entry| {
            let (fd, flags) = entry.split_first_chunk::<8>()?;
            Some((i64::from_le_bytes(*fd), u16::from_le_bytes(flags.try_into().ok()?)))
        }))
    }

    /// Parameter `index` of type `Dyn`: the variant and its value. The variants are those of
    /// [`DynamicTable::variants`](super::DynamicTable::variants).
    pub fn dynamic_at(&self, index: usize) -> Option<(u8, &'a [u8])> {
        self.param(index)?.split_first().map(|(variant, value)| (*variant, value))
    }
}

/// The bytes before the first NUL.
pub(super) fn cut_nul(bytes: &[u8]) -> &[u8] {
    // Nearly all strings have one NUL, at their end. Looking for others sixteen bytes at a time takes less than a
    // search for the first.
    match bytes.split_last() {
        Some((0, before)) if !has_nul(before) => before,
        _ => memchr::memchr(0, bytes).map_or(bytes, |end| &bytes[..end]),
    }
}

#[inline]
fn has_nul(bytes: &[u8]) -> bool {
    fn is_in(bytes: &[u8]) -> bool {
        bytes.iter().fold(false, |found, &byte| found | (byte == 0))
    }
    match bytes.last_chunk::<16>() {
        Some(last) => is_in(last) | bytes.as_chunks::<16>().0.iter().fold(false, |found, b| found | is_in(b)),
        None => is_in(bytes),
    }
}

/// Strings that are each ended by NUL; the last one's may be missing.
fn split_strings(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.strip_suffix(b"\0").unwrap_or(bytes).split(|&byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use crate::event::{EventBuilder, EventType, SyscallCode};

    #[test]
    fn missing_codes_are_found_by_their_native_number() {
        let check = |code: u16, native: u16, expected: SyscallCode| {
            let built = EventBuilder::new(EventType::GENERIC_X, 1, 2).u16(code).u16(native);
            assert_eq!(built.event().syscall(), Some(expected), "{code} {native}");
        };
        check(0, 332, SyscallCode::STATX);
        check(SyscallCode::STATX.0, 0, SyscallCode::STATX);
        check(SyscallCode::BRK.0, 332, SyscallCode::BRK);
        check(0, 12, SyscallCode::BRK);
        check(0, 9_999, SyscallCode::UNKNOWN);
    }

    #[test]
    fn values_need_their_exact_size() {
        let built = EventBuilder::new(EventType::READ_X, 1, 2).i64(-2).empty().param(&[1, 2, 3]).u32(7);
        let event = built.event();
        assert_eq!(event.i64_at(0), Some(-2));
        assert_eq!((event.i64_at(1), event.bytes_at(1), event.str_at(1)), (None, None, None));
        assert_eq!(event.u32_at(2), None);
        assert_eq!(event.u32_at(3), Some(7));
        assert_eq!(event.u32_at(4), None);
    }

    #[test]
    fn strings_end_at_a_nul() {
        let built = EventBuilder::new(EventType::READ_X, 1, 2)
            .str(b"ab")
            .str(b"")
            .param(b"no end")
            .param(b"x\0y\0")
            .param(b"-a\0\0-b\0");
        let event = built.event();
        assert_eq!(event.str_at(0), Some(&b"ab"[..]));
        assert_eq!(event.str_at(1), Some(&b""[..]));
        assert_eq!(event.str_at(2), Some(&b"no end"[..]));
        assert_eq!(event.str_at(3), Some(&b"x"[..]));
        assert_eq!(event.strings_at(4).unwrap().collect::<Vec<_>>(), [&b"-a"[..], b"", b"-b"]);
        for (len, at) in (1..50).flat_map(|len| (0..len).map(move |at| (len, at))) {
            let mut bytes = vec![b'x'; len];
            (bytes[at], bytes[len - 1]) = (0, 0);
            assert_eq!(super::cut_nul(&bytes), &vec![b'x'; at][..]);
        }
    }

    #[test]
    fn fd_lists_stop_at_what_is_there() {
        let mut list = vec![3, 0];
        list.extend([5, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        list.extend([6, 0, 0, 0, 0, 0, 0, 0, 4, 0, 9]);
        let built = EventBuilder::new(EventType::POLL_X, 1, 2).i64(1).param(&list).param(&[1]);
        let event = built.event();
        assert_eq!(event.fd_list_at(1).unwrap().collect::<Vec<_>>(), [(5, 1), (6, 4)]);
        assert!(event.fd_list_at(2).is_none());
        assert_eq!(event.dynamic_at(2), Some((1, &b""[..])));
    }
}
