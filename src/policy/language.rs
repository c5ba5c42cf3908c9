//! The languages in which a reader can be spoken to.

use crate::comment::Locale;

/// A language the service writes to readers in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, also for readers of languages that are not here.
    #[default]
    English,
    /// Urdu in its own script.
    Urdu,
    /// Urdu in Latin letters (`ur-Latn`).
    RomanUrdu,
}

impl Language {
    /// The language that fits a reader's locale best.
    #[must_use]
    pub fn of(locale: Option<&Locale>) -> Self {
        let Some(locale) = locale.filter(|locale| locale.language() == "ur") else {
            return Self::English;
        };
        let mut subtags = locale.as_str().split('-');
        if subtags.any(|subtag| subtag.eq_ignore_ascii_case("Latn")) {
            Self::RomanUrdu
        } else {
            Self::Urdu
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_decides_between_the_two_ways_to_write_urdu() {
        for (tag, language) in [
            ("ur", Language::Urdu),
            ("ur_PK", Language::Urdu),
            ("UR-Arab-PK", Language::Urdu),
            ("ur-Latn", Language::RomanUrdu),
            ("ur-latn-IN", Language::RomanUrdu),
            ("en-PK", Language::English),
            ("de", Language::English),
        ] {
            let locale = Locale::parse(tag).unwrap();
            assert_eq!(Language::of(Some(&locale)), language, "{tag}");
        }
        assert_eq!(Language::of(None), Language::English);
    }
}
