//! The table of threads and the relations between them: processes, parents, groups.

use hashbrown::HashMap;

use super::fd::FdInfo;
use super::fd_table::FdTable;
use super::thread::ThreadInfo;
use super::update::Recent;
use crate::text::Text;

/// Most threads kept, the limit of the reference implementation. Further ones are not recorded.
pub const THREADS_MAX: usize = 262_144;

/// Longest chain of ancestors that is followed. Real chains are a few dozen long; a capture made to be slow
/// could have one through the whole table.
pub const ANCESTORS_MAX: usize = 10_000;

/// A list of children is cleaned when this many of them are gone.
const GONE_CHILDREN_MAX: usize = 10;
/// A list of group members is cleaned when this many of them are dead.
const DEAD_MEMBERS_MAX: usize = 11;

/// Place of a thread in the table; valid until the thread is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ThreadIndex(u32);

/// A place that knows whether it was reused, for lists that are cleaned late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Handle {
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
    /// Threads that were not recorded because the table was full.
    dropped_count: u64,
}

#[derive(Debug, Default)]
struct Slot {
    generation: u32,
    thread: Option<ThreadInfo>,
    relations: Relations,
    recent: Recent,
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

    /// How many threads there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Threads that were not recorded because the table was full.
    pub fn dropped_count(&self) -> u64 {
        self.dropped_count
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

    /// The parent, its parent and so on, without the thread itself. Ends where a loop is found.
    pub fn ancestors(&self, thread: &ThreadInfo) -> Ancestors<'_> {
        let slow = self.get(thread.ptid);
        let fast = slow.and_then(|parent| self.get(parent.ptid));
        Ancestors { table: self, slow, fast, left: ANCESTORS_MAX }
    }

    /// Leader of the thread's session.
    pub fn session_leader(&self, thread: &ThreadInfo) -> Option<&ThreadInfo> {
        self.leader(thread, |t| t.sid, true)
    }

    /// Leader of the thread's process group, found by the id in its pid namespace.
    pub fn vpgid_leader(&self, thread: &ThreadInfo) -> Option<&ThreadInfo> {
        self.leader(thread, |t| t.vpgid, true)
    }

    /// Leader of the thread's process group.
    pub fn pgid_leader(&self, thread: &ThreadInfo) -> Option<&ThreadInfo> {
        self.leader(thread, |t| t.pgid, false)
    }

    /// The thread whose id is the value of `id`, else the oldest ancestor in an unbroken line that has the
    /// same value. Ids of a pid namespace are not looked up in the table, whose ids are the host's.
    fn leader(
        &self,
        thread: &ThreadInfo,
        id: impl Fn(&ThreadInfo) -> i64,
        in_namespace: bool,
    ) -> Option<&ThreadInfo> {
        let wanted = id(thread);
        if wanted == -1 {
            return None;
        }
        if !(in_namespace && thread.is_in_pid_namespace())
            && let Some(leader) = self.get(wanted)
        {
            return Some(leader);
        }
        self.ancestors(thread).take_while(|ancestor| id(ancestor) == wanted).last()
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

    fn group_of(&self, thread: &ThreadInfo) -> Option<&Group> {
        let slot = &self.slots[self.index_of(thread.tid)?.0 as usize];
        if slot.relations.grouped { self.groups.get(&thread.pid) } else { None }
    }
}

/// The part that state uses to change the table.
impl ThreadTable {
    #[inline]
    pub(super) fn index_of(&self, tid: i64) -> Option<ThreadIndex> {
        self.ids.get(&tid).copied()
    }

    #[inline]
    pub(super) fn info(&self, index: ThreadIndex) -> Option<&ThreadInfo> {
        self.slots.get(index.0 as usize)?.thread.as_ref()
    }

    #[inline]
    pub(super) fn info_mut(&mut self, index: ThreadIndex) -> Option<&mut ThreadInfo> {
        self.slots.get_mut(index.0 as usize)?.thread.as_mut()
    }

    /// Facts about a thread, and what is remembered of its last event.
    #[inline]
    pub(super) fn parts_mut(&mut self, index: ThreadIndex) -> Option<(&mut ThreadInfo, &mut Recent)> {
        let slot = self.slots.get_mut(index.0 as usize)?;
        Some((slot.thread.as_mut()?, &mut slot.recent))
    }

