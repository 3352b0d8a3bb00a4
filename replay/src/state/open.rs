//! `open`, `openat`, `openat2`, `creat`, `open_by_handle_at`.

use capture::event::schema::param::*;
use capture::event::{Event, EventType};

use super::enter::{self, EnterEvent};
use super::fd::{self, FdInfo, FdKind};
use super::update::{Update, text_at};
use crate::path;
use crate::text::Text;

/// `PPM_AT_FDCWD`.
const AT_FDCWD: i64 = -100;
/// Stands for a directory that is not known.
const UNKNOWN_DIR: &[u8] = b"<UNKNOWN>";
/// Flags that the kernel side adds at the exit; an enter event cannot have them.
const EXIT_FLAGS: u32 = !(fd::O_F_CREATED - 1);

/// What an open asked for and got.
struct Opened<'e> {
    name: &'e [u8],
    flags: u32,
    dev: u32,
    ino: u64,
    /// Where a relative name starts.
    base: Base,
}

enum Base {
    /// The name is absolute or taken as it is.
    None,
    Cwd,
    Dir(i64),
}

/// Adds the descriptor that a successful open made.
pub(super) fn apply(update: &mut Update<'_>) {
    if update.thread.is_none() {
        return;
    }
    let event = update.event;
    // By handle there is no path at the enter.
    let entered = if event.ty == EventType::OPEN_BY_HANDLE_AT_X { None } else { enter::take(update) };
    let entered = entered.as_deref().map(EnterEvent::event);
    let Some(fd) = update.result().filter(|fd| *fd >= 0) else { return };
    let opened = match event.ty {
        EventType::OPEN_X => read_open(event, entered.as_ref()),
        EventType::CREAT_X => read_creat(event, entered.as_ref()),
        EventType::OPEN_BY_HANDLE_AT_X => read_by_handle(event),
        _ => read_openat(event, entered.as_ref()),
    };
    let (name, raw) = if path::is_normal(opened.name) {
        (Text::new(opened.name), None)
    } else {
        (resolve(update, &opened.base, opened.name), Some(Text::new(opened.name)))
    };
    let kind = if opened.flags & fd::O_DIRECTORY != 0 { FdKind::Directory } else { FdKind::File };
    let info = FdInfo {
        name,
        raw,
        open_flags: opened.flags,
        dev: opened.dev,
        ino: opened.ino,
        upper_layer: opened.flags & fd::FD_UPPER_LAYER != 0,
        lower_layer: opened.flags & fd::FD_LOWER_LAYER != 0,
        ..FdInfo::new(kind)
    };
    update.add_fd(fd, info);
}

fn read_open<'e>(event: &Event<'e>, entered: Option<&Event<'e>>) -> Opened<'e> {
    let mut opened = Opened {
        name: text_at(event, OPEN_X::name),
        flags: event.u32_at(OPEN_X::flags).unwrap_or(0),
        dev: event.u32_at(OPEN_X::dev).unwrap_or(0),
        ino: event.u64_at(OPEN_X::ino).unwrap_or(0),
        base: Base::Cwd,
    };
    if let Some(name) = entered.map(|entered| text_at(entered, OPEN_E::name)).filter(|name| is_known(name)) {
        opened.name = name;
        let flags = entered.and_then(|entered| entered.u32_at(OPEN_E::flags)).unwrap_or(0);
        opened.flags = flags | opened.flags & EXIT_FLAGS;
    }
    opened
}

fn read_creat<'e>(event: &Event<'e>, entered: Option<&Event<'e>>) -> Opened<'e> {
    // The layer bits come in a parameter of their own, as creat has no flags.
    let layers = event.u16_at(CREAT_X::creat_flags).unwrap_or(0);
    let flags = match (layers & 1 != 0, layers & 2 != 0) {
        (true, _) => fd::FD_UPPER_LAYER,
        (false, true) => fd::FD_LOWER_LAYER,
        (false, false) => 0,
    };
    let name = entered.map(|entered| text_at(entered, CREAT_E::name)).filter(|name| is_known(name));
    Opened {
        name: name.unwrap_or_else(|| text_at(event, CREAT_X::name)),
        flags,
        dev: event.u32_at(CREAT_X::dev).unwrap_or(0),
        ino: event.u64_at(CREAT_X::ino).unwrap_or(0),
        base: Base::Cwd,
    }
}

fn read_openat<'e>(event: &Event<'e>, entered: Option<&Event<'e>>) -> Opened<'e> {
    // The parameters up to the flags are the same for both calls.
    let (dev, ino) = if event.ty == EventType::OPENAT_2_X {
        (OPENAT_2_X::dev, OPENAT_2_X::ino)
    } else {
        (OPENAT2_X::dev, OPENAT2_X::ino)
    };
    let mut dirfd = event.i64_at(OPENAT_2_X::dirfd);
    let mut opened = Opened {
        name: text_at(event, OPENAT_2_X::name),
        flags: event.u32_at(OPENAT_2_X::flags).unwrap_or(0),
        dev: event.u32_at(dev).unwrap_or(0),
        ino: event.u64_at(ino).unwrap_or(0),
        base: Base::None,
    };
    if let Some(entered) = entered
        && is_known(text_at(entered, OPENAT_2_E::name))
    {
        opened.name = text_at(entered, OPENAT_2_E::name);
        let flags = entered.u32_at(OPENAT_2_E::flags).unwrap_or(0);
        opened.flags = flags | opened.flags & EXIT_FLAGS;
        dirfd = entered.i64_at(OPENAT_2_E::dirfd);
    }
    opened.base = dirfd.map_or(Base::None, Base::Dir);
    opened
}

fn read_by_handle<'e>(event: &Event<'e>) -> Opened<'e> {
    Opened {
        name: text_at(event, OPEN_BY_HANDLE_AT_X::path),
        flags: event.u32_at(OPEN_BY_HANDLE_AT_X::flags).unwrap_or(0),
        dev: event.u32_at(OPEN_BY_HANDLE_AT_X::dev).unwrap_or(0),
        ino: event.u64_at(OPEN_BY_HANDLE_AT_X::ino).unwrap_or(0),
        base: Base::None,
    }
}

fn is_known(name: &[u8]) -> bool {
    name != b"<NA>"
}

fn resolve(update: &Update<'_>, base: &Base, name: &[u8]) -> Text {
    Text::new(&match base {
        Base::None => path::join(b"", name),
        Base::Cwd => path::join(cwd(update), name),
        Base::Dir(dirfd) => path::join(&base_dir(update, name, *dirfd), name),
    })
}

/// Working directory of the event's thread.
pub(super) fn cwd<'u>(update: &'u Update<'_>) -> &'u [u8] {
    update.thread().map_or(b"./", |thread| update.state.threads.cwd_of(thread))
}

/// Directory that `name` is relative to: `.` for an absolute name, `<UNKNOWN>` when `dirfd` is not known.
pub(super) fn base_dir(update: &Update<'_>, name: &[u8], dirfd: i64) -> Vec<u8> {
    if name.first() == Some(&b'/') {
        return b".".to_vec();
    }
    if dirfd == AT_FDCWD {
        return cwd(update).to_vec();
    }
    let Some(dir) = update.fd_at(dirfd) else { return UNKNOWN_DIR.to_vec() };
    let mut path = dir.name.to_vec();
    if !path.is_empty() && !path.ends_with(b"/") {
        path.push(b'/');
    }
    path
}
