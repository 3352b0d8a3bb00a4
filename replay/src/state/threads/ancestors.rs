//! Ways up from a thread: its ancestors, and the leaders of its session and process groups.

use super::{ANCESTORS_MAX, ThreadTable};
use crate::state::thread::ThreadInfo;

impl ThreadTable {
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
