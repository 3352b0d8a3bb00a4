//! What a file was opened for, and the absolute path of calls that take a directory descriptor.

use capture::event::EventType;
use capture::event::schema::param;

use crate::context::EventContext;
use crate::fields::view::AT_FDCWD;
use crate::fields::{FieldArg, Value};

/// `PPM_O_*` flags.
const O_RDONLY: u32 = 1;
const O_WRONLY: u32 = 1 << 1;
const O_CREAT: u32 = 1 << 2;
const O_TMPFILE: u32 = 1 << 13;
const O_F_CREATED: u32 = 1 << 14;
/// Any execute bit of a file mode.
const MODE_EXECUTE: u32 = 0o111;

/// Flags and mode of an event that opens a file; `creat` has no flags.
fn flags_and_mode(cx: &EventContext<'_>) -> Option<(u32, u32)> {
    let number = |index: usize| cx.event.u32_at(index).unwrap_or(0);
    Some(match cx.event.ty {
        EventType::OPEN_X => (number(param::OPEN_X::flags), number(param::OPEN_X::mode)),
        EventType::OPENAT_2_X => (number(param::OPENAT_2_X::flags), number(param::OPENAT_2_X::mode)),
        EventType::OPENAT2_X => (number(param::OPENAT2_X::flags), number(param::OPENAT2_X::mode)),
        EventType::OPEN_BY_HANDLE_AT_X => (number(param::OPEN_BY_HANDLE_AT_X::flags), 0),
        _ => return None,
    })
}

fn has_flag<'a>(cx: &EventContext<'a>, flag: u32) -> Value<'a> {
    Value::Bool(flags_and_mode(cx).is_some_and(|(flags, _)| flags & flag != 0))
}

/// `O_RDWR` is both bits in the ecosystem's numbering.
pub(super) fn is_read<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    has_flag(cx, O_RDONLY)
}

pub(super) fn is_write<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    has_flag(cx, O_WRONLY)
}

pub(super) fn is_exec<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let mode = match cx.event.ty {
        EventType::CREAT_X => cx.event.u32_at(param::CREAT_X::mode).unwrap_or(0),
        _ => match flags_and_mode(cx) {
            Some((flags, mode)) if flags & (O_CREAT | O_TMPFILE) != 0 => mode,
            _ => 0,
        },
    };
    Value::Bool(mode & MODE_EXECUTE != 0)
}

pub(super) fn is_create<'a>(cx: &EventContext<'a>, _arg: &FieldArg) -> Value<'a> {
    let succeeded = || cx.return_value().is_some_and(|result| result >= 0);
    Value::Bool(
        flags_and_mode(cx)
            .is_some_and(|(flags, _)| flags & O_F_CREATED != 0 || flags & O_TMPFILE != 0 && succeeded()),
    )
}

/// Indices of the directory descriptor and the path of a call. Of those with two, `dst` asks for the second.
fn path_params(ty: EventType, second: bool) -> Option<(usize, usize)> {
    use EventType as E;
    use param as p;
    Some(match ty {
        E::RENAMEAT_X if second => (p::RENAMEAT_X::newdirfd, p::RENAMEAT_X::newpath),
        E::RENAMEAT_X => (p::RENAMEAT_X::olddirfd, p::RENAMEAT_X::oldpath),
        E::RENAMEAT2_X if second => (p::RENAMEAT2_X::newdirfd, p::RENAMEAT2_X::newpath),
        E::RENAMEAT2_X => (p::RENAMEAT2_X::olddirfd, p::RENAMEAT2_X::oldpath),
        E::LINKAT_2_X if second => (p::LINKAT_2_X::newdir, p::LINKAT_2_X::newpath),
        E::LINKAT_2_X => (p::LINKAT_2_X::olddir, p::LINKAT_2_X::oldpath),
        E::SYMLINKAT_X => (p::SYMLINKAT_X::linkdirfd, p::SYMLINKAT_X::linkpath),
        E::OPENAT_2_X => (p::OPENAT_2_X::dirfd, p::OPENAT_2_X::name),
        E::OPENAT2_X => (p::OPENAT2_X::dirfd, p::OPENAT2_X::name),
        E::UNLINKAT_2_X => (p::UNLINKAT_2_X::dirfd, p::UNLINKAT_2_X::name),
        E::MKDIRAT_X => (p::MKDIRAT_X::dirfd, p::MKDIRAT_X::path),
        E::FCHMODAT_X => (p::FCHMODAT_X::dirfd, p::FCHMODAT_X::filename),
        E::FCHOWNAT_X => (p::FCHOWNAT_X::dirfd, p::FCHOWNAT_X::pathname),
        _ => return None,
    })
}

pub(super) fn abspath<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Value<'a> {
    absolute(cx, arg).into()
}

fn absolute<'a>(cx: &EventContext<'a>, arg: &FieldArg) -> Option<&'a [u8]> {
    let thread = cx.thread?;
    if cx.event.ty == EventType::OPEN_BY_HANDLE_AT_X {
        // The path is only recorded for calls that succeed.
        let path = cx.event.str_at(param::OPEN_BY_HANDLE_AT_X::path);
        return (cx.return_value()? > 0).then(|| cx.join_path(b"", path.unwrap_or(b"<NA>")));
    }
    let second = matches!(arg, FieldArg::Key(key) if &**key == b"dst");
    let (dirfd, path) = path_params(cx.event.ty, second)?;
    let (dirfd, path) = (cx.event.i64_at(dirfd)?, cx.event.str_at(path)?);
    let directory = match (path.first(), dirfd) {
        (Some(b'/'), _) => b".",
        (_, AT_FDCWD) => cx.cwd(thread),
        // Unlike elsewhere, the path of an unknown directory is not glued to `<UNKNOWN>`, and the root
        // directory gets a second slash.
        _ => match cx.fd_of_thread(dirfd) {
            Some(fd) => cx.add_slash(&fd.name),
            None => b"<UNKNOWN>/",
        },
    };
    Some(cx.join_path(directory, path))
}
