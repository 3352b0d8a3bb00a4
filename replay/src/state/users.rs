//! Users and groups of the host and of containers.

use hashbrown::HashMap;

use crate::text::Text;

/// Most users, and most groups, kept over all containers.
pub const ACCOUNTS_MAX: usize = 1 << 20;

/// A user. Strings are cut as the reference implementation does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// User id.
    pub uid: u32,
    /// Primary group.
    pub gid: u32,
    /// Login name.
    pub name: Text,
    /// Home directory.
    pub home: Text,
    /// Login shell.
    pub shell: Text,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Group id.
    pub gid: u32,
    /// Its name.
    pub name: Text,
}

/// Accounts by container; the host's are under the empty id.
#[derive(Debug, Default)]
pub struct Accounts {
    users: HashMap<(Text, u32), User, foldhash::fast::FixedState>,
    groups: HashMap<(Text, u32), Group, foldhash::fast::FixedState>,
}

impl Accounts {
    /// The user with that id in a container, or on the host for the empty id.
    pub fn user(&self, container_id: &Text, uid: u32) -> Option<&User> {
        self.users.get(&(container_id.clone(), uid))
    }

    /// The group with that id.
    pub fn group(&self, container_id: &Text, gid: u32) -> Option<&Group> {
        self.groups.get(&(container_id.clone(), gid))
    }
}
