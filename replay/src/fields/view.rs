//! What several extractors ask an event.

use capture::event::{Direction, Event, EventFlags, EventSource, EventType, ParamType};

use super::text_buf::TextBuf;
use crate::context::EventContext;
use crate::path;
use crate::state::{FdInfo, ThreadInfo};

/// What a text parameter without a value shows.
pub(super) const NOT_AVAILABLE: &[u8] = b"<NA>";

/// Directory descriptor that stands for the working directory.
pub(super) const AT_FDCWD: i64 = -100;

impl<'a> EventContext<'a> {
    /// Whether the event's type has any of these properties.
    #[inline]
    pub(super) fn has_flags(&self, flags: EventFlags) -> bool {
        self.event.ty.info().flags.intersects(flags)
    }

    /// What a system call returned. Only exits of calls that are recorded with parameters have it.
    pub(super) fn return_value(&self) -> Option<i64> {
        let event = self.event;
        let returns = event.ty.info().source == EventSource::Syscall
            && event.ty.direction() == Direction::Exit
            && event.ty != EventType::GENERIC_X
            && !event.params.is_empty();
        // A value of any other size counts as 0.
        returns.then(|| event.i64_at(0).or_else(|| event.i32_at(0).map(i64::from)).unwrap_or(0))
    }

    /// Index of the event's parameter of that name, if the event has it.
    pub(super) fn param_index(&self, name: &[u8]) -> Option<usize> {
        let params = self.event.ty.info().params;
        let index = params.iter().position(|param| param.name.as_bytes() == name)?;
        (index < self.event.params.len()).then_some(index)
    }

    /// A descriptor of the event's thread.
    pub(super) fn fd_of_thread(&self, fd: i64) -> Option<&'a FdInfo> {
        self.state.threads().fd_of(self.thread?, fd)
    }

    /// Container id of a thread; empty on the host.
    pub(super) fn container_id(&self) -> &'a [u8] {
        self.thread.map_or(b"", |thread| &thread.container_id)
    }

    /// Working directory with a slash at its end.
    pub(super) fn cwd(&self, thread: &'a ThreadInfo) -> &'a [u8] {
        self.state.threads().cwd_of(thread)
    }

    /// The directory that `path` is relative to when a call was given `dirfd` with it; `<UNKNOWN>` when that
    /// descriptor is not known.
    pub(super) fn directory(&self, dirfd: i64, path: &[u8]) -> &'a [u8] {
        if path.first() == Some(&b'/') {
            return b".";
        }
        let Some(thread) = self.thread else { return b"<UNKNOWN>" };
        if dirfd == AT_FDCWD {
            return self.cwd(thread);
        }
        match self.fd_of_thread(dirfd) {
            Some(fd) if fd.name.is_empty() => b"",
            Some(fd) => self.with_slash(&fd.name),
            None => b"<UNKNOWN>",
        }
    }

    /// `directory` with a slash at its end.
    pub(super) fn with_slash(&self, directory: &'a [u8]) -> &'a [u8] {
        if directory.last() == Some(&b'/') { directory } else { self.add_slash(directory) }
    }

    /// `directory` with one more slash at its end.
    pub(super) fn add_slash(&self, directory: &[u8]) -> &'a [u8] {
        let mut text = TextBuf::new(self.arena);
        text.push(directory);
        text.push_byte(b'/');
        text.finish()
    }

    /// `path` as seen from `directory`, normal.
    pub(super) fn join_path(&self, directory: &[u8], path: &[u8]) -> &'a [u8] {
        self.arena.alloc_slice_copy(&path::join(directory, path))
    }
}

/// A text parameter; `<NA>` when the recorder had no value.
pub(super) fn text_param<'a>(event: &Event<'a>, index: usize) -> &'a [u8] {
    match event.str_at(index) {
        None | Some(b"(NULL)") => NOT_AVAILABLE,
        Some(text) => text,
    }
}

/// Whether a type's numbers have a sign.
pub(super) fn is_signed(ty: ParamType) -> bool {
    use ParamType as T;
    matches!(ty, T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::Errno | T::Fd | T::Pid | T::Fd32 | T::Pid32)
}
