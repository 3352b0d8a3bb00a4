//! Lists of open file descriptors, one block per thread.

use super::cursor::{Cursor, write_sized, write_string};
use super::{FdBody, FdEntry, FdType, L4Proto};

/// Longest name that the C library accepts in a file.
pub(super) const NAME_MAX: usize = 1023;

/// Reads a block's body: the thread and its descriptors.
pub(super) fn parse(sized: bool, mut body: Cursor<'_>) -> Option<(i64, Vec<FdEntry>)> {
    let tid = body.i64()?;
    let mut fds = Vec::new();
    while body.left() >= 4 {
        if sized {
            let len = body.u32()?;
            let mut entry = body.piece((len as usize).checked_sub(4)?)?;
            fds.push(parse_entry(true, &mut entry)?);
        } else {
            fds.push(parse_entry(false, &mut body)?);
        }
    }
    Some((tid, fds))
}

fn parse_entry(sized: bool, entry: &mut Cursor<'_>) -> Option<FdEntry> {
    let fd = entry.i64()?;
    let ino = entry.u64()?;
    let number = entry.u8()?;
    let body = match FdType::from_number(number) {
        Some(FdType::Unknown) => FdBody::Unknown,
        Some(FdType::Ipv4Sock) => FdBody::Ipv4 {
            sip: entry.ipv4()?,
            dip: entry.ipv4()?,
            sport: entry.u16()?,
            dport: entry.u16()?,
            l4proto: L4Proto::from_number(entry.u8()?),
        },
        Some(FdType::Ipv6Sock) => FdBody::Ipv6 {
            sip: entry.ipv6()?,
            dip: entry.ipv6()?,
            sport: entry.u16()?,
            dport: entry.u16()?,
            l4proto: L4Proto::from_number(entry.u8()?),
        },
        Some(FdType::Ipv4ServSock) => FdBody::Ipv4Server {
            ip: entry.ipv4()?,
            port: entry.u16()?,
            l4proto: L4Proto::from_number(entry.u8()?),
        },
        Some(FdType::Ipv6ServSock) => FdBody::Ipv6Server {
            ip: entry.ipv6()?,
            port: entry.u16()?,
            l4proto: L4Proto::from_number(entry.u8()?),
        },
        Some(FdType::UnixSock) => {
            FdBody::Unix { source: entry.u64()?, destination: entry.u64()?, name: entry.string()? }
        }
        Some(FdType::FileV2) => {
            let flags = entry.u32()?;
            let name = entry.string()?;
            // Lists without lengths never had the device.
            let dev = if sized { entry.u32().unwrap_or(0) } else { 0 };
            FdBody::File { flags, name, dev }
        }
        Some(ty) => FdBody::Named { ty, name: entry.string()? },
        // Without a length there is no way past a body of unknown layout.
        None if !sized => return None,
        None => {
            FdBody::Named { ty: FdType::Unsupported, name: format!("unknown-type:[{number}]").into_bytes() }
        }
    };
    Some(FdEntry { fd, ino, body })
}

/// Appends an entry. With `old_types_only`, kinds that old readers refuse are written as kinds they know.
pub(super) fn write_entry(fd: &FdEntry, old_types_only: bool, out: &mut Vec<u8>) {
    write_sized(out, 4, |out| {
        out.extend_from_slice(&fd.fd.to_le_bytes());
        out.extend_from_slice(&fd.ino.to_le_bytes());
        write_body(&fd.body, old_types_only, out);
    });
}

fn write_body(body: &FdBody, old_types_only: bool, out: &mut Vec<u8>) {
    match body {
        FdBody::Unknown => out.push(FdType::Unknown as u8),
        FdBody::Ipv4 { sip, dip, sport, dport, l4proto } => {
            out.push(FdType::Ipv4Sock as u8);
            write_ends(&[&sip.octets(), &dip.octets()], &[*sport, *dport], *l4proto, out);
        }
        FdBody::Ipv6 { sip, dip, sport, dport, l4proto } => {
            out.push(FdType::Ipv6Sock as u8);
            write_ends(&[&sip.octets(), &dip.octets()], &[*sport, *dport], *l4proto, out);
        }
        FdBody::Ipv4Server { ip, port, l4proto } => {
            out.push(FdType::Ipv4ServSock as u8);
            write_ends(&[&ip.octets()], &[*port], *l4proto, out);
        }
        FdBody::Ipv6Server { ip, port, l4proto } => {
            out.push(FdType::Ipv6ServSock as u8);
            write_ends(&[&ip.octets()], &[*port], *l4proto, out);
        }
        FdBody::Unix { source, destination, name } => {
            out.push(FdType::UnixSock as u8);
            out.extend_from_slice(&source.to_le_bytes());
            out.extend_from_slice(&destination.to_le_bytes());
            write_string(out, name, NAME_MAX);
        }
        FdBody::File { flags, name, dev } => write_file(*flags, name, *dev, out),
        FdBody::Named { ty: FdType::MemFd, name } if old_types_only => write_file(0, name, 0, out),
        FdBody::Named { ty, name } => {
            let ty = if old_types_only && *ty > FdType::FileV2 { FdType::Unsupported } else { *ty };
            // Kinds whose layout is not just a name cannot be written as one.
            let ty = if ty.is_named() { ty } else { FdType::Unsupported };
            out.push(ty as u8);
            write_string(out, name, NAME_MAX);
        }
    }
}

fn write_file(flags: u32, name: &[u8], dev: u32, out: &mut Vec<u8>) {
    out.push(FdType::FileV2 as u8);
    out.extend_from_slice(&flags.to_le_bytes());
    write_string(out, name, NAME_MAX);
    out.extend_from_slice(&dev.to_le_bytes());
}

fn write_ends(addresses: &[&[u8]], ports: &[u16], l4proto: L4Proto, out: &mut Vec<u8>) {
    for address in addresses {
        out.extend_from_slice(address);
    }
    for port in ports {
        out.extend_from_slice(&port.to_le_bytes());
    }
    out.push(l4proto as u8);
}
