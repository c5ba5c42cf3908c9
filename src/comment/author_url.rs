//! The author's own web page.

use http::Uri;

use super::faults::{characters, fault};
use super::limits::FieldLimits;
use super::redact::debug_as_length;
use super::visible::{is_blank, longer_than, trim};
use crate::verdict::{Field, Reason, ReasonCode};

/// What some forms put into the field before the reader types.
const PREFILLED: [&str; 2] = ["http://", "https://"];

/// The address of a web page: `http` or `https`, or no scheme, and a host with at
/// least one dot, which may have letters of any script. Kept byte for byte as sent,
/// since evidence points into it.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorUrl(String);

impl AuthorUrl {
    /// Takes an address as it was sent; `None` where the reader gave none, be it
    /// that a prefilled `http://` was left as it was. Its length is counted without
    /// the white space and invisible characters around it.
    ///
    /// # Errors
    /// The first fault: `URL_TOO_LONG` or `URL_INVALID`.
    pub fn parse(sent: String, limits: &FieldLimits) -> Result<Option<Self>, Reason> {
        let address = trim(&sent);
        if is_blank(address) || PREFILLED.contains(&address) {
            return Ok(None);
        }
        let max = limits.url_max_chars();
        if longer_than(address, max) {
            let sentence = format!(
                "Please shorten the address of your web page to at most {}.",
                characters(max)
            );
            return Err(fault(ReasonCode::UrlTooLong, Field::Url, sentence));
        }
        if !is_web_address(address) {
            let sentence = "This does not look like a web address; \
                            expected something like https://example.org.";
            return Err(fault(ReasonCode::UrlInvalid, Field::Url, sentence));
        }
        Ok(Some(Self(sent)))
    }

    /// The address as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

debug_as_length!(AuthorUrl);

fn is_web_address(address: &str) -> bool {
    let Some(ascii) = with_ascii_letters(address) else {
        return false;
    };
    let has_scheme = ascii
        .split(['/', '?', '#'])
        .next()
        .is_some_and(|start| start.ends_with(':'));
    let uri = if has_scheme {
        ascii
    } else {
        format!("http://{ascii}")
    };
    uri.parse::<Uri>().is_ok_and(|uri| is_on_the_web(&uri))
}

/// `address` with `x` for every character that is not ASCII, so that a grammar
/// that knows ASCII only can judge the rest; `None` if one of them is white space
/// or a control, which no address has.
fn with_ascii_letters(address: &str) -> Option<String> {
    address
        .chars()
        .map(|character| {
            if character.is_whitespace() || character.is_control() {
                None
            } else if character.is_ascii() {
                Some(character)
            } else {
                Some('x')
            }
        })
        .collect()
}

fn is_on_the_web(uri: &Uri) -> bool {
    let Some(authority) = uri.authority() else {
        return false;
    };
    // Before an `@` stands a login: in a comment form that is an e-mail address in
    // the wrong field (`mailto:` included) or a disguise of the host.
    matches!(uri.scheme_str(), Some("http" | "https"))
        && !authority.as_str().contains('@')
        && has_dotted_host(authority.host())
        && (authority.as_str() == authority.host() || authority.port_u16().is_some())
}

fn has_dotted_host(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    host.contains('.') && host.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(sent: &str) -> Result<Option<AuthorUrl>, Reason> {
        let limits = toml::from_str("url_max_chars = 60").unwrap();
        AuthorUrl::parse(sent.to_owned(), &limits)
    }

    #[track_caller]
    fn assert_fault(sent: &str, code: ReasonCode) {
        let fault = parse(sent).expect_err(sent);
        assert_eq!(
            (fault.code, fault.field),
            (code, Some(Field::Url)),
            "{sent:?}"
        );
    }

    #[test]
    fn every_fault() {
        let long = format!("https://example.org/{}", "ا".repeat(41));
        assert_fault(&long, ReasonCode::UrlTooLong);
        for bad in [
            "javascript:alert(1)",
            "JavaScript://example.org/%0aalert(1)",
            "data:text/html,hi",
            "vbscript:x.y",
            "ftp://example.org/",
            "file:///etc/passwd",
            "mailto:ayesha@example.org",
            "ayesha@example.org",
            "https://ayesha:secret@example.org/",
            "localhost",
            "http://localhost/",
            "my page",
            "example.org/a b",
            "example .org",
            "example..org",
            ".org",
            "https:///example.org",
            "//example.org",
            "example.org:http",
            "example.org:",
            "example.org\n.com",
        ] {
            assert_fault(bad, ReasonCode::UrlInvalid);
        }
    }

    #[test]
    fn addresses_that_people_type() {
        for sent in [
            "example.org",
            "HTTP://Example.org:8080/?q=1#top",
            " https://example.org./ ",
            "https://ur.wikipedia.org/wiki/اردو",
            "example.org/redirect?to=https://example.com",
            "مثال.پاکستان",
            "xn--mgbcd4a2b0d2b.xn--mgbai9azgqp6j",
        ] {
            let url = parse(sent).unwrap();
            assert_eq!(url.as_ref().map(AuthorUrl::as_str), Some(sent));
        }
    }

    #[test]
    fn a_field_left_as_it_was_holds_no_address() {
        for untouched in ["", " ", "http://", "https://", "\u{200B}", "\0"] {
            assert_eq!(parse(untouched), Ok(None), "{untouched:?}");
        }
    }
}
