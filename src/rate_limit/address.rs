//! Which address counts as one reader.

use std::net::{IpAddr, Ipv6Addr};

/// NAT64's well-known prefix `64:ff9b::/96` (RFC 6052, section 2.1).
const NAT64: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];

/// The IPv4 address inside an IPv4-mapped or NAT64 address; others as they are.
/// Without this, all readers behind a NAT64 gateway would count as one.
pub(super) fn unwrapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    if v6.segments().starts_with(&NAT64) {
        let [.., a, b, c, d] = v6.octets();
        return IpAddr::from([a, b, c, d]);
    }
    v6.to_canonical()
}

/// The first `bits` (1 to 128) of `address`, the rest zero.
pub(super) const fn block(address: Ipv6Addr, bits: u32) -> [u8; 16] {
    (address.to_bits() & (u128::MAX << (128 - bits))).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrap(text: &str) -> String {
        unwrapped(text.parse().unwrap()).to_string()
    }

    #[test]
    fn addresses_inside_others_are_unwrapped() {
        assert_eq!(unwrap("192.0.2.7"), "192.0.2.7");
        assert_eq!(unwrap("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(unwrap("64:ff9b::192.0.2.7"), "192.0.2.7");
        assert_eq!(unwrap("2001:db8::7"), "2001:db8::7");
        assert_eq!(unwrap("64:ff9b:1::7"), "64:ff9b:1::7");
        assert_eq!(unwrap("::1"), "::1");
    }

    #[test]
    fn a_block_keeps_its_leading_bits_only() {
        let cut = |bits| {
            let address = "2001:db8:1:2ff:3::4".parse().unwrap();
            Ipv6Addr::from(block(address, bits)).to_string()
        };
        assert_eq!(cut(64), "2001:db8:1:2ff::");
        assert_eq!(cut(56), "2001:db8:1:200::");
        assert_eq!(cut(48), "2001:db8:1::");
        assert_eq!(cut(128), "2001:db8:1:2ff:3::4");
    }
}
