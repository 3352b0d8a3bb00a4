//! Fields of the paths that file system calls name: `fs.path.*`.

use super::def::{FieldDef, absent, text};

pub(super) const FIELDS: &[FieldDef] = &[
    text("fs.path.name", absent, "Absolute path of path-syscall on success."),
    text("fs.path.nameraw", absent, "Path param as given."),
    text("fs.path.source", absent, "Absolute source path (rename/link/symlink/mount)."),
    text("fs.path.sourceraw", absent, "Source path as given."),
    text("fs.path.target", absent, "Absolute target path."),
    text("fs.path.targetraw", absent, "Target path as given."),
];
