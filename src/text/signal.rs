//! Structural signals: what a comment is like, whatever its words are (of words, see `promotion`).
//!
//! A signal is a feature like any word, so its weight is learned and it shows up
//! as evidence under its name.

use unicode_script::{Script, UnicodeScript};

use super::bytes;
use super::phone::phone_numbers;
use super::segment::{Segment, SegmentKind};
use super::{Link, Normalised, link_kind};

/// What signals are computed from.
pub(super) struct Subject<'a> {
    pub(super) text: &'a str,
    /// The author's name, normalised, and the links in it.
    pub(super) name: &'a str,
    pub(super) name_links: &'a [Link],
    pub(super) normalised: &'a Normalised,
    pub(super) links: &'a [Link],
    pub(super) segments: &'a [Segment],
}

/// The signals that hold, each at most once, in a fixed order.
pub(super) fn signals(subject: &Subject<'_>) -> Vec<&'static str> {
    let mut found = Vec::with_capacity(8);
    let words = subject
        .segments
        .iter()
        .filter(|s| s.kind == SegmentKind::Word)
        .count();
    found.push(length_class(words));
    found.extend(link_signals(subject, words));
    link_kinds(subject.links, &mut found);
    found.extend(letter_case(subject.text));
    let typed = Typed::of(subject.text);
    found.extend(punctuation(subject.text, typed.money_sign));
    found.extend(contact(subject.normalised.text()));
    found.extend(scripts(subject, typed.invisible));
    found.extend(author(subject));
    found
}

const fn length_class(words: usize) -> &'static str {
    match words {
        0 => "words:0",
        1..=3 => "words:1-3",
        4..=10 => "words:4-10",
        11..=30 => "words:11-30",
        31..=80 => "words:31-80",
        81..=200 => "words:81-200",
        _ => "words:201+",
    }
}

fn link_signals(subject: &Subject<'_>, words: usize) -> impl Iterator<Item = &'static str> {
    let links = subject.links.len();
    let within = subject.links.iter().filter(|link| {
        let link = &subject.normalised.text()[link.range.clone()];
        is_place_in_recording(link)
    });
    if links > 0 && within.count() == links {
        return [Some("links:timestamp"), None, None].into_iter().flatten();
    }
    let number = match links {
        0 => None,
        1 => Some("links:1"),
        2 => Some("links:2"),
        3..=5 => Some("links:3-5"),
        _ => Some("links:6+"),
    };
    let bare = (links > 0 && words <= 3 * links).then_some("links:little-else");
    let has = |text: &str, byte: u8, wanted: &str| {
        memchr::memchr(byte, text.as_bytes()).is_some() && text.contains(wanted)
    };
    let markup = (has(subject.text, b'<', "</a>") || has(subject.normalised.text(), b'[', "[url"))
        .then_some("links:markup");
    [number, bare, markup].into_iter().flatten()
}

/// Where the links lead to, each kind once.
fn link_kinds(links: &[Link], found: &mut Vec<&'static str>) {
    for kind in links.iter().filter_map(link_kind::signal) {
        if !found.contains(&kind) {
            found.push(kind);
        }
    }
}

/// Whether `link` leads to a moment of a recording (`…?v=x&t=2m19s`): readers point each other to
/// one, and it is no address that is advertised.
fn is_place_in_recording(link: &str) -> bool {
    let query = link.split_once(['?', '#']).map_or("", |(_, query)| query);
    query.split(['&', ';', '#']).any(|part| {
        let part = part.strip_prefix("amp;").unwrap_or(part);
        let time = part
            .strip_prefix("t=")
            .or_else(|| part.strip_prefix("start="));
        time.is_some_and(|time| {
            time.starts_with(|c: char| c.is_ascii_digit())
                && time
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'h' | b'm' | b's'))
        })
    })
}

/// Share of capitals among cased letters, where there are enough to tell.
fn letter_case(text: &str) -> Option<&'static str> {
    const ENOUGH: usize = 12;
    let upper = bytes::count(text, |byte| byte.is_ascii_uppercase());
    let lower = bytes::count(text, |byte| byte.is_ascii_lowercase());
    match upper * 100 / (upper + lower).max(ENOUGH) {
        70.. => Some("capitals:most"),
        30..70 => Some("capitals:many"),
        _ => None,
    }
}

fn punctuation(text: &str, has_money_sign: bool) -> impl Iterator<Item = &'static str> {
    let exclamations = match memchr::memchr_iter(b'!', text.as_bytes()).count() {
        0..3 => None,
        3..6 => Some("exclamations:3-5"),
        _ => Some("exclamations:6+"),
    };
    let money = has_money_sign || memchr::memchr(b'$', text.as_bytes()).is_some();
    [exclamations, money.then_some("currency-sign")]
        .into_iter()
        .flatten()
}

/// What one look at the characters beyond ASCII of the text as typed shows.
#[derive(Default)]
struct Typed {
    money_sign: bool,
    invisible: bool,
}

