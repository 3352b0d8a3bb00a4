//! Sockets by inode, from the tables of each network namespace.

use std::collections::HashMap;
use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::number;
use crate::savefile::{FdBody, FdType, L4Proto};

/// The tables of the namespaces seen so far.
#[derive(Default)]
pub(super) struct Tables {
    by_namespace: HashMap<Vec<u8>, HashMap<u64, FdBody>>,
}

impl Tables {
    /// The socket with this inode. Sockets of kinds without a table are not found.
    pub fn find(&mut self, process: &Path, ino: u64) -> Option<FdBody> {
        let namespace = fs::read_link(process.join("ns/net")).ok()?.into_os_string().into_vec();
        let table = self.by_namespace.entry(namespace).or_insert_with(|| read(&process.join("net")));
        table.get(&ino).cloned()
    }
}

fn read(directory: &Path) -> HashMap<u64, FdBody> {
    let mut table = HashMap::new();
    let inet = [
        ("tcp", L4Proto::Tcp),
        ("tcp6", L4Proto::Tcp),
        ("udp", L4Proto::Udp),
        ("udp6", L4Proto::Udp),
        ("raw", L4Proto::Raw),
        ("raw6", L4Proto::Raw),
    ];
    for (name, l4proto) in inet {
        let text = fs::read_to_string(directory.join(name)).unwrap_or_default();
        table.extend(text.lines().skip(1).filter_map(|line| inet_socket(line, l4proto)));
    }
    let text = fs::read(directory.join("unix")).unwrap_or_default();
    table.extend(text.split(|&byte| byte == b'\n').skip(1).filter_map(unix_socket));
    let text = fs::read_to_string(directory.join("netlink")).unwrap_or_default();
    table.extend(text.lines().skip(1).filter_map(netlink_socket));
    table
}

/// `sl local_address rem_address st tx:rx tr:tm retrnsmt uid timeout inode ...`
fn inet_socket(line: &str, l4proto: L4Proto) -> Option<(u64, FdBody)> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let ino = fields.get(9)?.parse().ok()?;
    let (local, sport) = fields.get(1)?.split_once(':')?;
    let (remote, dport) = fields.get(2)?.split_once(':')?;
    let port = |text| u16::from_str_radix(text, 16).ok();
    let (sport, dport) = (port(sport)?, port(dport)?);
    let body = if local.len() == 8 {
        ipv4_body((ipv4(local)?, sport), (ipv4(remote)?, dport), l4proto)
    } else {
        ipv6_body((ipv6(local)?, sport), (ipv6(remote)?, dport), l4proto)
    };
    Some((ino, body))
}

/// Without a remote end it is a server.
pub(super) fn ipv4_body(
    (sip, sport): (Ipv4Addr, u16),
    (dip, dport): (Ipv4Addr, u16),
    l4proto: L4Proto,
) -> FdBody {
    if dip.is_unspecified() {
        FdBody::Ipv4Server { ip: sip, port: sport, l4proto }
    } else {
        FdBody::Ipv4 { sip, dip, sport, dport, l4proto }
    }
}

/// See [`ipv4_body`].
pub(super) fn ipv6_body(
    (sip, sport): (Ipv6Addr, u16),
    (dip, dport): (Ipv6Addr, u16),
    l4proto: L4Proto,
) -> FdBody {
    if dip.is_unspecified() {
        FdBody::Ipv6Server { ip: sip, port: sport, l4proto }
    } else {
        FdBody::Ipv6 { sip, dip, sport, dport, l4proto }
    }
}

/// The kernel prints addresses as 32-bit words of its own byte order.
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    u32::from_str_radix(text, 16).ok().map(|word| Ipv4Addr::from(word.to_ne_bytes()))
}

fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let mut bytes = [0; 16];
    for (word, chunk) in bytes.chunks_mut(4).enumerate() {
        let text = text.get(word * 8..word * 8 + 8)?;
        chunk.copy_from_slice(&u32::from_str_radix(text, 16).ok()?.to_ne_bytes());
    }
    Some(bytes.into())
}

/// `Num: RefCount Protocol Flags Type St Inode Path`; the path is the rest of the line.
fn unix_socket(line: &[u8]) -> Option<(u64, FdBody)> {
    let text = String::from_utf8_lossy(line);
    let fields: Vec<&str> = text.split_ascii_whitespace().take(7).collect();
    let source = u64::from_str_radix(fields.first()?.strip_suffix(':')?, 16).ok()?;
    let ino: u64 = fields.get(6)?.parse().ok()?;
    // Found by position, so that the path's own bytes and blanks are kept.
    let first = nth_field_start(line, 6)? + fields[6].len();
    let mut name = line.get(first + 1..).unwrap_or_default().to_vec();
    if name.first() == Some(&b'@') {
        name.remove(0); // an abstract name, whose NUL the format leaves out
    }
    name.truncate(1023);
    Some((ino, FdBody::Unix { source, destination: 0, name }))
}

/// Where the `n`th field of a line begins.
fn nth_field_start(line: &[u8], n: usize) -> Option<usize> {
    let mut fields = 0;
    let mut in_field = false;
    for (at, byte) in line.iter().enumerate() {
        let blank = byte.is_ascii_whitespace();
        if !blank && !in_field {
            if fields == n {
                return Some(at);
            }
            fields += 1;
        }
        in_field = !blank;
    }
    None
}

/// The inode is the last column.
fn netlink_socket(line: &str) -> Option<(u64, FdBody)> {
    let ino = number(line.rsplit(' ').find(|field| !field.is_empty())?)?;
    Some((ino, FdBody::Named { ty: FdType::Netlink, name: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inet_lines() {
        let line =
            "   1: 0100007F:1F90 0200007F:C350 01 00000000:00000000 00:00000000 00000000  0  0 777 1 0";
        let (ino, body) = inet_socket(line, L4Proto::Tcp).unwrap();
        assert_eq!(ino, 777);
        let (sip, dip) = (Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(127, 0, 0, 2));
        assert_eq!(body, FdBody::Ipv4 { sip, dip, sport: 8080, dport: 50000, l4proto: L4Proto::Tcp });
        let line = "0: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 5 2";
        let (_, body) = inet_socket(line, L4Proto::Udp).unwrap();
        assert_eq!(body, FdBody::Ipv6Server { ip: Ipv6Addr::LOCALHOST, port: 53, l4proto: L4Proto::Udp });
        assert!(inet_socket("broken", L4Proto::Tcp).is_none());
    }

    #[test]
    fn unix_lines() {
        let name = |line: &[u8]| match unix_socket(line) {
            Some((_, FdBody::Unix { name, .. })) => name,
            other => panic!("{other:?}"),
        };
        let head = b"00000000b2f18cc1: 00000003 00000000 00000000 0001 03  1202";
        assert_eq!(name(head), b"");
        assert_eq!(name(&[head, &b" /run/a b.sock"[..]].concat()), b"/run/a b.sock");
        assert_eq!(name(&[head, &b" @abstract 1202"[..]].concat()), b"abstract 1202");
    }
}
