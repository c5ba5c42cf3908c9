//! The one feature extractor, for training and for serving.
//!
//! A comment becomes a set of distinct tokens. A word brings its character
//! n-grams and its classes with it: they belong to the same token, so evidence is told
//! in words even where the model has only seen pieces of them.

mod extraction;
mod form;
mod key_map;
mod key_set;
mod keys;

use std::ops::Range;

use super::{Link, Normalised, word_class};
use crate::verdict::{EvidenceKind, Field, Span};
use extraction::Extraction;
pub(super) use key_map::KeyMap;
use keys::each_ngram;
pub(super) use keys::{class_key, word_key};

/// Version of everything that turns text into features. An artefact names the
/// version it was trained with and is refused by any other: raise it with every
/// change that alters a feature of any text.
pub const FEATURE_VERSION: u32 = 6;

/// Stable 64-bit name of a feature.
pub type FeatureKey = u64;

/// What features are extracted from: the fields as they were typed.
#[derive(Clone, Copy, Default)]
pub struct Typed<'a> {
    /// The comment's text.
    pub text: &'a str,
    /// The author's name; empty if unknown.
    pub name: &'a str,
}

/// One distinct feature-bearing piece of a comment.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its own feature.
    pub key: FeatureKey,
    kind: Kind,
    seen: Seen,
    ngrams: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Word,
    /// A word with a letter drawn out, read as the word.
    Undrawn,
    Atom,
    Pair,
    Joined,
    Link,
    Signal,
}

/// Where the form of a token stands.
#[derive(Clone, Debug)]
enum Seen {
    /// In the normalised text.
    Text(Bytes),
    /// In `Features::forms`, for the given place in the normalised text.
    Form {
        form: Bytes,
        text: Bytes,
    },
    /// As `Form`, made of the two words of the token of this number.
    Joined {
        form: Bytes,
        text: Bytes,
        pair: u32,
    },
    Named(&'static str),
}

/// A range of bytes in half the space of `Range<usize>`. Texts are far shorter than
/// 4 GiB; a place beyond would be cut to the end of that space.
#[derive(Clone, Copy, Debug)]
struct Bytes {
    start: u32,
    end: u32,
}

impl From<Range<usize>> for Bytes {
    fn from(range: Range<usize>) -> Self {
        Self {
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
        }
    }
}

impl Bytes {
    const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Token {
    /// What kind of evidence it is.
    #[must_use]
    pub const fn kind(&self) -> EvidenceKind {
        match self.kind {
            Kind::Word | Kind::Undrawn | Kind::Atom | Kind::Joined => EvidenceKind::Word,
            Kind::Pair => EvidenceKind::Pair,
            Kind::Link => EvidenceKind::Link,
            Kind::Signal => EvidenceKind::Signal,
        }
    }

    /// Whether it is a guess that other tokens of the same place stand beside: a word
    /// without its drawn-out letter, or two words as one.
    pub(in crate::text) const fn is_guess(&self) -> bool {
        matches!(self.kind, Kind::Undrawn | Kind::Joined)
    }

    /// Whether it is a word in letters, which has character n-grams.
    #[must_use]
    pub fn has_ngrams(&self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Undrawn)
    }

    /// Of a word that two neighbours would make if written as one (`idi ot`): the number of
    /// their pair among the tokens. Such a word counts only where a model knows the word and
    /// not the pair, which ordinary writing gives.
    #[must_use]
    pub const fn joined_from(&self) -> Option<usize> {
        match self.seen {
            Seen::Joined { pair, .. } => Some(pair as usize),
            _ => None,
        }
    }

    /// Number of features it stands for: itself and its n-grams; none of a joined word, which is
    /// there already in two pieces.
    #[must_use]
    pub const fn size(&self) -> u32 {
        match self.kind {
            Kind::Joined => 0,
            _ => 1 + self.ngrams,
        }
    }
}

/// The features of one comment.
#[derive(Clone, Debug)]
pub struct Features {
    normalised: Normalised,
    links: Vec<Link>,
    name: Normalised,
    name_links: Vec<Link>,
    tokens: Vec<Token>,
    forms: String,
    size: u32,
}

impl Features {
    /// Extracts the features of a comment. Linear in its length.
    #[must_use]
    pub fn extract(typed: Typed<'_>) -> Self {
        Extraction::new(typed).run(typed)
    }

    /// The text as the filter sees it.
    #[must_use]
    pub const fn normalised(&self) -> &Normalised {
        &self.normalised
    }

