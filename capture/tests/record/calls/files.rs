//! Opening, naming and changing files.

use std::os::unix::fs::MetadataExt;

use lanner_capture::event::EventType as E;

use super::raw::{CWD, Calls, P, call, neg, p, pm, s};

/// Device and inode as they should be recorded.
fn identity(path: &str) -> (u32, u64) {
    let metadata = std::fs::metadata(path).unwrap();
    (metadata.dev() as u32, metadata.ino())
}

pub fn make(calls: &mut Calls) {
    let directory = format!("/tmp/lanner-files-{}", std::process::id());
    std::fs::create_dir(&directory).unwrap();
    std::env::set_current_dir(&directory).unwrap();
    opening(calls, &directory);
    path_lengths(calls);
    naming(calls);
    modes(calls);
    directories(calls, &directory);
    std::env::set_current_dir("/").unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
}

fn opening(calls: &mut Calls, directory: &str) {
    // O_CREAT|O_RDWR|O_CLOEXEC, created: RDWR, CREAT, CLOEXEC and F_CREATED of the format.
    let flags = 0o100 | 0o2 | 0o2000000;
    let fd = call("openat", &[neg(CWD), p(c"new"), flags, 0o640]);
    let (dev, ino) = identity("new");
    calls.expect(
        "openat",
        E::OPENAT_2_X,
        fd,
        &[P::Ret, P::I8(CWD), s("new"), P::U4(3 | 4 | 4096 | 0x4000), P::U4(0o640), P::U4(dev), P::U8(ino)],
    );
    call("close", &[fd as u64]);
    // The same again is not created; a mode without O_CREAT is not recorded.
    let fd = call("openat", &[neg(CWD), p(c"new"), 0o1 | 0o2000, 0o777]);
    let params = [P::Ret, P::I8(CWD), s("new"), P::U4(2 | 8), P::U4(0), P::U4(dev), P::U8(ino)];
    calls.expect("openat", E::OPENAT_2_X, fd, &params);
    call("close", &[fd as u64]);
    // O_DIRECTORY is one of the two bits of O_TMPFILE and sets both, O_DSYNC likewise O_SYNC.
    let flags = 0o200000 | 0o10000;
    calls.call(
        "openat",
        &[9999, p(c"missing"), flags, 0],
        E::OPENAT_2_X,
        &[P::Ret, P::I8(9999), s("missing"), P::U4(1 | 16 | 128 | 1024 | 8192), P::U4(0), P::U4(0), P::U8(0)],
    );
    calls.call(
        "openat",
        &[neg(CWD), 8, 0, 0],
        E::OPENAT_2_X,
        &[P::Ret, P::I8(CWD), P::None, P::U4(1), P::U4(0), P::U4(0), P::U8(0)],
    );
    let fd = call("open", &[p(c"new"), 0o4000 | 0o40000 | 0o1000 | 2, 0]);
    let (dev, ino) = identity("new");
    if fd >= 0 {
        let flags = P::U4(3 | 64 | 256 | 512);
        calls.expect("open", E::OPEN_X, fd, &[P::Ret, s("new"), flags, P::U4(0), P::U4(dev), P::U8(ino)]);
        call("close", &[fd as u64]);
    }
    calls.call(
        "open",
        &[p(c"new"), 0o100 | 0o200, 0o600],
        E::OPEN_X,
        &[P::Ret, s("new"), P::U4(1 | 4 | 32), P::U4(0o600), P::U4(0), P::U8(0)],
    );
    let how = [0o100u64 | 0o2, 0o604, 0x08 | 0x02];
    let fd = call("openat2", &[neg(CWD), p(c"second"), p(&how), 24]);
    let (dev, ino) = identity("second");
    let resolve = P::U4(1 | 4);
    calls.expect(
        "openat2",
        E::OPENAT2_X,
        fd,
        &[
            P::Ret,
            P::I8(CWD),
            s("second"),
            P::U4(3 | 4 | 0x4000),
            P::U4(0o604),
            resolve,
            P::U4(dev),
            P::U8(ino),
        ],
    );
    call("close", &[fd as u64]);
    let fd = call("creat", &[p(c"third"), 0o600]);
    let (dev, ino) = identity("third");
    calls.expect(
        "creat",
        E::CREAT_X,
        fd,
        &[P::Ret, s("third"), P::U4(0o600), P::U4(dev), P::U8(ino), P::U2(0)],
    );
    call("close", &[fd as u64]);
    calls.call(
        "creat",
        &[p(c"no/such"), 0o644],
        E::CREAT_X,
        &[P::Ret, s("no/such"), P::U4(0o644), P::U4(0), P::U8(0), P::U2(0)],
    );
    by_handle(calls, directory);
    let fd =
        calls.call("memfd_create", &[p(c"shared"), 1], E::MEMFD_CREATE_X, &[P::Ret, s("shared"), P::U4(1)]);
    call("close", &[fd as u64]);
}

