//! What is stored in place of an address or an e-mail.

use std::fmt;
use std::hash::{Hash, Hasher};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::settings::QuotaKind;
use crate::site::SiteId;

/// Bytes of an HMAC-SHA256 that make a key; enough that no two meet by accident.
const KEY_BYTES: usize = 16;
const SHA256_BLOCK: usize = 64;

/// A counted thing, hashed: without the secret it cannot be linked to the address
/// or e-mail behind it, nor to the same one on another site.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; KEY_BYTES]);

/// Half of its bytes: they are evenly distributed already.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut half = [0; 8];
        half.copy_from_slice(&self.0[..8]);
        state.write_u64(u64::from_le_bytes(half));
    }
}

impl Key {
    /// A byte that does not go into its `Hash`.
    pub(super) const fn shard(self) -> u8 {
        self.0[KEY_BYTES - 1]
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({self})")
    }
}

/// Makes [`Key`]s under one secret. Replicas that share a Redis must share it.
#[derive(Clone)]
pub struct KeyHasher(Hmac<Sha256>);

impl KeyHasher {
    /// A hasher under `secret`, which should be random.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        // HMAC fills a short key up to a block with zeros (RFC 2104).
        let mut block = [0; SHA256_BLOCK];
        block[..secret.len()].copy_from_slice(&secret);
        Self(Hmac::new(&block.into()))
    }

    /// The key of `identifier`, counted by `kind` on `site`.
    #[must_use]
    pub fn key(&self, site: &SiteId, kind: QuotaKind, identifier: &[u8]) -> Key {
        // Neither a site id nor a kind holds a zero byte, so no two triples run together.
        let mut mac = self.0.clone();
        for part in [
            site.as_str().as_bytes(),
            b"\0",
            kind.name().as_bytes(),
            b"\0",
            identifier,
        ] {
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let mut key = [0; KEY_BYTES];
        key.copy_from_slice(&digest[..KEY_BYTES]);
        Key(key)
    }
}

impl fmt::Debug for KeyHasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("KeyHasher").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_truncated_hmac_sha256() {
        // hmac.new(b'\x07' * 32, b'default\0email\0a@example.org', 'sha256').hexdigest()[:32]
        let key =
            KeyHasher::new([7; 32]).key(&SiteId::default(), QuotaKind::Email, b"a@example.org");
        assert_eq!(key.to_string(), "e8ee7ba065cc0fa446f8f22baa3fee2a");
    }

    #[test]
    fn depends_on_secret_site_kind_and_identifier() {
        let site = SiteId::default();
        let other_site = SiteId::new("other").unwrap();
        let hasher = KeyHasher::new([7; 32]);
        let key = hasher.key(&site, QuotaKind::Email, b"a");
        assert_ne!(
            key,
            KeyHasher::new([8; 32]).key(&site, QuotaKind::Email, b"a")
        );
        assert_ne!(key, hasher.key(&other_site, QuotaKind::Email, b"a"));
        assert_ne!(key, hasher.key(&site, QuotaKind::Page, b"a"));
        assert_ne!(key, hasher.key(&site, QuotaKind::Email, b"b"));
        assert_eq!(key, hasher.key(&site, QuotaKind::Email, b"a"));
    }
}
