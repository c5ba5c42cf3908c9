//! Whose call it is: a site's key, sent as a bearer token, names the site.
//!
//! Keys are configured as their SHA-256, so a configuration file gives none
//! away. A key is a random secret, not a password, so one fast hash is enough.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};
use tonic::metadata::MetadataMap;

use super::status::Refusal;
use crate::site::SiteId;

/// SHA-256 of a site's key; written as 64 lower-case hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyHash([u8; 32]);

/// Why keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a hash as [`KeyHash`] is written.
    #[error("expected a key's SHA-256 as 64 lower-case hexadecimal digits, found {0} characters")]
    NotAHash(usize),
    /// One key cannot name two sites.
    #[error("sites {0} and {1} have the same key; expected a key of its own for each site")]
    Shared(SiteId, SiteId),
}

impl KeyHash {
    /// The hash of `key`, as a site sends it.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }
}

impl FromStr for KeyHash {
    type Err = KeyError;

    fn from_str(hex: &str) -> Result<Self, KeyError> {
        let malformed = || KeyError::NotAHash(hex.chars().count());
        let (pairs, []) = hex.as_bytes().as_chunks::<2>() else {
            return Err(malformed());
        };
        let bytes: Option<Vec<u8>> = pairs
            .iter()
            .map(|&[high, low]| Some(nibble(high)? << 4 | nibble(low)?))
            .collect();
        let hash = bytes.and_then(|bytes| bytes.try_into().ok());
        hash.map(Self).ok_or_else(malformed)
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl TryFrom<String> for KeyHash {
    type Error = KeyError;

    fn try_from(hex: String) -> Result<Self, KeyError> {
        hex.parse()
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl From<KeyHash> for String {
    fn from(hash: KeyHash) -> Self {
        hash.to_string()
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyHash")
    }
}

/// Which key names which site. A site may have several keys, so that they can be
/// renewed; without any key at all, every call is the default site's.
#[derive(Clone, Debug, Default)]
pub struct KeyTable {
    keys: Vec<(KeyHash, Arc<SiteId>)>,
    default_site: Arc<SiteId>,
}

impl KeyTable {
    /// A table of every site's keys.
    ///
    /// # Errors
    /// If two sites have the same key.
    pub fn new(keys: impl IntoIterator<Item = (SiteId, KeyHash)>) -> Result<Self, KeyError> {
        let mut table = Self::default();
        for (site, hash) in keys {
            let twin = table.keys.iter().find(|(other, _)| *other == hash);
            match twin {
                Some((_, other)) if **other == site => {}
                Some((_, other)) => return Err(KeyError::Shared(SiteId::clone(other), site)),
                None => table.keys.push((hash, Arc::new(site))),
            }
        }
        Ok(table)
    }

    /// Whether calls need no key.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.keys.is_empty()
    }

    /// The site that has `key`. Looks at every key, whichever fits, so that the
    /// time taken tells nothing.
    fn site_with(&self, key: &str) -> Option<&Arc<SiteId>> {
        let presented = KeyHash::of(key);
        let mut fitting = u64::MAX;
        for (index, (hash, _)) in (0_u64..).zip(&self.keys) {
            fitting.conditional_assign(&index, hash.0.ct_eq(&presented.0));
        }
        let (_, site) = self.keys.get(usize::try_from(fitting).ok()?)?;
        Some(site)
    }
}

/// The keys in force, which a reload replaces while calls come in.
#[derive(Debug, Default)]
pub struct SiteKeys(ArcSwap<KeyTable>);

impl SiteKeys {
    /// Puts `table` in force.
    #[must_use]
    pub fn new(table: KeyTable) -> Self {
        Self(ArcSwap::from_pointee(table))
    }

    /// Puts another table in force; calls from now on are held against it.
    pub fn replace(&self, table: KeyTable) {
        self.0.store(Arc::new(table));
    }

    /// Whether comments of `site` can come in: it has a key, or none has and it is the default.
    #[must_use]
    pub fn knows(&self, site: &SiteId) -> bool {
        let table = self.0.load();
        if table.is_open() {
            return *table.default_site == *site;
        }
        table.keys.iter().any(|(_, known)| **known == *site)
    }

    /// The site that has this key, if any has.
    pub(super) fn site_with(&self, key: &str) -> Option<Arc<SiteId>> {
        self.0.load().site_with(key).cloned()
    }

    /// Whose call carries this metadata.
    ///
    /// # Errors
    /// If sites have keys and the metadata holds none of them.
    pub fn site_of(&self, metadata: &MetadataMap) -> Result<Arc<SiteId>, Refusal> {
        let table = self.0.load();
        if table.is_open() {
            return Ok(Arc::clone(&table.default_site));
        }
        let value = metadata.get("authorization").ok_or(Refusal::KeyMissing)?;
        let key = value
            .to_str()
            .ok()
            .and_then(bearer)
            .ok_or(Refusal::KeyMalformed)?;
        table.site_with(key).cloned().ok_or(Refusal::KeyUnknown)
    }
}

/// The token of a bearer credential (RFC 6750; the scheme in any case).
pub(super) fn bearer(credential: &str) -> Option<&str> {
    let (scheme, token) = credential.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
