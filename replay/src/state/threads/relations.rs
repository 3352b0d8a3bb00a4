//! Relations between threads: the threads of a process, parents and children, and who inherits orphans.

use hashbrown::hash_map::Entry;

use super::{ANCESTORS_MAX, Group, Handle, ThreadIndex, ThreadTable};
use crate::state::thread::flag;

/// A list of children is cleaned when this many of them are gone.
const GONE_CHILDREN_MAX: usize = 10;
/// A list of group members is cleaned when this many of them are dead.
const DEAD_MEMBERS_MAX: usize = 11;

impl ThreadTable {
    /// Puts a thread into its process and gives it to its parent. Nothing happens for placeholders and for
    /// threads that were related before. A thread whose parent is not known gets parent 0.
    pub(in crate::state) fn relate(&mut self, index: ThreadIndex) {
        let slot = &self.slots[index.slot()];
        let Some(thread) = slot.thread.as_ref() else { return };
        if thread.is_placeholder() || slot.relations.grouped {
            return;
        }
        let (pid, ptid, is_main) = (thread.pid, thread.ptid, thread.is_main());
        let is_init = pid == 1 || thread.vpid == 1;
        let handle = self.handle(index);
        match self.groups.entry(pid) {
            Entry::Vacant(entry) => {
                entry.insert(Group { members: vec![handle], alive: 1, reaper: is_init });
            }
            Entry::Occupied(mut entry) => {
                let group = entry.get_mut();
                let at = if is_main { 0 } else { group.members.len() };
                group.members.insert(at, handle);
                group.alive += 1;
            }
        }
        self.slots[index.slot()].relations.grouped = true;
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
        let relations = &mut self.slots[parent.slot()].relations;
        relations.children.push(child);
        relations.live_children += 1;
        if let Some(child) = self.info_mut(child.index) {
            child.ptid = ptid;
        }
    }

    /// Whether the thread's list of children is not empty.
    pub(in crate::state) fn has_children(&self, index: ThreadIndex) -> bool {
        !self.slots[index.slot()].relations.children.is_empty()
    }

    /// Marks a process as one that gets orphans, or not.
    pub(in crate::state) fn set_reaper(&mut self, index: ThreadIndex, reaper: bool) {
        if self.slots[index.slot()].relations.grouped
            && let Some(pid) = self.info(index).map(|thread| thread.pid)
            && let Some(group) = self.groups.get_mut(&pid)
        {
            group.reaper = reaper;
        }
    }

    /// Counts a thread out of its process; it stays in the table.
    pub(in crate::state) fn mark_dead(&mut self, index: ThreadIndex) {
        let grouped = self.slots[index.slot()].relations.grouped;
        let Some(thread) = self.info_mut(index) else { return };
        if thread.is_dead() {
            return;
        }
        thread.flags |= flag::CLOSED;
        let pid = thread.pid;
        if !grouped {
            return;
        }
        let Some(group) = self.groups.get_mut(&pid) else { return };
        group.alive = group.alive.saturating_sub(1);
        if group.members.len() - group.alive.min(group.members.len()) >= DEAD_MEMBERS_MAX {
            let slots = &self.slots;
            group.members.retain(|member| slots[member.index.slot()].generation == member.generation);
        }
    }

    /// Counts a dead thread in again: it executed a program in place of the main thread.
    pub(in crate::state) fn resurrect(&mut self, index: ThreadIndex) {
        let grouped = self.slots[index.slot()].relations.grouped;
        let Some(thread) = self.info_mut(index) else { return };
        if !thread.is_dead() {
            return;
        }
        thread.flags &= !flag::CLOSED;
        let pid = thread.pid;
        if grouped && let Some(group) = self.groups.get_mut(&pid) {
            group.alive += 1;
        }
    }

    /// Ids of the other threads of a process that are not main threads.
    pub(in crate::state) fn siblings(&self, index: ThreadIndex) -> Vec<i64> {
        let Some(thread) = self.info(index) else { return Vec::new() };
        let Some(group) = self.group_of(thread).filter(|group| group.alive > 1) else { return Vec::new() };
        let members = group.members.iter().filter_map(|member| self.resolve(*member));
        members.filter(|other| !other.is_main() && other.tid != thread.tid).map(|other| other.tid).collect()
    }

    /// Removes a thread: its children go to the reaper, and with the last thread of a process goes the main
    /// thread, which is kept that long because it owns the descriptors.
    pub(in crate::state) fn remove(&mut self, tid: i64) {
        let Some(index) = self.index_of(tid) else { return };
        let grouped = self.slots[index.slot()].relations.grouped;
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
        let mut children = std::mem::take(&mut self.slots[parent.slot()].relations.children);
        let live = self.slots[parent.slot()].relations.live_children.saturating_sub(1);
        if children.len().saturating_sub(live) >= GONE_CHILDREN_MAX {
            children.retain(|child| self.resolve(*child).is_some());
        }
        let relations = &mut self.slots[parent.slot()].relations;
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
        let relations = &mut self.slots[index.slot()].relations;
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
