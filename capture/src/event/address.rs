//! Socket addresses and connection tuples as parameters store them.
//!
//! IP addresses are in network order, ports in host order. For outbound calls the source is the local end,
//! for inbound calls the remote one.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::values::cut_nul;

/// Address families of the format; the numbers are Linux'.
pub mod family {
    #![allow(missing_docs)]
    pub const UNIX: u8 = 1;
    pub const INET: u8 = 2;
    pub const INET6: u8 = 10;
}

/// Both ends of a connection.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SockTuple<'a> {
    Ipv4 {
        sip: Ipv4Addr,
        sport: u16,
        dip: Ipv4Addr,
        dport: u16,
    },
    Ipv6 {
        sip: Ipv6Addr,
        sport: u16,
        dip: Ipv6Addr,
        dport: u16,
    },
    /// Kernel addresses of both sockets, and a path: the peer's for outbound calls, else our own.
    Unix {
        source: u64,
        destination: u64,
        path: &'a [u8],
    },
}

impl<'a> SockTuple<'a> {
    /// Reads a `SockTuple` parameter. `None` when it is empty, of another family or of a wrong size.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&family, mut rest) = bytes.split_first()?;
        let tuple = match family {
            family::INET => SockTuple::Ipv4 {
                sip: take::<4>(&mut rest)?.into(),
                sport: port(&mut rest)?,
                dip: take::<4>(&mut rest)?.into(),
                dport: port(&mut rest)?,
            },
            family::INET6 => SockTuple::Ipv6 {
                sip: take::<16>(&mut rest)?.into(),
                sport: port(&mut rest)?,
                dip: take::<16>(&mut rest)?.into(),
                dport: port(&mut rest)?,
            },
            family::UNIX => {
                let source = u64::from_le_bytes(take(&mut rest)?);
                let destination = u64::from_le_bytes(take(&mut rest)?);
                let path = cut_nul(std::mem::take(&mut rest));
                SockTuple::Unix { source, destination, path }
            }
            _ => return None,
        };
        rest.is_empty().then_some(tuple)
    }

    /// The parameter's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match *self {
            SockTuple::Ipv4 { sip, sport, dip, dport } => {
                inet(family::INET, &[(&sip.octets(), sport), (&dip.octets(), dport)])
            }
            SockTuple::Ipv6 { sip, sport, dip, dport } => {
                inet(family::INET6, &[(&sip.octets(), sport), (&dip.octets(), dport)])
            }
            SockTuple::Unix { source, destination, path } => {
                [&[family::UNIX][..], &source.to_le_bytes(), &destination.to_le_bytes(), path, &[0]].concat()
            }
        }
    }
}

/// One address, as passed to `bind` or `connect`.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SockAddr<'a> {
    Ipv4 { ip: Ipv4Addr, port: u16 },
    Ipv6 { ip: Ipv6Addr, port: u16 },
    Unix { path: &'a [u8] },
}

impl<'a> SockAddr<'a> {
    /// Reads a `SockAddr` parameter. `None` when it is empty, of another family or of a wrong size.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&family, mut rest) = bytes.split_first()?;
        let addr = match family {
            family::INET => SockAddr::Ipv4 { ip: take::<4>(&mut rest)?.into(), port: port(&mut rest)? },
            family::INET6 => SockAddr::Ipv6 { ip: take::<16>(&mut rest)?.into(), port: port(&mut rest)? },
            family::UNIX => SockAddr::Unix { path: cut_nul(std::mem::take(&mut rest)) },
            _ => return None,
        };
        rest.is_empty().then_some(addr)
    }

    /// The parameter's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match *self {
            SockAddr::Ipv4 { ip, port } => inet(family::INET, &[(&ip.octets(), port)]),
            SockAddr::Ipv6 { ip, port } => inet(family::INET6, &[(&ip.octets(), port)]),
            SockAddr::Unix { path } => [&[family::UNIX][..], path, &[0]].concat(),
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

fn port(rest: &mut &[u8]) -> Option<u16> {
    take(rest).map(u16::from_le_bytes)
}

fn inet(family: u8, ends: &[(&[u8], u16)]) -> Vec<u8> {
    let mut bytes = vec![family];
    for (ip, port) in ends {
        bytes.extend_from_slice(ip);
        bytes.extend_from_slice(&port.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tuples_survive_a_round_trip() {
        for tuple in [
            SockTuple::Ipv4 { sip: [10, 0, 0, 1].into(), sport: 40000, dip: [1, 2, 3, 4].into(), dport: 443 },
            SockTuple::Ipv6 { sip: [1; 16].into(), sport: 1, dip: [2; 16].into(), dport: 2 },
            SockTuple::Unix { source: 1, destination: 2, path: b"/run/x" },
        ] {
            let bytes = tuple.to_bytes();
            assert_eq!(SockTuple::parse(&bytes), Some(tuple));
            for cut in 0..bytes.len().min(17) {
                assert_eq!(SockTuple::parse(&bytes[..cut]), None);
            }
        }
        assert_eq!(SockTuple::parse(&[family::INET, 0]), None);
        assert_eq!(SockTuple::parse(&[99; 13]), None);
    }

    #[test]
    fn addresses_survive_a_round_trip() {
        for addr in [
            SockAddr::Ipv4 { ip: [10, 0, 0, 1].into(), port: 53 },
            SockAddr::Ipv6 { ip: [7; 16].into(), port: 80 },
            SockAddr::Unix { path: b"abstract" },
        ] {
            assert_eq!(SockAddr::parse(&addr.to_bytes()), Some(addr));
        }
        assert_eq!(SockAddr::parse(&[]), None);
        assert_eq!(SockAddr::parse(&[family::INET, 1, 2, 3, 4, 5, 6, 7]), None);
    }
}
