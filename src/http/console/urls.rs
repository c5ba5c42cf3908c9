//! Addresses within the console.

use std::fmt::Write as _;

/// `text` as it may stand in a query.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// `text` if it is the address of a page of the console, else the first page: what
/// stands in a form or a query must not lead elsewhere.
pub(super) fn within(text: &str) -> &str {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let inside = path == "/console" || path.starts_with("/console/");
    if plain && inside && !path.contains("//") && !path.split('/').any(|step| step == "..") {
        text
    } else {
        "/console"
    }
}

/// Whether a browser may be led there: to a web page, and not into a script.
pub(super) fn is_web(url: &str) -> bool {
    let scheme = url
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_nowhere_else() {
        for inside in ["/console", "/console/history?site=a#b", "/console?q=//x"] {
            assert_eq!(within(inside), inside);
        }
        for outside in [
            "",
            "/",
            "//evil.example",
            "/console//evil.example",
            "https://evil.example/console",
            "/consolexyz",
            "/console/../metrics",
            "/console\\evil",
            "/console\r\nx: y",
            "javascript:alert(1)",
        ] {
            assert_eq!(within(outside), "/console", "{outside}");
        }
    }

    #[test]
    fn escapes_all_but_the_unreserved() {
        assert_eq!(escaped("a-b c&d=é"), "a-b%20c%26d%3D%C3%A9");
    }
}
