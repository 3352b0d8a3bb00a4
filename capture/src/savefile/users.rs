//! The list of users and groups.

use super::cursor::{Cursor, write_sized, write_string};
use super::{GroupEntry, UserEntry};

/// Longest string that the C library accepts in a file.
pub(super) const STRING_MAX: usize = 255;

const USER: u8 = 0;
const GROUP: u8 = 1;

/// Reads a block's body.
pub(super) fn parse(sized: bool, mut body: Cursor<'_>) -> Option<(Vec<UserEntry>, Vec<GroupEntry>)> {
    let (mut users, mut groups) = (Vec::new(), Vec::new());
    while body.left() >= 4 {
        if sized {
            let len = body.u32()?;
            let mut entry = body.piece((len as usize).checked_sub(4)?)?;
            parse_entry(&mut entry, &mut users, &mut groups)?;
        } else {
            parse_entry(&mut body, &mut users, &mut groups)?;
        }
    }
    Some((users, groups))
}

fn parse_entry(
    entry: &mut Cursor<'_>,
    users: &mut Vec<UserEntry>,
    groups: &mut Vec<GroupEntry>,
) -> Option<()> {
    if entry.u8()? == USER {
        users.push(UserEntry {
            uid: entry.u32()?,
            gid: entry.u32()?,
            name: entry.string()?,
            home: entry.string()?,
            shell: entry.string()?,
        });
    } else {
        groups.push(GroupEntry { gid: entry.u32()?, name: entry.string()? });
    }
    Some(())
}

/// Appends a user's entry.
pub(super) fn write_user(user: &UserEntry, out: &mut Vec<u8>) {
    write_sized(out, 4, |out| {
        out.push(USER);
        out.extend_from_slice(&user.uid.to_le_bytes());
        out.extend_from_slice(&user.gid.to_le_bytes());
        for text in [&user.name, &user.home, &user.shell] {
            write_string(out, text, STRING_MAX);
        }
    });
}

/// Appends a group's entry.
pub(super) fn write_group(group: &GroupEntry, out: &mut Vec<u8>) {
    write_sized(out, 4, |out| {
        out.push(GROUP);
        out.extend_from_slice(&group.gid.to_le_bytes());
        write_string(out, &group.name, STRING_MAX);
    });
}
