//! Events: their types and parameters, and a borrowed view of one event.

pub mod address;
pub mod builder;
pub mod c_header;
pub mod drops;
pub mod encoded;
pub mod flags;
mod params;
pub mod schema;
pub mod syscalls;
pub mod types;
mod values;

pub use address::{SockAddr, SockTuple};
pub use builder::EventBuilder;
pub use params::{MAX_PARAMS, Params};
pub use types::{
    Category, Detail, Direction, DynamicTable, EventFlags, EventInfo, EventSource, EventType, ParamInfo,
    ParamType, PrintFormat, SyscallCode,
};

/// One event, borrowed from the reader's bytes. It is never stored.
///
/// Integers in parameters are little-endian whatever the byte order of the file was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// Nanoseconds since the epoch.
    pub ts_ns: u64,
    /// Thread id in the host's pid namespace; -1 for events without a thread.
    pub tid: i64,
    /// Type, always one of the schema.
    pub ty: EventType,
    /// CPU, or the index of the ring buffer.
    pub cpu: u16,
    /// Updates state only; rules never see it.
    pub state_only: bool,
    /// The parameters.
    pub params: Params<'a>,
}
