//! From text to tokens.

use std::ops::{Range, RangeInclusive};

use super::form::Form;
use super::key_set::KeySet;
use super::keys::{
    EDGE, joined_key, link_key, ngram_count, pair_key, path_key, path_words, signal_key, skip_key,
    word_key,
};
use super::{FeatureKey, Features, Kind, Seen, Token, Typed};
use crate::text::disguise::{self, Disguised};
use crate::text::lexicon::Lexicon;
use crate::text::phone;
use crate::text::segment::{Segment, SegmentKind, segment};
use crate::text::signal::{self, Subject};
use crate::text::{links, normalise, promotion, spaced};

/// Tokens for which there is room before it is known how many there are: of each segment itself,
/// two pairs and perhaps a joined word.
const TOKENS_OF_SEGMENT: usize = 4;
/// As many for links and signals.
const TOKENS_BESIDES: usize = 16;

/// Characters of the shorter part of a word split in two, at most.
const SPLIT_PART: usize = 3;
/// Characters of a word that is looked for in two parts.
const SPLIT_WORD: RangeInclusive<usize> = 4..=16;

/// The features of one comment in the making.
pub(super) struct Extraction {
    features: Features,
    distinct: KeySet,
    /// Words with a letter drawn out that nobody knows without it either.
    undrawn: Vec<Disguised>,
}

impl Extraction {
    pub(super) fn new(typed: Typed<'_>) -> Self {
        let normalised = normalise(typed.text);
        let name = normalise(typed.name);
        let (links, name_links) = (links(normalised.text()), links(name.text()));
        Self {
            features: Features {
                normalised,
                links,
                name,
                name_links,
                tokens: Vec::new(),
                forms: String::new(),
                size: 0,
            },
            distinct: KeySet::for_about(0),
            undrawn: Vec::new(),
        }
    }

