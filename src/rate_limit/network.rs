//! Networks as an operator writes them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// Bits of an IPv6 address before the IPv4 address mapped into it.
const MAPPED_BITS: u8 = 96;

/// One address or a block of them: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. IPv4
/// mapped into IPv6 is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

/// The prefix under which a NAT64 gateway hides the IPv4 addresses of its readers
/// (RFC 6052, section 2.2): an IPv6 block of 32, 40, 48, 56, 64 or 96 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nat64Prefix(Ipv6Net);

/// Text that is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANetwork {
    /// It cannot be read.
    #[error("expected an address or a network such as 10.0.0.0/8 or 2001:db8::/32, found {0:?}")]
    Syntax(String),
    /// Its address has bits beyond the prefix: it may be another network that is meant.
    #[error("expected {expected}, or another prefix: {found} has bits beyond its own")]
    HostBits {
        /// The network that holds it.
        expected: IpNet,
        /// What was written.
        found: IpNet,
    },
    /// No prefix of NAT64 is so long, or it is IPv4.
    #[error(
        "expected an IPv6 prefix of 32, 40, 48, 56, 64 or 96 bits (RFC 6052) such as \
         64:ff9b:1::/96, found {0}"
    )]
    Nat64(IpNet),
}

impl Network {
    /// Whether `address` lies in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether it holds every address of its family.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.0.prefix_len() == 0
    }
}

impl Nat64Prefix {
    /// How many bits it has.
    pub(super) const fn bits(self) -> u8 {
        self.0.prefix_len()
    }

    /// The IPv4 address that `address` hides, if it lies under the prefix. It stands
    /// right behind the prefix and leaves out byte 8, which is zero.
    pub(super) fn hidden_in(self, address: Ipv6Addr) -> Option<Ipv4Addr> {
        const RESERVED: usize = 8;
        let octets = address.octets();
        let begins = usize::from(self.bits()) / 8;
        let reserved_is_zero = begins > RESERVED || octets[RESERVED] == 0;
        if !self.0.contains(&address) || !reserved_is_zero {
            return None;
        }
        let bytes = (begins..16).filter(|byte| *byte != RESERVED);
        let mut bytes = bytes.map(|byte| octets[byte]);
        let mut next = || bytes.next();
        Some(Ipv4Addr::new(next()?, next()?, next()?, next()?))
    }
}

fn network(text: &str) -> Result<IpNet, NotANetwork> {
    let syntax = || NotANetwork::Syntax(text.to_owned());
    let found = match text.parse::<IpNet>() {
        Ok(network) => network,
        Err(_) => IpNet::from(text.parse::<IpAddr>().map_err(|_| syntax())?),
    };
    let expected = found.trunc();
    if found == expected {
        Ok(found)
    } else {
        Err(NotANetwork::HostBits { expected, found })
    }
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let found = network(text)?;
        let IpNet::V6(v6) = found else {
            return Ok(Self(found));
        };
        let mapped = v6.addr().to_ipv4_mapped();
        let bits = v6.prefix_len().checked_sub(MAPPED_BITS);
        let v4 = mapped
            .zip(bits)
            .and_then(|(address, bits)| Ipv4Net::new(address, bits).ok());
        Ok(Self(v4.map_or(found, IpNet::V4)))
    }
}

impl FromStr for Nat64Prefix {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        match network(text)? {
            IpNet::V6(v6) if matches!(v6.prefix_len(), 32 | 40 | 48 | 56 | 64 | 96) => Ok(Self(v6)),
            other => Err(NotANetwork::Nat64(other)),
        }
    }
}

impl TryFrom<String> for Network {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl TryFrom<String> for Nat64Prefix {
    type Error = NotANetwork;

    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl From<Nat64Prefix> for String {
    fn from(prefix: Nat64Prefix) -> Self {
        prefix.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn networks_hold_addresses_in_any_form() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.1.2.3", "11.1.2.3"),
            ("10.0.0.0/8", "::ffff:10.1.2.3", "::ffff:11.1.2.3"),
            ("::ffff:10.0.0.0/104", "10.1.2.3", "11.1.2.3"),
            ("2001:db8::/32", "2001:db8:1::7", "2001:db9::7"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "192.0.2.7", "2001:db8::1"),
        ] {
            let read: Network = network.parse().unwrap();
            assert!(read.holds(address(inside)), "{network} {inside}");
            assert!(!read.holds(address(outside)), "{network} {outside}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_and_says_what_was_expected() {
        let told = |text: &str| text.parse::<Network>().unwrap_err().to_string();
        for bad in [
            "",
            "10.0.0.0/33",
            "10.0.0",
            "example.org",
            "10.0.0.0/8, ::1",
            "::/129",
        ] {
            assert!(told(bad).starts_with("expected an address or a network such as"));
        }
        assert_eq!(
            told("10.1.2.3/8"),
            "expected 10.0.0.0/8, or another prefix: 10.1.2.3/8 has bits beyond its own"
        );
    }

    /// The examples of RFC 6052, section 2.4.
    #[test]
    fn addresses_are_found_under_every_length_of_prefix() {
        for (prefix, hidden) in [
            ("2001:db8::/32", "2001:db8:c000:221::"),
            ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
            ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
            ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
            ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"),
            ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
        ] {
            let prefix: Nat64Prefix = prefix.parse().unwrap();
            let found = prefix.hidden_in(hidden.parse().unwrap());
            assert_eq!(found, Some(Ipv4Addr::new(192, 0, 2, 33)), "{hidden}");
            assert_eq!(prefix.hidden_in("2001:db9::1".parse().unwrap()), None);
        }
        let prefix: Nat64Prefix = "2001:db8:122::/48".parse().unwrap();
        let not_translated = "2001:db8:122:c000:102:2100::".parse().unwrap();
        assert_eq!(prefix.hidden_in(not_translated), None, "byte 8 is not zero");
    }

    #[test]
    fn prefixes_of_other_lengths_are_refused() {
        for bad in ["64:ff9b::/47", "64:ff9b:1::/128", "10.0.0.0/8"] {
            let told = bad.parse::<Nat64Prefix>().unwrap_err().to_string();
            assert!(told.contains("RFC 6052") && told.ends_with(bad), "{told}");
        }
    }
}
