//! Normalised text cut into words, numbers and symbols.
//!
//! A simplification of UAX #29 word boundaries that costs a table look-up for
//! ASCII: a word is a run of letters, marks and digits, with apostrophes inside.

use std::ops::Range;

/// What a [`Segment`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SegmentKind {
    /// Letters, perhaps with digits among them.
    Word,
    /// Digits alone.
    Number,
    /// One emoji or other symbol.
    Symbol,
    /// A telephone number, separators included.
    Phone,
}

/// A piece of normalised text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) kind: SegmentKind,
    /// Bytes of the normalised text.
    pub(super) range: Range<usize>,
    /// Length in characters.
    pub(super) chars: usize,
    /// Letters and digits mixed.
    pub(super) mixed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    Apostrophe,
    Symbol,
    Separator,
}

#[inline]
fn class(character: char) -> Class {
    match character {
        // Latin, and the letters of Urdu, for which the question below takes a search.
        'a'..='z' | '\u{0620}'..='\u{064A}' | '\u{066E}'..='\u{06D3}' => Class::Letter,
        '0'..='9' => Class::Digit,
        '\'' => Class::Apostrophe,
        '\0'..='\x7f' | '\u{060C}' | '\u{061B}' | '\u{061F}' | '\u{06D4}' => Class::Separator,
        _ if character.is_alphanumeric() || super::fold::is_combining(character) => Class::Letter,
        // Arrows onwards: emoji, dingbats, pictographs; not CJK punctuation.
        '\u{2190}'..='\u{2FFF}' | '\u{3200}'..='\u{33FF}' | '\u{1F000}'..='\u{1FAFF}' => {
            Class::Symbol
        }
        _ => Class::Separator,
    }
}

/// Appends the segments of `text[within]` to `segments`.
pub(super) fn segment(text: &str, within: Range<usize>, segments: &mut Vec<Segment>) {
    let mut rest = &text[within.clone()];
    while let Some(character) = rest.chars().next() {
        let start = within.end - rest.len();
        let segment = match class(character) {
            Class::Letter | Class::Digit => word(rest, start),
            Class::Symbol => Segment {
                kind: SegmentKind::Symbol,
                range: start..start + character.len_utf8(),
                chars: 1,
                mixed: false,
            },
            Class::Apostrophe | Class::Separator => {
                rest = &rest[character.len_utf8()..];
                continue;
            }
        };
        rest = &rest[segment.range.len()..];
        segments.push(segment);
    }
}

/// The word or number that `text`, which stands at `start`, begins with.
fn word(text: &str, start: usize) -> Segment {
    let (mut chars, mut len) = (0, 0);
    let (mut letters, mut digits, mut apostrophe) = (false, false, 0);
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        match class(character) {
            Class::Letter => letters = true,
            Class::Digit => digits = true,
            // Inside, which it only is if another letter follows.
            Class::Apostrophe if apostrophe == 0 => {
                apostrophe = 1;
                continue;
            }
            Class::Apostrophe | Class::Separator | Class::Symbol => break,
        }
        chars += 1 + apostrophe;
        if character.is_ascii_lowercase() {
            // Most letters come in a row of Latin ones, a byte each.
            let more = latin_letters(rest.as_str());
            chars += more;
            rest = rest.as_str()[more..].chars();
        }
        len = text.len() - rest.as_str().len();
        apostrophe = 0;
    }
    Segment {
        kind: if letters {
            SegmentKind::Word
        } else {
            SegmentKind::Number
        },
        range: start..start + len,
        chars,
        mixed: letters && digits,
    }
}

/// How many lower-case Latin letters `text` begins with.
fn latin_letters(text: &str) -> usize {
    let mut bytes = text.bytes();
    let other = bytes.position(|byte| !byte.is_ascii_lowercase());
    other.unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation;

    use super::*;

    fn words(text: &str) -> Vec<&str> {
        let mut segments = Vec::new();
        segment(text, 0..text.len(), &mut segments);
        segments.into_iter().map(|s| &text[s.range]).collect()
    }

    #[test]
    fn agrees_with_uax_29_on_ordinary_text() {
        for text in [
            "don't stop, it's the reader's 2nd comment (really).",
            "یہ خبر درست ہے، شکریہ! آپ کا",
            "yeh khabar bilkul theek hai... shukriya",
            "привет, как дела?",
        ] {
            assert_eq!(words(text), text.unicode_words().collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_short_cut_for_urdu_answers_as_the_long_way_does() {
        for character in '\u{0600}'..='\u{06FF}' {
            let is_letter =
                character.is_alphanumeric() || super::super::fold::is_combining(character);
            assert_eq!(
                class(character) == Class::Letter,
                is_letter,
                "{character:?}"
            );
        }
    }

    #[test]
    fn symbols_stand_alone_and_quotes_do_not_stick() {
        assert_eq!(
            words("ok👍👍 'quoted' 50%"),
            ["ok", "👍", "👍", "quoted", "50"]
        );
    }

    #[test]
    fn a_segment_knows_what_it_is_made_of() {
        let mut segments = Vec::new();
        segment("v1agra 2024 o'k", 0..15, &mut segments);
        assert!(segments[0].mixed && !segments[1].mixed);
        assert_eq!(segments[1].kind, SegmentKind::Number);
        assert_eq!(segments[2].chars, 3);
    }
}
