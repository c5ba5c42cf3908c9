//! The one feature extractor, for training and for serving.
//!
//! A comment becomes a set of distinct tokens. A word brings its character
//! n-grams with it: they belong to the same token, so evidence is told in words
//! even where the model has only seen pieces of them.

use std::ops::Range;

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

use super::disguise::{self, Disguised};
use super::segment::{Segment, SegmentKind, segment};
use super::signal::{self, Subject};
use super::{Link, Normalised, links, normalise};
use crate::verdict::{EvidenceKind, Field, Span};

/// Version of everything that turns text into features. An artefact names the
/// version it was trained with and is refused by any other: raise it with every
/// change that alters a feature of any text.
pub const FEATURE_VERSION: u32 = 1;

/// Stable 64-bit name of a feature.
pub type FeatureKey = u64;

/// Lengths of character n-grams, word boundaries counted as characters.
const NGRAMS: std::ops::RangeInclusive<usize> = 3..=5;
/// Characters of a word that are read; the rest of a longer one is ignored.
const WORD_CHARS: usize = 40;
/// Longest number kept as it is; of longer ones only the length counts.
const NUMBER_DIGITS: usize = 4;

const WORD: RapidSecrets = RapidSecrets::seed(1);
const NGRAM: RapidSecrets = RapidSecrets::seed(2);
const LINK: RapidSecrets = RapidSecrets::seed(3);
const SIGNAL: RapidSecrets = RapidSecrets::seed(4);

/// What features are extracted from: the fields as they were typed.
#[derive(Clone, Copy, Default)]
pub struct Typed<'a> {
    /// The comment's text.
    pub text: &'a str,
    /// The author's name; empty if unknown.
    pub name: &'a str,
    /// The author's web page; empty if none.
    pub url: &'a str,
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
    Atom,
    Pair,
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
            Kind::Word | Kind::Atom => EvidenceKind::Word,
            Kind::Pair => EvidenceKind::Pair,
            Kind::Link => EvidenceKind::Link,
            Kind::Signal => EvidenceKind::Signal,
        }
    }

    /// Whether it is a word in letters, which has character n-grams.
    #[must_use]
    pub fn has_ngrams(&self) -> bool {
        self.kind == Kind::Word
    }

    /// Number of features it stands for: itself and its n-grams.
    #[must_use]
    pub const fn size(&self) -> u32 {
        1 + self.ngrams
    }
}

/// The features of one comment.
#[derive(Clone, Debug)]
pub struct Features {
    normalised: Normalised,
    links: Vec<Link>,
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
            Seen::Form { form, .. } => &self.forms[form.range()],
            Seen::Named(name) => name,
        }
    }

    /// Where `token` first stands in the text as it was typed.
    #[must_use]
    pub fn place(&self, token: &Token) -> Option<Span> {
        let (Seen::Text(bytes) | Seen::Form { text: bytes, .. }) = &token.seen else {
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
        if token.has_ngrams() {
            each_ngram(self.seen(token), visit);
        }
    }
}

/// Number of n-grams of a word of `chars` characters.
fn ngram_count(chars: usize) -> u32 {
    let bounded = chars.min(WORD_CHARS) + 2;
    // The n-gram that is the whole bounded word says what the word says.
    let count: usize = NGRAMS
        .filter(|&n| n < bounded)
        .map(|n| bounded - n + 1)
        .sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn each_ngram(word: &str, mut visit: impl FnMut(FeatureKey)) {
    let mut bounded = String::with_capacity(word.len() + 2);
    bounded.push('<');
    bounded.extend(word.chars().take(WORD_CHARS));
    bounded.push('>');
    let bytes = bounded.as_bytes();
    if bounded.is_ascii() {
        for n in NGRAMS.filter(|&n| n < bytes.len()) {
            for gram in bytes.windows(n) {
                visit(rapidhash_v3_seeded(gram, &NGRAM));
            }
        }
        return;
    }
    let mut starts: Vec<usize> = bounded.char_indices().map(|(at, _)| at).collect();
    starts.push(bytes.len());
    for n in NGRAMS.filter(|&n| n < starts.len() - 1) {
        for ends in starts.windows(n + 1) {
            visit(rapidhash_v3_seeded(&bytes[ends[0]..ends[n]], &NGRAM));
        }
    }
}

/// The key of the pair of tokens `first` `second`; order matters.
const fn pair_key(first: FeatureKey, second: FeatureKey) -> FeatureKey {
    // Odd constants of splitmix64 (Steele, Lea, Flood 2014).
    let mixed = (first ^ second.rotate_left(23)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29) ^ second).wrapping_mul(0x94d0_49bb_1331_11eb)
}

