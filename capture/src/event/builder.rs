//! Making events parameter by parameter: for the recorder, generators and tests.

use super::encoded::encode;
use super::{Event, EventType, Params};

/// Collects an event's parameters. Nothing is checked against the schema: odd events can be made on purpose.
///
/// ```
/// use lanner_capture::event::{EventBuilder, EventType};
///
/// let built = EventBuilder::new(EventType::CLOSE_X, 1_700_000_000_000_000_000, 42).i64(0).i64(3);
/// assert_eq!(built.event().i64_at(1), Some(3));
/// ```
#[derive(Clone, Debug)]
pub struct EventBuilder {
    ts_ns: u64,
    tid: i64,
    ty: EventType,
    cpu: u16,
    state_only: bool,
    data: Vec<u8>,
    ends: Vec<u32>,
}

macro_rules! integers {
    ($($name:ident: $ty:ty),*) => {
        $(#[doc = concat!("Appends a `", stringify!($ty), "`.")]
        #[must_use]
        pub fn $name(self, value: $ty) -> Self {
            self.param(&value.to_le_bytes())
        })*
    };
}

impl EventBuilder {
    /// An event without parameters.
    pub fn new(ty: EventType, ts_ns: u64, tid: i64) -> Self {
        EventBuilder { ts_ns, tid, ty, cpu: 0, state_only: false, data: Vec::new(), ends: Vec::new() }
    }

    /// A copy of an event.
    pub fn from_event(event: &Event<'_>) -> Self {
        EventBuilder {
            ts_ns: event.ts_ns,
            tid: event.tid,
            ty: event.ty,
            cpu: event.cpu,
            state_only: event.state_only,
            data: event.params.data().to_vec(),
            ends: event.params.ends().to_vec(),
        }
    }

    /// Sets the CPU.
    #[must_use]
    pub fn cpu(mut self, cpu: u16) -> Self {
        self.cpu = cpu;
        self
    }

    /// Marks the event as one that only updates state.
    #[must_use]
    pub fn state_only(mut self, state_only: bool) -> Self {
        self.state_only = state_only;
        self
    }

    /// Appends a parameter's bytes.
    #[must_use]
    pub fn param(mut self, bytes: &[u8]) -> Self {
        self.data.extend_from_slice(bytes);
        self.ends.push(self.data.len() as u32);
        self
    }

    integers! { u8: u8, i8: i8, u16: u16, i16: i16, u32: u32, i32: i32, u64: u64, i64: i64 }

    /// Appends a string and its NUL.
    #[must_use]
    pub fn str(mut self, text: impl AsRef<[u8]>) -> Self {
        self.data.extend_from_slice(text.as_ref());
        self.param(&[0])
    }

    /// Appends a parameter without a value.
    #[must_use]
    pub fn empty(self) -> Self {
        self.param(&[])
    }

    /// The event, borrowed. Parameters beyond [`MAX_PARAMS`](super::MAX_PARAMS) are left out.
    pub fn event(&self) -> Event<'_> {
        let ends = &self.ends[..self.ends.len().min(super::MAX_PARAMS)];
        Event {
            ts_ns: self.ts_ns,
            tid: self.tid,
            ty: self.ty,
            cpu: self.cpu,
            state_only: self.state_only,
            params: Params::new(ends, &self.data).unwrap_or(Params::EMPTY),
        }
    }

    /// The event as savefiles and ring buffers hold it: header, lengths, parameters. `None` when a parameter
    /// is too long for its length field.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        encode(&self.event(), &mut bytes).then_some(bytes)
    }
}
