//! A comment with the places marked that made its score.

use std::fmt::Write as _;
use std::ops::Range;

use crate::comment::is_invisible;

/// A stretch of a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The text as typed; of a character that cannot be seen its code point.
    pub(super) text: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// The class of what is marked, and what it says.
    Marked(&'static str),
    /// A character that would not be seen, or would turn the writing around.
    Hidden,
}

impl Piece {
    pub(super) const fn class(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Marked(class) => Some(class),
            Kind::Plain | Kind::Hidden => None,
        }
    }

    pub(super) fn is_hidden(&self) -> bool {
        self.kind == Kind::Hidden
    }
}

/// Evidence weaker than this is not marked, in natural-log odds.
const WEAK: f64 = 0.15;
const STRONG: f64 = 0.8;

/// `text` in pieces. Where evidence overlaps, as a pair does with its words, it adds up.
pub(super) fn pieces(text: &str, evidence: &[(Range<usize>, f64)]) -> Vec<Piece> {
    let fits = |(place, _): &&(Range<usize>, f64)| text.get(place.clone()).is_some();
    let evidence: Vec<_> = evidence.iter().filter(fits).collect();
    let mut edges: Vec<usize> = evidence
        .iter()
        .flat_map(|(place, _)| [place.start, place.end])
        .chain([0, text.len()])
        .collect();
    edges.sort_unstable();
    edges.dedup();
    let mut pieces = Vec::new();
    for pair in edges.windows(2) {
        let stretch = pair[0]..pair[1];
        let covers = evidence
            .iter()
            .filter(|(place, _)| place.start <= stretch.start && stretch.end <= place.end);
        let log_odds: f64 = covers.map(|(_, log_odds)| log_odds).sum();
        push_shown(&mut pieces, &text[stretch], kind(log_odds));
    }
    pieces
}

fn kind(log_odds: f64) -> Kind {
    if log_odds >= STRONG {
        Kind::Marked("for strong")
    } else if log_odds >= WEAK {
        Kind::Marked("for")
    } else if log_odds <= -STRONG {
        Kind::Marked("against strong")
    } else if log_odds <= -WEAK {
        Kind::Marked("against")
    } else {
        Kind::Plain
    }
}

/// Splits off the characters that would not be seen.
fn push_shown(pieces: &mut Vec<Piece>, text: &str, kind: Kind) {
    let mut shown = String::new();
    for character in text.chars() {
        if !must_be_named(character) {
            shown.push(character);
            continue;
        }
        if !shown.is_empty() {
            let text = std::mem::take(&mut shown);
            pieces.push(Piece { text, kind });
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write!(text, "U+{:04X}", u32::from(character));
        pieces.push(Piece {
            text,
            kind: Kind::Hidden,
        });
    }
    if !shown.is_empty() {
        pieces.push(Piece { text: shown, kind });
    }
}

fn must_be_named(character: char) -> bool {
    match character {
        // Urdu joins and parts letters with the last, and emoji are made with them.
        '\n' | '\t' | ' ' | '\u{200C}' | '\u{200D}' | '\u{FE0F}' => false,
        _ => character.is_control() || is_invisible(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_overlapping_evidence_by_its_sum_and_names_what_is_hidden() {
        let text = "buy vi\u{200b}agra\u{202e} now";
        let agra = text.find("vi").unwrap();
        let pieces = pieces(
            text,
            &[
                (0..3, -0.2),
                (0..agra + 5, 0.5),
                (agra..agra + 9, 0.6),
                (9_999..10_000, 9.0),
            ],
        );
        let told: Vec<_> = pieces.iter().map(|p| (p.text.as_str(), p.kind)).collect();
        assert_eq!(
            told,
            [
                ("buy", Kind::Marked("for")),
                (" ", Kind::Marked("for")),
                ("vi", Kind::Marked("for strong")),
                ("U+200B", Kind::Hidden),
                ("agra", Kind::Marked("for")),
                ("U+202E", Kind::Hidden),
                (" now", Kind::Plain),
            ]
        );
    }
}
