//! Where threads were found lately.
//!
//! A few threads make most events, in turn, so that their ids need not be hashed each time.

use std::fmt;

use super::{ThreadIndex, ThreadTable};

const HINTS: usize = 128;

/// Places of threads by the lowest bits of their ids.
pub(super) struct Hints([Hint; HINTS]);

#[derive(Clone, Copy, Default)]
struct Hint {
    tid: i64,
    index: Option<ThreadIndex>,
}

impl Default for Hints {
    fn default() -> Self {
        Hints([Hint::default(); HINTS])
    }
}

impl Hints {
    /// A thread was removed.
    pub fn forget(&mut self, tid: i64) {
        let hint = &mut self.0[place_of(tid)];
        if hint.tid == tid {
            hint.index = None;
        }
    }
}

impl fmt::Debug for Hints {
    // Says nothing of the threads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hints").finish_non_exhaustive()
    }
}

fn place_of(tid: i64) -> usize {
    tid as usize % HINTS
}

impl ThreadTable {
    /// As [`ThreadTable::index_of`], for the threads of events.
    #[inline]
    pub(in crate::state) fn find(&mut self, tid: i64) -> Option<ThreadIndex> {
        let hinted = self.hinted(tid);
        if hinted.is_some() {
            return hinted;
        }
        let found = self.index_of(tid);
        self.hints.0[place_of(tid)] = Hint { tid, index: found };
        found
    }

    /// Place of a thread that was found lately.
    #[inline(always)]
    pub(in crate::state) fn hinted(&self, tid: i64) -> Option<ThreadIndex> {
        let hint = self.hints.0[place_of(tid)];
        if hint.tid == tid { hint.index } else { None }
    }
}
