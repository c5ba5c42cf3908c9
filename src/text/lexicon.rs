//! Which words there are, for letters whose word boundaries are gone (`s t u p i d i d i o t`), for
//! two words that may be one (`idi ot`), and for digits that may stand for letters (`1d10t`).
//!
//! The list is made of the training corpora by `moderato study words` and is part of the features:
//! it says how common a word is, nothing of what it means to either head.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use super::features::{FeatureKey, KeyMap, word_key};

/// Words in English, Roman Urdu and Urdu, each with the number of texts it stands in.
const WORDS: &str = include_str!("words.txt");

/// Letters of the longest word in the list.
const LONGEST: usize = 16;
/// Letters of a word that a disguise is read as.
pub(super) const DISGUISED: RangeInclusive<usize> = 4..=LONGEST;

/// Surprise, in nats, at a stretch of letters that is no known word, and at each letter of it. About
/// that of the rarest words, so that a short word nobody knows is not cut into shorter ones that
/// happen to be known.
const UNKNOWN: f32 = 10.0;
const UNKNOWN_LETTER: f32 = 3.0;

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| Lexicon::parse(WORDS));

/// Words and how surprising each is.
pub(super) struct Lexicon {
    surprise: KeyMap<f32>,
}

/// The likeliest way to read some first letters.
#[derive(Clone, Copy)]
struct Reading {
    surprise: f32,
    /// Letters before its last word.
    before: usize,
}

impl Lexicon {
    pub(super) fn get() -> &'static Self {
        &LEXICON
    }

    fn parse(list: &'static str) -> Self {
        let counted = || {
            list.lines().filter_map(|line| {
                let (word, count) = line.split_once(' ')?;
                Some((word, count.parse::<f32>().ok()?))
            })
        };
        let total: f32 = counted().map(|(_, count)| count).sum();
        Self {
            surprise: counted()
                .map(|(word, count)| (word_key(word, word.chars().count()), (total / count).ln()))
                .collect(),
        }
    }

    /// Whether the word of this key is in the list.
    pub(super) fn has(&self, word: FeatureKey) -> bool {
        self.surprise.contains_key(&word)
    }

    /// Whether `plain`, which something else is to be read as, is a word.
    pub(super) fn has_disguised(&self, plain: &str) -> bool {
        let letters = plain.chars().count();
        DISGUISED.contains(&letters) && self.has(word_key(plain, letters))
    }

    /// The number of letters of each of the words that `letters` most likely are, by a unigram
    /// model (Norvig, in: Beautiful Data, 2009). Linear in the letters.
    pub(super) fn split(&self, letters: &str) -> Vec<usize> {
        let mut starts: Vec<usize> = letters.char_indices().map(|(at, _)| at).collect();
        let count = starts.len();
        starts.push(letters.len());
        let mut best = vec![Reading {
            surprise: 0.0,
            before: 0,
        }];
        for end in 1..=count {
            let readings = (end.saturating_sub(LONGEST)..end).map(|start| {
                let word = &letters[starts[start]..starts[end]];
                Reading {
                    surprise: best[start].surprise + self.surprise(word, end - start),
                    before: start,
                }
            });
            best.extend(readings.min_by(|a, b| a.surprise.total_cmp(&b.surprise)));
        }
        let mut words = Vec::new();
        let mut end = count;
        while end > 0 {
            words.push(end - best[end].before);
            end = best[end].before;
        }
        words.reverse();
        words
    }

    #[expect(clippy::cast_precision_loss, reason = "a few letters")]
    fn surprise(&self, word: &str, letters: usize) -> f32 {
        let known = self.surprise.get(&word_key(word, letters)).copied();
        known.unwrap_or(UNKNOWN + UNKNOWN_LETTER * letters as f32)
    }
}

/// Reads the list now rather than at the first comment that needs it.
pub(super) fn prepare() {
    LazyLock::force(&LEXICON);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(letters: &str) -> Vec<String> {
        let mut rest = letters.chars();
        let words = Lexicon::get().split(letters).into_iter();
        words.map(|len| rest.by_ref().take(len).collect()).collect()
    }

    #[test]
    fn letters_are_cut_into_the_likeliest_words() {
        for (letters, words) in [
            ("stupid", vec!["stupid"]),
            ("stupididiot", vec!["stupid", "idiot"]),
            (
                "youarestupidandold",
                vec!["you", "are", "stupid", "and", "old"],
            ),
            ("tumkuttaho", vec!["tum", "kutta", "ho"]),
            ("", vec![]),
        ] {
            assert_eq!(split(letters), words, "{letters}");
        }
    }

    #[test]
    fn what_nobody_knows_stays_whole() {
        assert_eq!(split("zqxvok"), ["zqxvok"]);
        assert_eq!(split("stupidzqxvok"), ["stupid", "zqxvok"]);
    }

    #[test]
    fn the_list_is_sorted_and_whole() {
        let words: Vec<&str> = WORDS.lines().filter_map(|l| l.split(' ').next()).collect();
        assert!(words.is_sorted_by(|a, b| a < b));
        assert_eq!(words.len(), Lexicon::get().surprise.len());
        assert!(words.iter().all(|word| word.chars().count() <= LONGEST));
    }
}
