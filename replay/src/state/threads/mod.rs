//! The table of threads: what is known about each, found by id.

mod ancestors;
mod hints;
mod relations;

use std::num::NonZeroU32;
use std::sync::Arc;

use hashbrown::HashMap;

pub use ancestors::Ancestors;
use hints::Hints;

use crate::state::fd::FdInfo;
use crate::state::fd_table::FdTable;
use crate::state::thread::ThreadInfo;
use crate::state::update::Recent;
use crate::text::Text;

/// Most threads kept, the limit of the reference implementation. Further ones are not recorded.
pub const THREADS_MAX: usize = 262_144;

/// Longest chain of ancestors that is followed. Real chains are a few dozen long; a capture made to be slow
/// could have one through the whole table.
pub const ANCESTORS_MAX: usize = 10_000;

/// Most descriptors kept over all threads. A fork that would exceed it starts without descriptors.
pub const FDS_MAX: usize = 8 << 20;

/// Place of a thread in the table; valid until the thread is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::state) struct ThreadIndex(NonZeroU32);

impl ThreadIndex {
    fn new(slot: usize) -> Option<Self> {
        NonZeroU32::new(u32::try_from(slot).ok()?.checked_add(1)?).map(ThreadIndex)
    }

    #[inline]
    pub(in crate::state) fn slot(self) -> usize {
        (self.0.get() - 1) as usize
    }
}

/// A place that knows whether it was reused, for lists that are cleaned late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::state) struct Handle {
    index: ThreadIndex,
    generation: u32,
}

/// All threads by id, their process groups of threads and their parents.
#[derive(Debug, Default)]
pub struct ThreadTable {
    ids: HashMap<i64, ThreadIndex, foldhash::fast::FixedState>,
    slots: Vec<Slot>,
    free: Vec<ThreadIndex>,
    /// Threads of a process by process id.
    groups: HashMap<i64, Group, foldhash::fast::FixedState>,
    /// Descriptors over all threads.
    fd_count: usize,
    dropped: Dropped,
    /// Threads that were removed.
    removals: u64,
    hints: Hints,
}

/// What was not recorded because a table was full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Threads.
    pub threads: u64,
    /// Descriptors.
    pub fds: u64,
}

/// A place for a thread. Begins with what every event looks at, in as few cache lines as that takes.
#[repr(C, align(64))]
#[derive(Debug, Default)]
struct Slot {
    recent: Recent,
    thread: Option<ThreadInfo>,
    generation: u32,
    relations: Relations,
}

/// What the table knows about a thread besides facts.
#[derive(Debug, Default)]
struct Relations {
    /// The thread was put into the group of its process.
    grouped: bool,
    /// Children, the most recent one last.
    children: Vec<Handle>,
    /// How many of them were not removed since; the list may hold more.
    live_children: usize,
}

/// The threads of one process.
#[derive(Debug)]
struct Group {
    /// Members; the main thread, if there is one, first.
    members: Vec<Handle>,
    /// Members that did not exit.
    alive: usize,
    /// Orphans below this process are given to it: an init process or a child subreaper.
    reaper: bool,
}

impl ThreadTable {
    /// The thread, if known. Lookups never create one.
    #[inline]
    pub fn get(&self, tid: i64) -> Option<&ThreadInfo> {
        self.info(self.index_of(tid)?)
    }

