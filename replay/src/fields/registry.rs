//! The registry: all classes of fields, in one numbered list.

use std::sync::LazyLock;

use super::def::FieldDef;
use super::{FieldId, container, evt, fd, fdlist, fs_path, group, process, user, util};

/// Fields about one thing.
pub struct FieldClass {
    /// Heading for people.
    pub title: &'static str,
    pub fields: &'static [FieldDef],
}

/// All classes. A field belongs to exactly one.
pub const CLASSES: [FieldClass; 9] = [
    FieldClass { title: "Events", fields: evt::FIELDS },
    FieldClass { title: "Processes and threads", fields: process::FIELDS },
    FieldClass { title: "File descriptors", fields: fd::FIELDS },
    FieldClass { title: "Paths of file system calls", fields: fs_path::FIELDS },
    FieldClass { title: "Descriptors of poll", fields: fdlist::FIELDS },
    FieldClass { title: "Users", fields: user::FIELDS },
    FieldClass { title: "Groups", fields: group::FIELDS },
    FieldClass { title: "Containers and Kubernetes", fields: container::FIELDS },
    FieldClass { title: "Helpers", fields: util::FIELDS },
];

const COUNT: usize = {
    let mut count = 0;
    let mut class = 0;
    while class < CLASSES.len() {
        count += CLASSES[class].fields.len();
        class += 1;
    }
    count
};

/// Every field; a [`FieldId`] is its position.
static FIELDS: [FieldDef; COUNT] = {
    let mut all = [CLASSES[0].fields[0]; COUNT];
    let (mut next, mut class) = (0, 0);
    while class < CLASSES.len() {
        let mut row = 0;
        while row < CLASSES[class].fields.len() {
            all[next] = CLASSES[class].fields[row];
            next += 1;
            row += 1;
        }
        class += 1;
    }
    all
};

/// Every field, by id.
pub fn all() -> &'static [FieldDef] {
    &FIELDS
}

/// Ids in order of names. Loading rules looks up some ten thousand names, most of which are no fields.
static BY_NAME: LazyLock<Vec<FieldId>> = LazyLock::new(|| {
    let mut ids: Vec<FieldId> = (0..COUNT as u16).map(FieldId).collect();
    ids.sort_by_key(|id| id.def().name);
    ids
});

/// The field whose name is the longest that `token` starts with.
pub(super) fn longest_match(token: &str) -> Option<FieldId> {
    let mut token = token.as_bytes();
    loop {
        // Names that the token starts with are not after it, and the longest of them comes last.
        let at = BY_NAME.partition_point(|id| id.def().name.as_bytes() <= token);
        let id = *BY_NAME.get(at.checked_sub(1)?)?;
        let name = id.def().name.as_bytes();
        let common = token.iter().zip(name).take_while(|(a, b)| a == b).count();
        if common == name.len() {
            return Some(id);
        }
        // This one only starts like the token: what is left can be no longer than that.
        token = &token[..common];
    }
}

impl FieldId {
    /// The registry row.
    pub fn def(self) -> &'static FieldDef {
        &FIELDS[usize::from(self.0)]
    }
}
