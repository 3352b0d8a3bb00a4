//! Interfaces of the recorded machine: which addresses are local.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use capture::savefile::Interface;

/// Addresses of the recorded machine.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    v4: Vec<(Ipv4Addr, Ipv4Addr)>,
    v6: Vec<Ipv6Addr>,
    rows: Vec<Interface>,
}

impl Interfaces {
    /// All of them as recorded.
    pub fn rows(&self) -> &[Interface] {
        &self.rows
    }

    /// Whether an address belongs to an interface of the machine. IPv6 addresses are local if an interface
    /// has the same first 64 bits.
    pub fn is_local(&self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(ip) => self.v4.iter().any(|(addr, _)| *addr == ip),
            IpAddr::V6(ip) => self.v6.iter().any(|addr| same_subnet(*addr, ip)),
        }
    }

    /// The local address that a connection with the given other end most likely uses.
    pub(super) fn infer_v4(&self, other: Ipv4Addr) -> Ipv4Addr {
        let exact = self.v4.iter().find(|(addr, _)| *addr == other);
        let subnet = || self.v4.iter().find(|(addr, mask)| *addr & *mask == other & *mask);
        let any = || self.v4.iter().find(|(addr, _)| *addr != Ipv4Addr::LOCALHOST);
        exact.or_else(subnet).or_else(any).map_or(Ipv4Addr::UNSPECIFIED, |(addr, _)| *addr)
    }

    /// The same for IPv6.
    pub(super) fn infer_v6(&self, other: Ipv6Addr) -> Ipv6Addr {
        let exact = self.v6.iter().find(|addr| **addr == other);
        let subnet = || self.v6.iter().find(|addr| same_subnet(**addr, other));
        let any = || self.v6.iter().find(|addr| **addr != Ipv6Addr::LOCALHOST);
        *exact.or_else(subnet).or_else(any).unwrap_or(&Ipv6Addr::UNSPECIFIED)
    }
}

impl From<Vec<Interface>> for Interfaces {
    fn from(rows: Vec<Interface>) -> Self {
        let mut interfaces = Interfaces::default();
        for row in &rows {
            match row {
                Interface::Ipv4 { addr, netmask, .. } => interfaces.v4.push((*addr, *netmask)),
                Interface::Ipv6 { addr, .. } => interfaces.v6.push(*addr),
            }
        }
        interfaces.rows = rows;
        interfaces
    }
}

fn same_subnet(a: Ipv6Addr, b: Ipv6Addr) -> bool {
    a.octets()[..8] == b.octets()[..8]
}
