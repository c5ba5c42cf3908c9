//! The beginning of a long text, and the rest.

use super::highlight::Piece;
use crate::count::counted;

/// How much of a text stands there before a reader asks for the rest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// In characters.
    characters: usize,
    /// In lines as they were typed.
    lines: usize,
}

impl Room {
    /// In a list where it is decided on.
    pub(super) const LIST: Self = Self {
        characters: 1_200,
        lines: 16,
    };
    /// Beside another comment.
    pub(super) const ASIDE: Self = Self {
        characters: 280,
        lines: 5,
    };
    /// On its own page.
    pub(super) const WHOLE: Self = Self {
        characters: usize::MAX,
        lines: usize::MAX,
    };
    /// A rest shorter than this part of the room is no rest.
    const SLACK: usize = 2;
}

/// A text in two parts.
pub(super) struct Excerpt {
    pub(super) beginning: Vec<Piece>,
    /// Nothing where all of it is in the beginning.
    pub(super) rest: Vec<Piece>,
    /// How long the rest is, in words: `18,400 characters`.
    pub(super) left: String,
}

impl Excerpt {
    fn whole(pieces: Vec<Piece>) -> Self {
        Self {
            beginning: pieces,
            rest: Vec::new(),
            left: String::new(),
        }
    }

    /// As much of it as there is room for.
    pub(super) fn cut(pieces: &[Piece], room: Room) -> Self {
        let text: String = pieces.iter().map(|piece| &*piece.text).collect();
        let Some(end) = end(&text, room) else {
            return Self::whole(pieces.to_vec());
        };
        let (mut beginning, mut rest, mut before) = (Vec::new(), Vec::new(), 0);
        for piece in pieces {
            let here = end.saturating_sub(before).min(piece.text.len());
            let (first, second) = piece.text.split_at(here);
            for (part, side) in [(first, &mut beginning), (second, &mut rest)] {
                if !part.is_empty() {
                    side.push(Piece {
                        text: part.to_owned(),
                        ..piece.clone()
                    });
                }
            }
            before += piece.text.len();
        }
        let left = text[end..].chars().count() as u64;
        Self {
            beginning,
            rest,
            left: counted(left, "character"),
        }
    }
}

/// Where the beginning of `text` ends, in bytes: at a blank if there is one near.
fn end(text: &str, room: Room) -> Option<usize> {
    let slack = room.characters / Room::SLACK;
    let by_characters = text
        .char_indices()
        .nth(room.characters)
        .filter(|_| {
            text.chars()
                .nth(room.characters.saturating_add(slack))
                .is_some()
        })
        .map(|(at, _)| {
            let near = text[..at].char_indices().rev().take(slack);
            let blank = near
                .filter(|(_, character)| character.is_whitespace())
                .map(|(at, character)| at + character.len_utf8());
            blank.max().unwrap_or(at)
        });
    let extra = room.lines / Room::SLACK;
    let mut ends = text.match_indices('\n').map(|(at, _)| at + 1);
    let by_lines = ends
        .nth(room.lines - 1)
        .filter(|_| ends.nth(extra).is_some());
    [by_characters, by_lines].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece(text: &str) -> Piece {
        Piece {
            text: text.to_owned(),
            class: "",
            title: String::new(),
        }
    }

    fn joined(pieces: &[Piece]) -> String {
        pieces.iter().map(|piece| &*piece.text).collect()
    }

    #[test]
    fn a_long_text_is_cut_between_words_and_a_little_more_is_not() {
        let long = "word ".repeat(400);
        let excerpt = Excerpt::cut(&[piece(&long)], Room::ASIDE);
        assert_eq!(joined(&excerpt.beginning), "word ".repeat(56));
        assert_eq!(excerpt.left, "1,720 characters");
        assert!(
            Excerpt::cut(&[piece(&"word ".repeat(65))], Room::ASIDE)
                .rest
                .is_empty()
        );
        let lines = "a\n".repeat(40);
        let excerpt = Excerpt::cut(&[piece(&lines)], Room::LIST);
        assert_eq!(joined(&excerpt.beginning), "a\n".repeat(16));
        assert!(
            Excerpt::cut(&[piece(&"a\n".repeat(19))], Room::LIST)
                .rest
                .is_empty()
        );
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(texts in prop::collection::vec("[\\PC\n]{0,300}", 0..4)) {
            let pieces: Vec<_> = texts.iter().map(|text| piece(text)).collect();
            for room in [Room::LIST, Room::ASIDE] {
                let excerpt = Excerpt::cut(&pieces, room);
                let whole = [joined(&excerpt.beginning), joined(&excerpt.rest)].concat();
                prop_assert_eq!(whole, texts.concat());
                prop_assert!(joined(&excerpt.beginning).chars().count() <= room.characters * 3 / 2);
            }
        }
    }
}
