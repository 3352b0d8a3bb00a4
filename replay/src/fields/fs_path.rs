//! Fields of the paths that file system calls name: `fs.path.*`.
//!
//! They differ from `fd.*` in that they also cover calls that act on paths without a descriptor, and have values
//! only for calls that succeeded.

use capture::event::EventType;
use capture::event::schema::param;

use super::def::{FieldDef, text};
use super::view::text_param;
use super::{FieldArg, Value};
use crate::context::EventContext;
use crate::state::FdKind;

pub(super) const FIELDS: &[FieldDef] = &[
    text(
        "fs.path.name",
        name,
        "Absolute path of a call that names one file, such as `unlink`, `chmod` or `open`.",
    ),
    text("fs.path.nameraw", raw_name, "That path as given to the system call."),
    text(
        "fs.path.source",
        source,
        "Absolute source of a call that names two files: the old path of `rename`, the new one of `link`, the link of `symlink`, the device of `mount`.",
    ),
    text("fs.path.sourceraw", raw_source, "That path as given to the system call."),
    text("fs.path.target", target, "Absolute target of a call that names two files."),
    text("fs.path.targetraw", raw_target, "That path as given to the system call."),
];

/// Where a path of a call comes from.
#[derive(Clone, Copy)]
enum Source {
    Param(usize),
    /// The name of the descriptor.
    Fd,
}

/// Paths of one type of call.
#[derive(Clone, Copy)]
enum Paths {
    One(Source),
    Two { source: usize, target: usize },
}

fn paths(ty: EventType) -> Option<Paths> {
    use EventType as E;
    use param as p;
    let one = |index: usize| Paths::One(Source::Param(index));
    let two = |source: usize, target: usize| Paths::Two { source, target };
    Some(match ty {
        E::MKDIR_2_X => one(p::MKDIR_2_X::path),
        E::MKDIRAT_X => one(p::MKDIRAT_X::path),
        E::RMDIR_2_X => one(p::RMDIR_2_X::path),
        E::UNLINK_2_X => one(p::UNLINK_2_X::path),
        E::UNLINKAT_2_X => one(p::UNLINKAT_2_X::name),
        E::OPEN_X => one(p::OPEN_X::name),
        E::OPENAT_2_X => one(p::OPENAT_2_X::name),
        E::OPENAT2_X => one(p::OPENAT2_X::name),
        E::FCHMODAT_X => one(p::FCHMODAT_X::filename),
        E::CHMOD_X => one(p::CHMOD_X::filename),
        E::CHOWN_X => one(p::CHOWN_X::path),
        E::LCHOWN_X => one(p::LCHOWN_X::path),
        E::FCHOWNAT_X => one(p::FCHOWNAT_X::pathname),
        E::QUOTACTL_X => one(p::QUOTACTL_X::special),
        E::UMOUNT_1_X => one(p::UMOUNT_1_X::name),
        E::UMOUNT2_X => one(p::UMOUNT2_X::name),
        E::FCHMOD_X | E::FCHOWN_X => Paths::One(Source::Fd),
        E::RENAME_X => two(p::RENAME_X::oldpath, p::RENAME_X::newpath),
        E::RENAMEAT_X => two(p::RENAMEAT_X::oldpath, p::RENAMEAT_X::newpath),
        E::RENAMEAT2_X => two(p::RENAMEAT2_X::oldpath, p::RENAMEAT2_X::newpath),
        E::LINK_2_X => two(p::LINK_2_X::newpath, p::LINK_2_X::oldpath),
        E::LINKAT_2_X => two(p::LINKAT_2_X::newpath, p::LINKAT_2_X::oldpath),
        E::SYMLINK_X => two(p::SYMLINK_X::linkpath, p::SYMLINK_X::target),
        E::SYMLINKAT_X => two(p::SYMLINKAT_X::linkpath, p::SYMLINKAT_X::target),
        E::MOUNT_X => two(p::MOUNT_X::dev, p::MOUNT_X::dir),
        _ => return None,
    })
}

/// Opens return a descriptor, and only -1 counts as failure, so that the paths of failed opens have values too;
/// other calls return 0.
fn succeeded(cx: &EventContext<'_>) -> bool {
    let result = cx.event.i64_at(0);
    match cx.event.ty {
        EventType::OPEN_X | EventType::OPENAT_2_X | EventType::OPENAT2_X => result.is_some_and(|fd| fd != -1),
        _ => result == Some(0),
    }
}

/// Which of the paths is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Name,
    Source,
    Target,
}

fn raw<'a>(cx: &EventContext<'a>, which: Which) -> Option<&'a [u8]> {
    if !succeeded(cx) {
        return None;
    }
    let index = match (paths(cx.event.ty)?, which) {
        (Paths::One(Source::Param(index)), Which::Name)
        | (Paths::Two { source: index, .. }, Which::Source)
        | (Paths::Two { target: index, .. }, Which::Target) => index,
        (Paths::One(Source::Fd), Which::Name) => {
            return cx.thread.and(cx.fd).map(|fd| &*fd.name).or(Some(b""));
        }
        _ => return None,
    };
    Some(text_param(cx.event, index))
}

fn absolute<'a>(cx: &EventContext<'a>, which: Which) -> Option<&'a [u8]> {
    use EventType as E;
    let path = raw(cx, which)?;
    let thread = cx.thread?;
    if path.first() == Some(&b'/') {
        return Some(cx.join_path(b"", path));
    }
    let directory = match cx.event.ty {
        // State has made the descriptor's name absolute.
        E::OPENAT_2_X | E::OPENAT2_X => {
            let name: &[u8] = cx.fd.map_or(b"<UNKNOWN>", |fd| &fd.name);
            return Some(cx.join_path(b"", name));
        }
        // The event is about the directory's descriptor, which the working directory does not have.
        E::FCHOWNAT_X | E::FCHMODAT_X | E::MKDIRAT_X | E::UNLINKAT_2_X => directory_fd(cx),
        E::SYMLINKAT_X if which == Which::Source => directory_fd(cx),
        E::SYMLINKAT_X => b"<UNKNOWN>",
        E::RENAMEAT2_X => {
            let index = if which == Which::Target {
                param::RENAMEAT2_X::newdirfd
            } else {
                param::RENAMEAT2_X::olddirfd
            };
            cx.directory(cx.event.i64_at(index).unwrap_or(-1), path)
        }
        _ => cx.cwd(thread),
    };
    Some(cx.join_path(directory, path))
}

/// The directory whose descriptor the event is about, with a slash at its end.
fn directory_fd<'a>(cx: &EventContext<'a>) -> &'a [u8] {
    match cx.fd {
        Some(fd) if !matches!(fd.kind, FdKind::Directory) => b"<UNKNOWN>",
        Some(fd) if fd.name.is_empty() => b"",
        Some(fd) => cx.with_slash(&fd.name),
        None => b"<UNKNOWN>",
    }
}

fn name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    absolute(cx, Which::Name).into()
}

fn raw_name<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    raw(cx, Which::Name).into()
}

fn source<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    absolute(cx, Which::Source).into()
}

fn raw_source<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    raw(cx, Which::Source).into()
}

fn target<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    absolute(cx, Which::Target).into()
}

fn raw_target<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    raw(cx, Which::Target).into()
}
