//! The author's name and text.

use super::faults::{characters, fault};
use super::limits::FieldLimits;
use super::redact::debug_as_length;
use super::visible::{breaks_line, is_blank, longer_than, trim};
use crate::verdict::{Field, Reason, ReasonCode};

/// An author's name: one line with something to see in it. Kept byte for byte as
/// sent, since evidence points into it.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorName(String);

impl AuthorName {
    /// Takes a name as it was sent. Its length is counted without the white space
    /// and invisible characters around it.
    ///
    /// # Errors
    /// The first fault: `NAME_REQUIRED`, `NAME_TOO_LONG` or `NAME_INVALID`.
    pub fn parse(sent: String, limits: &FieldLimits) -> Result<Self, Reason> {
        if is_blank(&sent) {
            let sentence = "Please enter your name.";
            return Err(fault(ReasonCode::NameRequired, Field::Name, sentence));
        }
        let name = trim(&sent);
        let max = limits.name_max_chars();
        if longer_than(name, max) {
            let sentence = format!("Please shorten your name to at most {}.", characters(max));
            return Err(fault(ReasonCode::NameTooLong, Field::Name, sentence));
        }
        if name.contains(breaks_line) {
            let sentence =
                "Please enter your name on one line, without tabs or control characters.";
            return Err(fault(ReasonCode::NameInvalid, Field::Name, sentence));
        }
        Ok(Self(sent))
    }

    /// The name as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an author wrote. Kept byte for byte as sent, since evidence points into
/// it; control characters in it are for the normaliser to remove.
#[derive(Clone, PartialEq, Eq)]
pub struct CommentText(String);

impl CommentText {
    /// Takes a text as it was sent. Its length is counted as sent.
    ///
    /// # Errors
    /// The first fault: `TEXT_REQUIRED`, `TEXT_TOO_SHORT` or `TEXT_TOO_LONG`.
    pub fn parse(sent: String, limits: &FieldLimits) -> Result<Self, Reason> {
        if is_blank(&sent) {
            let sentence = "Please write your comment.";
            return Err(fault(ReasonCode::TextRequired, Field::Text, sentence));
        }
        let min = limits.text_min_chars();
        if !longer_than(&sent, min - 1) {
            let sentence = format!(
                "Please write a little more: a comment has at least {}.",
                characters(min)
            );
            return Err(fault(ReasonCode::TextTooShort, Field::Text, sentence));
        }
        let max = limits.text_max_chars();
        if longer_than(&sent, max) {
            let sentence = format!(
                "Please shorten your comment to at most {}.",
                characters(max)
            );
            return Err(fault(ReasonCode::TextTooLong, Field::Text, sentence));
        }
        Ok(Self(sent))
    }

    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

debug_as_length!(AuthorName, CommentText);

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> FieldLimits {
        toml::from_str("name_max_chars = 20\ntext_min_chars = 3\ntext_max_chars = 50").unwrap()
    }

    #[track_caller]
    fn assert_name(sent: &str, expected: Result<(), ReasonCode>) {
        let name = AuthorName::parse(sent.to_owned(), &limits());
        let found = name.map(|name| assert_eq!(name.as_str(), sent));
        assert_eq!(found.map_err(|fault| fault.code), expected, "{sent:?}");
    }

    #[track_caller]
    fn assert_text(sent: &str, expected: Result<(), ReasonCode>) {
        let text = CommentText::parse(sent.to_owned(), &limits());
        let found = text.map(|text| assert_eq!(text.as_str(), sent));
        assert_eq!(found.map_err(|fault| fault.code), expected, "{sent:?}");
    }

    #[test]
    fn every_fault_of_a_name() {
        for blank in [
            "",
            " \t\r\n",
            "\0\u{7}",
            "\u{200B}\u{FEFF}",
            "\u{3164}",
            "\u{2800}",
        ] {
            assert_name(blank, Err(ReasonCode::NameRequired));
        }
        assert_name(&"ش".repeat(21), Err(ReasonCode::NameTooLong));
        for bad in [
            "Ali\nKhan",
            "Ali\0",
            "Ali\tKhan",
            "Ali\u{2028}Khan",
            "Ali\u{85}Khan",
        ] {
            assert_name(bad, Err(ReasonCode::NameInvalid));
        }
    }

    #[test]
    fn names_that_people_have() {
        for name in [
            "Ali",
            "  شازیہ خان \n",
            "Jean-Łuc O’Neill 3rd",
            "\u{301}",
            "❤\u{FE0F}",
        ] {
            assert_name(name, Ok(()));
        }
        assert_name(&format!("{}{}", "ش".repeat(20), " ".repeat(20)), Ok(()));
    }

    #[test]
    fn every_fault_of_a_text() {
        for blank in [
            "",
            "\n\n",
            "\u{1b}\u{1f}",
            "\u{202E}\u{2066}",
            "\u{E0041}\u{E007F}",
        ] {
            assert_text(blank, Err(ReasonCode::TextRequired));
        }
        assert_text("ok", Err(ReasonCode::TextTooShort));
        assert_text(&"م".repeat(51), Err(ReasonCode::TextTooLong));
    }

    #[test]
    fn texts_are_counted_and_kept_as_sent() {
        for text in ["no!", " y ", "a\0b\u{202E}c\r\n", &"م".repeat(50)] {
            assert_text(text, Ok(()));
        }
    }

    #[test]
    fn faults_name_the_limit() {
        let long = CommentText::parse("x".repeat(51), &limits()).unwrap_err();
        assert_eq!(
            long.message,
            "Please shorten your comment to at most 50 characters."
        );
        assert_eq!(long.field, Some(Field::Text));
    }
}