struct Extraction {
    features: Features,
    distinct: KeySet,
}

impl Extraction {
    fn new(typed: Typed<'_>) -> Self {
        let normalised = normalise(typed.text);
        let links = links(normalised.text());
        let expected = normalised.text().len() / 3 + 16;
        Self {
            features: Features {
                normalised,
                links,
                tokens: Vec::with_capacity(expected),
                forms: String::new(),
                size: 0,
            },
            distinct: KeySet::for_about(expected),
        }
    }

    fn run(mut self, typed: Typed<'_>) -> Features {
        let mut segments = Vec::with_capacity(self.features.tokens.capacity());
        for range in self.outside_links() {
            let text = self.features.normalised.text();
            segment(text, range.clone(), &mut segments);
        }
        self.words(&segments);
        self.disguised(&segments);
        self.links();
        self.signals(typed, &segments);
        self.features.size = self.features.size.max(1);
        self.features
    }

    /// The stretches of text before, between and after links.
    fn outside_links(&self) -> Vec<Range<usize>> {
        let mut outside = Vec::with_capacity(self.features.links.len() + 1);
        let mut from = 0;
        for link in &self.features.links {
            outside.push(from..link.range.start);
            from = link.range.end;
        }
        outside.push(from..self.features.normalised.text().len());
        outside
    }

    fn words(&mut self, segments: &[Segment]) {
        let mut previous: Option<(FeatureKey, usize)> = None;
        for segment in segments {
            let token = self.token_of(segment);
            let key = token.key;
            self.add(token);
            if let Some((before, start)) = previous {
                self.add(Token {
                    key: pair_key(before, key),
                    kind: Kind::Pair,
                    seen: Seen::Text((start..segment.range.end).into()),
                    ngrams: 0,
                });
            }
            previous = Some((key, segment.range.start));
        }
    }

    fn token_of(&self, segment: &Segment) -> Token {
        let form = &self.features.normalised.text()[segment.range.clone()];
        let is_word = segment.kind == SegmentKind::Word;
        let key = match segment.kind {
            SegmentKind::Number if segment.chars > NUMBER_DIGITS => {
                let zeros = "0000000000000000";
                let digits = &zeros[..segment.chars.min(zeros.len())];
                rapidhash_v3_seeded(digits.as_bytes(), &WORD)
            }
            _ => word_key(form, segment.chars),
        };
        Token {
            key,
            kind: if is_word { Kind::Word } else { Kind::Atom },
            seen: Seen::Text(segment.range.clone().into()),
            ngrams: if is_word {
                ngram_count(segment.chars)
            } else {
                0
            },
        }
    }

    fn disguised(&mut self, segments: &[Segment]) {
        let text = self.features.normalised.text();
        let mut found = disguise::spaced_out(text, segments);
        if disguise::could_be_masked(text) || segments.iter().any(|s| s.mixed) {
            for range in self.outside_links() {
                found.extend(disguise::masked(text, range));
            }
        }
        for Disguised { range, plain } in found {
            let chars = plain.chars().count();
            let from = self.features.forms.len();
            self.features.forms.push_str(&plain);
            self.add(Token {
                key: word_key(&plain, chars),
                kind: Kind::Word,
                seen: Seen::Form {
                    form: (from..self.features.forms.len()).into(),
                    text: range.into(),
                },
                ngrams: ngram_count(chars),
            });
        }
    }

