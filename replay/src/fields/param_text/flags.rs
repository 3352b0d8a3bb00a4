//! Names of flags, enumeration values and file modes.

use bumpalo::Bump;

use crate::fields::text_buf::TextBuf;

/// Names with their values, in the order in which they are tried.
type Table = [(&'static str, u32)];

fn add_name(text: &mut TextBuf<'_>, name: &str) {
    if !text.is_empty() {
        text.push_byte(b'|');
    }
    text.push(name.as_bytes());
}

/// Flags: each entry whose bits are all set takes them away, until nothing is left or an entry is the whole
/// value. 0 has a name only if the table has an entry for it.
pub(super) fn flag_names<'a>(arena: &'a Bump, table: &Table, value: u32) -> &'a [u8] {
    let mut text = TextBuf::new(arena);
    let mut left = value;
    for &(name, bits) in table {
        let zero = bits == 0 && value == 0;
        if zero || bits != 0 && left & bits == bits {
            add_name(&mut text, name);
            left &= !bits;
            if bits == value {
                break;
            }
        }
    }
    text.finish()
}

/// Enumerations: every name of the value. Several names are one text: `AF_UNIX` shows as `AF_LOCAL|AF_UNIX`.
pub(super) fn enum_names<'a>(arena: &'a Bump, table: &Table, value: u32) -> &'a [u8] {
    let mut text = TextBuf::new(arena);
    for (name, _) in table.iter().filter(|(_, bits)| *bits == value) {
        add_name(&mut text, name);
    }
    text.finish()
}

/// File modes: as flags, but the entry that is the whole value ends the search even after others matched.
pub(super) fn mode_names<'a>(arena: &'a Bump, table: &Table, value: u32) -> &'a [u8] {
    let mut text = TextBuf::new(arena);
    let mut left = value;
    for &(name, bits) in table {
        if bits == value {
            add_name(&mut text, name);
            break;
        }
        if bits != 0 && left & bits == bits {
            add_name(&mut text, name);
            left &= !bits;
        }
    }
    text.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use capture::event::flags::{CHMOD_MODE, FILE_FLAGS, SOCKET_FAMILIES};

    #[test]
    fn values_have_names() {
        type Names = for<'a> fn(&'a Bump, &Table, u32) -> &'a [u8];
        let check = |names: Names, table: &Table, value: u32, expected: &str| {
            let arena = Bump::new();
            assert_eq!(std::str::from_utf8(names(&arena, table, value)), Ok(expected));
        };
        check(flag_names, FILE_FLAGS.entries, 0, "O_NONE");
        check(flag_names, FILE_FLAGS.entries, 1, "O_RDONLY");
        check(flag_names, FILE_FLAGS.entries, 3, "O_RDWR");
        check(flag_names, FILE_FLAGS.entries, 0x1001, "O_RDONLY|O_CLOEXEC");
        check(flag_names, FILE_FLAGS.entries, 0x8000_0000, "");
        check(flag_names, CHMOD_MODE.entries, 0, "");
        check(enum_names, SOCKET_FAMILIES.entries, 1, "AF_LOCAL|AF_UNIX");
        check(enum_names, SOCKET_FAMILIES.entries, 2, "AF_INET");
        check(enum_names, SOCKET_FAMILIES.entries, 99, "");
        check(
            mode_names,
            CHMOD_MODE.entries,
            0o4755,
            "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID",
        );
    }
}
