//! A URL that may hold a password.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// Stands where a password was.
const WITHHELD: &str = "***";

/// Query parameters of a Redis URL that hold a password.
const SECRET_PARAMETERS: [&str; 2] = ["pass=", "password="];

/// A URL of a database or of Redis. Printed, it withholds the password.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PrivateUrl(String);

/// Text that is no usable URL. It may hold a password, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAUrl {
    /// There is no scheme.
    #[error("expected a URL such as redis://user:password@host:6379/0")]
    Scheme,
    /// As printed, not as meant.
    #[error("expected a URL with its password, found {WITHHELD} in the password's place")]
    Withheld,
}

impl PrivateUrl {
    /// Takes a URL.
    ///
    /// # Errors
    /// If it has no scheme, or was printed by this type.
    pub fn new(url: &str) -> Result<Self, NotAUrl> {
        if !url.contains("://") {
            return Err(NotAUrl::Scheme);
        }
        if url.contains(WITHHELD) {
            return Err(NotAUrl::Withheld);
        }
        Ok(Self(url.to_owned()))
    }

    /// The URL with its password: for connecting, not for printing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PrivateUrl {
    type Error = NotAUrl;

    fn try_from(url: String) -> Result<Self, NotAUrl> {
        Self::new(&url)
    }
}

impl fmt::Display for PrivateUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&without_passwords(&self.0))
    }
}

impl fmt::Debug for PrivateUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Serialize for PrivateUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `text` with the passwords of all URLs in it withheld.
pub(super) fn without_passwords(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(scheme) = rest.find("://") {
        let (before, after) = rest.split_at(scheme + "://".len());
        shown.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || c == '"')
            .unwrap_or(after.len());
        let (url, after) = after.split_at(end);
        shown.push_str(&without_parameters(&without_login(url)));
        rest = after;
    }
    shown + rest
}

/// `user:password@host` with the password withheld. The last `@` ends it, for a
/// password may hold others.
fn without_login(url: &str) -> String {
    let Some((login, host)) = url.rsplit_once('@') else {
        return url.to_owned();
    };
    match login.split_once(':') {
        Some((user, _)) => format!("{user}:{WITHHELD}@{host}"),
        None => url.to_owned(),
    }
}

fn without_parameters(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let shown = query.split('&').map(|parameter| {
        let secret = SECRET_PARAMETERS
            .iter()
            .find(|name| parameter.starts_with(**name));
        secret.map_or_else(|| parameter.to_owned(), |name| format!("{name}{WITHHELD}"))
    });
    format!("{path}?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_printed() {
        for (url, shown) in [
            ("redis://localhost:6379/0", "redis://localhost:6379/0"),
            ("redis://:secret@host/0", "redis://:***@host/0"),
            ("redis://me:se:cr@t@host", "redis://me:***@host"),
            ("redis://:sec/ret@host", "redis://:***@host"),
            (
                "unix:///run/r.sock?db=1&pass=secret",
                "unix:///run/r.sock?db=1&pass=***",
            ),
        ] {
            let url = PrivateUrl::new(url).unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), shown);
            assert_eq!(serde_json::to_value(&url).unwrap(), shown);
        }
    }

    #[test]
    fn what_was_printed_is_not_taken_for_the_password() {
        assert_eq!(PrivateUrl::new("redis://:***@host"), Err(NotAUrl::Withheld));
        assert_eq!(PrivateUrl::new("localhost:6379"), Err(NotAUrl::Scheme));
    }

    #[test]
    fn urls_inside_a_message_lose_their_passwords_too() {
        let message = r#"invalid type: string "redis://:secret@host", expected a table"#;
        let shown = without_passwords(message);
        assert_eq!(
            shown,
            r#"invalid type: string "redis://:***@host", expected a table"#
        );
    }
}
