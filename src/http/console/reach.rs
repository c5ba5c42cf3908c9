//! Under which address the console may be reached. A console that answers to any
//! name can be driven by any page that makes its own name point here (DNS
//! rebinding), so it answers to the names it knows.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::uri::{Authority, Scheme, Uri};
use serde::{Deserialize, Serialize};

/// The address moderators type: scheme, host and port, without a path. `https`, or
/// `http` on this machine alone, since a password must not cross a network in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicUrl {
    secure: bool,
    authority: Authority,
}

/// Text that is no [`PublicUrl`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the address moderators type, such as https://moderation.example.org, without a \
     path; http:// only for localhost; found {0:?}"
)]
pub struct NotAPublicUrl(String);

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let refused = || NotAPublicUrl(text.to_owned());
        let parts = text.parse::<Uri>().map_err(|_| refused())?.into_parts();
        let authority = parts.authority.ok_or_else(refused)?;
        let bare = parts.path_and_query.is_none_or(|path| path == "/");
        let secure = parts.scheme == Some(Scheme::HTTPS);
        let local = parts.scheme == Some(Scheme::HTTP) && is_local(&authority);
        let well_formed = bare && !authority.as_str().contains('@') && (secure || local);
        well_formed
            .then_some(Self { secure, authority })
            .ok_or_else(refused)
    }
}

impl TryFrom<String> for PublicUrl {
    type Error = NotAPublicUrl;

    fn try_from(text: String) -> Result<Self, NotAPublicUrl> {
        text.parse()
    }
}

impl From<PublicUrl> for String {
    fn from(url: PublicUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(formatter, "{scheme}://{}", self.authority)
    }
}

/// To which names the console answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To this machine's own names: the listener is reached from nowhere else.
    ThisMachine,
    /// To the one name it was given.
    Public(PublicUrl),
}

impl Reach {
    /// Whether a request for `host` (of the `Host` header) is meant for this console.
    pub(super) fn answers_to(&self, host: &str) -> bool {
        let Ok(asked) = host.parse::<Authority>() else {
            return false;
        };
        match self {
            Self::ThisMachine => is_local(&asked),
            Self::Public(url) => {
                let port = |authority: &Authority| {
                    authority
                        .port_u16()
                        .unwrap_or(if url.secure { 443 } else { 80 })
                };
                asked.host().eq_ignore_ascii_case(url.authority.host())
                    && port(&asked) == port(&url.authority)
            }
        }
    }

    /// Whether `origin` (of the `Origin` header) is a page of this console, asked for
    /// as `host`.
    pub(super) fn is_origin(&self, origin: &str, host: &str) -> bool {
        let secure = self.is_secure();
        let Some((scheme, authority)) = origin.split_once("://") else {
            return false;
        };
        let same = match self {
            Self::ThisMachine => authority.eq_ignore_ascii_case(host),
            Self::Public(_) => true,
        };
        same && scheme == (if secure { "https" } else { "http" }) && self.answers_to(authority)
    }

    /// `path` as somebody can open it who came by `host`.
    pub(super) fn address_of(&self, path: &str, host: &str) -> String {
        match self {
            Self::ThisMachine => format!("http://{host}{path}"),
            Self::Public(url) => format!("{url}{path}"),
        }
    }

    /// Whether browsers come by TLS, so that cookies can be kept to it.
    pub(super) const fn is_secure(&self) -> bool {
        matches!(self, Self::Public(PublicUrl { secure: true, .. }))
    }
}

/// Whether an authority names this machine: `localhost`, or a loopback address.
fn is_local(authority: &Authority) -> bool {
    let host = authority.host();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> Reach {
        Reach::Public(text.parse().unwrap())
    }

    #[test]
    fn a_public_url_is_https_or_this_machine_and_has_no_path() {
        for good in [
            "https://m.example.org",
            "https://m.example.org:8443",
            "http://localhost:8080",
        ] {
            assert_eq!(good.parse::<PublicUrl>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "m.example.org",
            "http://m.example.org",
            "https://m.example.org/console",
            "https://me@m.example.org",
            "ftp://localhost",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn answers_to_its_own_names_alone() {
        let here = Reach::ThisMachine;
        for host in ["localhost", "localhost:8080", "127.0.0.1:80", "[::1]:8080"] {
            assert!(here.answers_to(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "192.0.2.1:8080",
        ] {
            assert!(!here.answers_to(host), "{host}");
        }
        let named = public("https://m.example.org");
        assert!(named.answers_to("M.example.org") && named.answers_to("m.example.org:443"));
        assert!(!named.answers_to("m.example.org:8080") && !named.answers_to("localhost"));
    }

    #[test]
    fn a_page_of_its_own_has_its_scheme_and_name() {
        let named = public("https://m.example.org");
        assert!(named.is_origin("https://m.example.org", "m.example.org"));
        for other in ["http://m.example.org", "https://evil.example", "null", ""] {
            assert!(!named.is_origin(other, "m.example.org"), "{other}");
        }
        let here = Reach::ThisMachine;
        assert!(here.is_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
        assert!(
            !here.is_origin("http://127.0.0.1:9999", "127.0.0.1:8080"),
            "another program"
        );
    }
}