    /// Host and registrable domain of each link. Names reserved for examples and
    /// tests (RFC 2606) teach nothing and are left out.
    fn links(&mut self) {
        for at in 0..self.features.links.len() {
            let link = self.features.links[at].clone();
            let suffix = link.host.rsplit('.').next().unwrap_or_default();
            if matches!(suffix, "example" | "test" | "invalid" | "localhost") {
                continue;
            }
            for name in [&link.host, &link.domain] {
                let from = self.features.forms.len();
                self.features.forms.push_str(name);
                self.add(Token {
                    key: rapidhash_v3_seeded(name.as_bytes(), &LINK),
                    kind: Kind::Link,
                    seen: Seen::Form {
                        form: (from..self.features.forms.len()).into(),
                        text: link.range.clone().into(),
                    },
                    ngrams: 0,
                });
            }
        }
    }

    fn signals(&mut self, typed: Typed<'_>, segments: &[Segment]) {
        let found = signal::signals(&Subject {
            text: typed.text,
            name: typed.name,
            url: typed.url,
            normalised: &self.features.normalised,
            links: &self.features.links,
            segments,
        });
        for name in found {
            self.add(Token {
                key: rapidhash_v3_seeded(name.as_bytes(), &SIGNAL),
                kind: Kind::Signal,
                seen: Seen::Named(name),
                ngrams: 0,
            });
        }
    }

    fn add(&mut self, token: Token) {
        if self.distinct.insert(token.key) {
            self.features.size = self.features.size.saturating_add(token.size());
            self.features.tokens.push(token);
        }
    }
}

fn word_key(form: &str, chars: usize) -> FeatureKey {
    if chars <= WORD_CHARS {
        return rapidhash_v3_seeded(form.as_bytes(), &WORD);
    }
    let end = form
        .char_indices()
        .nth(WORD_CHARS)
        .map_or(form.len(), |(at, _)| at);
    rapidhash_v3_seeded(&form.as_bytes()[..end], &WORD)
}

/// A set of well-mixed keys: open addressing, at most half full.
struct KeySet {
    slots: Vec<FeatureKey>,
    len: usize,
}

impl KeySet {
    fn for_about(keys: usize) -> Self {
        Self {
            slots: vec![0; (2 * keys).next_power_of_two()],
            len: 0,
        }
    }

    /// Whether `key` was new.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "any bits of a hash will do"
    )]
    fn insert(&mut self, key: FeatureKey) -> bool {
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        // Zero marks a free slot; no hash loses its identity by becoming 1.
        let key = key.max(1);
        let mask = self.slots.len() - 1;
        let mut at = (key as usize) & mask;
        while self.slots[at] != 0 {
            if self.slots[at] == key {
                return false;
            }
            at = (at + 1) & mask;
        }
        self.slots[at] = key;
        self.len += 1;
        true
    }

    fn grow(&mut self) {
        let larger = Self::for_about(self.slots.len());
        for key in std::mem::replace(self, larger).slots {
            if key != 0 {
                self.insert(key);
            }
        }
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
                "buy buy",
                "v1agra",
                "buy v1agra",
                "at",
                "v1agra at",
                "viagra",
                "pills.shop.com",
                "shop.com",
                "words:4-10",
                "links:1",
            ]
        );
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

    #[test]
    fn ngrams_are_as_many_as_counted() {
        for word in [
            "a",
            "ab",
            "abc",
            "viagra",
            "پاکستان",
            "incomprehensibilities",
        ] {
            let mut found = 0;
            each_ngram(word, |_| found += 1);
            assert_eq!(found, ngram_count(word.chars().count()), "{word}");
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
