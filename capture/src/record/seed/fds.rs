//! Open descriptors of a process, from /proc.

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::sockets::Tables;
use crate::savefile::{FdBody, FdEntry, FdType};

/// Readers keep as many per process.
pub(super) const FDS_MAX: usize = 4096;
/// Readers refuse longer names.
pub(super) const NAME_MAX: usize = 1023;

/// Kinds of anonymous inodes by the text of their link.
const ANONYMOUS: &[(&str, FdType)] = &[
    ("[eventfd]", FdType::Event),
    ("[eventpoll]", FdType::EventPoll),
    ("inotify", FdType::Inotify),
    ("[signalfd]", FdType::SignalFd),
    ("[timerfd]", FdType::TimerFd),
    ("[io_uring]", FdType::IoUring),
    ("[userfaultfd]", FdType::UserFaultFd),
    ("[pidfd]", FdType::PidFd),
    ("bpf-map", FdType::Bpf),
    ("bpf-prog", FdType::Bpf),
    ("bpf_link", FdType::Bpf),
    ("bpf-link", FdType::Bpf),
];

/// The descriptors; those that are closed meanwhile are left out.
pub(super) fn read(pid: u32, sockets: &mut Tables) -> Vec<FdEntry> {
    let directory = PathBuf::from(format!("/proc/{pid}"));
    let Ok(entries) = fs::read_dir(directory.join("fd")) else {
        return Vec::new();
    };
    let mut fds = Vec::new();
    for entry in entries.flatten().take(FDS_MAX) {
        let fd = entry.file_name().to_str().and_then(|name| name.parse::<i64>().ok());
        let (Some(fd), Ok(target), Ok(metadata)) =
            (fd, fs::read_link(entry.path()), fs::metadata(entry.path()))
        else {
            continue;
        };
        let target = target.into_os_string().into_vec();
        let ino = metadata.ino();
        // glibc's encoding of a device number is the format's, for the numbers that the kernel has.
        let (mode, dev) = (metadata.mode(), metadata.dev() as u32);
        let body = if is_socket(mode) {
            sockets.find(&directory, ino)
        } else {
            Some(body(mode, dev, target, || open_flags(&directory.join(format!("fdinfo/{fd}")))))
        };
        fds.extend(body.map(|body| FdEntry { fd, ino, body }));
    }
    fds.sort_by_key(|fd| fd.fd);
    fds
}

pub(super) fn is_socket(mode: u32) -> bool {
    FileType::from_raw_mode(mode) == FileType::Socket
}

/// What a descriptor is that is no socket, by its mode and the kernel's text for it. Flags are in the format's numbering.
pub(super) fn body(mode: u32, dev: u32, mut target: Vec<u8>, flags: impl FnOnce() -> u32) -> FdBody {
    target.truncate(NAME_MAX);
    let named = |ty, name| FdBody::Named { ty, name };
    if let Some(kind) = target.strip_prefix(b"anon_inode:") {
        let kind = String::from_utf8_lossy(kind);
        let known = ANONYMOUS.iter().find(|(text, _)| *text == kind);
        return named(known.map_or(FdType::Unsupported, |(_, ty)| *ty), target);
    }
    match FileType::from_raw_mode(mode) {
        FileType::Fifo => named(FdType::Fifo, target),
        FileType::Directory => named(FdType::Directory, target),
        FileType::RegularFile if target.starts_with(b"/memfd:") => named(FdType::MemFd, target),
        _ => FdBody::File { flags: flags(), name: target, dev },
    }
}

/// Open flags in the format's numbering. The line in fdinfo is octal.
fn open_flags(path: &Path) -> u32 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let native = line.and_then(|line| u32::from_str_radix(line.trim(), 8).ok()).unwrap_or(0);
    ppm_open_flags(native)
}

/// Native open flags in the format's numbering; the eBPF programs do the same in flags.h.
pub(super) fn ppm_open_flags(native: u32) -> u32 {
    use rustix::fs::OFlags;
    let flags = OFlags::from_bits_retain(native);
    let access = match flags & OFlags::RWMODE {
        OFlags::WRONLY => 2,
        OFlags::RDWR => 3,
        _ => 1,
    };
    [
        (OFlags::CREATE, 1 << 2),
        (OFlags::APPEND, 1 << 3),
        (OFlags::DSYNC, 1 << 4),
        (OFlags::EXCL, 1 << 5),
        (OFlags::NONBLOCK, 1 << 6),
        (OFlags::SYNC, 1 << 7),
        (OFlags::TRUNC, 1 << 8),
        (OFlags::DIRECT, 1 << 9),
        (OFlags::DIRECTORY, 1 << 10),
        (OFlags::LARGEFILE, 1 << 11),
        (OFlags::CLOEXEC, 1 << 12),
        (OFlags::TMPFILE, 1 << 13),
    ]
    .iter()
    .filter(|(flag, _)| flags.intersects(*flag))
    .fold(access, |ppm, (_, bit)| ppm | bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_descriptors_are_found() {
        let file = fs::File::open("/proc/self/maps").unwrap();
        let (pipe, _other) = std::io::pipe().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let found = read(std::process::id(), &mut Tables::default());
        let get = |fd: i32| found.iter().find(|entry| entry.fd == i64::from(fd)).map(|entry| &entry.body);
        use std::os::fd::AsRawFd;
        let Some(FdBody::File { flags, name, .. }) = get(file.as_raw_fd()) else { panic!("{found:?}") };
        assert!(name.ends_with(b"/maps") && flags & 3 == 1, "{flags}");
        let Some(FdBody::Named { ty: FdType::Fifo, name }) = get(pipe.as_raw_fd()) else {
            panic!("{found:?}")
        };
        assert!(name.starts_with(b"pipe:["));
        let Some(FdBody::Ipv4Server { port, .. }) = get(listener.as_raw_fd()) else { panic!("{found:?}") };
        assert_eq!(*port, listener.local_addr().unwrap().port());
    }

    #[test]
    fn flags_are_renumbered() {
        assert_eq!(ppm_open_flags(0), 1);
        assert_eq!(ppm_open_flags(0o2 | 0o100 | 0o2000000), 3 | 4 | 4096);
    }
}
