//! What a capture does not tell and the original asks the machine it runs on for: accounts and domain names.
//!
//! A replay asks nobody. Who wants these answers collects them before it starts.

use std::net::IpAddr;

use capture::savefile::{GroupEntry, UserEntry};
use hashbrown::HashMap;

use super::users::{Accounts, Group, User};
use crate::text::Text;

/// Answers that were collected before a replay.
#[derive(Debug, Default)]
pub struct Lookups {
    accounts: Accounts,
    names: HashMap<IpAddr, Vec<Text>, foldhash::fast::FixedState>,
}

impl Lookups {
    /// Adds accounts of the machine. They count for threads on the host whose accounts the capture lacks.
    pub fn add_accounts(&mut self, users: Vec<UserEntry>, groups: Vec<GroupEntry>) {
        self.accounts.seed(users, groups);
    }

    /// Adds a domain with an address. A domain may have several addresses, and an address several domains.
    pub fn add_name(&mut self, domain: &str, ip: IpAddr) {
        let names = self.names.entry(ip).or_default();
        if !names.iter().any(|name| **name == *domain.as_bytes()) {
            names.push(domain.into());
        }
    }

    /// The user with that id, of the host.
    pub(super) fn user(&self, container_id: &[u8], uid: u32) -> Option<&User> {
        self.accounts.user(container_id, uid)
    }

    /// The group with that id, of the host.
    pub(super) fn group(&self, container_id: &[u8], gid: u32) -> Option<&Group> {
        self.accounts.group(container_id, gid)
    }

    /// Domains of an address, in the order in which they were added.
    pub(super) fn names(&self, ip: IpAddr) -> &[Text] {
        self.names.get(&ip).map_or(&[], |names| names)
    }
}
