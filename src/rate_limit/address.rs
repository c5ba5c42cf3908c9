//! Which address counts as one reader, and which is no reader's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::network::{Nat64Prefix, Network};

/// NAT64's well-known prefix `64:ff9b::/96` (RFC 6052, section 2.1).
const WELL_KNOWN: [u16; 6] = [0x64, 0xff9b, 0, 0, 0, 0];

/// What an address that the Internet does not route is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrivateAddresses {
    /// The site's own proxy, sent by mistake: not counted, with a remark.
    #[default]
    Skip,
    /// A reader's, as on an intranet.
    Count,
}

/// What an address stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One reader, at this address, unwrapped.
    Reader(IpAddr),
    /// Many readers, so that counting it would punish all for one.
    Shared,
    /// A machine of the site itself, as far as can be seen.
    Private,
    /// A reader who is not limited.
    Exempt,
}

/// What is known of addresses on one site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressBook {
    /// Not limited at all.
    pub exempt: Vec<Network>,
    /// Not counted by address.
    pub shared: Vec<Network>,
    /// Under which IPv4 addresses are hidden, besides the well-known one.
    pub nat64: Vec<Nat64Prefix>,
    /// What others are taken for that the Internet does not route.
    pub private: PrivateAddresses,
}

impl AddressBook {
    /// What `address` stands for. Networks may name it as it was sent, or unwrapped.
    #[must_use]
    pub fn standing(&self, address: IpAddr) -> Standing {
        let inner = self.unwrapped(address);
        let is_in = |networks: &[Network]| {
            let mut networks = networks.iter();
            networks.any(|network| network.holds(inner) || network.holds(address))
        };
        if is_in(&self.exempt) {
            Standing::Exempt
        } else if is_in(&self.shared) {
            Standing::Shared
        } else if self.private == PrivateAddresses::Skip && is_private(inner) {
            Standing::Private
        } else {
            Standing::Reader(inner)
        }
    }

    /// The IPv4 address inside an IPv4-mapped or NAT64 address; others as they are.
    /// Without this, all readers behind a NAT64 gateway would count as one.
    fn unwrapped(&self, address: IpAddr) -> IpAddr {
        let IpAddr::V6(v6) = address.to_canonical() else {
            return address.to_canonical();
        };
        if v6.segments().starts_with(&WELL_KNOWN) {
            let [.., a, b, c, d] = v6.octets();
            return IpAddr::from([a, b, c, d]);
        }
        let longest_first = |prefix: &&Nat64Prefix| prefix.bits();
        let hides = self
            .nat64
            .iter()
            .filter(|prefix| prefix.hidden_in(v6).is_some());
        let prefix = hides.max_by_key(longest_first);
        let hidden = prefix.and_then(|prefix| prefix.hidden_in(v6));
        hidden.map_or(IpAddr::V6(v6), IpAddr::V4)
    }
}

/// Whether the Internet does not route it: this machine, a local or private network
/// (RFC 1918, RFC 4193), or the inside of a provider's own gateway (RFC 6598).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let provider = Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22;
            v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.to_bits() >> 22 == provider
        }
        IpAddr::V6(v6) => {
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

/// The first `bits` (1 to 128) of `address`, the rest zero.
pub(super) const fn block(address: Ipv6Addr, bits: u32) -> [u8; 16] {
    (address.to_bits() & (u128::MAX << (128 - bits))).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(book: &AddressBook, address: &str) -> String {
        match book.standing(address.parse().unwrap()) {
            Standing::Reader(address) => address.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn addresses_inside_others_are_unwrapped() {
        let book = AddressBook::default();
        for (sent, reader) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("64:ff9b::192.0.2.7", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("64:ff9b:1::192.0.2.7", "64:ff9b:1::c000:207"),
        ] {
            assert_eq!(standing(&book, sent), reader, "{sent}");
        }
    }

    #[test]
    fn prefixes_of_the_operators_own_gateways_are_unwrapped_the_longest_first() {
        let prefixes = ["64:ff9b:1::/48", "64:ff9b:1:fffe::/96"];
        let book = AddressBook {
            nat64: prefixes.map(|prefix| prefix.parse().unwrap()).to_vec(),
            ..AddressBook::default()
        };
        assert_eq!(standing(&book, "64:ff9b:1:c000:2:700::"), "192.0.2.7");
        assert_eq!(standing(&book, "64:ff9b:1:fffe::192.0.2.7"), "192.0.2.7");
        assert_eq!(standing(&book, "64:ff9b:2::1"), "64:ff9b:2::1");
    }

    #[test]
    fn what_the_internet_does_not_route_is_no_readers_unless_told_so() {
        let private = [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "0.0.0.0",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.1.2.3",
            "64:ff9b::10.1.2.3",
        ];
        let public = ["100.63.255.255", "100.128.0.0", "172.32.0.1", "fe00::1"];
        let intranet = AddressBook {
            private: PrivateAddresses::Count,
            ..AddressBook::default()
        };
        for address in private {
            let skipped = standing(&AddressBook::default(), address);
            assert_eq!(skipped, "Private", "{address}");
            assert_ne!(standing(&intranet, address), "Private", "{address}");
        }
        for address in public {
            assert_eq!(standing(&AddressBook::default(), address), address);
        }
    }

    #[test]
    fn lists_go_by_the_address_as_sent_and_as_unwrapped() {
        let networks = |text: &str| vec![text.parse().unwrap()];
        let book = AddressBook {
            exempt: networks("10.0.0.0/8"),
            shared: networks("64:ff9b::/96"),
            ..AddressBook::default()
        };
        for (address, expected) in [
            ("10.1.2.3", "Exempt"),
            ("64:ff9b::10.1.2.3", "Exempt"),
            ("::ffff:10.1.2.3", "Exempt"),
            ("64:ff9b::192.0.2.7", "Shared"),
            ("192.0.2.7", "192.0.2.7"),
            ("192.168.0.1", "Private"),
        ] {
            assert_eq!(standing(&book, address), expected, "{address}");
        }
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
