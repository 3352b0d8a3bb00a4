//! Savefiles: reading and writing `.scap` files.
//!
//! ```text
//! bytes --Blocks--> framed blocks --Decoder--> metadata and current events
//!         read stage                decode stage
//! ```
//!
//! One file per kind of block holds both its parser and its writer; what old formats need beyond that is in
//! `compat`. All numbers in a file are untrusted: they are compared with what is there before use.

mod block;
mod blocks;
mod compat;
mod cursor;
mod decoder;
mod deflate;
pub mod entry;
mod event_block;
mod fds;
mod input;
mod interfaces;
mod machine;
mod mapped;
mod processes;
mod profile;
mod read_ahead;
mod reader;
mod sink;
mod stats;
mod users;
mod writer;

pub use block::{BlockKind, BlockType, RawBlock};
pub use blocks::Blocks;
pub use decoder::{Decoder, Item};
pub use entry::{
    FdBody, FdEntry, FdType, GroupEntry, Interface, L4Proto, MachineInfo, ProcessEntry, UserEntry,
};
pub use input::{Capture, ReadOptions};
pub use profile::WriterProfile;
pub use reader::Reader;
pub use sink::Compression;
pub use stats::{Oddities, ReadStats};
pub use writer::{WriteOptions, Writer};
