//! Events: their types and parameters, and a borrowed view of one event.

pub mod flags;
pub mod schema;
pub mod syscalls;
pub mod types;

pub use types::{
    Category, Detail, Direction, DynamicTable, EventFlags, EventInfo, EventSource, EventType, ParamInfo,
    ParamType, PrintFormat, SyscallCode,
};

/// Most parameters an event of the format can have.
pub const MAX_PARAMS: usize = 32;

/// One event, borrowed from the reader's bytes. It is never stored.
#[derive(Clone, Copy, Debug)]
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

impl<'a> Event<'a> {
    /// Bytes of parameter `index`, without any trailing NUL being cut. `None` when the event has fewer
    /// parameters; an empty slice means that the recorder had no value.
    #[inline]
    pub fn param(&self, index: usize) -> Option<&'a [u8]> {
        self.params.get(index)
    }
}

/// Parameters of an event: all lengths were checked and summed once, when the event was decoded.
#[derive(Clone, Copy)]
pub struct Params<'a> {
    data: &'a [u8],
    /// `ends[i]` is the end of parameter i in `data`; its start is the end of the one before.
    ends: [u32; MAX_PARAMS],
    count: u8,
}

impl<'a> Params<'a> {
    /// Parameters of the given lengths, back to back in `data`. `None` when there are more than
    /// [`MAX_PARAMS`] or they are longer than `data` in sum; bytes after them are ignored.
    pub fn new(lengths: impl IntoIterator<Item = u32>, data: &'a [u8]) -> Option<Self> {
        let mut params = Params { data, ends: [0; MAX_PARAMS], count: 0 };
        let mut end = 0u32;
        for length in lengths {
            end = end.checked_add(length)?;
            *params.ends.get_mut(usize::from(params.count))? = end;
            params.count += 1;
        }
        if end as usize > data.len() {
            return None;
        }
        params.data = &data[..end as usize];
        Some(params)
    }

    /// How many there are. May differ from the schema's count in either direction.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Bytes of parameter `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        if index >= self.len() {
            return None;
        }
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.data.get(start as usize..self.ends[index] as usize)
    }

    /// All parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// Bytes of all parameters together.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }
}

impl std::fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
