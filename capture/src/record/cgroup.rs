//! Control groups whose processes are recorded.
//!
//! The kernel programs compare the id of the ancestor at a group's depth in the unified hierarchy, so a group
//! stands for everything below it. The id is the inode number of its directory.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, ErrorKind, Result};

/// A control group of the unified hierarchy (version 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cgroup {
    pub(super) id: u64,
    /// How many groups are above it.
    pub(super) level: u32,
}

impl Cgroup {
    /// The group at a path, below the hierarchy's mount point (`/system.slice/ssh.service`) or with it.
    ///
    /// # Errors
    /// When there is no such group, or no unified hierarchy.
    pub fn at(path: &Path) -> Result<Cgroup> {
        let root = mount_point()?;
        let below = path.strip_prefix(&root).unwrap_or(path);
        let names = below.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        let (mut directory, mut level) = (root, 0);
        for name in names {
            directory.push(name);
            level += 1;
        }
        let data = fs::metadata(&directory)
            .map_err(|e| Error::io(format!("there is no control group {}", directory.display()), e))?;
        if !data.is_dir() {
            let message = format!("{} is not a control group", directory.display());
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        Ok(Cgroup { id: data.ino(), level })
    }

    /// The group of a running container: the outermost one whose name contains the id, as all runtimes name
    /// them. The id may be cut, as they print it.
    ///
    /// # Errors
    /// When there is no such container, more than one, or no unified hierarchy.
    pub fn of_container(id: &str) -> Result<Cgroup> {
        let is_id =
            id.len() >= 6 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !is_id {
            let message =
                format!("{id:?} is not a container's id, of which at least 6 characters are needed");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let root = mount_point()?;
        let mut found = Vec::new();
        find(&root, id, &mut found);
        match found.as_slice() {
            [one] => Cgroup::at(one),
            [] => {
                let message =
                    format!("no control group below {} is named after container {id}", root.display());
                Err(Error::new(ErrorKind::InvalidInput, message))
            }
            [one, other, ..] => {
                let message =
                    format!("container {id} is ambiguous: {} and {}", one.display(), other.display());
                Err(Error::new(ErrorKind::InvalidInput, message))
            }
        }
    }
}

/// Groups named after a container, without those inside them. Groups that vanish meanwhile are left out.
fn find(directory: &Path, id: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        if !entry.file_type().is_ok_and(|ty| ty.is_dir()) {
            continue;
        }
        if names_container(&entry.file_name().to_string_lossy(), id) {
            found.push(entry.path());
        } else {
            find(&entry.path(), id, found);
        }
    }
}

/// Whether a group's name is an id that begins with `id`, bare or as in `docker-ID.scope`. `conmon` is the
/// group of a container's monitor, which is not part of it.
fn names_container(name: &str, id: &str) -> bool {
    let bare = name.strip_suffix(".scope").unwrap_or(name);
    !bare.contains("conmon")
        && (bare.starts_with(id) || bare.rsplit(['-', ':']).next().is_some_and(|last| last.starts_with(id)))
}

/// Where the unified hierarchy is mounted.
fn mount_point() -> Result<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    unified(&mounts).map(PathBuf::from).ok_or_else(|| {
        let message =
            "no unified control group hierarchy (version 2) is mounted, by which processes are told apart";
        Error::new(ErrorKind::Unsupported, message)
    })
}

fn unified(mounts: &str) -> Option<&str> {
    mounts.lines().find_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (_, place, kind) = (words.next()?, words.next()?, words.next()?);
        (kind == "cgroup2").then_some(place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unified_hierarchy_is_found_among_mounts() {
        let mounts = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        assert_eq!(unified(mounts), Some("/sys/fs/cgroup/unified"));
        assert_eq!(unified("proc /proc proc rw 0 0\n"), None);
    }

    #[test]
    fn groups_are_named_after_containers() {
        let check =
            |name: &str, expected| assert_eq!(names_container(name, "3f4c5a6b7d8e"), expected, "{name}");
        check("3f4c5a6b7d8e90ab", true);
        check("docker-3f4c5a6b7d8e90ab.scope", true);
        check("cri-containerd-3f4c5a6b7d8e90ab.scope", true);
        check("kubepods-besteffort-pod1.slice:cri-containerd:3f4c5a6b7d8e90ab", true);
        check("crio-conmon-3f4c5a6b7d8e90ab.scope", false);
        check("docker-0000.scope", false);
        check("system.slice", false);
    }

    #[test]
    fn ids_are_checked() {
        for id in ["", "abc", "../../etc", "a b c d e f"] {
            assert!(Cgroup::of_container(id).is_err(), "{id}");
        }
    }
}
