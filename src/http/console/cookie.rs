//! The session's cookie.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::moderator::Secret;

/// With the prefix a browser takes it by TLS alone, and from no other host (RFC 6265bis,
/// section 4.1.3.2).
const SECURE_NAME: &str = "__Host-moderato-session";
const PLAIN_NAME: &str = "moderato-session";

/// How the session's cookie is written and read.
#[derive(Clone, Copy, Debug)]
pub(super) struct SessionCookie {
    /// Whether browsers come by TLS.
    pub(super) secure: bool,
}

impl SessionCookie {
    const fn name(self) -> &'static str {
        if self.secure { SECURE_NAME } else { PLAIN_NAME }
    }

    /// The session a request presents.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let cookies = headers.get_all(header::COOKIE).into_iter();
        let pairs = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|v| v.split(';'));
        let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
        named.find_map(|(name, value)| (name == self.name()).then_some(value))
    }

    /// Keeps `session` for `life`. `Lax`, so that a link in a message opens the console
    /// signed in; what changes something needs the form's token besides.
    pub(super) fn set(self, session: &Secret, life: Duration) -> HeaderValue {
        self.written(session.expose(), life)
    }

    /// Forgets the session.
    pub(super) fn clear(self) -> HeaderValue {
        self.written("", Duration::ZERO)
    }

    fn written(self, value: &str, life: Duration) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            self.name(),
            life.as_secs()
        );
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_tls_the_cookie_is_kept_to_it_and_to_the_host() {
        let secret = Secret::new([1; 32]);
        let cookie = SessionCookie { secure: true };
        let set = cookie.set(&secret, Duration::from_mins(1));
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-moderato-session=0101"), "{set}");
        assert!(
            set.ends_with("; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"),
            "{set}"
        );
        let plain = SessionCookie { secure: false }.clear();
        assert_eq!(
            plain,
            "moderato-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        );
    }

    #[test]
    fn finds_its_own_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=b; xmoderato-session=no".parse().unwrap());
        headers.append(header::COOKIE, "moderato-session=yes; c".parse().unwrap());
        assert_eq!(SessionCookie { secure: false }.read(&headers), Some("yes"));
        assert_eq!(SessionCookie { secure: true }.read(&headers), None);
    }
}
