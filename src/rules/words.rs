//! Words and phrases: one automaton over all lists.

use std::cell::LazyCell;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::boundaries::Boundaries;
use super::entries::{Entry, RuleEntries, Subject};
use super::{List, RulesError};
use crate::text;

/// Longest phrase, in normalised form. It bounds how many phrases can end at one
/// place of a text, and with it the work on a hostile text.
pub(super) const MAX_PHRASE_BYTES: usize = 200;

/// Finds listed phrases, as whole words, in normalised text.
#[derive(Default)]
pub(super) struct WordMatcher {
    /// `None` where nothing is listed.
    automaton: Option<AhoCorasick>,
    /// By the automaton's pattern number.
    phrases: Vec<Phrase>,
}

/// One listed phrase.
pub(super) struct Phrase {
    pub list: List,
    /// In normalised form.
    pub text: Box<str>,
    /// Written with `*`: the last word may go on.
    pub open: bool,
    /// As the operator wrote it.
    pub entry: Arc<str>,
}

/// A place of the normalised text where a phrase stands.
pub(super) struct WordMatch<'a> {
    pub phrase: &'a Phrase,
    pub range: Range<usize>,
}

impl WordMatcher {
    pub fn compile(entries: &RuleEntries) -> Result<Self, RulesError> {
        let mut seen = HashSet::new();
        let mut phrases = Vec::new();
        for entry in entries.ranked(Subject::Word) {
            let phrase = Phrase::new(entry)?;
            if seen.insert((phrase.text.clone(), phrase.open)) {
                phrases.push(phrase);
            }
        }
        if phrases.is_empty() {
            return Ok(Self::default());
        }
        let automaton = AhoCorasick::new(phrases.iter().map(|phrase| phrase.text.as_bytes()))?;
        Ok(Self {
            automaton: Some(automaton),
            phrases,
        })
    }

    /// The listed phrases in `text`, those inside an allowed phrase left out.
    /// Of phrases of one list that end at the same place the longest stands for
    /// all, so there are at most three matches a character.
    pub fn find(&self, text: &str) -> Vec<WordMatch<'_>> {
        let mut allowed = Vec::new();
        let mut rejected = Vec::new();
        let mut held = Vec::new();
        let boundaries = LazyCell::new(|| Boundaries::of(text));
        for (phrase, found) in self.candidates(text) {
            let Some(range) = boundaries.whole_words(found, phrase.open) else {
                continue;
            };
            let matches = match phrase.list {
                List::Allow => &mut allowed,
                List::Reject => &mut rejected,
                List::Hold => &mut held,
            };
            keep_longest(matches, WordMatch { phrase, range });
        }
        let shelter = Shelter::of(&allowed);
        let exposed = rejected
            .into_iter()
            .chain(held)
            .filter(|found| !shelter.covers(&found.range));
        exposed.chain(allowed).collect()
    }

    /// Every phrase, in order of precedence.
    pub fn iter(&self) -> impl Iterator<Item = &Phrase> {
        self.phrases.iter()
    }

    /// Every place where the letters of a phrase stand, within words or not.
    fn candidates<'a>(&'a self, text: &str) -> impl Iterator<Item = (&'a Phrase, Range<usize>)> {
        self.automaton
            .iter()
            .flat_map(move |automaton| automaton.find_overlapping_iter(text))
            .map(|found| (&self.phrases[found.pattern().as_usize()], found.range()))
    }
}

impl Phrase {
    fn new(entry: &Entry) -> Result<Self, RulesError> {
        let written = entry.text.trim();
        let origin = || entry.origin.clone();
        if written.len() > 1 && written.starts_with('*') {
            return Err(RulesError::LeadingStar {
                origin: origin(),
                entry: entry.text.to_string(),
            });
        }
        let (letters, open) = written
            .strip_suffix('*')
            .map_or((written, false), |stem| (stem, true));
        let normalised = text::normalise(letters);
        let text: Box<str> = normalised.text().trim().into();
        if text.is_empty() {
            return Err(RulesError::EmptyPhrase {
                origin: origin(),
                entry: entry.text.to_string(),
            });
        }
        if text.len() > MAX_PHRASE_BYTES {
            return Err(RulesError::PhraseTooLong {
                origin: origin(),
                bytes: text.len(),
            });
        }
        Ok(Self {
            list: entry.list,
            text,
            open,
            entry: Arc::clone(&entry.text),
        })
    }
}

/// Matches come in order of their ends, so those that end together are adjacent.
fn keep_longest<'a>(matches: &mut Vec<WordMatch<'a>>, found: WordMatch<'a>) {
    match matches.last_mut() {
        Some(last) if last.range.end == found.range.end => {
            if found.range.start < last.range.start {
                *last = found;
            }
        }
        _ => matches.push(found),
    }
}

/// Where allowed phrases stand, to ask what lies inside one.
struct Shelter {
    /// By start: the furthest end of any allowed phrase that starts there or before.
    reach: Vec<(usize, usize)>,
}

impl Shelter {
    fn of(allowed: &[WordMatch<'_>]) -> Self {
        let mut reach: Vec<_> = allowed
            .iter()
            .map(|found| (found.range.start, found.range.end))
            .collect();
        reach.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut reach {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        Self { reach }
    }

    fn covers(&self, range: &Range<usize>) -> bool {
        let started = self
            .reach
            .partition_point(|(start, _)| *start <= range.start);
        started > 0 && self.reach[started - 1].1 >= range.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{ListSettings, RuleSettings};

    fn rejecting(entries: impl IntoIterator<Item = String>) -> WordMatcher {
        let settings = RuleSettings {
            words: ListSettings {
                reject: entries.into_iter().collect(),
                ..ListSettings::default()
            },
            ..RuleSettings::default()
        };
        let entries = settings.load(|_| unreachable!("no files")).unwrap();
        WordMatcher::compile(&entries).unwrap()
    }

    #[test]
    fn work_on_a_hostile_text_is_bounded_by_its_length() {
        const NESTED: usize = 40;
        // "ab", "ab ab", … all end wherever one of them does; the rest share long
        // beginnings with the text, so that the automaton must fall back often.
        let nested = (1..=NESTED).map(|n| vec!["ab"; n].join(" "));
        let near = (NESTED..100_000).map(|n| format!("ab ab ab ab {n:x}"));
        let matcher = rejecting(nested.chain(near));
        let text = "ab ".repeat(100_000 / 3);

        assert!(matcher.candidates(&text).count() <= NESTED * text.len() / 3);
        assert!(matcher.find(&text).len() <= text.len() / 3);
    }

    #[test]
    fn open_phrases_on_one_endless_word_are_found_once() {
        let matcher = rejecting((2..100).map(|n| format!("{}*", "ab".repeat(n))));
        let found = matcher.find(&"ab".repeat(50_000));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].range, 0..100_000);
    }

    #[test]
    fn shelters_cover_only_what_lies_inside_one() {
        let phrase = Phrase {
            list: List::Allow,
            text: "x".into(),
            open: false,
            entry: "x".into(),
        };
        let allowed = [0..20, 5..8, 6..30].map(|range| WordMatch {
            phrase: &phrase,
            range,
        });
        let shelter = Shelter::of(&allowed);
        for inside in [0..20, 3..9, 6..30, 29..30] {
            assert!(shelter.covers(&inside), "{inside:?}");
        }
        for outside in [5..21, 29..31, 40..41] {
            assert!(!shelter.covers(&outside), "{outside:?}");
        }
    }
}
