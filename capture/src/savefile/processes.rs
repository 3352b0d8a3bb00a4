//! Process lists, versions 1 to 9.

use super::ProcessEntry;
use super::cursor::{Cursor, write_sized, write_string, write_strings};

/// Longest name or path, and longest list of strings, that the C library accepts in a file.
pub(super) const STRING_MAX: usize = 1024;
pub(super) const STRINGS_MAX: usize = 4096;

/// Writers before libs 0.10 had no pid namespace time and no terminal at the start of the tail; the longest
/// tail they wrote had this size.
const OLD_TAIL_MAX: usize = 29;

/// Reads a block's body.
pub(super) fn parse(version: u8, mut body: Cursor<'_>) -> Option<Vec<ProcessEntry>> {
    let mut entries = Vec::new();
    while body.left() >= 4 {
        if version >= 9 {
            let len = body.u32()?;
            let mut entry = body.piece((len as usize).checked_sub(4)?)?;
            let mut process = parse_entry(version, &mut entry)?;
            parse_tail(&mut process, entry);
            entries.push(process);
        } else {
            entries.push(parse_entry(version, &mut body)?);
        }
    }
    Some(entries)
}

/// The part that depends on the version only.
fn parse_entry(version: u8, entry: &mut Cursor<'_>) -> Option<ProcessEntry> {
    let mut process =
        ProcessEntry { tid: entry.i64()?, pid: entry.i64()?, ptid: entry.i64()?, ..Default::default() };
    if version >= 6 {
        process.sid = entry.i64()?;
    }
    if version >= 8 {
        process.vpgid = entry.i64()?;
    }
    process.comm = entry.string()?;
    process.exe = entry.string()?;
    if version >= 7 {
        process.exepath = entry.string()?;
    }
    process.args = entry.string()?;
    process.cwd = entry.string()?;
    process.fdlimit = entry.i64()?;
    process.flags = entry.u32()?;
    process.uid = entry.u32()?;
    process.gid = entry.u32()?;
    if version >= 2 {
        process.vmsize_kb = entry.u32()?;
        process.vmrss_kb = entry.u32()?;
        process.vmswap_kb = entry.u32()?;
        process.pfmajor = entry.u64()?;
        process.pfminor = entry.u64()?;
    }
    if version >= 3 {
        process.env = entry.string()?;
    }
    if version >= 4 {
        process.vtid = entry.i64()?;
        process.vpid = entry.i64()?;
        process.cgroups = entry.string()?;
    }
    if version >= 5 {
        process.root = entry.string()?;
    }
    Some(process)
}

/// The part that grew over the years: it may end after any field, and what comes later is ignored.
fn parse_tail(process: &mut ProcessEntry, mut tail: Cursor<'_>) -> Option<()> {
    if tail.left() > OLD_TAIL_MAX {
        process.pidns_init_start_ts_ns = tail.u64()?;
        process.tty = tail.u32()?;
    }
    process.loginuid = tail.u32()?;
    process.exe_writable = tail.u8()? != 0;
    process.cap_inheritable = tail.u64()?;
    process.cap_permitted = tail.u64()?;
    process.cap_effective = tail.u64()?;
    process.exe_upper_layer = tail.u8()? != 0;
    process.exe_ino = tail.u64()?;
    process.exe_ino_ctime_ns = tail.u64()?;
    process.exe_ino_mtime_ns = tail.u64()?;
    process.exe_from_memfd = tail.u8()? != 0;
    process.exe_lower_layer = tail.u8()? != 0;
    process.pgid = tail.i64()?;
    Some(())
}

/// Appends a version 9 entry with its full tail. Strings longer than readers accept are cut.
pub(super) fn write_entry(process: &ProcessEntry, out: &mut Vec<u8>) {
    write_sized(out, 4, |out| {
        for id in [process.tid, process.pid, process.ptid, process.sid, process.vpgid] {
            out.extend_from_slice(&id.to_le_bytes());
        }
        write_string(out, &process.comm, STRING_MAX);
        write_string(out, &process.exe, STRING_MAX);
        write_string(out, &process.exepath, STRING_MAX);
        write_strings(out, &process.args, STRINGS_MAX);
        write_string(out, &process.cwd, STRING_MAX);
        out.extend_from_slice(&process.fdlimit.to_le_bytes());
        for value in
            [process.flags, process.uid, process.gid, process.vmsize_kb, process.vmrss_kb, process.vmswap_kb]
        {
            out.extend_from_slice(&value.to_le_bytes());
        }
        out.extend_from_slice(&process.pfmajor.to_le_bytes());
        out.extend_from_slice(&process.pfminor.to_le_bytes());
        write_strings(out, &process.env, STRINGS_MAX);
        out.extend_from_slice(&process.vtid.to_le_bytes());
        out.extend_from_slice(&process.vpid.to_le_bytes());
        write_strings(out, &process.cgroups, STRINGS_MAX);
        write_string(out, &process.root, STRING_MAX);
        write_tail(process, out);
    });
}

fn write_tail(process: &ProcessEntry, out: &mut Vec<u8>) {
    out.extend_from_slice(&process.pidns_init_start_ts_ns.to_le_bytes());
    out.extend_from_slice(&process.tty.to_le_bytes());
    out.extend_from_slice(&process.loginuid.to_le_bytes());
    out.push(process.exe_writable.into());
    for value in [process.cap_inheritable, process.cap_permitted, process.cap_effective] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.push(process.exe_upper_layer.into());
    for value in [process.exe_ino, process.exe_ino_ctime_ns, process.exe_ino_mtime_ns] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.push(process.exe_from_memfd.into());
    out.push(process.exe_lower_layer.into());
    out.extend_from_slice(&process.pgid.to_le_bytes());
}
