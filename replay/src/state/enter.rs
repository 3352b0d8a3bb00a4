//! Enter events that are kept for the exit event of the same call.
//!
//! Current recorders send exits only; of older captures the reader passes on the few enter events whose
//! strings cannot have been changed by another thread during the call, or that have what an old exit lacks.

use capture::event::{Event, EventType, Params};

use super::update::Update;

/// A copy of an enter event.
#[derive(Debug)]
pub(super) struct EnterEvent {
    ty: EventType,
    ends: Box<[u32]>,
    data: Box<[u8]>,
}

impl EnterEvent {
    /// The event; only its type and parameters are meaningful.
    pub fn event(&self) -> Event<'_> {
        Event {
            ts_ns: 0,
            tid: 0,
            ty: self.ty,
            cpu: 0,
            state_only: true,
            params: Params::new(&self.ends, &self.data).unwrap_or(Params::EMPTY),
        }
    }
}

/// Remembers an enter event of the thread. Those of calls with a path are of no use without it.
pub(super) fn store(update: &mut Update<'_>) {
    let event = update.event;
    let needs_value = !matches!(event.ty, EventType::EXECVEAT_E | EventType::CONNECT_E);
    if needs_value && event.bytes_at(0).is_none() {
        return;
    }
    let Some(index) = update.thread else { return };
    update.state.threads.recent_mut(index).stored = Some(Box::new(EnterEvent {
        ty: event.ty,
        ends: event.params.ends().into(),
        data: event.params.data().into(),
    }));
}

/// Takes the enter event of the call that ends with this event.
pub(super) fn take(update: &mut Update<'_>) -> Option<Box<EnterEvent>> {
    if !update.enter_matches {
        return None;
    }
    let exit = update.event.ty;
    let stored = &mut update.state.threads.recent_mut(update.thread?).stored;
    let ty = stored.as_ref()?.ty;
    let is_exec = exit == EventType::EXECVE_19_X && ty == EventType::EXECVEAT_E;
    if is_exec || ty.0 + 1 == exit.0 { stored.take() } else { None }
}
