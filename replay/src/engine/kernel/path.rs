//! `pmatch`: a set of path prefixes, compared component by component.
//!
//! `/foo` matches `/foo` and `/foo/bar` but not `/foobar`. Empty components do not count, and a component with
//! one of `?*[` is a glob for one component.

use hashbrown::HashMap;

use super::glob::{Glob, GlobSteps};

/// A trie of path components.
#[derive(Clone, Debug, Default)]
pub struct PathPrefixes {
    root: Node,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// A prefix ends here: everything below matches.
    end: bool,
    plain: HashMap<Box<[u8]>, Node, foldhash::fast::FixedState>,
    globs: Vec<(Box<[u8]>, Glob, Node)>,
}

impl PathPrefixes {
    /// The set of the given prefixes.
    pub fn new<'a>(prefixes: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut set = Self::default();
        for prefix in prefixes {
            let mut node = &mut set.root;
            for component in components(prefix) {
                node = node.child(component);
            }
            node.end = true;
        }
        set
    }

    /// Whether one of the prefixes is a prefix of `path`.
    pub fn matches(&self, path: &[u8]) -> bool {
        self.root.matches(path, &mut ())
    }

    /// Whether one of the prefixes is a prefix of `path`, and what it took to find out.
    pub fn matches_counted(&self, path: &[u8]) -> (bool, PathSteps) {
        let mut steps = PathSteps::default();
        let hit = self.root.matches(path, &mut steps);
        (hit, steps)
    }
}

/// What a search for a prefix took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathSteps {
    /// Components that were looked up.
    pub lookups: u64,
    /// In components that are globs.
    pub globs: GlobSteps,
}

/// What is told of steps.
trait Steps {
    fn lookup(&mut self);
    fn glob(&mut self, glob: &Glob, component: &[u8]) -> bool;
}

impl Steps for () {
    fn lookup(&mut self) {}

    fn glob(&mut self, glob: &Glob, component: &[u8]) -> bool {
        glob.matches(component)
    }
}

impl Steps for PathSteps {
    fn lookup(&mut self) {
        self.lookups += 1;
    }

    fn glob(&mut self, glob: &Glob, component: &[u8]) -> bool {
        let (hit, steps) = glob.matches_counted(component);
        self.globs.comparisons += steps.comparisons;
        self.globs.searched_bytes += steps.searched_bytes;
        hit
    }
}

impl Node {
    fn child(&mut self, component: &[u8]) -> &mut Node {
        if !component.iter().any(|byte| matches!(byte, b'?' | b'*' | b'[')) {
            return self.plain.entry(component.into()).or_default();
        }
        let position = self.globs.iter().position(|(text, ..)| **text == *component).unwrap_or_else(|| {
            self.globs.push((component.into(), Glob::new(component, false), Node::default()));
            self.globs.len() - 1
        });
        &mut self.globs[position].2
    }

    fn matches(&self, path: &[u8], steps: &mut impl Steps) -> bool {
        if self.end {
            return true;
        }
        let Some((component, rest)) = split_component(path) else { return false };
        steps.lookup();
        self.plain.get(component).is_some_and(|node| node.matches(rest, steps))
            || self
                .globs
                .iter()
                .any(|(_, glob, node)| steps.glob(glob, component) && node.matches(rest, steps))
    }
}

/// The first component that is not empty, and what follows it.
fn split_component(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = path.iter().position(|byte| *byte != b'/')?;
    let path = &path[start..];
    let end = memchr::memchr(b'/', path).unwrap_or(path.len());
    Some(path.split_at(end))
}

fn components(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|component| !component.is_empty())
}

#[cfg(test)]
mod tests {
    use super::PathPrefixes;

    fn check(prefixes: &[&str], path: &str, expected: bool) {
        let set = PathPrefixes::new(prefixes.iter().map(|prefix| prefix.as_bytes()));
        assert_eq!(set.matches(path.as_bytes()), expected, "{path} in {prefixes:?}");
    }

    #[test]
    fn prefixes_end_at_components() {
        check(&["/var/run", "/etc"], "/var/run/docker", true);
        check(&["/var/run", "/etc"], "/var/run", true);
        check(&["/var/run", "/etc"], "/var/lib", false);
        check(&["/var/run"], "/var", false);
        check(&["/foo"], "/foobar", false);
        check(&["/usr/lib", "/usr"], "/usr/bin/x", true);
        check(&["/usr", "/usr/lib"], "/usr/bin/x", true);
        check(&["//foo//bar/"], "foo/bar/baz", true);
        check(&["/"], "/anything", true);
        check(&[""], "", true);
        check(&[], "/", false);
        check(&["/a"], "", false);
    }

    #[test]
    fn components_may_be_globs() {
        check(&["/home/*/.ssh"], "/home/me/.ssh/id", true);
        check(&["/home/*/.ssh"], "/home/me/x/.ssh/id", false);
        check(&["/home/?"], "/home/ab", false);
        check(&["/home/[ab]c"], "/home/bc/d", true);
        check(&["/a*/x", "/ab/y", "/*b/z"], "/ab/z", true);
        check(&["/a*/x", "/ab/y", "/*b/z"], "/ab/w", false);
    }
}
