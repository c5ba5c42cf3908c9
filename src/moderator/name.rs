//! A moderator's name.

use std::fmt;
use std::str::FromStr;

/// Longest name, in characters.
const LONGEST: usize = 64;

/// A name to sign in with: 1 to 64 characters, letters, digits and single spaces or
/// any of `.-_@'` between them. Two names that differ in capitals alone are one.
#[derive(Clone, Eq)]
pub struct ModeratorName(Box<str>);

/// Text that is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a name of 1 to 64 letters, digits, single spaces and any of . - _ @ ', beginning \
     with a letter or digit"
)]
pub struct NotAModeratorName;

impl ModeratorName {
    /// The name as typed, without blanks around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case: what must differ between two moderators.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl FromStr for ModeratorName {
    type Err = NotAModeratorName;

    fn from_str(text: &str) -> Result<Self, NotAModeratorName> {
        let text = text.trim();
        let joins = |c: char| " .-_@'".contains(c);
        let well_formed = (1..=LONGEST).contains(&text.chars().count())
            && text.starts_with(char::is_alphanumeric)
            && !text.contains("  ")
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || joins(c) || is_mark(c));
        well_formed
            .then(|| Self(text.into()))
            .ok_or(NotAModeratorName)
    }
}

/// Vowel signs of Arabic script and of Indic ones, which are part of names.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{d7f}')
}

impl PartialEq for ModeratorName {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl fmt::Debug for ModeratorName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for ModeratorName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_people_have() {
        for name in [
            "Ayesha Khan",
            "o'neill",
            "a.b-c_d@example.org",
            "عائشہ خان",
            "7",
        ] {
            assert_eq!(name.parse::<ModeratorName>().unwrap().as_str(), name);
        }
        let long = "x".repeat(LONGEST + 1);
        for bad in ["", "  ", "-a", "a  b", "a\nb", "<b>", "a\u{202e}b", &long] {
            assert!(bad.parse::<ModeratorName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn capitals_do_not_make_another_name() {
        let name = |text: &str| text.parse::<ModeratorName>().unwrap();
        assert_eq!(name("AYESHA"), name(" Ayesha "));
        assert_ne!(name("Ayesha"), name("Aisha"));
    }
}
