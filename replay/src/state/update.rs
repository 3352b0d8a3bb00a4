//! One event on its way into the tables: which thread and descriptor it is about, and what it changes.

use std::sync::Arc;

use capture::event::{Direction, Event, EventType};

use super::enter::EnterEvent;
use super::fd::FdInfo;
use super::plan::{Plan, ThreadPlan};
use super::thread::{ThreadInfo, flag};
use super::threads::ThreadIndex;
use super::{Applied, Effect, State};
use crate::text::Text;

/// What is remembered of a thread from one event to the next, to tell what the next one is about.
#[derive(Debug)]
pub(super) struct Recent {
    /// The descriptor of the last event, or -1.
    pub fd: i64,
    /// Type of the last enter event.
    pub enter: Option<EventType>,
    /// The last enter event, until the next exit event.
    pub stored: Option<Box<EnterEvent>>,
    /// User and system time in the last process information.
    pub cpu: Option<(u64, u64)>,
}

impl Default for Recent {
    fn default() -> Self {
        Recent { fd: -1, enter: None, stored: None, cpu: None }
    }
}

impl Recent {
    /// Notes an exit event of a thread that has had an enter event.
    #[inline(never)]
    fn note_after_enter(&mut self, event: &Event<'_>, fd_param: Option<u8>) {
        self.note(event, fd_param);
        self.stored = None;
    }

    /// Notes an event and the descriptor it is about. Returns whether its enter event was seen just before it.
    #[inline(always)]
    fn note(&mut self, event: &Event<'_>, fd_param: Option<u8>) -> bool {
        let mut enter_matches = false;
        match event.ty.direction() {
            Direction::Enter => {
                self.enter = Some(event.ty);
                self.fd = -1;
            }
            Direction::Exit => {
                enter_matches = is_pair(self.enter, event.ty);
                if !enter_matches {
                    self.fd = -1;
                }
            }
        }
        if self.fd == -1
            && let Some(fd) = fd_param.and_then(|at| event.i64_at(usize::from(at)))
        {
            self.fd = fd;
        }
        enter_matches
    }
}

/// One event that is being applied.
pub(super) struct Update<'u> {
    pub state: &'u mut State,
    pub event: &'u Event<'u>,
    pub thread: Option<ThreadIndex>,
    /// The event's enter event was seen just before it.
    pub enter_matches: bool,
    pub name_changed: bool,
    /// What comes out of it.
    pub applied: &'u mut Applied,
}

impl<'u> Update<'u> {
    #[inline(always)]
    pub fn new(state: &'u mut State, event: &'u Event<'u>, applied: &'u mut Applied) -> Self {
        Update { state, event, thread: None, enter_matches: false, name_changed: false, applied }
    }

    /// Finds the thread and the descriptor of the event.
    #[inline(always)]
    pub fn begin(&mut self) {
        let event = self.event;
        let plan = Plan::of(event.ty);
        self.thread = match plan.thread {
            ThreadPlan::None => return,
            ThreadPlan::Find | ThreadPlan::FindOnly => self.state.threads.find(event.tid),
            ThreadPlan::Make => {
                self.state.threads.find(event.tid).or_else(|| self.state.add_placeholder(event.tid))
            }
        };
        let (Some(index), false) = (self.thread, plan.thread == ThreadPlan::FindOnly) else {
            return;
        };
        let Some((thread, recent)) = self.state.threads.parts_mut(index) else { return };
        if plan.thread == ThreadPlan::Make {
            thread.flags |= flag::ACTIVE;
        }
        self.enter_matches = recent.note(event, plan.fd_param);
        let fd = recent.fd;
        if plan.uses_fd {
            self.applied.has_fd =
                fd >= 0 && self.state.threads.fds(index).is_some_and(|fds| fds.get(fd).is_some());
        }
    }

    /// Notes an exit in what is remembered of its thread. Returns where that is, and the descriptor's number.
    #[inline(always)]
    pub fn touch(state: &mut State, plan: Plan, event: &Event<'_>) -> Option<(ThreadIndex, i64)> {
        let index = state.threads.find(event.tid).or_else(|| state.add_placeholder(event.tid))?;
        let (thread, recent) = state.threads.parts_mut(index)?;
        thread.flags |= flag::ACTIVE;
        if recent.enter.is_none() {
            recent.fd = plan.fd_param.and_then(|at| event.i64_at(usize::from(at))).unwrap_or(-1);
        } else {
            recent.note_after_enter(event, plan.fd_param);
        }
        Some((index, recent.fd))
    }

