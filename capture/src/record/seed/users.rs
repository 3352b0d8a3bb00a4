//! Users and groups from the local files. Names that only a directory service knows are not looked up:
//! a recorder must not talk to the network.

use std::fs;

use crate::savefile::{GroupEntry, UserEntry};

/// Readers refuse strings of 256 bytes and more.
const STRING_MAX: usize = 255;

pub(super) fn read() -> (Vec<UserEntry>, Vec<GroupEntry>) {
    let passwd = fs::read("/etc/passwd").unwrap_or_default();
    let group = fs::read("/etc/group").unwrap_or_default();
    (lines(&passwd).filter_map(user).collect(), lines(&group).filter_map(group_of).collect())
}

fn lines(text: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    text.split(|&byte| byte == b'\n').map(|line| line.split(|&byte| byte == b':').collect())
}

fn user(fields: Vec<&[u8]>) -> Option<UserEntry> {
    let [name, _, uid, gid, _, home, shell] = fields[..] else {
        return None;
    };
    Some(UserEntry {
        uid: id(uid)?,
        gid: id(gid)?,
        name: string(name)?,
        home: string(home)?,
        shell: string(shell)?,
    })
}

fn group_of(fields: Vec<&[u8]>) -> Option<GroupEntry> {
    let [name, _, gid, ..] = fields[..] else {
        return None;
    };
    Some(GroupEntry { gid: id(gid)?, name: string(name)? })
}

fn id(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn string(text: &[u8]) -> Option<Vec<u8>> {
    (text.len() <= STRING_MAX).then(|| text.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_groups_are_parsed_and_broken_lines_skipped() {
        let passwd = b"root:x:0:0:root:/root:/bin/sh\nbroken\nx:x:y:0::/:/bin/sh\n";
        let users: Vec<_> = lines(passwd).filter_map(user).collect();
        assert_eq!(users.len(), 1);
        assert_eq!(
            (users[0].uid, &users[0].home[..], &users[0].shell[..]),
            (0, &b"/root"[..], &b"/bin/sh"[..])
        );
        let groups: Vec<_> = lines(b"adm:x:4:syslog,me\n\n").filter_map(group_of).collect();
        assert_eq!(groups, [GroupEntry { gid: 4, name: b"adm".to_vec() }]);
    }
}
