//! The descriptors of one process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::fd::FdInfo;

/// Most descriptors kept per process, the limit of the reference implementation. More are not recorded.
pub const FDS_PER_PROCESS_MAX: usize = 4096;

/// Numbers below this are looked up by position; processes rarely use higher ones.
const DENSE_FDS: usize = 1024;

/// Descriptors of one process by number. After a fork, two tables share everything until one of them changes; then the
/// pointers are copied, and an entry only when it changes itself.
#[derive(Clone)]
pub struct FdTable {
    entries: Entries,
}

impl fmt::Debug for FdTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Most tables are never shared or no longer, and looking whether an `Arc` is shared takes as long as the rest of a
/// change.
#[derive(Clone)]
enum Entries {
    Own(Inner),
    Shared(Arc<Inner>),
}

#[derive(Clone, Default)]
struct Inner {
    dense: Vec<Option<Arc<FdInfo>>>,
    sparse: BTreeMap<i64, Arc<FdInfo>>,
    len: usize,
}

impl Default for FdTable {
    fn default() -> Self {
        FdTable { entries: Entries::Own(Inner::default()) }
    }
}

impl FdTable {
    /// The descriptor, if known. Lookups have no side effects.
    #[inline]
    pub fn get(&self, fd: i64) -> Option<&FdInfo> {
        self.inner().get(fd).map(|info| &**info)
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.inner().len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All descriptors in ascending order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &FdInfo)> {
        self.inner().iter().map(|(fd, info)| (fd, &**info))
    }

    /// A copy for a process that was forked.
    pub(super) fn share(&mut self) -> FdTable {
        let shared = match &mut self.entries {
            Entries::Own(inner) => Arc::new(std::mem::take(inner)),
            Entries::Shared(shared) => shared.clone(),
        };
        self.entries = Entries::Shared(shared.clone());
        FdTable { entries: Entries::Shared(shared) }
    }

    /// The descriptor for a change.
    pub(super) fn get_mut(&mut self, fd: i64) -> Option<&mut FdInfo> {
        // Looked up first: a missing descriptor must not unshare the table.
        self.inner().get(fd)?;
        self.own().get_mut(fd).map(Arc::make_mut)
    }

    /// Adds or replaces a descriptor. Returns false when the table is full.
    pub(super) fn insert(&mut self, fd: i64, info: Arc<FdInfo>) -> bool {
        if self.len() >= FDS_PER_PROCESS_MAX && self.get(fd).is_none() {
            return false;
        }
        self.own().insert(fd, info);
        true
    }

    /// Forgets a descriptor.
    pub(super) fn remove(&mut self, fd: i64) {
        if self.get(fd).is_some() {
            self.own().remove(fd);
        }
    }

    /// Forgets those for which `keep` is false.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(i64, &FdInfo) -> bool) {
        let gone: Vec<i64> = self.iter().filter(|(fd, info)| !keep(*fd, info)).map(|(fd, _)| fd).collect();
        for fd in gone {
            self.remove(fd);
        }
    }

    /// Numbers of the descriptors for which `wanted` holds.
    pub(super) fn numbers(&self, mut wanted: impl FnMut(i64, &FdInfo) -> bool) -> Vec<i64> {
        self.iter().filter(|(fd, info)| wanted(*fd, info)).map(|(fd, _)| fd).collect()
    }

    #[inline]
    fn inner(&self) -> &Inner {
        match &self.entries {
            Entries::Own(inner) => inner,
            Entries::Shared(shared) => shared,
        }
    }

    /// The entries for a change, no longer shared.
    #[inline]
    fn own(&mut self) -> &mut Inner {
        if matches!(self.entries, Entries::Shared(_))
            && let Entries::Shared(shared) = std::mem::take(self).entries
        {
            self.entries = Entries::Own(Arc::unwrap_or_clone(shared));
        }
        match &mut self.entries {
            Entries::Own(inner) => inner,
            Entries::Shared(_) => unreachable!("just replaced"),
        }
    }
}

impl Inner {
    #[inline]
    fn get(&self, fd: i64) -> Option<&Arc<FdInfo>> {
        match usize::try_from(fd) {
            Ok(index) if index < DENSE_FDS => self.dense.get(index)?.as_ref(),
            _ => self.sparse.get(&fd),
        }
    }

    fn get_mut(&mut self, fd: i64) -> Option<&mut Arc<FdInfo>> {
        match usize::try_from(fd) {
            Ok(index) if index < DENSE_FDS => self.dense.get_mut(index)?.as_mut(),
            _ => self.sparse.get_mut(&fd),
        }
    }

    fn insert(&mut self, fd: i64, info: Arc<FdInfo>) {
        let old = match usize::try_from(fd) {
            Ok(index) if index < DENSE_FDS => {
                if self.dense.len() <= index {
                    self.dense.resize(index + 1, None);
                }
                self.dense[index].replace(info)
            }
            _ => self.sparse.insert(fd, info),
        };
        self.len += usize::from(old.is_none());
    }

    fn remove(&mut self, fd: i64) {
        let old = match usize::try_from(fd) {
            Ok(index) if index < DENSE_FDS => self.dense.get_mut(index).and_then(Option::take),
            _ => self.sparse.remove(&fd),
        };
        self.len -= usize::from(old.is_some());
    }

    fn iter(&self) -> impl Iterator<Item = (i64, &Arc<FdInfo>)> {
        // Failed calls can leave entries with negative numbers; they come before all others.
        let negative = self.sparse.range(..0).map(|(fd, info)| (*fd, info));
        let dense = (0i64..).zip(&self.dense).filter_map(|(fd, info)| Some((fd, info.as_ref()?)));
        let sparse = self.sparse.range(0..).map(|(fd, info)| (*fd, info));
        negative.chain(dense).chain(sparse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fd::FdKind;

    fn info(kind: FdKind) -> Arc<FdInfo> {
        Arc::new(FdInfo::new(kind))
    }

    #[test]
    fn a_copy_does_not_see_later_changes() {
        let mut parent = FdTable::default();
        parent.insert(3, info(FdKind::File));
        parent.insert(70_000, info(FdKind::Pipe));
        let mut child = parent.share();
        child.get_mut(3).unwrap().dev = 7;
        child.remove(70_000);
        child.insert(4, info(FdKind::Event));
        assert_eq!(parent.get(3).unwrap().dev, 0);
        assert_eq!(parent.iter().map(|(fd, _)| fd).collect::<Vec<_>>(), [3, 70_000]);
        assert_eq!(child.iter().map(|(fd, _)| fd).collect::<Vec<_>>(), [3, 4]);
        assert_eq!((parent.len(), child.len()), (2, 2));
    }

    #[test]
    fn the_number_of_descriptors_is_limited() {
        let mut table = FdTable::default();
        for fd in 0..FDS_PER_PROCESS_MAX as i64 {
            assert!(table.insert(fd * 3, info(FdKind::File)));
        }
        assert!(!table.insert(1, info(FdKind::File)));
        assert!(table.insert(3, info(FdKind::Pipe)));
        table.retain(|fd, _| fd >= 6);
        assert_eq!(table.len(), FDS_PER_PROCESS_MAX - 2);
    }
}
