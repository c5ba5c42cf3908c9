//! Domains as people write them, in the form in which links come.

use std::fmt;
use std::str::FromStr;

use unicode_normalization::char::is_combining_mark;

use super::normalise;

/// A domain, with all hosts under it, in the normalised form in which links come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain(Box<str>);

/// Text that is no domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a domain of at most {} bytes such as example.com, without scheme, path or port",
    Domain::MAX_BYTES
)]
pub struct NotADomain;

impl Domain {
    /// Longest name that DNS knows (RFC 1035, section 2.3.4).
    pub const MAX_BYTES: usize = 253;

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the host of a link is the domain or under it.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let rest = host.strip_suffix(self.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl FromStr for Domain {
    type Err = NotADomain;

    /// `*.example.com` and `.example.com` mean `example.com`.
    fn from_str(entry: &str) -> Result<Self, NotADomain> {
        // Inside a link, where no letters are squeezed: `.xxx` is not `.xx`.
        const LINK: &str = "http://a.";
        let entry = entry.trim();
        let entry = entry.strip_prefix('*').unwrap_or(entry);
        let entry = entry.strip_prefix('.').unwrap_or(entry);
        let entry = entry.strip_suffix('.').unwrap_or(entry);
        if entry.len() > Self::MAX_BYTES {
            return Err(NotADomain);
        }
        let normalised = normalise(&format!("{LINK}{entry}"));
        let name = normalised.text().strip_prefix(LINK).ok_or(NotADomain)?;
        let is_label = |label: &str| !label.is_empty() && label.chars().all(is_label_char);
        if name.len() <= Self::MAX_BYTES && name.split('.').all(is_label) {
            Ok(Self(name.into()))
        } else {
            Err(NotADomain)
        }
    }
}

impl From<Domain> for Box<str> {
    fn from(domain: Domain) -> Self {
        domain.0
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// International names come as typed, not in Punycode, so any script may stand.
fn is_label_char(c: char) -> bool {
    c == '-' || c == '_' || c.is_alphanumeric() || is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::links;

    fn domain(entry: &str) -> Option<String> {
        let domain = entry.parse::<Domain>().ok();
        domain.map(|domain| domain.to_string())
    }

    #[test]
    fn takes_domains_and_nothing_else() {
        for (entry, name) in [
            ("Example.COM", "example.com"),
            ("*.example.com", "example.com"),
            (".xyz", "xyz"),
            (".xxx", "xxx"),
            ("aaa.com", "aaa.com"),
            ("bbc.co.uk.", "bbc.co.uk"),
        ] {
            assert_eq!(domain(entry).as_deref(), Some(name), "{entry}");
        }
        for bad in [
            "",
            " ",
            ".",
            "*",
            "https://example.com",
            "example.com/path",
            "example.com:80",
            "a..b",
            "a b.com",
            "me@example.com",
            &"x".repeat(300),
        ] {
            assert_eq!(domain(bad), None, "{bad}");
        }
    }

    #[test]
    fn covers_its_hosts_as_links_have_them() {
        for (entry, typed, covered) in [
            ("müller.de", "see https://www.MÜLLER.de/x", true),
            ("Spam.example.com", "http://spam.example.com", true),
            ("spam.example.com", "https://notspam.example.com", false),
        ] {
            let found = links(normalise(typed).text());
            let domain: Domain = entry.parse().unwrap();
            assert_eq!(domain.covers(&found[0].host), covered, "{entry} {found:?}");
        }
    }
}
