//! Networks: whether an address is inside one. Addresses of different families never are.

use std::net::IpAddr;

/// Whether `address` is in the network `net`/`prefix_len`.
pub fn contains(net: IpAddr, prefix_len: u8, address: IpAddr) -> bool {
    match (net, address) {
        (IpAddr::V4(net), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix_len.min(32))).unwrap_or(0);
            net.to_bits() & mask == address.to_bits() & mask
        }
        (IpAddr::V6(net), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix_len.min(128))).unwrap_or(0);
            net.to_bits() & mask == address.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn networks() {
        for (net, len, address, expected) in [
            ("10.0.0.0", 8, "10.1.2.3", true),
            ("10.0.0.0", 8, "11.1.2.3", false),
            ("10.9.0.0", 8, "10.1.2.3", true),
            ("0.0.0.0", 0, "1.2.3.4", true),
            ("1.2.3.4", 32, "1.2.3.5", false),
            ("0.0.0.0", 0, "::1", false),
            ("fe80::", 10, "fe80::1", true),
            ("::", 0, "::1", true),
            ("::1", 128, "::2", false),
        ] {
            let found = super::contains(net.parse().unwrap(), len, address.parse().unwrap());
            assert_eq!(found, expected, "{address} in {net}/{len}");
        }
    }
}