/// Short paths take another way than long ones.
fn path_lengths(calls: &mut Calls) {
    for len in [3, 61, 62, 63, 64, 65, 300, 4094, 4095, 5000] {
        let text = format!("m/{}", "x".repeat(len - 2));
        let path = format!("{text}\0");
        let recorded = s(&text[..len.min(4095)]);
        let at = p(path.as_bytes());
        let unknown = [P::U4(0), P::U8(0)];
        let with = |before: &[P], after: &[P]| [before, std::slice::from_ref(&recorded), after].concat();
        calls.call(
            "open",
            &[at, 0, 0],
            E::OPEN_X,
            &with(&[P::Ret], &[&[P::U4(1), P::U4(0)], &unknown[..]].concat()),
        );
        calls.call(
            "openat",
            &[neg(CWD), at, 0o100, 0o600],
            E::OPENAT_2_X,
            &with(&[P::Ret, P::I8(CWD)], &[&[P::U4(1 | 4), P::U4(0o600)], &unknown[..]].concat()),
        );
        let how = [0u64; 3];
        calls.call(
            "openat2",
            &[neg(CWD), at, p(&how), 24],
            E::OPENAT2_X,
            &with(&[P::Ret, P::I8(CWD)], &[&[P::U4(1), P::U4(0), P::U4(0)], &unknown[..]].concat()),
        );
        calls.call(
            "creat",
            &[at, 0o644],
            E::CREAT_X,
            &with(&[P::Ret], &[&[P::U4(0o644)], &unknown[..], &[P::U2(0)]].concat()),
        );
        calls.call("stat", &[at, 0], E::STAT_X, &with(&[P::Ret], &[]));
        calls.call("access", &[at, 4], E::ACCESS_X, &with(&[P::Ret], &[P::U4(4)]));
        calls.call(
            "newfstatat",
            &[neg(CWD), at, 0, 0],
            E::NEWFSTATAT_X,
            &with(&[P::Ret, P::I8(CWD)], &[P::U4(0)]),
        );
    }
}

fn by_handle(calls: &mut Calls, directory: &str) {
    let mut handle = [0u8; 8 + 128];
    handle[..4].copy_from_slice(&128u32.to_ne_bytes());
    let mut mount = 0i32;
    let root = call("open", &[p(c"."), 0o200000, 0]);
    if call("name_to_handle_at", &[neg(CWD), p(c"new"), pm(&mut handle), pm(&mut mount), 0]) == 0 {
        let fd = call("open_by_handle_at", &[root as u64, p(&handle), 0o2]);
        let (dev, ino) = identity("new");
        let path = s(&format!("{directory}/new"));
        if fd >= 0 {
            let params = [P::Ret, P::I8(root), P::U4(3), path, P::U4(dev), P::U8(ino)];
            calls.expect("open_by_handle_at", E::OPEN_BY_HANDLE_AT_X, fd, &params);
            call("close", &[fd as u64]);
        }
    }
    calls.call(
        "open_by_handle_at",
        &[root as u64, 0, 0],
        E::OPEN_BY_HANDLE_AT_X,
        &[P::Ret, P::I8(root), P::U4(1), P::None, P::U4(0), P::U8(0)],
    );
    call("close", &[root as u64]);
}

