//! From text to tokens.

use std::ops::Range;

use super::key_set::KeySet;
use super::keys::{link_key, ngram_count, number_key, pair_key, signal_key, word_key};
use super::{FeatureKey, Features, Kind, Seen, Token, Typed};
use crate::text::disguise::{self, Disguised};
use crate::text::phone;
use crate::text::segment::{Segment, SegmentKind, segment};
use crate::text::signal::{self, Subject};
use crate::text::{links, normalise};

/// The features of one comment in the making.
pub(super) struct Extraction {
    features: Features,
    distinct: KeySet,
}

impl Extraction {
    pub(super) fn new(typed: Typed<'_>) -> Self {
        let normalised = normalise(typed.text);
        let name = normalise(typed.name);
        let (links, name_links) = (links(normalised.text()), links(name.text()));
        let expected = normalised.text().len() / 3 + 16;
        Self {
            features: Features {
                normalised,
                links,
                name,
                name_links,
                tokens: Vec::with_capacity(expected),
                forms: String::new(),
                size: 0,
            },
            distinct: KeySet::for_about(expected),
        }
    }

    pub(super) fn run(mut self, typed: Typed<'_>) -> Features {
        let mut segments = Vec::with_capacity(self.features.tokens.capacity());
        for range in self.outside_links() {
            let text = self.features.normalised.text();
            segment(text, range.clone(), &mut segments);
        }
        phone::join(self.features.normalised.text(), &mut segments);
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
            SegmentKind::Phone => signal_key("phone-number"),
            SegmentKind::Number => number_key(form, segment.chars),
            SegmentKind::Word | SegmentKind::Symbol => word_key(form, segment.chars),
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
                    key: link_key(name),
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
            name: self.features.name.text(),
            name_links: &self.features.name_links,
            normalised: &self.features.normalised,
            links: &self.features.links,
            segments,
        });
        for name in found {
            self.add(Token {
                key: signal_key(name),
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
