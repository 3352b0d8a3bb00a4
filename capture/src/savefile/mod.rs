//! Savefiles: reading and writing `.scap` files.

pub mod entry;

pub use entry::{
    FdBody, FdEntry, FdType, GroupEntry, Interface, L4Proto, MachineInfo, ProcessEntry, UserEntry,
};