impl Typed {
    fn of(text: &str) -> Self {
        let mut typed = Self::default();
        // What all that is looked for begins with, and no letter of Urdu.
        if !bytes::any(text, |byte| matches!(byte, 0xC2 | 0xE2 | 0xEF)) {
            return typed;
        }
        for character in beyond_ascii(text) {
            typed.money_sign |= matches!(character, '€' | '£' | '₹' | '₨');
            typed.invisible |= is_invisible(character);
        }
        typed
    }
}

fn beyond_ascii(text: &str) -> impl Iterator<Item = char> {
    let text = if text.is_ascii() { "" } else { text };
    text.chars().filter(|c| !c.is_ascii())
}

fn contact(normalised: &str) -> impl Iterator<Item = &'static str> {
    let has_at = memchr::memchr(b'@', normalised.as_bytes()).is_some();
    let email = (has_at && has_email_address(normalised)).then_some("email-address");
    let handle = (has_at
        && normalised
            .split(' ')
            .any(|w| w.len() > 3 && w.starts_with('@')))
    .then_some("handle");
    [email, handle].into_iter().flatten()
}

fn has_email_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let host = text[at + 1..]
            .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-'))
            .next();
        before.is_some_and(char::is_alphanumeric)
            && host.is_some_and(|h| h.trim_matches('.').contains('.'))
    })
}

fn scripts(subject: &Subject<'_>, has_invisible: bool) -> impl Iterator<Item = &'static str> {
    let text = subject.normalised.text();
    let emoji = match subject
        .segments
        .iter()
        .filter(|s| s.kind == SegmentKind::Symbol)
        .count()
    {
        0 => None,
        1..=2 => Some("emoji:1-2"),
        3..=6 => Some("emoji:3-6"),
        _ => Some("emoji:7+"),
    };
    let arabic = bytes::any(text, begins_arabic);
    let latin = bytes::any(text, |byte| byte.is_ascii_alphabetic());
    let mixed = (arabic && latin).then_some("scripts:mixed");
    let foreign = has_other_script(text).then_some("scripts:other");
    let hidden = has_invisible.then_some("invisible-characters");
    [emoji, mixed, foreign, hidden].into_iter().flatten()
}

/// Whether a character from U+0600 to U+06FF begins with `byte` in UTF-8.
const fn begins_arabic(byte: u8) -> bool {
    matches!(byte, 0xD8..=0xDB)
}

/// Whether there is a letter of neither Latin nor Arabic script.
fn has_other_script(text: &str) -> bool {
    // Most texts have characters of both alone.
    let is_other = |byte| byte >= 0xC2 && !begins_arabic(byte);
    bytes::any(text, is_other)
        && beyond_ascii(text).any(|character| {
            !matches!(character, '\u{0600}'..='\u{06FF}')
                && character.is_alphabetic()
                && character.script() != Script::Latin
        })
}

/// Zero-width characters that no language needs; the joiners of Urdu and of emoji
/// are not among them.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{00AD}')
}

fn author(subject: &Subject<'_>) -> impl Iterator<Item = &'static str> {
    let name = subject.name;
    let link = (!subject.name_links.is_empty()).then_some("name:link");
    let phone = (!phone_numbers(name).is_empty()).then_some("name:phone-number");
    let long = (name.split_whitespace().count() > 4).then_some("name:many-words");
    let digits = name
        .bytes()
        .any(|b| b.is_ascii_digit())
        .then_some("name:digits");
    [link, phone, long, digits].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{links, normalise};
    use super::*;

    fn of(text: &str, name: &str) -> Vec<&'static str> {
        let (normalised, name) = (normalise(text), normalise(name));
        let (links, name_links) = (links(normalised.text()), links(name.text()));
        let mut segments = Vec::new();
        super::super::segment::segment(
            normalised.text(),
            0..normalised.text().len(),
            &mut segments,
        );
        signals(&Subject {
            text,
            name: name.text(),
            name_links: &name_links,
            normalised: &normalised,
            links: &links,
            segments: &segments,
        })
    }

    #[test]
    fn an_advertisement_shows_its_structure() {
        let found = of(
            "CALL NOW +1 (888) 555-0100!!! visit www.shop.test 😀",
            "cheap-pills.com",
        );
        for signal in [
            "links:1",
            "capitals:many",
            "exclamations:3-5",
            "name:link",
            "emoji:1-2",
        ] {
            assert!(found.contains(&signal), "{signal} in {found:?}");
        }
    }

    #[test]
    fn a_link_to_a_moment_is_no_advertisement() {
        let found = of(
            r#"<a href="http://www.youtube.com/watch?v=x&t=2m19s">2:19</a> best part"#,
            "",
        );
        assert!(found.contains(&"links:timestamp"), "{found:?}");
        assert!(!found.contains(&"links:1") && !found.contains(&"links:markup"));
    }

    #[test]
    fn a_civil_comment_has_only_a_length() {
        assert_eq!(
            of(
                "I think the minister is quite right about this, as in 2019.",
                "Ayesha Khan"
            ),
            ["words:11-30"]
        );
    }
}