    /// The links in the text.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The author's name as the filter sees it.
    #[must_use]
    pub const fn name(&self) -> &Normalised {
        &self.name
    }

    /// The links in the author's name.
    #[must_use]
    pub fn name_links(&self) -> &[Link] {
        &self.name_links
    }

    /// Every distinct token, in order of first appearance.
    #[must_use]
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Number of distinct words in letters.
    #[must_use]
    pub fn words(&self) -> u32 {
        let words = self
            .tokens
            .iter()
            .filter(|token| token.has_ngrams())
            .count();
        u32::try_from(words).unwrap_or(u32::MAX)
    }

    /// Number of features, n-grams included; at least 1.
    #[must_use]
    pub const fn size(&self) -> u32 {
        self.size
    }

    /// The form of `token` that the filter saw, or the signal's name.
    #[must_use]
    pub fn seen(&self, token: &Token) -> &str {
        match &token.seen {
            Seen::Text(bytes) => &self.normalised.text()[bytes.range()],
            Seen::Form { form, .. } | Seen::Joined { form, .. } => &self.forms[form.range()],
            Seen::Named(name) => name,
        }
    }

    /// Where `token` first stands in the text as it was typed.
    #[must_use]
    pub fn place(&self, token: &Token) -> Option<Span> {
        let (Seen::Text(bytes) | Seen::Form { text: bytes, .. } | Seen::Joined { text: bytes, .. }) =
            &token.seen
        else {
            return None;
        };
        let original = self.normalised.original(bytes.range());
        Some(Span {
            field: Field::Text,
            start: u32::try_from(original.start).ok()?,
            end: u32::try_from(original.end).ok()?,
        })
    }

    /// Calls `visit` with each character n-gram of `token`, repeats included.
    pub fn ngrams(&self, token: &Token, visit: impl FnMut(FeatureKey)) {
        if token.has_ngrams() || token.kind == Kind::Joined {
            each_ngram(self.seen(token), visit);
        }
    }

    /// Calls `visit` with each class of words that `token` is of.
    pub fn classes(&self, token: &Token, visit: impl FnMut(FeatureKey)) {
        if token.has_ngrams() || token.kind == Kind::Joined {
            word_class::of(token.key).for_each(visit);
        }
    }

    /// Calls `visit` with all that a word is known by besides itself: its n-grams, repeats
    /// included, and its classes.
    pub fn pieces(&self, token: &Token, mut visit: impl FnMut(FeatureKey)) {
        self.ngrams(token, &mut visit);
        self.classes(token, visit);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen(text: &str) -> Vec<String> {
        let features = Features::extract(Typed {
            text,
            ..Typed::default()
        });
        features
            .tokens()
            .iter()
            .map(|t| features.seen(t).to_owned())
            .collect()
    }

    #[test]
    fn a_comment_becomes_words_pairs_links_and_signals() {
        assert_eq!(
            seen("Buy buy v1agra at https://pills.shop.com/x!"),
            [
                "buy",
                "buy",
                "buy buy",
                "v1agra",
                "viagra",
                "buy v1agra",
                "buy buy v1agra",
                "at",
                "v1agra at",
                "buy v1agra at",
                "at",
                "buybuy",
                "buyv1agra",
                "v1agraat",
                "pills.shop.com",
                "shop.com",
                "x",
                "words:4-10",
                "links:1",
            ]
        );
    }

    #[test]
    fn a_word_in_pieces_is_put_together() {
        let found = seen("You idi ot, s t u p i d shiiiiitty l1ar fool");
        for word in ["idiot", "stupid", "shitty", "liar", "you idi ot"] {
            assert!(found.contains(&word.to_owned()), "{word} in {found:?}");
        }
        assert!(!found.contains(&"t".to_owned()), "{found:?}");
    }

    #[test]
    fn extremes_are_bounded() {
        for text in [
            String::new(),
            "😀".repeat(1_000),
            "x".repeat(100_000),
            "word ".repeat(10_000),
        ] {
            let features = Features::extract(Typed {
                text: &text,
                ..Typed::default()
            });
            assert!(features.size() < 1_000, "{}", features.size());
        }
    }

    proptest! {
        #[test]
        fn places_lie_in_the_text_as_typed(text in any::<String>()) {
            let features = Features::extract(Typed { text: &text, ..Typed::default() });
            let total: u32 = features.tokens().iter().map(Token::size).sum();
            prop_assert_eq!(total.max(1), features.size());
            for token in features.tokens() {
                if let Some(span) = features.place(token) {
                    prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
                }
            }
        }
    }
}
