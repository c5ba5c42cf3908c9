//! The language of the page or the reader.

use super::redact::debug_as_length;

/// RFC 5646 asks for room for 35 characters and sets no bound; no real tag comes
/// near this one.
const MAX_BYTES: usize = 100;

/// A language tag of the shape of BCP 47 (`en`, `ur-PK`, `zh-Hant-TW`). Its
/// subtags are not looked up in the registry.
#[derive(Clone, PartialEq, Eq)]
pub struct Locale(String);

impl Locale {
    /// Takes a tag; an underscore, as in POSIX locales, counts as a hyphen. `None`
    /// if it has not the shape of one.
    #[must_use]
    pub fn parse(sent: &str) -> Option<Self> {
        let tag = sent.trim().replace('_', "-");
        let mut subtags = tag.split('-');
        let language = subtags.next()?;
        let well_formed = tag.len() <= MAX_BYTES
            && (2..=8).contains(&language.len())
            && language.bytes().all(|byte| byte.is_ascii_alphabetic())
            && subtags.all(is_subtag);
        well_formed.then_some(Self(tag))
    }

    /// The tag as sent, with hyphens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone, in lower case: `ur` of `ur-PK`.
    #[must_use]
    pub fn language(&self) -> String {
        let language = self.0.split('-').next().unwrap_or_default();
        language.to_ascii_lowercase()
    }
}

debug_as_length!(Locale);

fn is_subtag(subtag: &str) -> bool {
    (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_language_tags_and_nothing_else() {
        for tag in [
            "en",
            "ur-PK",
            "zh-Hant-TW",
            "de-CH-1996",
            " ur_PK ",
            "en-x-private",
        ] {
            assert!(Locale::parse(tag).is_some(), "{tag}");
        }
        let long = format!("en{}", "-abcdefgh".repeat(11));
        for bad in [
            "e",
            "en-languages",
            "en-",
            "-en",
            "en--GB",
            "اردو",
            "en_US.UTF-8",
            &long,
        ] {
            assert!(Locale::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_language_is_the_first_subtag() {
        assert_eq!(Locale::parse("UR_Arab-PK").unwrap().language(), "ur");
    }
}