fn naming(calls: &mut Calls) {
    let two = |from: &str, to: &str| [P::Ret, s(from), s(to)];
    let at = |from: &str, to: &str| vec![P::Ret, P::I8(CWD), s(from), P::I8(CWD), s(to)];
    calls.call("link", &[p(c"new"), p(c"hard")], E::LINK_2_X, &two("new", "hard"));
    let mut params = at("new", "hard2");
    params.push(P::U4(0x400));
    calls.call("linkat", &[neg(CWD), p(c"new"), neg(CWD), p(c"hard2"), 0x400], E::LINKAT_2_X, &params);
    calls.call("symlink", &[p(c"new"), p(c"soft")], E::SYMLINK_X, &two("new", "soft"));
    calls.call(
        "symlinkat",
        &[p(c"new"), neg(CWD), p(c"soft2")],
        E::SYMLINKAT_X,
        &[P::Ret, s("new"), P::I8(CWD), s("soft2")],
    );
    calls.call("rename", &[p(c"hard"), p(c"hard3")], E::RENAME_X, &two("hard", "hard3"));
    calls.call("rename", &[p(c"nothing"), p(c"hard3")], E::RENAME_X, &two("nothing", "hard3"));
    let cwd = neg(CWD);
    calls.call("renameat", &[cwd, p(c"hard3"), cwd, p(c"hard4")], E::RENAMEAT_X, &at("hard3", "hard4"));
    let mut params = at("hard4", "hard2");
    params.push(P::U4(1));
    calls.call("renameat2", &[cwd, p(c"hard4"), cwd, p(c"hard2"), 1], E::RENAMEAT2_X, &params);
    calls.call("unlink", &[p(c"hard2")], E::UNLINK_2_X, &[P::Ret, s("hard2")]);
    calls.call(
        "unlinkat",
        &[cwd, p(c"hard4"), 0],
        E::UNLINKAT_2_X,
        &[P::Ret, P::I8(CWD), s("hard4"), P::U4(0)],
    );
    calls.call(
        "unlinkat",
        &[7777, p(c"d"), 0x200],
        E::UNLINKAT_2_X,
        &[P::Ret, P::I8(7777), s("d"), P::U4(0x200)],
    );
    calls.call(
        "mknod",
        &[p(c"pipe"), 0o10644, 0],
        E::MKNOD_X,
        &[P::Ret, s("pipe"), P::U4(0o10644), P::U4(0)],
    );
    calls.call(
        "mknodat",
        &[cwd, p(c"device"), 0o20600, 0x103],
        E::MKNODAT_X,
        &[P::Ret, P::I8(CWD), s("device"), P::U4(0o20600), P::U4(0x103)],
    );
}