    /// Completes the outcome.
    #[inline(always)]
    pub fn finish(self) {
        let applied = self.applied;
        applied.index = self.thread;
        applied.facts.fd_name_changed = self.name_changed && applied.has_fd;
        if let Some((thread, recent)) = self.thread.and_then(|index| self.state.threads.parts_mut(index)) {
            applied.tid = Some(thread.tid);
            applied.fd_num = recent.fd;
            if self.event.ty.direction() == Direction::Exit && recent.stored.is_some() {
                recent.stored = None;
            }
        }
    }

    /// What the call returned, where that is the first parameter.
    pub fn result(&self) -> Option<i64> {
        self.event.i64_at(0)
    }

    /// Whether the call succeeded, where that is told by the first parameter.
    pub fn succeeded(&self) -> bool {
        self.result().is_some_and(|result| result >= 0)
    }

    /// String parameter as the reference implementation reads it: a missing one is `<NA>`.
    pub fn text(&self, index: usize) -> &'u [u8] {
        text_at(self.event, index)
    }

    pub fn thread(&self) -> Option<&ThreadInfo> {
        self.state.threads.info(self.thread?)
    }

    pub fn thread_mut(&mut self) -> Option<&mut ThreadInfo> {
        self.state.threads.info_mut(self.thread?)
    }

    /// The main thread of the process.
    pub fn main_mut(&mut self) -> Option<&mut ThreadInfo> {
        let main = self.state.threads.main_index_of(self.thread?)?;
        self.state.threads.info_mut(main)
    }

    /// Number of the descriptor the event is about.
    pub fn fd_num(&self) -> i64 {
        self.thread.map_or(-1, |index| self.state.threads.recent(index).fd)
    }

    pub fn set_fd_num(&mut self, fd: i64) {
        if let Some(index) = self.thread {
            self.state.threads.recent_mut(index).fd = fd;
        }
    }

    /// The descriptor the event is about.
    pub fn fd(&self) -> Option<&FdInfo> {
        let index = self.thread.filter(|_| self.applied.has_fd)?;
        self.state.threads.fds(index)?.get(self.fd_num())
    }

    pub fn fd_mut(&mut self) -> Option<&mut FdInfo> {
        let index = self.thread.filter(|_| self.applied.has_fd)?;
        let fd = self.fd_num();
        self.state.threads.fd_mut(index, fd)
    }

    /// A known descriptor of the thread by number.
    pub fn fd_at(&self, fd: i64) -> Option<&FdInfo> {
        if fd < 0 { None } else { self.state.threads.fds(self.thread?)?.get(fd) }
    }

    /// Gives the event's descriptor another name.
    pub fn rename_fd(&mut self, name: Text) {
        let Some(fd) = self.fd_mut() else { return };
        self.name_changed |= fd.rename(name);
    }

    /// Adds a descriptor that the event made; the event is then about it.
    pub fn add_fd(&mut self, fd: i64, info: FdInfo) {
        let named = !info.name.is_empty();
        self.insert_fd(fd, Arc::new(info));
        self.name_changed = named;
    }

    /// Adds a copy of another descriptor; the event is then about it.
    pub fn add_duplicate(&mut self, fd: i64, info: FdInfo) {
        self.insert_fd(fd, Arc::new(info));
        self.name_changed = false;
    }

    fn insert_fd(&mut self, fd: i64, info: Arc<FdInfo>) {
        let Some(index) = self.thread else { return };
        // A thread whose main thread is not known has no table.
        let added = self.state.threads.insert_fd(index, fd, info);
        self.applied.has_fd = added == Some(true);
        if added.is_some() {
            self.set_fd_num(fd);
        }
    }

    /// Finds out anew which container the thread that made a successful call is in.
    pub fn find_container(&mut self) {
        if !self.succeeded() {
            return;
        }
        let Some(index) = self.state.threads.index_of(self.event.tid) else { return };
        let Some(thread) = self.state.threads.info_mut(index) else { return };
        thread.container_id = self.state.cgroups.container_of(&thread.cgroups, &mut self.state.containers);
    }

    /// Leaves a change for after the evaluation.
    pub fn later(&mut self, effect: Effect) {
        self.applied.effects.push(effect);
    }
}

/// String parameter as the reference implementation reads it: a missing one is `<NA>`.
pub(super) fn text_at<'a>(event: &Event<'a>, index: usize) -> &'a [u8] {
    match event.str_at(index) {
        None | Some(b"(NULL)") => b"<NA>",
        Some(text) => text,
    }
}

/// Whether `exit` belongs to the last enter event. A successful `execveat` ends as an `execve`.
fn is_pair(enter: Option<EventType>, exit: EventType) -> bool {
    match enter {
        Some(EventType::EXECVEAT_E) if exit == EventType::EXECVE_19_X => true,
        Some(enter) => enter.0 + 1 == exit.0,
        None => false,
    }
}
