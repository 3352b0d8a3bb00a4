//! Which container a thread is in, told by the paths of its control groups.
//!
//! The engines and their order are those of the container plugin of Falco; the first that knows a path names
//! the container.

use std::fmt;

use hashbrown::HashMap;

use super::containers::{Container, ContainerTable};
use crate::text::Text;

/// Length of a full id of most engines.
const FULL_ID_LEN: usize = 64;
/// Length of the id that rules see.
const SHORT_ID_LEN: usize = 12;

/// What stands before and after the id.
type Layout = (&'static str, &'static str);

const PODMAN: &[Layout] = &[
    ("/libpod-", ".scope"),
    ("/libpod-", ".scope/container"),
    ("/libpod-", ""),
    ("/libpod-payload-", ".scope"),
    ("/libpod-payload-", ".scope/container"),
    ("/libpod-payload-", ""),
];

const DOCKER: &[Layout] = &[("/", ""), ("/docker-", ".scope")];

const CRI: &[Layout] = &[
    ("/", ""),
    ("/crio-", ""),
    ("/cri-containerd-", ".scope"),
    ("/crio-", ".scope"),
    (":cri-containerd:", ""),
    ("/docker-", ".scope"),
    ("/nerdctl-", ".scope"),
];

const LXC: [&str; 3] = ["/lxc/", "/lxc.payload/", "/lxc.payload."];

/// Most lists of control groups that are remembered.
const LISTS_MAX: usize = 1024;

/// Lists of control groups that were seen, shared by all threads that have them, with their containers.
/// Processes come and go much faster than control groups.
#[derive(Default)]
pub(super) struct CgroupLists {
    lists: HashMap<Text, Membership, foldhash::fast::FixedState>,
    /// One of them, the last that was shared: it is often the next one, too, and lists are long to hash.
    last: Option<(Text, Membership)>,
}

impl fmt::Debug for CgroupLists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.lists).finish()
    }
}

/// The container of a list.
#[derive(Clone, Debug, Default)]
struct Membership {
    /// Short id, empty on the host.
    id: Text,
    /// An engine that knows no more than the id and the kind of the container.
    engine: Option<(Text, &'static str)>,
}

impl CgroupLists {
    /// The shared form of a list. A list with an entry that is none is not taken at all.
    pub fn share(&mut self, cgroups: &[u8]) -> Option<Text> {
        if let Some((last, _)) = self.last.as_ref().filter(|(last, _)| **last == *cgroups) {
            return Some(last.clone());
        }
        if let Some((list, membership)) = self.lists.get_key_value(cgroups) {
            self.last = Some((list.clone(), membership.clone()));
            return Some(list.clone());
        }
        if !entries(cgroups).all(|entry| entry.contains(&b'=')) {
            return None;
        }
        if self.lists.len() >= LISTS_MAX {
            self.lists.clear();
        }
        let (list, membership) = (Text::new(cgroups), membership(cgroups));
        self.last = Some((list.clone(), membership.clone()));
        self.lists.insert(list.clone(), membership);
        Some(list)
    }

    /// Whether finding the container of a thread with that list only tells its id. A list that is not known may do more.
    pub fn makes_no_container(&self, cgroups: &Text) -> bool {
        self.known(cgroups).is_some_and(|found| found.engine.is_none())
    }

    /// Short id of the container of a thread with that list, empty on the host. An engine that knows no more
    /// than the id and the kind of the container replaces the metadata by that.
    pub fn container_of(&self, cgroups: &Text, containers: &mut ContainerTable) -> Text {
        let made;
        let found = match self.known(cgroups) {
            Some(found) => found,
            None => {
                made = membership(cgroups);
                &made
            }
        };
        if let Some((id, engine)) = &found.engine {
            containers.insert(Container::of_engine(id.clone(), engine));
        }
        found.id.clone()
    }

