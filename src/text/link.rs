//! Links in normalised text.

use std::ops::Range;

/// A link in a normalised text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Bytes of the normalised text.
    pub range: Range<usize>,
    /// Host, lower case, without port or user information.
    pub host: String,
    /// Registrable domain by the public-suffix list, or the host where it has none.
    pub domain: String,
}

/// Every link in `normalised`, in order: with a scheme, with `www.`, or a bare
/// host whose suffix is a known public one.
#[must_use]
pub fn links(normalised: &str) -> Vec<Link> {
    let mut found = Vec::new();
    let bytes = normalised.as_bytes();
    let mut from = 0;
    // Every link holds a dot inside a word; most comments do not.
    for dot in memchr::memchr_iter(b'.', bytes) {
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || *byte > 127;
        if dot < from || !bytes.get(dot + 1).is_some_and(inside) {
            continue;
        }
        let outside = normalised[from..dot]
            .char_indices()
            .rfind(|&(_, c)| is_outside(c));
        let start = outside.map_or(from, |(at, c)| from + at + c.len_utf8());
        let end = normalised[dot..]
            .find(is_outside)
            .map_or(normalised.len(), |at| dot + at);
        found.extend(link_in(&normalised[start..end], start));
        from = end;
    }
    found
}

/// Characters that end a link in running text.
fn is_outside(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '<' | '>' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | ',' | '،' | '|'
        )
}

fn link_in(word: &str, offset: usize) -> Option<Link> {
    let trimmed = word.trim_end_matches(['.', '!', '?', ':', ';', '\'', '*', '۔']);
    let (lead, with_scheme) = match trimmed.find("://") {
        Some(at) => {
            let letters = trimmed[..at]
                .bytes()
                .rev()
                .take_while(u8::is_ascii_alphabetic)
                .count();
            (at - letters, Some(letters + 3))
        }
        None => (
            trimmed.len()
                - trimmed
                    .trim_start_matches(|c: char| !c.is_alphanumeric())
                    .len(),
            None,
        ),
    };
    let link = &trimmed[lead..];
    let address = &link[with_scheme.unwrap_or(0)..];
    let authority = &address[..address.find(['/', '?', '#', '\\']).unwrap_or(address.len())];
    let host = match authority.rfind('@') {
        // Without a scheme that is an e-mail address.
        Some(_) if with_scheme.is_none() => return None,
        Some(at) => &authority[at + 1..],
        None => authority,
    };
    let host = host.split(':').next().unwrap_or(host).trim_end_matches('.');
    let bare = with_scheme.is_none() && !host.starts_with("www.");
    if !is_host(host) {
        return None;
    }
    let domain = psl::domain(host.as_bytes());
    if bare && !domain.is_some_and(|domain| domain.suffix().is_known() && !also_a_word(host)) {
        return None;
    }
    let domain = domain.and_then(|domain| std::str::from_utf8(domain.as_bytes()).ok());
    Some(Link {
        range: offset + lead..offset + trimmed.len(),
        host: host.to_owned(),
        domain: domain.unwrap_or(host).to_owned(),
    })
}

fn is_host(host: &str) -> bool {
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        })
}

/// Whether the suffix of a bare `word.word` is an everyday word. Then it is the missing
/// space after a full stop (`done.Then`), as an unknown suffix is.
fn also_a_word(host: &str) -> bool {
    const ALSO_WORDS: [&str; 24] = [
        "is", "it", "in", "so", "to", "no", "my", "me", "at", "be", "do", "am", "as", "us", "how",
        "now", "you", "one", "here", "like", "love", "fail", "does", "then",
    ];
    let last = host.rsplit('.').next().unwrap_or(host);
    ALSO_WORDS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        links(text).into_iter().map(|link| link.host).collect()
    }

    #[test]
    fn finds_links_as_people_write_them() {
        assert_eq!(
            hosts("see https://a.b.example.com:8080/x?y=1."),
            ["a.b.example.com"]
        );
        assert_eq!(
            hosts("(www.shop.test) and buy-now.co.uk/deal!"),
            ["www.shop.test", "buy-now.co.uk"]
        );
        assert_eq!(hosts("http://good.com@evil.com/"), ["evil.com"]);
        assert_eq!(hosts("😂https://t.co/x"), ["t.co"]);
        assert_eq!(hosts("مزید https://dawn.com/news پڑھیں"), ["dawn.com"]);
    }

    #[test]
    fn sentences_and_addresses_are_no_links() {
        for text in [
            "i am done.then he left",
            "e.g. this",
            "mail me@example.com",
            "😂://x",
            "3.14",
            "wait...what",
            "that is it.is it",
        ] {
            assert_eq!(hosts(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_link_knows_its_registrable_domain_and_place() {
        let text = "go to http://x.y.example.co.uk/a now";
        let link = &links(text)[0];
        assert_eq!(link.domain, "example.co.uk");
        assert_eq!(&text[link.range.clone()], "http://x.y.example.co.uk/a");
    }
}