    pub(super) fn run(mut self, typed: Typed<'_>) -> Features {
        let mut segments = Vec::with_capacity(self.features.normalised.text().len() / 4);
        for range in self.outside_links() {
            let text = self.features.normalised.text();
            segment(text, range.clone(), &mut segments);
        }
        phone::join(self.features.normalised.text(), &mut segments);
        let text = self.features.normalised.text();
        let forms: Vec<Form> = segments.iter().map(|s| Form::of(text, s)).collect();
        let expected = TOKENS_OF_SEGMENT * segments.len() + TOKENS_BESIDES;
        self.features.tokens.reserve(expected);
        self.distinct = KeySet::for_about(expected);
        self.words(&segments, &forms, typed);
        self.disguised(&segments);
        self.links();
        self.signals(typed, &segments, &forms);
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

    /// Words, pairs of neighbours, and pairs with one word between them. The beginning and
    /// the end of the text are neighbours too: much that is for sale comes first or last.
    /// A word in a disguise that is surely one is read as the word.
    fn words(&mut self, segments: &[Segment], forms: &[Form], typed: Typed<'_>) {
        let Some((first, last)) = segments.first().zip(segments.last()) else {
            return;
        };
        let (mut before, mut before_that) = (Some((EDGE, first.range.start)), None);
        let mut spaced = spaced::words(self.features.normalised.text(), segments).into_iter();
        let (mut split, mut last_word) = (Vec::new(), None);
        let mut at = 0;
        while at < segments.len() {
            let next_spaced = spaced.as_slice().first();
            let ends = next_spaced.map_or(segments.len(), |(_, letters)| letters.start);
            let spelt = if ends == at { spaced.next() } else { None };
            let (token, range, word) = if let Some((word, letters)) = spelt {
                at = letters.end;
                let range = word.range.clone();
                (self.token_of_disguised(word), range, None)
            } else if let Some(word) = self.one_of_two(&segments[at..ends], &forms[at..ends]) {
                at += 2;
                let range = word.range.clone();
                (self.token_of_disguised(word), range, None)
            } else {
                let segment = &segments[at];
                let token = self.read(segment, forms[at], typed);
                at += 1;
                (token, segment.range.clone(), Some(segment))
            };
            let key = token.key;
            self.add(token);
            if let Some((other, start)) = before
                && self.add_pair(pair_key(other, key), start..range.end)
                && let Some((first, second)) = last_word.zip(word)
                && self.could_be_one(first, second)
            {
                split.push((self.features.tokens.len() - 1, first, second));
            }
            last_word = word;
            if let Some((other, start)) = before_that {
                self.add_pair(skip_key(other, key), start..range.end);
            }
            before_that = before.filter(|&(other, _)| other != EDGE);
            before = Some((key, range.start));
        }
        if let Some((other, start)) = before {
            self.add_pair(pair_key(other, EDGE), start..last.range.end);
        }
        for (pair, first, second) in split {
            self.joined(pair, first, second);
        }
    }

    /// The word that the first two neighbours are (`idi ot`), where it is one and not both of them are.
    fn one_of_two(&self, segments: &[Segment], forms: &[Form]) -> Option<Disguised> {
        let ([first, second, ..], [a, b, ..]) = (segments, forms) else {
            return None;
        };
        if a.is_known && b.is_known || !self.could_be_one(first, second) {
            return None;
        }
        let text = self.features.normalised.text();
        let (head, tail) = (&text[first.range.clone()], &text[second.range.clone()]);
        let is_word = Lexicon::get().has(joined_key(head, tail));
        is_word.then(|| Disguised {
            range: first.range.start..second.range.end,
            plain: [head, tail].concat(),
        })
    }

    /// The token of a segment, or of the word it surely is: with digits for letters, or with a
    /// letter drawn out. How it was typed then counts as well, but not its pieces.
    fn read(&mut self, segment: &Segment, form: Form, typed: Typed<'_>) -> Token {
        let as_typed = form.token(segment);
        let Some(plain) = self.plain(segment, form, typed) else {
            return as_typed;
        };
        self.add(Token {
            kind: Kind::Atom,
            ngrams: 0,
            ..as_typed
        });
        self.token_of_disguised(Disguised {
            range: segment.range.clone(),
            plain,
        })
    }

    fn plain(&mut self, segment: &Segment, form: Form, typed: Typed<'_>) -> Option<String> {
        let normalised = &self.features.normalised;
        if segment.mixed {
            return disguise::digits_read(&normalised.text()[segment.range.clone()]);
        }
        if segment.kind != SegmentKind::Word || normalised.text().len() >= typed.text.len() {
            return None;
        }
        let undrawn = disguise::drawn_out(normalised, segment, typed.text)?;
        if !form.is_known && Lexicon::get().has_disguised(&undrawn.plain) {
            return Some(undrawn.plain);
        }
        self.undrawn.push(undrawn);
        None
    }

    /// Whether two segments could be one word with a space put into it.
    fn could_be_one(&self, first: &Segment, second: &Segment) -> bool {
        let are_words = first.kind == SegmentKind::Word && second.kind == SegmentKind::Word;
        let shorter = first.chars.min(second.chars);
        let between = first.range.end..second.range.start;
        are_words
            && shorter <= SPLIT_PART
            && SPLIT_WORD.contains(&(first.chars + second.chars))
            && self.features.normalised.text().get(between) == Some(" ")
    }

    fn joined(&mut self, pair: usize, first: &Segment, second: &Segment) {
        let text = self.features.normalised.text();
        let from = self.features.forms.len();
        self.features.forms.push_str(&text[first.range.clone()]);
        self.features.forms.push_str(&text[second.range.clone()]);
        let form = from..self.features.forms.len();
        self.add(Token {
            key: word_key(
                &self.features.forms[form.clone()],
                first.chars + second.chars,
            ),
            kind: Kind::Joined,
            seen: Seen::Joined {
                form: form.into(),
                text: (first.range.start..second.range.end).into(),
                pair: u32::try_from(pair).unwrap_or(u32::MAX),
            },
            ngrams: 0,
        });
    }

    fn add_pair(&mut self, key: FeatureKey, place: Range<usize>) -> bool {
        self.add(Token {
            key,
            kind: Kind::Pair,
            seen: Seen::Text(place.into()),
            ngrams: 0,
        })
    }

    /// Guesses that stand beside what was typed.
    fn disguised(&mut self, segments: &[Segment]) {
        let undrawn = std::mem::take(&mut self.undrawn).into_iter();
        let mut found: Vec<_> = undrawn.map(|word| (Kind::Undrawn, word)).collect();
        let text = self.features.normalised.text();
        if disguise::could_be_masked(text) || segments.iter().any(|s| s.mixed) {
            for range in self.outside_links() {
                let masked = disguise::masked(text, range).into_iter();
                found.extend(masked.map(|word| (Kind::Word, word)));
            }
        }
        for (kind, word) in found {
            let token = self.token_of_disguised(word);
            self.add(Token { kind, ..token });
        }
    }

    fn token_of_disguised(&mut self, Disguised { range, plain }: Disguised) -> Token {
        let chars = plain.chars().count();
        let from = self.features.forms.len();
        self.features.forms.push_str(&plain);
        Token {
            key: word_key(&plain, chars),
            kind: Kind::Word,
            seen: Seen::Form {
                form: (from..self.features.forms.len()).into(),
                text: range.into(),
            },
            ngrams: ngram_count(chars),
        }
    }

    /// Host, registrable domain and the words of the path of each link. Names reserved for examples and
    /// tests (RFC 2606) teach nothing and are left out.
    fn links(&mut self) {
        let links = std::mem::take(&mut self.features.links);
        for link in &links {
            let suffix = link.host.rsplit('.').next().unwrap_or_default();
            if matches!(suffix, "example" | "test" | "invalid" | "localhost") {
                continue;
            }
            for name in [&link.host, &link.domain] {
                self.link_piece(link_key(name), name, &link.range);
            }
            let address = self.features.normalised.text()[link.range.clone()].to_owned();
            for word in path_words(&address) {
                self.link_piece(path_key(word), word, &link.range);
            }
        }
        self.features.links = links;
    }

    fn link_piece(&mut self, key: FeatureKey, form: &str, link: &Range<usize>) {
        let from = self.features.forms.len();
        self.features.forms.push_str(form);
        self.add(Token {
            key,
            kind: Kind::Link,
            seen: Seen::Form {
                form: (from..self.features.forms.len()).into(),
                text: link.clone().into(),
            },
            ngrams: 0,
        });
    }

    fn signals(&mut self, typed: Typed<'_>, segments: &[Segment], forms: &[Form]) {
        let found = signal::signals(&Subject {
            text: typed.text,
            name: self.features.name.text(),
            name_links: &self.features.name_links,
            normalised: &self.features.normalised,
            links: &self.features.links,
            segments,
        });
        let keys = forms.iter().map(|form| form.key);
        for name in found.into_iter().chain(promotion::signals(segments, keys)) {
            self.add(Token {
                key: signal_key(name),
                kind: Kind::Signal,
                seen: Seen::Named(name),
                ngrams: 0,
            });
        }
    }

    /// Adds `token` if its key is new, and says whether it was.
    fn add(&mut self, token: Token) -> bool {
        let is_new = self.distinct.insert(token.key);
        if is_new {
            self.features.size = self.features.size.saturating_add(token.size());
            self.features.tokens.push(token);
        }
        is_new
    }
}