    /// All threads, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &ThreadInfo> {
        self.slots.iter().filter_map(|slot| slot.thread.as_ref())
    }

    /// How many threads there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// What was not recorded because a table was full.
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// Descriptors over all threads. Those that a thread and its copy have count twice.
    pub fn fd_count(&self) -> usize {
        self.fd_count
    }

    /// The main thread of the process a thread belongs to, if it is known.
    pub fn main_of<'a>(&'a self, thread: &'a ThreadInfo) -> Option<&'a ThreadInfo> {
        if thread.is_main() {
            return Some(thread);
        }
        self.info(self.main_index_of(self.index_of(thread.tid)?)?)
    }

    /// The main thread of the parent process.
    pub fn parent_of<'a>(&'a self, thread: &'a ThreadInfo) -> Option<&'a ThreadInfo> {
        self.ancestor(thread, 1)
    }

    /// The main thread `n` processes up; 0 is the thread's own.
    pub fn ancestor<'a>(&'a self, thread: &'a ThreadInfo, n: usize) -> Option<&'a ThreadInfo> {
        let mut at = self.main_of(thread)?;
        // A longer way would only go round in a loop; where it ends is then not defined.
        for _ in 0..n.min(ANCESTORS_MAX) {
            at = self.main_of(self.get(at.ptid)?)?;
        }
        Some(at)
    }

    /// The table that holds a thread's descriptors: its own, or that of its main thread.
    #[inline]
    pub fn fds_of<'a>(&'a self, thread: &'a ThreadInfo) -> Option<&'a FdTable> {
        if thread.owns_fds() { Some(&thread.fds) } else { Some(&self.main_of(thread)?.fds) }
    }

    /// A descriptor of a thread.
    #[inline]
    pub fn fd_of<'a>(&'a self, thread: &'a ThreadInfo, fd: i64) -> Option<&'a FdInfo> {
        self.fds_of(thread)?.get(fd)
    }

    /// Working directory of a thread's process with a trailing `/`; `./` when the main thread is not known.
    pub fn cwd_of<'a>(&'a self, thread: &'a ThreadInfo) -> &'a [u8] {
        self.main_of(thread).map_or(b"./", |main| &main.cwd)
    }

    /// Environment of a thread's process.
    pub fn env_of<'a>(&'a self, thread: &'a ThreadInfo) -> &'a Text {
        &self.main_of(thread).unwrap_or(thread).env
    }

    /// Threads of the process that did not exit, with or without the main thread.
    pub fn thread_count_of(&self, thread: &ThreadInfo) -> usize {
        self.group_of(thread).map_or(0, |group| group.alive)
    }

    /// Threads of the process that did not exit, without the main thread.
    pub fn child_thread_count_of(&self, thread: &ThreadInfo) -> usize {
        let alive = self.thread_count_of(thread);
        match self.main_of(thread) {
            Some(main) if !main.is_dead() && alive > 0 => alive - 1,
            _ => alive,
        }
    }

    /// Whether a thread is a process of its own that has had no other thread lately.
    pub(in crate::state) fn is_alone(&self, index: ThreadIndex) -> bool {
        let Some(thread) = self.info(index).filter(|thread| thread.tid == thread.pid) else { return false };
        let is_only = |group: &Group| group.alive == 1 && group.members == [self.handle(index)];
        self.group_of(thread).is_some_and(is_only)
    }

    fn group_of(&self, thread: &ThreadInfo) -> Option<&Group> {
        let slot = &self.slots[self.index_of(thread.tid)?.slot()];
        if slot.relations.grouped { self.groups.get(&thread.pid) } else { None }
    }
}

/// The part that state uses to change the table.
impl ThreadTable {
    #[inline]
    pub(in crate::state) fn index_of(&self, tid: i64) -> Option<ThreadIndex> {
        self.ids.get(&tid).copied()
    }

    #[inline]
    pub(in crate::state) fn info(&self, index: ThreadIndex) -> Option<&ThreadInfo> {
        self.slots.get(index.slot())?.thread.as_ref()
    }

    #[inline]
    pub(in crate::state) fn info_mut(&mut self, index: ThreadIndex) -> Option<&mut ThreadInfo> {
        self.slots.get_mut(index.slot())?.thread.as_mut()
    }

    /// Facts about a thread, and what is remembered of its last event.
    #[inline]
    pub(in crate::state) fn parts_mut(
        &mut self,
        index: ThreadIndex,
    ) -> Option<(&mut ThreadInfo, &mut Recent)> {
        let slot = self.slots.get_mut(index.slot())?;
        Some((slot.thread.as_mut()?, &mut slot.recent))
    }

    #[inline]
    pub(in crate::state) fn recent(&self, index: ThreadIndex) -> &Recent {
        &self.slots[index.slot()].recent
    }

    #[inline]
    pub(in crate::state) fn recent_mut(&mut self, index: ThreadIndex) -> &mut Recent {
        &mut self.slots[index.slot()].recent
    }

    /// The table with the descriptors of a thread.
    #[inline(always)]
    pub(in crate::state) fn fds(&self, index: ThreadIndex) -> Option<&FdTable> {
        let thread = self.info(index)?;
        if thread.owns_fds() { Some(&thread.fds) } else { Some(&self.info(self.main_index_of(index)?)?.fds) }
    }

    /// A descriptor of a thread for a change.
    pub(in crate::state) fn fd_mut(&mut self, index: ThreadIndex, fd: i64) -> Option<&mut FdInfo> {
        let owner = self.fds_index_of(index)?;
        self.info_mut(owner)?.fds.get_mut(fd)
    }

    /// Changes which descriptors a thread has.
    pub(in crate::state) fn change_fds<R>(
        &mut self,
        index: ThreadIndex,
        change: impl FnOnce(&mut FdTable) -> R,
    ) -> Option<R> {
        let owner = self.fds_index_of(index)?;
        let fds = &mut self.info_mut(owner)?.fds;
        let before = fds.len();
        let result = change(fds);
        let after = fds.len();
        self.fd_count = self.fd_count + after - before;
        Some(result)
    }