    #[inline]
    pub(super) fn recent(&self, index: ThreadIndex) -> &Recent {
        &self.slots[index.0 as usize].recent
    }

    #[inline]
    pub(super) fn recent_mut(&mut self, index: ThreadIndex) -> &mut Recent {
        &mut self.slots[index.0 as usize].recent
    }

    /// The table with the descriptors of a thread.
    #[inline]
    pub(super) fn fds(&self, index: ThreadIndex) -> Option<&FdTable> {
        Some(&self.info(self.fds_index_of(index)?)?.fds)
    }

    pub(super) fn fds_mut(&mut self, index: ThreadIndex) -> Option<&mut FdTable> {
        let owner = self.fds_index_of(index)?;
        Some(&mut self.info_mut(owner)?.fds)
    }

    /// Places of all threads, in order.
    pub(super) fn indices(&self) -> impl Iterator<Item = ThreadIndex> {
        let taken = self.slots.iter().enumerate().filter(|(_, slot)| slot.thread.is_some());
        taken.map(|(at, _)| ThreadIndex(at as u32))
    }

    fn handle(&self, index: ThreadIndex) -> Handle {
        Handle { index, generation: self.slots[index.0 as usize].generation }
    }

    fn resolve(&self, handle: Handle) -> Option<&ThreadInfo> {
        let slot = &self.slots[handle.index.0 as usize];
        if slot.generation == handle.generation { slot.thread.as_ref() } else { None }
    }

    /// Place of the main thread of the process.
    #[inline]
    pub(super) fn main_index_of(&self, index: ThreadIndex) -> Option<ThreadIndex> {
        let slot = &self.slots[index.0 as usize];
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
    #[inline]
    pub(super) fn fds_index_of(&self, index: ThreadIndex) -> Option<ThreadIndex> {
        if self.info(index)?.owns_fds() { Some(index) } else { self.main_index_of(index) }
    }

    /// Adds a thread, replacing one with the same id. `None` when the table is full.
    pub(super) fn insert(&mut self, thread: ThreadInfo) -> Option<ThreadIndex> {
        let tid = thread.tid;
        if let Some(old) = self.index_of(tid) {
            self.release(tid, old);
        } else if self.ids.len() >= THREADS_MAX {
            self.dropped_count += 1;
            return None;
        }
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                let index = ThreadIndex(u32::try_from(self.slots.len()).ok()?);
                self.slots.push(Slot::default());
                index
            }
        };
        self.slots[index.0 as usize].thread = Some(thread);
        self.ids.insert(tid, index);
        Some(index)
    }

    /// Frees a place; handles to it become stale.
    fn release(&mut self, tid: i64, index: ThreadIndex) {
        let slot = &mut self.slots[index.0 as usize];
        slot.thread = None;
        slot.relations = Relations::default();
        slot.recent = Recent::default();
        slot.generation = slot.generation.wrapping_add(1);
        self.ids.remove(&tid);
        self.free.push(index);
    }

    /// Puts a thread into its process and gives it to its parent. Nothing happens for placeholders and for
    /// threads that were related before. A thread whose parent is not known gets parent 0.
    pub(super) fn relate(&mut self, index: ThreadIndex) {
        let slot = &self.slots[index.0 as usize];
        let Some(thread) = slot.thread.as_ref() else { return };
        if thread.is_placeholder() || slot.relations.grouped {
            return;
        }
        let (pid, ptid, is_main) = (thread.pid, thread.ptid, thread.is_main());
        let is_init = pid == 1 || thread.vpid == 1;
        let handle = self.handle(index);
        match self.groups.entry(pid) {
            hashbrown::hash_map::Entry::Vacant(entry) => {
                entry.insert(Group { members: vec![handle], alive: 1, reaper: is_init });
            }
            hashbrown::hash_map::Entry::Occupied(mut entry) => {
                let group = entry.get_mut();
                let at = if is_main { 0 } else { group.members.len() };
                group.members.insert(at, handle);
                group.alive += 1;
            }
        }
        self.slots[index.0 as usize].relations.grouped = true;
        if pid == 1 {
            return;
        }
        match self.index_of(ptid) {
            // A thread is not its own parent, whatever the event says.
            Some(parent)
                if parent != index && self.info(parent).is_some_and(|parent| !parent.is_placeholder()) =>
            {
                self.add_child(parent, handle);
            }
            _ => {
                if let Some(thread) = self.info_mut(index) {
                    thread.ptid = 0;
                }
            }
        }
    }

