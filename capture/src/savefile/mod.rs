//! Savefiles: reading and writing `.scap` files.
//!
//! ```text
//! bytes --Blocks--> framed blocks --Decoder--> metadata and current events
//!         read stage                decode stage
//! ```
//!
//! ```
//! use lanner_capture::event::{EventBuilder, EventType};
//! use lanner_capture::savefile::{Capture, Item, WriteOptions, Writer};
//!
//! let mut writer = Writer::new(Vec::new(), WriteOptions::default())?;
//! writer.event(&EventBuilder::new(EventType::CLOSE_X, 1_700_000_000_000_000_000, 42).i64(0).i64(3).event())?;
//! let capture = Capture::from_bytes("example", writer.finish()?);
//!
//! let mut reader = capture.reader()?;
//! let mut descriptors = Vec::new();
//! while let Some(item) = reader.next()? {
//!     if let Item::Event(event) = item {
//!         descriptors.extend(event.i64_at(1));
//!     }
//! }
//! assert_eq!(descriptors, [3]);
//! # Ok::<(), lanner_capture::Error>(())
//! ```
//!
//! One file per kind of block holds both its parser and its writer; what old formats need beyond that is in
//! `compat`. All numbers in a file are untrusted: they are compared with what is there before use.

mod block;
mod blocks;
mod compat;
mod compression;
mod cursor;
mod decoder;
mod deflate;
pub mod entry;
mod event_block;
mod fds;
mod input;
mod interfaces;
mod lanes;
mod lookback;
mod machine;
mod mapped;
mod prefetch;
mod processes;
mod profile;
mod read_ahead;
mod reader;
mod sink;
mod start;
mod stats;
mod stream;
mod users;
mod writer;

pub use block::{BlockKind, BlockType, RawBlock};
pub use blocks::Blocks;
pub use decoder::{Decoder, Item};
pub use entry::{
    FdBody, FdEntry, FdType, GroupEntry, Interface, L4Proto, MachineInfo, ProcessEntry, UserEntry,
};
pub use input::{Capture, ReadOptions};
pub use lookback::Lookback;
pub use profile::WriterProfile;
pub use reader::{Head, Reader};
pub use sink::Compression;
pub use start::StartState;
pub use stats::{Oddities, ReadStats};
pub use writer::{WriteOptions, Writer};
