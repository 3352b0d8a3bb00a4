//! Types of the event table: ids, parameter types, categories and flags.

use std::fmt;

use super::flags::FlagTable;
use super::schema;
use super::syscalls::{SYSCALLS, SyscallInfo};

/// Id of an event type. Even ids are enter-like, odd ids exit-like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventType(pub u16);

impl EventType {
    /// The table row, if this id is one of the schema's.
    pub fn get_info(self) -> Option<&'static EventInfo> {
        schema::EVENTS.get(usize::from(self.0))
    }

    /// The table row.
    ///
    /// # Panics
    /// If the id is outside the schema. Readers deliver only events of the schema, so this holds for every
    /// event they return.
    pub fn info(self) -> &'static EventInfo {
        &schema::EVENTS[usize::from(self.0)]
    }

    /// Which half of a pair this is.
    pub const fn direction(self) -> Direction {
        if self.0 & 1 == 0 { Direction::Enter } else { Direction::Exit }
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get_info() {
            Some(info) => write!(f, "{}({})", info.symbol, self.0),
            None => write!(f, "EventType({})", self.0),
        }
    }
}

/// The two halves of a system call. Current drivers send mostly exits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// On entry (`>`), or an event that has no pair.
    Enter,
    /// On exit (`<`).
    Exit,
}

/// One row of the event table.
#[derive(Debug)]
pub struct EventInfo {
    /// Id; equal to the row's position.
    pub id: EventType,
    /// Upstream symbol without its prefix, such as `OPENAT_2_X`.
    pub symbol: &'static str,
    /// Name that rules see, such as `openat`. Several ids may share it.
    pub name: &'static str,
    /// What the event is about.
    pub category: Category,
    /// Where the event comes from.
    pub source: EventSource,
    /// Properties.
    pub flags: EventFlags,
    /// Parameters in order.
    pub params: &'static [ParamInfo],
}

/// One parameter of an event type.
#[derive(Debug)]
pub struct ParamInfo {
    /// Name that rules see in `evt.arg.NAME`.
    pub name: &'static str,
    /// Encoding.
    pub ty: ParamType,
    /// How numbers are printed.
    pub format: PrintFormat,
    /// What else is needed to print or resolve it.
    pub detail: Detail,
}

/// Extra knowledge about a parameter.
#[derive(Debug)]
pub enum Detail {
    /// Nothing.
    None,
    /// Names of flag or enumeration values.
    Flags(&'static FlagTable),
    /// Variants of a [`ParamType::Dyn`].
    Dynamic(DynamicTable),
    /// Index of the parameter that holds the directory this path is relative to.
    DirFd(usize),
}

/// Families of [`ParamType::Dyn`] parameters; the first byte of the value picks the variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicTable {
    /// Socket options.
    Sockopt,
    /// ptrace address and data.
    Ptrace,
    /// bpf results of old captures.
    Bpf,
    /// keyctl arguments.
    Keyctl,
}

impl DynamicTable {
    /// Encodings by variant index.
    pub fn variants(self) -> &'static [(ParamType, PrintFormat)] {
        use ParamType as T;
        use PrintFormat::{Dec, Hex, Na};
        match self {
            Self::Sockopt => {
                &[(T::ByteBuf, Hex), (T::Errno, Dec), (T::Uint32, Dec), (T::Uint64, Dec), (T::RelTime, Dec)]
            }
            Self::Ptrace => &[(T::Uint64, Hex), (T::SigType, Dec)],
            Self::Bpf => &[(T::Fd, Dec), (T::Errno, Dec)],
            Self::Keyctl => &[(T::Int64, Dec), (T::CharBuf, Na)],
        }
    }
}

