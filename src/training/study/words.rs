//! The words of a corpus, as [`crate::text`] keeps them to tell words apart where their boundaries
//! are gone.

use std::collections::BTreeMap;

use crate::text::{Features, Typed};

/// Letters of the longest word that is counted.
const LONGEST: usize = 16;
/// Words of one letter in English and in chat; the others are pieces.
const OF_ONE_LETTER: [&str; 3] = ["a", "i", "u"];

/// In how many texts words stand.
#[derive(Debug, Default)]
pub struct WordCounts {
    counts: BTreeMap<String, u32>,
}

impl WordCounts {
    /// Counts the words of one text, but for the names of people in it that follow an `@`.
    pub fn add(&mut self, text: &str) {
        let text = &without_mentions(text);
        let features = Features::extract(Typed {
            text,
            ..Typed::default()
        });
        for token in features.tokens().iter().filter(|token| token.has_ngrams()) {
            let word = features.seen(token);
            if word.chars().all(char::is_alphabetic) && word.chars().count() <= LONGEST {
                *self.counts.entry(word.to_owned()).or_default() += 1;
            }
        }
    }

    /// The words that are common enough not to be slips of the pen, in order, each with its
    /// number of texts. The shorter a word, the commoner it must be: of two or three letters, most
    /// are pieces and abbreviations.
    pub fn common(&self) -> impl Iterator<Item = (&str, u32)> {
        let counts = self
            .counts
            .iter()
            .map(|(word, &count)| (word.as_str(), count));
        counts.filter(|&(word, count)| {
            count
                >= match word.chars().count() {
                    1 if !OF_ONE_LETTER.contains(&word) => u32::MAX,
                    0..=2 => 300,
                    3 => 40,
                    _ => 12,
                }
        })
    }
}

/// A handle is somebody, and no word.
fn without_mentions(text: &str) -> String {
    let mut parts = text.split('@');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest =
            part.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_');
        kept.push(' ');
        kept.push_str(rest);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_kept_and_slips_are_not() {
        let mut words = WordCounts::default();
        for n in 0..400 {
            let text = if n < 12 {
                "a x Kutta 2nd"
            } else {
                "a x ab, @reader_7: .@reader"
            };
            words.add(text);
        }
        let common: Vec<_> = words.common().collect();
        assert_eq!(common, [("a", 400), ("ab", 388), ("kutta", 12)]);
    }
}
