//! What is kept in place of an e-mail, an address or an author's id.

use std::fmt;
use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::site::SiteId;

/// A person's identifier, hashed: without the secret it cannot be linked to the
/// identifier behind it, nor to the same one on another site, nor to what a rate
/// limiter counts by. The default stands for everybody who was erased.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonHash([u8; 16]);

/// Text that is no hash of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the hash of a person: 32 hexadecimal digits")]
pub struct NotAPersonHash;

impl TryFrom<String> for PersonHash {
    type Error = NotAPersonHash;

    fn try_from(text: String) -> Result<Self, NotAPersonHash> {
        Self::parse(&text).ok_or(NotAPersonHash)
    }
}

impl From<PersonHash> for String {
    fn from(hash: PersonHash) -> Self {
        hash.to_string()
    }
}

impl PersonHash {
    /// The bytes, as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it stands for those who were erased: many people, none of whom is known.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        *self == Self::default()
    }

    /// Reads a hash as it is written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let written = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(text, 16).ok().filter(|_| written)?;
        Some(Self(number.to_be_bytes()))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().map(Self).ok()
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for PersonHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for PersonHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PersonHash({self})")
    }
}

/// Makes [`PersonHash`]es under one secret. Replicas that share a store must
/// share it, and who loses it cannot find an author's comments again.
#[derive(Clone)]
pub struct PersonHasher(Hmac<Sha256>);

impl PersonHasher {
    /// A hasher under `secret`, which should be random.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC fills a short key up to a block with zeros (RFC 2104).
        let mut block = [0; 64];
        block[..secret.len()].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    /// Of an e-mail address in its canonical form.
    #[must_use]
    pub fn email(&self, site: &SiteId, canonical: &str) -> PersonHash {
        self.hash(site, "store-email", canonical.as_bytes())
    }

    /// Of the site's id of an author.
    #[must_use]
    pub fn author(&self, site: &SiteId, id: &str) -> PersonHash {
        self.hash(site, "store-author", id.as_bytes())
    }

    /// Of a reader's address: an IPv4 address whole, of an IPv6 address the /64.
    #[must_use]
    pub fn address(&self, site: &SiteId, address: IpAddr) -> PersonHash {
        match address.to_canonical() {
            IpAddr::V4(v4) => self.hash(site, "store-address", &v4.octets()),
            IpAddr::V6(v6) => self.hash(site, "store-address", &v6.octets()[..8]),
        }
    }

    /// A number from 0 to less than 1, the same for the same author, as good as drawn at
    /// random for each `draw`, which is no kind of identifier.
    #[must_use]
    pub fn draw(&self, site: &SiteId, draw: &str, canonical: &str) -> f64 {
        let PersonHash(hash) = self.hash(site, draw, canonical.as_bytes());
        let [a, b, c, d, ..] = hash;
        f64::from(u32::from_be_bytes([a, b, c, d])) / (f64::from(u32::MAX) + 1.0)
    }

    fn hash(&self, site: &SiteId, kind: &str, identifier: &[u8]) -> PersonHash {
        // Neither a site id nor a kind holds a zero byte, so no two triples run together.
        let mut mac = self.0.clone();
        for part in [
            site.as_str().as_bytes(),
            b"\0",
            kind.as_bytes(),
            b"\0",
            identifier,
        ] {
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut hash = [0; 16];
        hash.copy_from_slice(&digest[..16]);
        PersonHash(hash)
    }
}

impl fmt::Debug for PersonHasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PersonHasher")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depends_on_secret_site_kind_and_identifier() {
        let site = SiteId::default();
        let other = SiteId::new("other").unwrap();
        let hasher = PersonHasher::new([7; 32]);
        let hash = hasher.email(&site, "a");
        assert_eq!(hash, hasher.email(&site, "a"));
        assert_ne!(hash, PersonHasher::new([8; 32]).email(&site, "a"));
        assert_ne!(hash, hasher.email(&other, "a"));
        assert_ne!(hash, hasher.author(&site, "a"));
        assert_ne!(hash, hasher.email(&site, "b"));
    }

    #[test]
    fn neighbours_in_one_ipv6_block_are_one() {
        let hasher = PersonHasher::new([7; 32]);
        let hash = |address: &str| hasher.address(&SiteId::default(), address.parse().unwrap());
        assert_eq!(hash("2001:db8::1"), hash("2001:db8::2"));
        assert_ne!(hash("2001:db8::1"), hash("2001:db8:0:1::1"));
        assert_eq!(hash("192.0.2.1"), hash("::ffff:192.0.2.1"));
        assert_ne!(hash("192.0.2.1"), hash("192.0.2.2"));
    }
}
