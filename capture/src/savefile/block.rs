//! Blocks: the framed units of a savefile.
//!
//! A block is `u32 type · u32 total length · body · 0 to 3 bytes of padding · u32 total length`.

use std::fmt;

/// Length of a block's type and length fields.
pub(super) const HEADER_LEN: usize = 8;
/// Length of what follows the body: the block's length again.
pub(super) const TRAILER_LEN: usize = 4;
/// Length of everything around the body.
pub(super) const FRAME_LEN: usize = HEADER_LEN + TRAILER_LEN;
/// First word of a section header's body, in the writer's byte order.
pub(super) const SECTION_MAGIC: u32 = 0x1A2B_3C4D;

/// Type of a block, as stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlockType(pub u32);

/// What a block of a type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Start of a capture.
    Section,
    /// [`MachineInfo`](super::MachineInfo).
    Machine,
    /// [`ProcessEntry`](super::ProcessEntry) rows, version 1 to 9.
    Processes {
        /// Layout.
        version: u8,
    },
    /// [`FdEntry`](super::FdEntry) rows of one thread.
    Fds {
        /// Rows carry their length.
        sized: bool,
    },
    /// [`Interface`](super::Interface) rows.
    Interfaces {
        /// Rows carry their length.
        sized: bool,
    },
    /// [`UserEntry`](super::UserEntry) and [`GroupEntry`](super::GroupEntry) rows.
    Users {
        /// Rows carry their length.
        sized: bool,
    },
    /// One event.
    Event {
        /// The header carries the number of parameters.
        counted: bool,
        /// A word of flags precedes the event.
        flagged: bool,
    },
    /// Not known to this reader.
    Unknown,
}

macro_rules! block_types {
    ($($symbol:ident $value:literal $name:literal $kind:expr;)*) => {
        impl BlockType {
            $(#[doc = concat!("`", $name, "`")]
              pub const $symbol: BlockType = BlockType($value);)*

            /// What such a block holds.
            pub fn kind(self) -> BlockKind {
                use BlockKind::*;
                match self {
                    $(BlockType::$symbol => $kind,)*
                    _ => Unknown,
                }
            }

            /// Short name, if the type is known.
            pub fn name(self) -> Option<&'static str> {
                match self {
                    $(BlockType::$symbol => Some($name),)*
                    _ => None,
                }
            }
        }
    };
}

// The types with the top bit set are numbers from before the first release, which readers still accept.
block_types! {
    SECTION 0x0A0D_0D0A "SHB" Section;
    MACHINE 0x201 "MI" Machine;
    MACHINE_OLD 0x8002_ABCD "MI_INT" Machine;
    PROCESSES_V1 0x202 "PL_V1" Processes { version: 1 };
    PROCESSES_V1_OLD 0x8000_ABCD "PL_V1_INT" Processes { version: 1 };
    PROCESSES_V2 0x207 "PL_V2" Processes { version: 2 };
    PROCESSES_V2_OLD 0x8013_ABCD "PL_V2_INT" Processes { version: 2 };
    PROCESSES_V3 0x209 "PL_V3" Processes { version: 3 };
    PROCESSES_V3_OLD 0x8014_ABCD "PL_V3_INT" Processes { version: 3 };
    PROCESSES_V4 0x210 "PL_V4" Processes { version: 4 };
    PROCESSES_V5 0x211 "PL_V5" Processes { version: 5 };
    PROCESSES_V6 0x212 "PL_V6" Processes { version: 6 };
    PROCESSES_V7 0x213 "PL_V7" Processes { version: 7 };
    PROCESSES_V8 0x214 "PL_V8" Processes { version: 8 };
    PROCESSES_V9 0x215 "PL_V9" Processes { version: 9 };
    FDS 0x203 "FDL" Fds { sized: false };
    FDS_OLD 0x8001_ABCD "FDL_INT" Fds { sized: false };
    FDS_V2 0x218 "FDL_V2" Fds { sized: true };
    EVENT 0x204 "EV" Event { counted: false, flagged: false };
    EVENT_OLD 0x8010_ABCD "EV_INT" Event { counted: false, flagged: false };
    EVENT_V2 0x216 "EV_V2" Event { counted: true, flagged: false };
    EVENT_V2_LARGE 0x221 "EV_V2_LARGE" Event { counted: true, flagged: false };
    INTERFACES 0x205 "IL" Interfaces { sized: false };
    INTERFACES_OLD 0x8011_ABCD "IL_INT" Interfaces { sized: false };
    INTERFACES_V2 0x219 "IL_V2" Interfaces { sized: true };
    USERS 0x206 "UL" Users { sized: false };
    USERS_OLD 0x8012_ABCD "UL_INT" Users { sized: false };
    USERS_V2 0x220 "UL_V2" Users { sized: true };
    FLAGGED 0x208 "EVF" Event { counted: false, flagged: true };
    FLAGGED_V2 0x217 "EVF_V2" Event { counted: true, flagged: true };
    FLAGGED_V2_LARGE 0x222 "EVF_V2_LARGE" Event { counted: true, flagged: true };
}