/// Encoding of a parameter. The discriminants are the ids of the format.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ParamType {
    None = 0,
    Int8 = 1,
    Int16 = 2,
    Int32 = 3,
    Int64 = 4,
    Uint8 = 5,
    Uint16 = 6,
    Uint32 = 7,
    Uint64 = 8,
    CharBuf = 9,
    ByteBuf = 10,
    Errno = 11,
    SockAddr = 12,
    SockTuple = 13,
    Fd = 14,
    Pid = 15,
    FdList = 16,
    FsPath = 17,
    SyscallId = 18,
    SigType = 19,
    RelTime = 20,
    AbsTime = 21,
    Port = 22,
    L4Proto = 23,
    SockFamily = 24,
    Bool = 25,
    Ipv4Addr = 26,
    Dyn = 27,
    Flags8 = 28,
    Flags16 = 29,
    Flags32 = 30,
    Uid = 31,
    Gid = 32,
    Double = 33,
    SigSet = 34,
    CharBufArray = 35,
    CharBufPairArray = 36,
    Ipv4Net = 37,
    Ipv6Addr = 38,
    Ipv6Net = 39,
    IpAddr = 40,
    IpNet = 41,
    Mode = 42,
    FsRelPath = 43,
    EnumFlags8 = 44,
    EnumFlags16 = 45,
    EnumFlags32 = 46,
    Fd32 = 47,
    Pid32 = 48,
}

impl ParamType {
    /// Size in bytes of a value that is present, for encodings of one size.
    pub const fn fixed_len(self) -> Option<usize> {
        use ParamType as T;
        Some(match self {
            T::Int8 | T::Uint8 | T::SigType | T::L4Proto | T::SockFamily | T::Flags8 | T::EnumFlags8 => 1,
            T::Int16 | T::Uint16 | T::SyscallId | T::Port | T::Flags16 | T::EnumFlags16 => 2,
            T::Int32
            | T::Uint32
            | T::Bool
            | T::Ipv4Addr
            | T::Flags32
            | T::EnumFlags32
            | T::Uid
            | T::Gid
            | T::SigSet
            | T::Mode
            | T::Fd32
            | T::Pid32 => 4,
            T::Int64 | T::Uint64 | T::Errno | T::Fd | T::Pid | T::RelTime | T::AbsTime | T::Double => 8,
            T::Ipv6Addr => 16,
            _ => return None,
        })
    }

    /// Whether values are one NUL-terminated string.
    pub const fn is_string(self) -> bool {
        matches!(self, Self::CharBuf | Self::FsPath | Self::FsRelPath)
    }
}

/// How numbers are printed.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrintFormat {
    Na,
    Dec,
    Hex,
    /// Decimal, ten digits with leading zeros.
    Padded,
    Id,
    Dir,
    Oct,
}

/// What an event is about (`evt.category`).
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    Unknown,
    Other,
    File,
    Net,
    Ipc,
    Memory,
    Process,
    Sleep,
    System,
    Signal,
    User,
    Time,
    IoRead,
    IoWrite,
    IoOther,
    Wait,
    Scheduler,
    Internal,
}

/// Where an event comes from.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventSource {
    /// An unused id.
    None,
    Syscall,
    Tracepoint,
    Plugin,
    /// Made by a library or tool, not by the kernel.
    Meta,
    Iterator,
}

/// Properties of an event type, a bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFlags(pub u32);

#[allow(missing_docs)]
impl EventFlags {
    pub const CREATES_FD: Self = Self(1);
    pub const DESTROYS_FD: Self = Self(2);
    pub const USES_FD: Self = Self(4);
    pub const READS_FROM_FD: Self = Self(8);
    pub const WRITES_TO_FD: Self = Self(16);
    pub const MODIFIES_STATE: Self = Self(32);
    pub const UNUSED: Self = Self(64);
    pub const WAITS: Self = Self(128);
    pub const SKIPPARSERESET: Self = Self(256);
    pub const OLD_VERSION: Self = Self(512);
    pub const LARGE_PAYLOAD: Self = Self(2048);
    pub const CONVERTER_MANAGED: Self = Self(4096);

    /// Whether any of `other`'s bits is set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// Code of a system call, the same on every architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SyscallCode(pub u16);

impl SyscallCode {
    /// The table row of this code.
    pub fn get_info(self) -> Option<&'static SyscallInfo> {
        SYSCALLS.binary_search_by_key(&self, |s| s.code).ok().map(|i| &SYSCALLS[i])
    }
}

/// `stringify!` of a raw identifier keeps its `r#`; names in the table must not.
pub(super) const fn without_raw_prefix(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}
