//! Random secrets that sign somebody in, and what is stored of them.

use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Bytes of randomness in a secret.
const BYTES: usize = 32;

/// A random secret of 256 bits, written as 64 hexadecimal digits: a session, a
/// sign-in link, an API token. Only its hash is stored; it is never printed by
/// `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// SHA-256 of a secret. A secret is random, not a password, so one fast hash is enough.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// A secret of these bytes, which must be random.
    #[must_use]
    pub fn new(bytes: [u8; BYTES]) -> Self {
        Self(hex(&bytes))
    }

    /// Another secret that only who knows this one can know, for one `purpose`.
    #[must_use]
    pub fn derived(&self, purpose: &str) -> Self {
        let mut hash = Sha256::new_with_prefix(purpose.as_bytes());
        hash.update([0]);
        hash.update(self.0.as_bytes());
        Self::new(hash.finalize().into())
    }

    /// The secret, to hand to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `presented` is this secret; takes the same time whatever it is.
    #[must_use]
    pub fn is(&self, presented: &str) -> bool {
        SecretHash::of(&self.0) == SecretHash::of(presented)
    }
}

impl From<&str> for Secret {
    /// What somebody presents as a secret; whether it is one, its hash will show.
    fn from(presented: &str) -> Self {
        Self(presented.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

impl SecretHash {
    /// The hash of what somebody presents.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// As it is stored: 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash")
    }
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_hash_and_never_printed() {
        let secret = Secret::new([0xab; 32]);
        assert_eq!(secret.expose(), "ab".repeat(32));
        assert!(secret.is(secret.expose()) && !secret.is("ab"));
        assert_eq!(format!("{secret:?}"), "Secret");
        // printf '' | sha256sum
        assert!(
            SecretHash::of("")
                .to_hex()
                .starts_with("e3b0c44298fc1c149afbf4c8996fb924")
        );
    }

    #[test]
    fn derived_secrets_differ_by_secret_and_purpose() {
        let (one, other) = (Secret::new([1; 32]), Secret::new([2; 32]));
        assert_eq!(one.derived("csrf"), one.derived("csrf"));
        assert_ne!(one.derived("csrf"), one.derived("else"));
        assert_ne!(one.derived("csrf"), other.derived("csrf"));
    }
}
