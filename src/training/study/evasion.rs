//! What disguising words does to the scores.

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

use crate::training::metrics::{Outcome, Ranking};
use crate::training::split::below;
use crate::verdict::{Head, PerHead};

/// A way in which people hide words from a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Disguise {
    /// Cyrillic letters for Latin ones that look like them: `іdіоt`.
    LookAlikes,
    /// Digits and symbols for letters: `1d10t`.
    Leetspeak,
    /// Zero-width spaces between letters.
    ZeroWidth,
    /// A space after each letter: `i d i o t`.
    SpacedOut,
    /// One letter four times: `idiiiiot`.
    Repeated,
    /// A space somewhere inside: `idi ot`.
    Split,
}

impl Disguise {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::LookAlikes,
        Self::Leetspeak,
        Self::ZeroWidth,
        Self::SpacedOut,
        Self::Repeated,
        Self::Split,
    ];

    /// How the tables call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::LookAlikes => "look-alikes",
            Self::Leetspeak => "leetspeak",
            Self::ZeroWidth => "zero-width",
            Self::SpacedOut => "spaced out",
            Self::Repeated => "repeated letter",
            Self::Split => "split words",
        }
    }

    fn word(self, word: &str, random: &mut ChaCha8Rng) -> String {
        let letters: Vec<char> = word.chars().collect();
        let inside = 1 + below(letters.len() - 1, random.next_u64());
        match self {
            Self::LookAlikes => letters.into_iter().map(look_alike).collect(),
            Self::Leetspeak => letters.into_iter().map(leet).collect(),
            Self::ZeroWidth => joined(&letters, '\u{200B}'),
            Self::SpacedOut => joined(&letters, ' '),
            Self::Repeated => {
                let mut letters = letters;
                let letter = letters[inside];
                letters.splice(inside..inside, [letter; 3]);
                letters.into_iter().collect()
            }
            Self::Split => {
                let (head, tail) = letters.split_at(inside);
                head.iter().chain(&[' ']).chain(tail).collect()
            }
        }
    }
}

fn joined(letters: &[char], between: char) -> String {
    let mut text: String = letters
        .iter()
        .flat_map(|&letter| [letter, between])
        .collect();
    text.pop();
    text
}

const fn look_alike(letter: char) -> char {
    match letter {
        'a' => 'а',
        'c' => 'с',
        'e' => 'е',
        'i' => 'і',
        'o' => 'о',
        'p' => 'р',
        'x' => 'х',
        'y' => 'у',
        other => other,
    }
}

const fn leet(letter: char) -> char {
    match letter {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        other => other,
    }
}

/// A disguise put on some of the words of four letters or more.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// The disguise.
    pub disguise: Disguise,
    /// Share of those words that wear it, 0 to 1.
    pub share: f64,
    /// Seed of the choice of words.
    pub seed: u64,
}

impl Attack {
    /// `text`, the row of this number, in disguise.
    #[must_use]
    pub fn on(&self, text: &str, row: usize) -> String {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ row as u64);
        let mut disguised = String::with_capacity(text.len() + text.len() / 4);
        for piece in text.split_inclusive(|c: char| !c.is_alphabetic()) {
            let word = piece.trim_end_matches(|c: char| !c.is_alphabetic());
            let chosen = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
            if word.chars().count() >= 4 && chosen < self.share {
                disguised.push_str(&self.disguise.word(word, &mut random));
                disguised.push_str(&piece[word.len()..]);
            } else {
                disguised.push_str(piece);
            }
        }
        disguised
    }
}

/// Scores of rows, plain and in each disguise, by source.
#[derive(Debug, Default)]
pub struct Evasions {
    sources: BTreeMap<String, PerHead<Vec<Tried>>>,
}

/// One row: its answer, its plain score, and its score in each disguise.
#[derive(Debug)]
struct Tried {
    positive: bool,
    plain: f64,
    disguised: [f64; Disguise::ALL.len()],
}

/// What a disguise does to one source.
#[derive(Clone, Debug, Serialize)]
pub struct EvasionRow {
    /// The head.
    pub head: Head,
    /// Name of the source.
    pub source: String,
    /// The disguise.
    pub disguise: Disguise,
    /// AUC on the rows as they are.
    pub plain: f64,
    /// AUC on the rows in disguise.
    pub disguised: f64,
}

impl Evasions {
    /// Adds a row judged on `head`.
    pub fn push(
        &mut self,
        source: &str,
        head: Head,
        positive: bool,
        plain: f64,
        disguised: [f64; Disguise::ALL.len()],
    ) {
        let heads = self.sources.entry(source.to_owned()).or_default();
        heads.get_mut(head).push(Tried {
            positive,
            plain,
            disguised,
        });
    }

    /// A row for each source and disguise, where both classes are there.
    #[must_use]
    pub fn rows(&self) -> Vec<EvasionRow> {
        let mut rows = Vec::new();
        for (source, heads) in &self.sources {
            for head in Head::ALL {
                let tried = heads.get(head);
                let Some(plain) = auc(tried, |row| row.plain) else {
                    continue;
                };
                for (at, disguise) in Disguise::ALL.into_iter().enumerate() {
                    rows.extend(
                        auc(tried, |row| row.disguised[at]).map(|disguised| EvasionRow {
                            head,
                            source: source.clone(),
                            disguise,
                            plain,
                            disguised,
                        }),
                    );
                }
            }
        }
        rows
    }
}

fn auc(rows: &[Tried], score: impl Fn(&Tried) -> f64) -> Option<f64> {
    let outcomes: Vec<Outcome> = rows.iter().map(|row| (score(row), row.positive)).collect();
    Ranking::new(&outcomes).auc()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_disguise_is_what_its_name_says() {
        let worn = |disguise| {
            let attack = Attack {
                disguise,
                share: 1.0,
                seed: 1,
            };
            attack.on("an idiot, he!", 0)
        };
        assert_eq!(worn(Disguise::LookAlikes), "an іdіоt, he!");
        assert_eq!(worn(Disguise::Leetspeak), "an 1d107, he!");
        assert_eq!(worn(Disguise::SpacedOut), "an i d i o t, he!");
        assert_eq!(
            worn(Disguise::ZeroWidth).chars().count(),
            "an idiot, he!".len() + 4
        );
        assert_eq!(worn(Disguise::Repeated).len(), "an idiot, he!".len() + 3);
        assert_eq!(worn(Disguise::Split).replace(' ', ""), "anidiot,he!");
    }

    #[test]
    fn the_share_and_the_seed_decide() {
        let text = "civil words that nobody needs hide from anyone here";
        let with = |share, seed| {
            Attack {
                disguise: Disguise::Split,
                share,
                seed,
            }
            .on(text, 3)
        };
        assert_eq!(with(0.0, 1), text);
        assert_eq!(with(0.5, 1), with(0.5, 1));
        assert_ne!(with(0.5, 1), with(0.5, 2));
    }
}