fn modes(calls: &mut Calls) {
    let cwd = neg(CWD);
    calls.call("chmod", &[p(c"new"), 0o4755], E::CHMOD_X, &[P::Ret, s("new"), P::U4(0o4755)]);
    calls.call(
        "fchmodat",
        &[cwd, p(c"new"), 0o600],
        E::FCHMODAT_X,
        &[P::Ret, P::I8(CWD), s("new"), P::U4(0o600)],
    );
    calls.call("chown", &[p(c"new"), 1, 2], E::CHOWN_X, &[P::Ret, s("new"), P::U4(1), P::U4(2)]);
    calls.call(
        "lchown",
        &[p(c"soft"), 3, u64::from(u32::MAX)],
        E::LCHOWN_X,
        &[P::Ret, s("soft"), P::U4(3), P::U4(u32::MAX)],
    );
    calls.call(
        "fchownat",
        &[cwd, p(c""), 0, 0, 0x1000],
        E::FCHOWNAT_X,
        &[P::Ret, P::I8(CWD), s(""), P::U4(0), P::U4(0), P::U4(0x1000)],
    );
    let fd = call("open", &[p(c"new"), 0, 0]);
    calls.call("fchmod", &[fd as u64, 0o644], E::FCHMOD_X, &[P::Ret, P::I8(fd), P::U4(0o644)]);
    calls.call("fchown", &[fd as u64, 0, 0], E::FCHOWN_X, &[P::Ret, P::I8(fd), P::U4(0), P::U4(0)]);
    calls.call("flock", &[fd as u64, 2 | 4], E::FLOCK_X, &[P::Ret, P::I8(fd), P::U4(2 | 4)]);
    let mut stat = [0u8; 256];
    calls.call("stat", &[p(c"new"), pm(&mut stat)], E::STAT_X, &[P::Ret, s("new")]);
    calls.call("stat", &[p(c"nothing"), pm(&mut stat)], E::STAT_X, &[P::Ret, s("nothing")]);
    calls.call("lstat", &[p(c"soft"), pm(&mut stat)], E::LSTAT_X, &[P::Ret, s("soft")]);
    calls.call("fstat", &[fd as u64, pm(&mut stat)], E::FSTAT_X, &[P::Ret, P::I8(fd)]);
    calls.call(
        "newfstatat",
        &[cwd, p(c"soft"), pm(&mut stat), 0x100],
        E::NEWFSTATAT_X,
        &[P::Ret, P::I8(CWD), s("soft"), P::U4(0x100)],
    );
    calls.call("access", &[p(c"new"), 4 | 2], E::ACCESS_X, &[P::Ret, s("new"), P::U4(4 | 2)]);
    call("close", &[fd as u64]);
}

fn directories(calls: &mut Calls, directory: &str) {
    let cwd = neg(CWD);
    calls.call("mkdir", &[p(c"sub"), 0o755], E::MKDIR_2_X, &[P::Ret, s("sub"), P::U4(0o755)]);
    calls.call(
        "mkdirat",
        &[cwd, p(c"sub2"), 0o700],
        E::MKDIRAT_X,
        &[P::Ret, P::I8(CWD), s("sub2"), P::U4(0o700)],
    );
    calls.call("rmdir", &[p(c"sub2")], E::RMDIR_2_X, &[P::Ret, s("sub2")]);
    calls.call("chdir", &[p(c"sub")], E::CHDIR_X, &[P::Ret, s("sub")]);
    calls.call("chdir", &[p(c"nowhere")], E::CHDIR_X, &[P::Ret, s("nowhere")]);
    let mut path = [0u8; 4096];
    let expected = s(&format!("{directory}/sub"));
    calls.call("getcwd", &[pm(&mut path), 4096], E::GETCWD_X, &[P::Ret, expected]);
    calls.call("getcwd", &[pm(&mut path), 1], E::GETCWD_X, &[P::Ret, P::None]);
    let fd = call("open", &[p(c".."), 0o200000, 0]);
    let mut entries = [0u8; 4096];
    calls.call("getdents", &[fd as u64, pm(&mut entries), 4096], E::GETDENTS_X, &[P::Ret, P::I8(fd)]);
    calls.call("getdents64", &[fd as u64, pm(&mut entries), 4096], E::GETDENTS64_X, &[P::Ret, P::I8(fd)]);
    calls.call("fchdir", &[fd as u64], E::FCHDIR_X, &[P::Ret, P::I8(fd)]);
    calls.call("fchdir", &[neg(-1)], E::FCHDIR_X, &[P::Ret, P::I8(-1)]);
    call("close", &[fd as u64]);
    calls.call("chroot", &[p(c"nowhere")], E::CHROOT_X, &[P::Ret, s("nowhere")]);
    calls.call(
        "mount",
        &[p(c"none"), p(c"nowhere"), p(c"tmpfs"), 0xc0ed_0000 | 3, 0],
        E::MOUNT_X,
        &[P::Ret, s("none"), s("nowhere"), s("tmpfs"), P::U4(3)],
    );
    calls.call("umount2", &[p(c"nowhere"), 2 | 8], E::UMOUNT2_X, &[P::Ret, s("nowhere"), P::U4(2 | 8)]);
}