impl fmt::Display for BlockType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#x}", self.0),
        }
    }
}

impl fmt::Debug for BlockType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One block, borrowed from the reader.
#[derive(Clone, Copy)]
pub struct RawBlock<'a> {
    /// Type.
    pub ty: BlockType,
    /// Offset of the block in the (decompressed) input.
    pub offset: u64,
    /// Integers are big-endian.
    pub big_endian: bool,
    body_len: u32,
    /// Body, the length after it, and all that is in memory of what follows.
    tail: &'a [u8],
}

impl<'a> RawBlock<'a> {
    /// `tail` starts with the body and goes on with at least [`TRAILER_LEN`] bytes.
    #[inline]
    pub(super) fn new(ty: BlockType, offset: u64, big_endian: bool, body_len: u32, tail: &'a [u8]) -> Self {
        RawBlock { ty, offset, big_endian, body_len, tail }
    }

    /// Body with its padding.
    #[inline]
    pub fn body(&self) -> &'a [u8] {
        &self.tail[..self.body_len as usize]
    }

    #[inline]
    pub(super) fn body_len(&self) -> usize {
        self.body_len as usize
    }

    /// Length with everything around the body.
    #[inline]
    pub(super) fn total_len(&self) -> u32 {
        self.body_len + FRAME_LEN as u32
    }

    /// The body and what follows it in memory: whoever reads a fixed number of bytes at once need not care about the
    /// body's end, as long as what lies behind it is not used.
    #[inline]
    pub(super) fn tail(&self) -> &'a [u8] {
        self.tail
    }

    /// Whether the length after the body differs from the one before it.
    pub fn trailer_differs(&self) -> bool {
        let trailer = self.tail.get(self.body_len as usize..).and_then(<[u8]>::first_chunk::<TRAILER_LEN>);
        let Some(trailer) = trailer else { return true };
        let len = if self.big_endian { u32::from_be_bytes(*trailer) } else { u32::from_le_bytes(*trailer) };
        len as usize != FRAME_LEN + self.body_len as usize
    }
}

impl fmt::Debug for RawBlock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {:?}", self.ty, self.offset, self.body())
    }
}

/// Bytes of a block with a body of that many.
pub(super) fn block_len(body: usize) -> usize {
    body.next_multiple_of(4) + FRAME_LEN
}

/// Appends a block whose body `write` appends.
pub(super) fn write_block(out: &mut Vec<u8>, ty: BlockType, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    // The length comes later.
    out.extend_from_slice(&u64::from(ty.0).to_le_bytes());
    write(out);
    let total = block_len(out.len() - start - HEADER_LEN);
    out[start + 4..start + HEADER_LEN].copy_from_slice(&(total as u32).to_le_bytes());
    // Padding and trailer at once, and perhaps too much: a number of bytes that the compiler knows.
    let padding = start + total - TRAILER_LEN - out.len();
    out.extend_from_slice(&((total as u64) << (8 * padding)).to_le_bytes());
    out.truncate(start + total);
}
