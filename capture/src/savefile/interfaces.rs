//! The interface list.

use super::Interface;
use super::cursor::{Cursor, write_sized};

const IPV4: u16 = 1;
const IPV6: u16 = 2;
const IPV4_NO_SPEED: u16 = 3;
const IPV6_NO_SPEED: u16 = 4;

/// Longest name of an interface (`IFNAMSIZ` in the kernel, without the NUL).
const NAME_MAX: usize = 15;

/// Reads a block's body.
pub(super) fn parse(sized: bool, mut body: Cursor<'_>) -> Option<Vec<Interface>> {
    let mut interfaces = Vec::new();
    while body.left() >= 4 {
        if sized {
            // Unlike in other lists, this length does not count itself.
            let len = body.u32()?;
            let mut entry = body.piece(len as usize)?;
            interfaces.extend(parse_entry(&mut entry)?);
        } else {
            interfaces.push(parse_entry(&mut body)??);
        }
    }
    Some(interfaces)
}

/// The inner option is `None` for a kind of address that is not known.
fn parse_entry(entry: &mut Cursor<'_>) -> Option<Option<Interface>> {
    let ty = entry.u16()?;
    let name_len = usize::from(entry.u16()?);
    Some(match ty {
        IPV4 | IPV4_NO_SPEED => {
            let (addr, netmask, broadcast) = (entry.ipv4()?, entry.ipv4()?, entry.ipv4()?);
            let link_speed = if ty == IPV4 { entry.u64()? } else { 0 };
            let name = entry.bytes(name_len)?.to_vec();
            Some(Interface::Ipv4 { name, addr, netmask, broadcast, link_speed })
        }
        IPV6 | IPV6_NO_SPEED => {
            let (addr, netmask, broadcast) = (entry.ipv6()?, entry.ipv6()?, entry.ipv6()?);
            let link_speed = if ty == IPV6 { entry.u64()? } else { 0 };
            let name = entry.bytes(name_len)?.to_vec();
            Some(Interface::Ipv6 { name, addr, netmask, broadcast, link_speed })
        }
        _ => None,
    })
}

/// Appends an entry with its length.
pub(super) fn write_entry(interface: &Interface, out: &mut Vec<u8>) {
    write_sized(out, 0, |out| match interface {
        Interface::Ipv4 { name, addr, netmask, broadcast, link_speed } => {
            let addresses = [&addr.octets()[..], &netmask.octets(), &broadcast.octets()];
            write_fields(IPV4, name, addresses, *link_speed, out);
        }
        Interface::Ipv6 { name, addr, netmask, broadcast, link_speed } => {
            let addresses = [&addr.octets()[..], &netmask.octets(), &broadcast.octets()];
            write_fields(IPV6, name, addresses, *link_speed, out);
        }
    });
}

fn write_fields(ty: u16, name: &[u8], addresses: [&[u8]; 3], link_speed: u64, out: &mut Vec<u8>) {
    let name = &name[..name.len().min(NAME_MAX)];
    out.extend_from_slice(&ty.to_le_bytes());
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    for address in addresses {
        out.extend_from_slice(address);
    }
    out.extend_from_slice(&link_speed.to_le_bytes());
    out.extend_from_slice(name);
}
