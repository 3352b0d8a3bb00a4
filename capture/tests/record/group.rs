//! Control groups for tests.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// Tests of one process have groups of their own.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A control group that is gone afterwards.
pub struct Group {
    pub path: PathBuf,
}

impl Group {
    /// `None`, with the reason printed, where there can be none.
    pub fn new(name: &str) -> Option<Group> {
        let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        let place = mounts.lines().find_map(|line| {
            let words: Vec<&str> = line.split(' ').collect();
            (words.get(2) == Some(&"cgroup2")).then(|| PathBuf::from(words[1]))
        });
        let Some(place) = place else {
            eprintln!("skipped: no unified control group hierarchy is mounted");
            return None;
        };
        let path = place.join(format!(
            "lanner-test-{}-{}",
            std::process::id(),
            MADE.fetch_add(1, Ordering::Relaxed)
        ));
        let inner = path.join(name);
        if let Err(e) = std::fs::create_dir_all(&inner) {
            eprintln!("skipped: {}: {e}", inner.display());
            return None;
        }
        Some(Group { path: inner })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir(&self.path);
        let _ = self.path.parent().map(std::fs::remove_dir);
    }
}