    fn add_child(&mut self, parent: ThreadIndex, child: Handle) {
        let Some(ptid) = self.info(parent).map(|parent| parent.tid) else { return };
        let relations = &mut self.slots[parent.0 as usize].relations;
        relations.children.push(child);
        relations.live_children += 1;
        if let Some(child) = self.info_mut(child.index) {
            child.ptid = ptid;
        }
    }

    /// Whether the thread's list of children is not empty.
    pub(super) fn has_children(&self, index: ThreadIndex) -> bool {
        !self.slots[index.0 as usize].relations.children.is_empty()
    }

    /// Marks a process as one that gets orphans, or not.
    pub(super) fn set_reaper(&mut self, index: ThreadIndex, reaper: bool) {
        if self.slots[index.0 as usize].relations.grouped
            && let Some(pid) = self.info(index).map(|thread| thread.pid)
            && let Some(group) = self.groups.get_mut(&pid)
        {
            group.reaper = reaper;
        }
    }

    /// Counts a thread out of its process; it stays in the table.
    pub(super) fn mark_dead(&mut self, index: ThreadIndex) {
        let grouped = self.slots[index.0 as usize].relations.grouped;
        let Some(thread) = self.info_mut(index) else { return };
        if thread.is_dead() {
            return;
        }
        thread.flags |= super::thread::flag::CLOSED;
        let pid = thread.pid;
        if !grouped {
            return;
        }
        let Some(group) = self.groups.get_mut(&pid) else { return };
        group.alive = group.alive.saturating_sub(1);
        if group.members.len() - group.alive.min(group.members.len()) >= DEAD_MEMBERS_MAX {
            let slots = &self.slots;
            group.members.retain(|member| slots[member.index.0 as usize].generation == member.generation);
        }
    }

    /// Counts a dead thread in again: it executed a program in place of the main thread.
    pub(super) fn resurrect(&mut self, index: ThreadIndex) {
        let grouped = self.slots[index.0 as usize].relations.grouped;
        let Some(thread) = self.info_mut(index) else { return };
        if !thread.is_dead() {
            return;
        }
        thread.flags &= !super::thread::flag::CLOSED;
        let pid = thread.pid;
        if grouped && let Some(group) = self.groups.get_mut(&pid) {
            group.alive += 1;
        }
    }

    /// Ids of the other threads of a process that are not main threads.
    pub(super) fn siblings(&self, index: ThreadIndex) -> Vec<i64> {
        let Some(thread) = self.info(index) else { return Vec::new() };
        let Some(group) = self.group_of(thread).filter(|group| group.alive > 1) else { return Vec::new() };
        let members = group.members.iter().filter_map(|member| self.resolve(*member));
        members.filter(|other| !other.is_main() && other.tid != thread.tid).map(|other| other.tid).collect()
    }

    /// Removes a thread: its children go to the reaper, and with the last thread of a process goes the main
    /// thread, which is kept that long because it owns the descriptors.
    pub(super) fn remove(&mut self, tid: i64) {
        let Some(index) = self.index_of(tid) else { return };
        let grouped = self.slots[index.0 as usize].relations.grouped;
        let Some(thread) = self.info(index) else { return };
        let (pid, ptid, is_main) = (thread.pid, thread.ptid, thread.is_main());
        if thread.is_placeholder() || !grouped {
            self.forget_child(ptid);
            self.release(tid, index);
            return;
        }
        self.mark_dead(index);
        if self.has_children(index) {
            self.reparent_children(index);
        }
        if self.groups.get(&pid).is_none_or(|group| group.alive == 0) {
            self.forget_child(ptid);
            self.groups.remove(&pid);
            if let Some(main) = self.index_of(pid) {
                self.release(pid, main);
            }
        }
        if !is_main {
            self.forget_child(ptid);
            if self.index_of(tid) == Some(index) {
                self.release(tid, index);
            }
        }
    }

