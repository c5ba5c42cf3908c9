//! The secret a site and this server share.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize, Serializer};

/// How Standard Webhooks marks a secret.
const PREFIX: &str = "whsec_";
/// What is printed in a secret's place.
const WITHHELD: &str = "***";
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret of 24 to 64 bytes, written as `whsec_` and Base64; never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret(Vec<u8>);

/// Text that is no secret. It may nearly be one, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASecret {
    /// Another form.
    #[error("expected a secret of the form whsec_<Base64 of 24 to 64 random bytes>")]
    Form,
    /// Another length.
    #[error("expected a secret of 24 to 64 bytes after whsec_ and Base64, found {0}")]
    Length(usize),
    /// As printed, not as meant.
    #[error("expected the secret itself, found {WITHHELD} in its place")]
    Withheld,
}

impl Secret {
    /// A secret of these bytes, which should be random.
    ///
    /// # Errors
    /// If they are fewer than 24 or more than 64.
    pub fn new(bytes: &[u8]) -> Result<Self, NotASecret> {
        if BYTES.contains(&bytes.len()) {
            Ok(Self(bytes.to_vec()))
        } else {
            Err(NotASecret::Length(bytes.len()))
        }
    }

    /// The bytes, to sign with.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The secret as it is written.
    #[must_use]
    pub fn to_text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl std::str::FromStr for Secret {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, NotASecret> {
        if text == WITHHELD {
            return Err(NotASecret::Withheld);
        }
        let encoded = text.strip_prefix(PREFIX).ok_or(NotASecret::Form)?;
        Self::new(&STANDARD.decode(encoded).map_err(|_| NotASecret::Form)?)
    }
}

impl TryFrom<String> for Secret {
    type Error = NotASecret;

    fn try_from(text: String) -> Result<Self, NotASecret> {
        text.parse()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(WITHHELD)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_the_standard_has_it_and_never_printed() {
        let secret = Secret::new(&[7; 24]).unwrap();
        let text = secret.to_text();
        assert_eq!(text, "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH");
        assert_eq!(text.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "Secret");
        assert_eq!(serde_json::to_value(&secret).unwrap(), WITHHELD);
    }

    #[test]
    fn what_is_none_is_refused_without_repeating_it() {
        for (text, error) in [
            ("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH", NotASecret::Form),
            ("whsec_not base64", NotASecret::Form),
            ("whsec_BwcH", NotASecret::Length(3)),
            ("***", NotASecret::Withheld),
        ] {
            assert_eq!(text.parse::<Secret>(), Err(error));
            assert!(!error.to_string().contains("BwcH"));
        }
    }
}
