//! The words of a corpus, as [`crate::text`] keeps them to tell words apart where their boundaries
//! are gone.

use std::collections::BTreeMap;

use crate::label::LabelledSample;
use crate::text::{Features, Typed};

/// Letters of the longest word that is counted.
const LONGEST: usize = 16;
/// Words of one letter in English and in chat; the others are pieces.
const OF_ONE_LETTER: [&str; 3] = ["a", "i", "u"];
/// The language of which there are sources enough to ask for two.
const WELL_SUPPLIED: &str = "en";

/// In how many texts words stand.
#[derive(Debug, Default)]
pub struct WordCounts {
    counts: BTreeMap<String, Count>,
}

/// In how many texts one word stands.
#[derive(Debug, Default)]
struct Count {
    texts: u32,
    /// Those of them in a language of which there are few sources.
    ill_supplied: u32,
    /// The source it was first found in.
    source: String,
    several_sources: bool,
}

impl Count {
    /// The texts that vouch for the word: what stands in one source of English alone is mostly
    /// somebody's name or handle, or its jargon.
    const fn vouched_for(&self) -> u32 {
        if self.several_sources {
            self.texts
        } else {
            self.ill_supplied
        }
    }
}

impl WordCounts {
    /// Counts the words of one text, but for the names of people in it that follow an `@`.
    pub fn add(&mut self, sample: &LabelledSample) {
        let text = &without_mentions(&sample.text);
        let features = Features::extract(Typed {
            text,
            ..Typed::default()
        });
        for token in features.tokens().iter().filter(|token| token.has_ngrams()) {
            let word = features.seen(token);
            if word.chars().all(char::is_alphabetic) && word.chars().count() <= LONGEST {
                let count = self.counts.entry(word.to_owned()).or_default();
                if count.texts == 0 {
                    count.source.clone_from(&sample.source);
                }
                count.several_sources |= count.source != sample.source;
                count.texts += 1;
                count.ill_supplied += u32::from(sample.language != WELL_SUPPLIED);
            }
        }
    }

    /// The words that are common enough not to be slips of the pen, in order, each with its
    /// number of texts. The shorter a word, the commoner it must be: of two or three letters, most
    /// are pieces and abbreviations. An English word must stand in two sources.
    pub fn common(&self) -> impl Iterator<Item = (&str, u32)> {
        let counts = self.counts.iter().filter(|(word, count)| {
            count.vouched_for()
                >= match word.chars().count() {
                    1 if !OF_ONE_LETTER.contains(&word.as_str()) => u32::MAX,
                    0..=2 => 300,
                    3 => 40,
                    _ => 12,
                }
        });
        counts.map(|(word, count)| (word.as_str(), count.texts))
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
    use crate::label::Label;

    fn sample(text: &str, source: &str, language: &str) -> LabelledSample {
        LabelledSample {
            text: text.to_owned(),
            name: String::new(),
            url: String::new(),
            label: Label::default(),
            language: language.to_owned(),
            group: String::new(),
            source: source.to_owned(),
        }
    }

    #[test]
    fn common_words_are_kept_and_slips_are_not() {
        let mut words = WordCounts::default();
        for n in 0..400 {
            let text = if n < 12 {
                "a x Lovely 2nd"
            } else {
                "a x ab, @reader_7: .@reader"
            };
            words.add(&sample(text, ["one", "two"][n % 2], "en"));
        }
        let common: Vec<_> = words.common().collect();
        assert_eq!(common, [("a", 400), ("ab", 388), ("lovely", 12)]);
    }

    #[test]
    fn an_english_word_of_one_source_alone_may_be_somebody() {
        let mut words = WordCounts::default();
        for _ in 0..20 {
            words.add(&sample("quiet readername", "tweets", "en"));
            words.add(&sample("kutta", "tweets", "roman-ur"));
        }
        words.add(&sample("quiet", "letters", "en"));
        let common: Vec<_> = words.common().collect();
        assert_eq!(common, [("kutta", 20), ("quiet", 21)]);
    }
}
