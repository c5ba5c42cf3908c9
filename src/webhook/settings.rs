//! What an operator sets for a site.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::public_address::is_public;
use super::secret::Secret;

/// Most secrets at once: the one in use and the one that replaces it.
const MOST_SECRETS: usize = 2;
/// What is printed in the place of a query.
const WITHHELD: &str = "***";

/// A `[sites.<id>.webhook]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Unchecked")]
pub struct WebhookSettings {
    /// Where the site takes messages; `https` unless `allow_private`.
    pub url: WebhookUrl,
    /// What they are signed with: one secret, or two while one is renewed.
    pub secrets: Vec<Secret>,
    /// Also send to private, loopback and link-local addresses, and by plain `http`;
    /// default false.
    pub allow_private: bool,
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    url: WebhookUrl,
    secrets: Vec<Secret>,
    #[serde(default)]
    allow_private: bool,
}

/// A `[sites.<id>.webhook]` table that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// No secret, or too many.
    #[error("secrets: expected one secret, or two while one is renewed, found {0}")]
    Secrets(usize),
    /// A plain connection through the internet.
    #[error("url: expected https://, or allow_private = true for plain http in the house")]
    Plain,
    /// Not an address of the internet.
    #[error("url: {0} is a private address: expected a public one, or allow_private = true")]
    Private(IpAddr),
}

impl TryFrom<Unchecked> for WebhookSettings {
    type Error = WebhookError;

    fn try_from(unchecked: Unchecked) -> Result<Self, WebhookError> {
        let Unchecked {
            url,
            secrets,
            allow_private,
        } = unchecked;
        if !(1..=MOST_SECRETS).contains(&secrets.len()) {
            return Err(WebhookError::Secrets(secrets.len()));
        }
        if !allow_private {
            if let Some(address) = url.literal_address().filter(|address| !is_public(*address)) {
                return Err(WebhookError::Private(address));
            }
            if url.0.scheme() != "https" {
                return Err(WebhookError::Plain);
            }
        }
        Ok(Self {
            url,
            secrets,
            allow_private,
        })
    }
}

/// A URL to send to: `http` or `https`, with a host, without user, password and
/// fragment.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct WebhookUrl(Url);

/// Text that is no such URL. It may hold a secret, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a URL such as https://www.example.org/moderato, without user, password or fragment"
)]
pub struct NotAWebhookUrl;

impl WebhookUrl {
    /// Takes a URL.
    ///
    /// # Errors
    /// If it does not have the form above.
    pub fn new(text: &str) -> Result<Self, NotAWebhookUrl> {
        let url = Url::parse(text).map_err(|_| NotAWebhookUrl)?;
        let well_formed = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none()
            && url.query() != Some(WITHHELD);
        well_formed.then_some(Self(url)).ok_or(NotAWebhookUrl)
    }

    /// The URL whole: for sending, not for printing, since its path or query may be
    /// secret.
    #[must_use]
    pub const fn expose(&self) -> &Url {
        &self.0
    }

    /// The address, where the host is one rather than a name.
    pub(super) fn literal_address(&self) -> Option<IpAddr> {
        let host = self.0.host_str()?;
        host.trim_matches(['[', ']']).parse().ok()
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = NotAWebhookUrl;

    fn try_from(text: String) -> Result<Self, NotAWebhookUrl> {
        Self::new(&text)
    }
}

/// The URL without its query.
impl fmt::Display for WebhookUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        if shown.query().is_some() {
            shown.set_query(Some(WITHHELD));
        }
        formatter.write_str(shown.as_str())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for WebhookUrl {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";

    fn read(url: &str, secrets: usize, more: &str) -> Result<WebhookSettings, String> {
        let secrets = vec![format!("{SECRET:?}"); secrets].join(", ");
        let table = format!("url = {url:?}\nsecrets = [{secrets}]\n{more}");
        toml::from_str(&table).map_err(|error: toml::de::Error| error.message().to_owned())
    }

    #[test]
    fn takes_a_public_url_with_one_secret_or_two() {
        assert!(read("https://www.example.org/hook", 1, "").is_ok());
        assert!(read("https://www.example.org/hook", 2, "").is_ok());
        assert!(read("http://127.0.0.1:8000/hook", 1, "allow_private = true").is_ok());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_and_says_what_was_expected() {
        for (url, secrets, expected) in [
            ("https://a.example/", 0, "expected one secret, or two"),
            ("https://a.example/", 3, "expected one secret, or two"),
            ("http://a.example/", 1, "expected https://"),
            ("https://10.0.0.1/", 1, "10.0.0.1 is a private address"),
            ("https://[::1]/", 1, "::1 is a private address"),
            ("https://2130706433/", 1, "127.0.0.1 is a private address"),
            ("https://0x7f.1/", 1, "127.0.0.1 is a private address"),
            ("ftp://a.example/", 1, "expected a URL such as"),
            ("https://user:pw@a.example/", 1, "expected a URL such as"),
            ("a.example", 1, "expected a URL such as"),
        ] {
            let error = read(url, secrets, "").unwrap_err();
            assert!(error.contains(expected), "{url}: {error}");
            assert!(!error.contains("pw") && !error.contains("BwcH"), "{error}");
        }
        let error = read("https://a.example/", 1, "secret = \"x\"").unwrap_err();
        assert!(error.contains("unknown field `secret`"), "{error}");
    }

    #[test]
    fn neither_secrets_nor_a_query_are_printed() {
        let settings = read("https://a.example/hook?token=hidden", 1, "").unwrap();
        for printed in [format!("{settings:?}"), toml::to_string(&settings).unwrap()] {
            assert!(
                !printed.contains("hidden") && !printed.contains("BwcH"),
                "{printed}"
            );
        }
    }
}
