//! Addresses of the network interfaces, asked of the kernel over netlink.

use std::net::{Ipv4Addr, Ipv6Addr};

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, sendto, socket_with};

use crate::savefile::Interface;

const RTM_NEWADDR: u16 = 20;
const RTM_GETADDR: u16 = 22;
const NLM_F_REQUEST_DUMP: u16 = 0x1 | 0x300;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const HEADER_LEN: usize = 16;
/// `struct ifaddrmsg`: family, prefix length, flags, scope, index.
const ADDRESS_LEN: usize = 8;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;
const IFA_LABEL: u16 = 3;
const IFA_BROADCAST: u16 = 4;

/// The addresses; none when the kernel does not tell.
pub(super) fn read() -> Vec<Interface> {
    dump().unwrap_or_default()
}

fn dump() -> rustix::io::Result<Vec<Interface>> {
    // Protocol 0 of netlink is routing.
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    let mut request = [0u8; HEADER_LEN + ADDRESS_LEN];
    let len = request.len() as u32;
    request[..4].copy_from_slice(&len.to_ne_bytes());
    request[4..6].copy_from_slice(&RTM_GETADDR.to_ne_bytes());
    request[6..8].copy_from_slice(&NLM_F_REQUEST_DUMP.to_ne_bytes());
    sendto(&socket, &request, SendFlags::empty(), &SocketAddrNetlink::new(0, 0))?;

    let mut interfaces = Vec::new();
    let mut buffer = vec![0u8; 64 << 10];
    loop {
        let (len, _) = recv(&socket, &mut buffer[..], RecvFlags::empty())?;
        let mut rest = &buffer[..len];
        if rest.is_empty() {
            return Ok(interfaces);
        }
        while let Some((ty, body, next)) = message(rest) {
            match ty {
                NLMSG_DONE | NLMSG_ERROR => return Ok(interfaces),
                RTM_NEWADDR => interfaces.extend(interface(body)),
                _ => {}
            }
            rest = next;
        }
    }
}

/// Type and body of the first message, and what follows.
fn message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let len = u32::from_ne_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
    let ty = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    let body = bytes.get(HEADER_LEN..len)?;
    Some((ty, body, bytes.get(len.next_multiple_of(4)..).unwrap_or_default()))
}

fn interface(body: &[u8]) -> Option<Interface> {
    let (fixed, mut rest) = body.split_at_checked(ADDRESS_LEN)?;
    let (family, prefix_len) = (fixed[0], fixed[1]);
    let index = u32::from_ne_bytes(fixed[4..8].try_into().ok()?);
    let (mut address, mut local, mut label, mut broadcast) = (None, None, None, None);
    while rest.len() >= 4 {
        let len = usize::from(u16::from_ne_bytes([rest[0], rest[1]]));
        let ty = u16::from_ne_bytes([rest[2], rest[3]]);
        let value = rest.get(4..len)?;
        match ty {
            IFA_ADDRESS => address = Some(value),
            IFA_LOCAL => local = Some(value),
            IFA_LABEL => label = Some(value),
            IFA_BROADCAST => broadcast = Some(value),
            _ => {}
        }
        rest = rest.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    let name = match label {
        Some(label) => label.strip_suffix(b"\0").unwrap_or(label).to_vec(),
        None => name_of(index)?,
    };
    let address = local.or(address)?;
    // Readers make nothing of the speed; Falco writes 0 as well.
    let link_speed = 0;
    match i32::from(family) {
        2 => {
            let ip =
                |bytes: &[u8]| bytes.try_into().ok().map(<[u8; 4]>::into).unwrap_or(Ipv4Addr::UNSPECIFIED);
            let netmask = u32::MAX.checked_shl(32 - u32::from(prefix_len)).unwrap_or(0);
            Some(Interface::Ipv4 {
                name,
                addr: ip(address),
                netmask: netmask.into(),
                broadcast: broadcast.map_or(Ipv4Addr::UNSPECIFIED, ip),
                link_speed,
            })
        }
        10 => {
            let addr: [u8; 16] = address.try_into().ok()?;
            let netmask = u128::MAX.checked_shl(128 - u32::from(prefix_len)).unwrap_or(0);
            Some(Interface::Ipv6 {
                name,
                addr: addr.into(),
                netmask: netmask.into(),
                broadcast: Ipv6Addr::UNSPECIFIED,
                link_speed,
            })
        }
        _ => None,
    }
}

/// Name of an interface by its index.
fn name_of(index: u32) -> Option<Vec<u8>> {
    let entries = std::fs::read_dir("/sys/class/net").ok()?;
    entries.flatten().find_map(|entry| {
        let text = std::fs::read_to_string(entry.path().join("ifindex")).ok()?;
        let name = entry.file_name().into_encoded_bytes();
        (text.trim().parse() == Ok(index)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loopback_interface_is_found() {
        let found = read();
        let is_loopback =
            |interface: &Interface| matches!(interface, Interface::Ipv4 { addr, .. } if addr.is_loopback());
        assert!(found.is_empty() || found.iter().any(is_loopback), "{found:?}");
    }

    #[test]
    fn broken_messages_end_the_list() {
        assert!(message(&[0; 8]).is_none());
        assert!(interface(&[2, 8, 0, 0, 1, 0, 0, 0, 3, 0, 1]).is_none());
    }
}