    /// The descriptors of a thread for the process it forked.
    pub(in crate::state) fn share_fds(&mut self, index: ThreadIndex) -> Option<FdTable> {
        self.change_fds(index, FdTable::share)
    }

    /// Adds or replaces a descriptor. Returns false when a table is full, `None` when the thread has none.
    pub(in crate::state) fn insert_fd(
        &mut self,
        index: ThreadIndex,
        fd: i64,
        info: Arc<FdInfo>,
    ) -> Option<bool> {
        let is_full = self.fd_count >= FDS_MAX;
        let added =
            self.change_fds(index, |fds| (!is_full || fds.get(fd).is_some()) && fds.insert(fd, info))?;
        self.dropped.fds += u64::from(!added);
        Some(added)
    }

    /// Adds a listed descriptor to the thread's own table.
    pub(in crate::state) fn insert_listed_fd(&mut self, index: ThreadIndex, fd: i64, info: FdInfo) {
        let is_full = self.fd_count >= FDS_MAX;
        let Some(thread) = self.info_mut(index) else { return };
        let is_new = thread.fds.get(fd).is_none();
        let added = !(is_full && is_new) && thread.fds.insert(fd, info.into());
        self.fd_count += usize::from(added && is_new);
        self.dropped.fds += u64::from(!added);
    }

    /// How often a thread was removed.
    #[inline]
    pub(in crate::state) fn removals(&self) -> u64 {
        self.removals
    }

    /// Places of all threads, in order.
    pub(in crate::state) fn indices(&self) -> impl Iterator<Item = ThreadIndex> {
        let taken = self.slots.iter().enumerate().filter(|(_, slot)| slot.thread.is_some());
        taken.filter_map(|(slot, _)| ThreadIndex::new(slot))
    }

    /// A thread, to be found again unless it was removed.
    pub(in crate::state) fn handle(&self, index: ThreadIndex) -> Handle {
        Handle { index, generation: self.slots[index.slot()].generation }
    }

    /// The place of a thread that was not removed.
    pub(in crate::state) fn index_of_handle(&self, handle: Handle) -> Option<ThreadIndex> {
        self.resolve(handle).map(|_| handle.index)
    }

    fn resolve(&self, handle: Handle) -> Option<&ThreadInfo> {
        let slot = &self.slots[handle.index.slot()];
        if slot.generation == handle.generation { slot.thread.as_ref() } else { None }
    }

    /// Place of the main thread of the process.
    pub(in crate::state) fn main_index_of(&self, index: ThreadIndex) -> Option<ThreadIndex> {
        let slot = &self.slots[index.slot()];
        let thread = slot.thread.as_ref()?;
        if thread.is_main() {
            return Some(index);
        }
        if !slot.relations.grouped {
            return None;
        }
        let first = *self.groups.get(&thread.pid)?.members.first()?;
        self.resolve(first)?.is_main().then_some(first.index)
    }

    /// Place of the thread whose table holds the descriptors.
    #[inline(always)]
    pub(in crate::state) fn fds_index_of(&self, index: ThreadIndex) -> Option<ThreadIndex> {
        if self.info(index)?.owns_fds() { Some(index) } else { self.main_index_of(index) }
    }

    /// Adds a thread, replacing one with the same id. `None` when the table is full.
    pub(in crate::state) fn insert(&mut self, mut thread: ThreadInfo) -> Option<ThreadIndex> {
        let tid = thread.tid;
        if let Some(old) = self.index_of(tid) {
            self.release(tid, old);
        } else if self.ids.len() >= THREADS_MAX {
            self.dropped.threads += 1;
            return None;
        }
        if self.fd_count + thread.fds.len() > FDS_MAX {
            self.dropped.fds += thread.fds.len() as u64;
            thread.fds = FdTable::default();
        }
        self.fd_count += thread.fds.len();
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                let index = ThreadIndex::new(self.slots.len())?;
                self.slots.push(Slot::default());
                index
            }
        };
        self.slots[index.slot()].thread = Some(thread);
        self.ids.insert(tid, index);
        Some(index)
    }

    /// Frees a place; handles to it become stale.
    fn release(&mut self, tid: i64, index: ThreadIndex) {
        let slot = &mut self.slots[index.slot()];
        if let Some(thread) = slot.thread.take() {
            self.fd_count -= thread.fds.len();
        }
        slot.relations = Relations::default();
        slot.recent = Recent::default();
        slot.generation = slot.generation.wrapping_add(1);
        self.removals += 1;
        self.ids.remove(&tid);
        self.hints.forget(tid);
        self.free.push(index);
    }
}