    fn known(&self, cgroups: &Text) -> Option<&Membership> {
        match &self.last {
            Some((last, membership)) if last == cgroups => Some(membership),
            _ => self.lists.get(cgroups),
        }
    }
}

fn entries(cgroups: &[u8]) -> impl Iterator<Item = &[u8]> {
    cgroups.strip_suffix(b"\0").unwrap_or(cgroups).split(|byte| *byte == 0)
}

fn membership(cgroups: &[u8]) -> Membership {
    let mut known = Membership::default();
    for entry in entries(cgroups) {
        let Some(at) = memchr::memchr(b'=', entry) else { continue };
        let path = &entry[at + 1..];
        if let Some(id) = match_runc(path) {
            return Membership { id, ..known };
        }
        if let Some((id, engine)) = match_others(path) {
            // Even a container without an id has an entry, although its threads are on the host.
            known.engine = Some((Text::new(id), engine));
            if !id.is_empty() {
                return Membership { id: Text::new(id), ..known };
            }
        }
    }
    known
}

/// Engines on top of runc.
fn match_runc(path: &[u8]) -> Option<Text> {
    let layouts = PODMAN.iter().chain(DOCKER).chain(CRI);
    layouts.into_iter().find_map(|layout| match_layout(path, layout)).or_else(|| match_containerd(path))
}

/// An id of 64 hexadecimal digits between prefix and suffix, which may also be elsewhere than at the ends of
/// the path.
fn match_layout(path: &[u8], (prefix, suffix): &Layout) -> Option<Text> {
    let start = memchr::memmem::rfind(path, prefix.as_bytes())? + prefix.len();
    let end = if suffix.is_empty() { path.len() } else { memchr::memmem::rfind(path, suffix.as_bytes())? };
    let id = path.get(start..end).filter(|id| id.len() == FULL_ID_LEN)?;
    // Upstream compares where the first other character is in the whole path with the length of an id: it
    // may be inside the id if the path before it is long enough.
    let other = path[start..].iter().position(|byte| !byte.is_ascii_hexdigit());
    other.is_none_or(|at| start + at >= FULL_ID_LEN).then(|| Text::new(&id[..SHORT_ID_LEN]))
}

/// Containers made by `ctr` have their namespace and any id as path. Units of systemd look the same, apart
/// from their endings.
fn match_containerd(path: &[u8]) -> Option<Text> {
    let namespace = first_component(path)?;
    let start = memchr::memmem::rfind(path, namespace)? + namespace.len();
    let id = &path[start..];
    let is_unit = [&b".service"[..], b".slice", b".scope"].iter().any(|ending| path.ends_with(ending));
    if is_unit || id.is_empty() || id.len() > FULL_ID_LEN {
        return None;
    }
    Some(Text::new(&id[..id.len().min(SHORT_ID_LEN)]))
}

/// The first component that is a name of containerd (letters and digits in groups that `.`, `_` and `-`
/// separate), with its slashes.
fn first_component(path: &[u8]) -> Option<&[u8]> {
    let slashes: Vec<usize> = memchr::memchr_iter(b'/', path).collect();
    let found = slashes.windows(2).find(|pair| is_name(&path[pair[0] + 1..pair[1]]))?;
    Some(&path[found[0]..=found[1]])
}

fn is_name(component: &[u8]) -> bool {
    component
        .split(|byte| matches!(byte, b'.' | b'_' | b'-'))
        .all(|group| !group.is_empty() && group.iter().all(u8::is_ascii_alphanumeric))
}

/// Engines that have other ids.
fn match_others(path: &[u8]) -> Option<(&[u8], &'static str)> {
    match_lxc(path)
        .map(|id| (id, "lxc"))
        .or_else(|| match_libvirt(path).map(|id| (id, "libvirt-lxc")))
        .or_else(|| match_bpm(path).map(|id| (id, "bpm")))
}

fn match_lxc(path: &[u8]) -> Option<&[u8]> {
    LXC.iter().find_map(|prefix| {
        let id = after(path, prefix.as_bytes())?;
        Some(memchr::memchr(b'/', id).map_or(id, |end| &id[..end]))
    })
}

fn match_libvirt(path: &[u8]) -> Option<&[u8]> {
    if let Some(rest) = path.strip_suffix(b".libvirt-lxc")
        && memchr::memmem::find(path, b".libvirt-lxc") == Some(rest.len())
        && let Some(slash) = memchr::memrchr(b'/', path)
    {
        return rest.get(slash + 1..);
    }
    // A unit of systemd: the character after `\x2` belongs to the escape of a dash.
    if let Some(id) = after(path, b"-lxc\\x2").and_then(|rest| rest.get(1..)) {
        let nested = memchr::memmem::find(path, b".scope/libvirt").is_some();
        let ending: &[u8] = if nested { b".scope/libvirt" } else { b".scope" };
        let start = path.len() - id.len();
        if let Some(end) = memchr::memmem::find(path, ending).filter(|end| end + ending.len() == path.len()) {
            return path.get(start..end);
        }
    }
    after(path, b"/libvirt/lxc/")
}

fn match_bpm(path: &[u8]) -> Option<&[u8]> {
    let id = after(path, b"bpm-")?;
    let id = memchr::memmem::find(id, b".scope").map_or(id, |end| &id[..end]);
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (!id.is_empty() && id.iter().all(is_allowed)).then_some(id)
}

fn after<'p>(path: &'p [u8], prefix: &[u8]) -> Option<&'p [u8]> {
    let start = memchr::memmem::find(path, prefix)? + prefix.len();
    Some(&path[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3ad7b26ded6d8e7b23da7d48fe889434573036c27ae5a74837233de441c3601e";

    fn check(path: &str, expected: &str, engine: Option<&str>) {
        let mut containers = ContainerTable::default();
        let cgroups = format!("cpuset=/\0cpu={path}\0").into_bytes();
        let mut lists = CgroupLists::default();
        let list = lists.share(&cgroups).unwrap();
        let id = lists.container_of(&list, &mut containers);
        assert_eq!(String::from_utf8_lossy(&id), expected, "{path}");
        let found = containers.get(expected.as_bytes());
        assert_eq!(found.map(|container| &*container.engine), engine.map(str::as_bytes), "{path}");
    }

    #[test]
    fn engines_are_told_by_their_paths() {
        let short = &ID[..12];
        check("/", "", None);
        check("/user.slice/user-1000.slice/session-1.scope", "", None);
        check("/system.slice/ssh.service", "", None);
        check(&format!("/docker/{ID}"), short, None);
        check(&format!("/system.slice/docker-{ID}.scope"), short, None);
        check(&format!("/kubepods/besteffort/pod1234/{ID}"), short, None);
        check(&format!("/kubepods.slice/kubepods-pod12.slice/cri-containerd-{ID}.scope"), short, None);
        check(&format!("/kubepods.slice/crio-{ID}.scope"), short, None);
        check(
            &format!("/kubepods-burstable-podbd12dd3393227d950605a2444b13c27a.slice:cri-containerd:{ID}"),
            short,
            None,
        );
        check(&format!("/machine.slice/libpod-{ID}.scope"), short, None);
        check(&format!("/machine.slice/libpod-{ID}.scope/container"), short, None);
        check("/default/test_container", "test_contain", None);
        check("/default/abc", "abc", None);
        check("/lxc/web1/init", "web1/init", None);
        check(
            "/lxc/a very long name that is no id of containerd since it has more than 64 characters/init",
            "a very long name that is no id of containerd since it has more than 64 characters",
            Some("lxc"),
        );
        check("/lxc.payload.web2", "web2", Some("lxc"));
        check("/machine/web3.libvirt-lxc", "web3.libvirt", None);
        check("/web3.libvirt-lxc", "web3", Some("libvirt-lxc"));
        check("/bpm-abc.scope", "abc", Some("bpm"));
    }
}
