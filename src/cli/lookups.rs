//! Asking this machine for what captures do not tell. Only on request: alerts then depend on where they are made.

use std::collections::BTreeSet;
use std::net::ToSocketAddrs;
use std::sync::Arc;

use anyhow::Context;
use capture::savefile::{GroupEntry, UserEntry};
use replay::rules::Ruleset;
use replay::rules::condition::{ConstantValue, Node, NodeKind, Operand, Right};
use replay::state::Lookups;

use super::Ui;

/// What to ask this machine for.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Asking this machine")]
pub struct LookupArgs {
    /// Take users and groups that the capture lacks from /etc/passwd and /etc/group, as Falco does
    #[arg(long)]
    host_users: bool,
    /// Resolve the domains that rules compare fd.sip.name and its kin with, as Falco does
    #[arg(long)]
    resolve_dns: bool,
}

impl LookupArgs {
    /// Asks before the replay starts, so that nothing depends on when a question comes up.
    pub fn collect(&self, ruleset: &Ruleset, ui: &Ui) -> anyhow::Result<Option<Arc<Lookups>>> {
        if !self.host_users && !self.resolve_dns {
            return Ok(None);
        }
        let mut lookups = Lookups::default();
        if self.host_users {
            let read = |path: &str| std::fs::read(path).with_context(|| format!("cannot read {path}"));
            lookups.add_accounts(users(&read("/etc/passwd")?), groups(&read("/etc/group")?));
        }
        if self.resolve_dns {
            for domain in domains(ruleset) {
                match (&*domain, 0).to_socket_addrs() {
                    Ok(addresses) => addresses.for_each(|address| lookups.add_name(&domain, address.ip())),
                    Err(error) => ui.warn(format_args!("{}: {error}", domain.escape_default())),
                }
            }
        }
        Ok(Some(Arc::new(lookups)))
    }
}

/// Rows of a file like /etc/passwd that have enough columns.
fn rows<const N: usize>(text: &[u8]) -> impl Iterator<Item = [&[u8]; N]> {
    text.split(|&byte| byte == b'\n').filter_map(|line| {
        let mut columns = line.split(|&byte| byte == b':');
        let mut row = [&line[..0]; N];
        for column in &mut row {
            *column = columns.next()?;
        }
        Some(row)
    })
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn users(text: &[u8]) -> Vec<UserEntry> {
    let user = |[name, _, uid, gid, _, home, shell]: [&[u8]; 7]| {
        let (uid, gid) = (number(uid)?, number(gid)?);
        Some(UserEntry { uid, gid, name: name.into(), home: home.into(), shell: shell.into() })
    };
    rows(text).filter_map(user).collect()
}

fn groups(text: &[u8]) -> Vec<GroupEntry> {
    let group = |[name, _, gid]: [&[u8]; 3]| Some(GroupEntry { gid: number(gid)?, name: name.into() });
    rows(text).filter_map(group).collect()
}

/// Domains that enabled rules compare with.
fn domains(ruleset: &Ruleset) -> BTreeSet<String> {
    let mut domains = BTreeSet::new();
    for rule in ruleset.rules.iter().filter(|rule| rule.enabled) {
        add_domains(&rule.condition, &mut domains);
    }
    domains
}

fn add_domains(node: &Node, domains: &mut BTreeSet<String>) {
    match &node.kind {
        NodeKind::And(nodes) | NodeKind::Or(nodes) => {
            nodes.iter().for_each(|node| add_domains(node, domains))
        }
        NodeKind::Not(body) | NodeKind::Macro { body, .. } | NodeKind::Exception { body, .. } => {
            add_domains(body, domains);
        }
        NodeKind::Check(check) => {
            let (Operand::Field { id, .. }, Right::Constants(constants)) = (&check.left, &check.right) else {
                return;
            };
            if !matches!(id.def().name, "fd.cip.name" | "fd.sip.name" | "fd.lip.name" | "fd.rip.name") {
                return;
            }
            for constant in constants {
                if let ConstantValue::Bytes(domain) = &constant.value {
                    domains.extend(String::from_utf8(domain.to_vec()));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use replay::rules::{LoadOptions, load};

    #[test]
    fn accounts_are_read_row_by_row() {
        let found =
            users(b"root:x:0:0:root:/root:/bin/sh\n# comment\nbad:x:no:0::/:\nweb:x:33:34:,:/srv:/bin/false");
        assert_eq!(found.iter().map(|user| (user.uid, user.gid)).collect::<Vec<_>>(), [(0, 0), (33, 34)]);
        assert_eq!(
            (&*found[1].name, &*found[1].home, &*found[1].shell),
            (&b"web"[..], &b"/srv"[..], &b"/bin/false"[..])
        );
        assert_eq!(groups(b"root:x:0:\n\nweb:x:33:a,b\n").len(), 2);
    }

    #[test]
    fn domains_are_found_in_all_parts_of_a_condition() {
        let rules = "- list: miners\n  items: [a.example, b.example]\n\
                     - macro: mining\n  condition: (fd.sip.name in (miners))\n\
                     - rule: r\n  desc: d\n  output: o\n  priority: INFO\n  \
                     condition: evt.type=connect and (mining or not fd.rip.name = c.example) and fd.name != d.example\n";
        let loaded = load(vec![("rules".into(), rules.into())], &LoadOptions::default());
        assert_eq!(loaded.ruleset.rules.len(), 1);
        assert_eq!(Vec::from_iter(domains(&loaded.ruleset)), ["a.example", "b.example", "c.example"]);
    }
}