    /// A child of `ptid` is gone; its list is cleaned now and then.
    fn forget_child(&mut self, ptid: i64) {
        let Some(parent) = self.index_of(ptid) else { return };
        let mut children = std::mem::take(&mut self.slots[parent.0 as usize].relations.children);
        let live = self.slots[parent.0 as usize].relations.live_children.saturating_sub(1);
        if children.len().saturating_sub(live) >= GONE_CHILDREN_MAX {
            children.retain(|child| self.resolve(*child).is_some());
        }
        let relations = &mut self.slots[parent.0 as usize].relations;
        relations.children = children;
        relations.live_children = live;
    }

    fn reparent_children(&mut self, index: ThreadIndex) {
        let Some(thread) = self.info(index) else { return };
        let (pid, named) = (thread.pid, thread.reaper_tid);
        let named = if named > 0 { self.index_of(named) } else { None };
        let reaper = named
            .filter(|reaper| self.info(*reaper).is_some_and(|reaper| !reaper.is_placeholder()))
            .filter(|reaper| *reaper != index)
            .or_else(|| self.find_reaper(index));
        if let Some(reaper) = reaper
            && self.info(reaper).is_some_and(|reaper| reaper.pid != pid)
        {
            self.set_reaper(reaper, true);
        }
        let relations = &mut self.slots[index.0 as usize].relations;
        relations.live_children = 0;
        let children = std::mem::take(&mut relations.children);
        for child in children.into_iter().rev() {
            if self.resolve(child).is_none() {
                continue;
            }
            match reaper {
                Some(reaper) => self.add_child(reaper, child),
                None => {
                    if let Some(child) = self.info_mut(child.index) {
                        child.ptid = 0;
                    }
                }
            }
        }
    }

    /// Who inherits the children of a thread, as the kernel chooses: a live thread of the process, else the
    /// closest ancestor process in the same pid namespace that is a reaper.
    fn find_reaper(&self, index: ThreadIndex) -> Option<ThreadIndex> {
        let thread = self.info(index)?;
        if let Some(group) = self.group_of(thread).filter(|group| group.alive > 0)
            && let Some(found) = self.first_alive(group, Some(index))
        {
            return Some(found);
        }
        let mut at = self.get(thread.ptid);
        for _ in 0..ANCESTORS_MAX {
            let parent = at.filter(|parent| parent.tid != thread.tid)?;
            if parent.is_in_pid_namespace() != thread.is_in_pid_namespace() {
                return None;
            }
            if let Some(group) = self.group_of(parent).filter(|group| group.reaper && group.alive > 0)
                && let Some(found) = self.first_alive(group, None)
            {
                return Some(found);
            }
            at = self.get(parent.ptid);
        }
        None
    }

    fn first_alive(&self, group: &Group, except: Option<ThreadIndex>) -> Option<ThreadIndex> {
        let mut members = group.members.iter().filter(|member| Some(member.index) != except);
        let found = members.find(|member| self.resolve(**member).is_some_and(|thread| !thread.is_dead()))?;
        Some(found.index)
    }
}

/// Iterator over ancestors, see [`ThreadTable::ancestors`].
#[derive(Clone, Debug)]
pub struct Ancestors<'a> {
    table: &'a ThreadTable,
    slow: Option<&'a ThreadInfo>,
    /// Runs ahead two steps at a time; when it meets `slow` there is a loop.
    fast: Option<&'a ThreadInfo>,
    left: usize,
}

impl<'a> Iterator for Ancestors<'a> {
    type Item = &'a ThreadInfo;

    fn next(&mut self) -> Option<&'a ThreadInfo> {
        let found = self.slow.filter(|thread| thread.tid != -1)?;
        let parent = |thread: &'a ThreadInfo| self.table.get(thread.ptid);
        self.left -= 1;
        self.slow = if self.left == 0 { None } else { parent(found) };
        for _ in 0..2 {
            self.fast = self.fast.and_then(parent);
            if let Some(slow) = self.slow
                && (self.fast.is_some_and(|fast| std::ptr::eq(slow, fast)) || slow.tid == slow.ptid)
            {
                self.slow = None;
                break;
            }
        }
        Some(found)
    }
}
