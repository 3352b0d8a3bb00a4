//! Users and groups of the host and of containers.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};
use capture::savefile::{GroupEntry, UserEntry};
use hashbrown::{HashMap, HashSet};

use super::update::text_at;
use crate::text::Text;

/// Longest name of a user or group that is kept.
const NAME_LEN_MAX: usize = 255;
/// Longest home directory or shell that is kept.
const PATH_LEN_MAX: usize = 1023;

/// Most users, and most groups, kept. Further ones are not recorded.
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

/// Users and groups by id. The host's come from the capture's list and from events; accounts of containers are
/// not taken from events, as in the reference implementation, which reads them from the file system of the
/// container and so has none in a replay.
#[derive(Debug, Default)]
pub struct Accounts {
    users: HashMap<u32, User, foldhash::fast::FixedState>,
    groups: HashMap<u32, Group, foldhash::fast::FixedState>,
    /// Accounts of the capture's list, which events before the first call do not change.
    listed_users: HashSet<u32, foldhash::fast::FixedState>,
    listed_groups: HashSet<u32, foldhash::fast::FixedState>,
}

impl Accounts {
    /// The user with that id in a container, or on the host for the empty id.
    pub fn user(&self, container_id: &[u8], uid: u32) -> Option<&User> {
        if container_id.is_empty() { self.users.get(&uid) } else { None }
    }

    /// The group with that id.
    pub fn group(&self, container_id: &[u8], gid: u32) -> Option<&Group> {
        if container_id.is_empty() { self.groups.get(&gid) } else { None }
    }

    /// The host's users as a capture lists them.
    pub(super) fn list_users(&self) -> Vec<UserEntry> {
        let entry = |user: &User| UserEntry {
            uid: user.uid,
            gid: user.gid,
            name: user.name.to_vec(),
            home: user.home.to_vec(),
            shell: user.shell.to_vec(),
        };
        let mut users: Vec<UserEntry> = self.users.values().map(entry).collect();
        users.sort_by_key(|user| user.uid);
        users
    }

    /// The host's groups as a capture lists them.
    pub(super) fn list_groups(&self) -> Vec<GroupEntry> {
        let entry = |group: &Group| GroupEntry { gid: group.gid, name: group.name.to_vec() };
        let mut groups: Vec<GroupEntry> = self.groups.values().map(entry).collect();
        groups.sort_by_key(|group| group.gid);
        groups
    }

    /// Takes over the capture's list.
    pub(super) fn seed(&mut self, users: Vec<UserEntry>, groups: Vec<GroupEntry>) {
        for user in users {
            self.listed_users.insert(user.uid);
            self.add_user(user.uid, user.gid, [&user.name, &user.home, &user.shell]);
        }
        for group in groups {
            self.listed_groups.insert(group.gid);
            self.add_group(group.gid, &group.name);
        }
    }

    /// An event about an account. At the head of a capture such events come before the list, although they
    /// follow it in the file.
    pub(super) fn apply(&mut self, event: &Event<'_>, at_head: bool) {
        let Some(id) = event.u32_at(0) else { return };
        let is_user = matches!(event.ty, EventType::USER_ADDED_E | EventType::USER_DELETED_E);
        let listed = if is_user { &self.listed_users } else { &self.listed_groups };
        let container = if is_user { USER_ADDED_E::container_id } else { GROUP_ADDED_E::container_id };
        if !event.str_at(container).unwrap_or_default().is_empty() || at_head && listed.contains(&id) {
            return;
        }
        match event.ty {
            EventType::USER_ADDED_E => {
                use USER_ADDED_E as P;
                let strings = [P::name, P::home, P::shell].map(|at| text_at(event, at));
                self.add_user(id, event.u32_at(P::gid).unwrap_or(u32::MAX), strings);
            }
            EventType::GROUP_ADDED_E => self.add_group(id, text_at(event, GROUP_ADDED_E::name)),
            EventType::USER_DELETED_E => {
                self.users.remove(&id);
            }
            _ => {
                self.groups.remove(&id);
            }
        }
    }

    /// Adds a user, or changes the strings of one.
    fn add_user(&mut self, uid: u32, gid: u32, [name, home, shell]: [&[u8]; 3]) {
        if is_compat_entry(name) || self.users.len() >= ACCOUNTS_MAX && !self.users.contains_key(&uid) {
            return;
        }
        let user = self.users.entry(uid).or_insert_with(|| User { uid, gid, ..User::default() });
        user.name = cut(name, NAME_LEN_MAX);
        user.home = cut(home, PATH_LEN_MAX);
        user.shell = cut(shell, PATH_LEN_MAX);
    }

    fn add_group(&mut self, gid: u32, name: &[u8]) {
        if is_compat_entry(name) || self.groups.len() >= ACCOUNTS_MAX && !self.groups.contains_key(&gid) {
            return;
        }
        self.groups.insert(gid, Group { gid, name: cut(name, NAME_LEN_MAX) });
    }
}

/// Lines of a password file that refer to a network service instead of naming an account.
fn is_compat_entry(name: &[u8]) -> bool {
    matches!(name.first(), Some(b'+' | b'-'))
}

fn cut(text: &[u8], len_max: usize) -> Text {
    Text::new(&text[..text.len().min(len_max)])
}
