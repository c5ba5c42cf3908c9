//! What the form of a segment says by itself.

use super::keys::{ngram_count, number_key, signal_key, word_key};
use super::{FeatureKey, Kind, Seen, Token};
use crate::text::lexicon::Lexicon;
use crate::text::segment::{Segment, SegmentKind};

/// What is known of a segment by its form alone, found once for all who ask.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) key: FeatureKey,
    /// Whether it is in the list of words.
    pub(super) is_known: bool,
}

impl Form {
    /// The form of `segment` of `text`.
    pub(super) fn of(text: &str, segment: &Segment) -> Self {
        let form = &text[segment.range.clone()];
        let key = match segment.kind {
            SegmentKind::Phone => signal_key("phone-number"),
            SegmentKind::Number => number_key(form, segment.chars),
            SegmentKind::Word | SegmentKind::Symbol => word_key(form, segment.chars),
        };
        Self {
            key,
            is_known: Lexicon::get().has(key),
        }
    }

    /// The token of `segment`, which has this form, as it stands.
    pub(super) fn token(self, segment: &Segment) -> Token {
        let is_word = segment.kind == SegmentKind::Word;
        Token {
            key: self.key,
            kind: if is_word { Kind::Word } else { Kind::Atom },
            seen: Seen::Text(segment.range.clone().into()),
            ngrams: if is_word {
                ngram_count(segment.chars)
            } else {
                0
            },
        }
    }
}
