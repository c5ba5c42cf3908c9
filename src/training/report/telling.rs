//! The features that tell most, with the words they were met in.
//!
//! A model holds hashed keys and weights, no words. The strongest keys are looked for in the rows
//! that are evaluated; a key that none of them has keeps its secret.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::classifier::{Classifier, short_key};
use crate::label::Label;
use crate::text::Features;
use crate::verdict::{EvidenceKind, Head, PerHead};

/// Keys of each head and direction that are looked for.
const WANTED: usize = 400;

/// Characters of a form that are kept.
const FORM_CHARS: usize = 40;

/// The strongest features of a model, and what is known of them.
#[derive(Clone, Debug)]
pub struct Telling {
    wanted: HashMap<u32, Feature>,
    rows: u64,
    sizes: u64,
}

/// One feature.
#[derive(Clone)]
pub struct Feature {
    weights: [i16; 2],
    /// The form it was met in; empty if it never was.
    pub form: String,
    /// What kind of feature it is, where it was met.
    pub kind: EvidenceKind,
    /// Rows it was met in that judge each head: no and yes.
    pub judged: PerHead<[u64; 2]>,
}

impl Feature {
    /// Its weight for `head`, in quantised units.
    #[must_use]
    pub fn weight(&self, head: Head) -> f64 {
        f64::from(self.weights[head as usize])
    }
}

/// A form may be a word of a comment: not printed.
impl std::fmt::Debug for Feature {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Feature")
            .field("weights", &self.weights)
            .finish_non_exhaustive()
    }
}

/// The strongest features of one head in one direction.
pub struct Strongest<'a> {
    /// Those that were met, strongest first, with what each adds to the log-odds of a comment of
    /// usual length.
    pub met: Vec<(f64, &'a Feature)>,
    /// How many keys were looked for.
    pub wanted: usize,
    /// How many of them no row has.
    pub unknown: usize,
}

/// A wanted feature as one row has it.
pub struct Met {
    key: u32,
    form: String,
    kind: EvidenceKind,
}

/// A form as it is shown. Long numbers share a feature with others of their length, and may be
/// somebody's telephone.
fn form(seen: &str) -> String {
    const NUMBER_DIGITS: usize = 4;
    let digits = seen.chars().filter(char::is_ascii_digit).count();
    if digits > NUMBER_DIGITS && !seen.contains(char::is_alphabetic) {
        return "(a long number)".to_owned();
    }
    seen.chars().take(FORM_CHARS).collect()
}

impl Telling {
    /// Looks for the strongest features of `classifier`.
    #[must_use]
    pub fn new(classifier: &Classifier) -> Self {
        let mut wanted = HashMap::new();
        for head in Head::ALL {
            let mut entries: Vec<_> = classifier.entries().collect();
            entries
                .sort_unstable_by_key(|entry| (Reverse(entry.weights[head as usize]), entry.key));
            let ends = entries
                .iter()
                .take(WANTED)
                .chain(entries.iter().rev().take(WANTED));
            wanted.extend(
                ends.filter(|entry| entry.weights[head as usize] != 0)
                    .map(|entry| {
                        let feature = Feature {
                            weights: entry.weights,
                            form: String::new(),
                            kind: EvidenceKind::Remainder,
                            judged: PerHead::default(),
                        };
                        (entry.key, feature)
                    }),
            );
        }
        Self {
            wanted,
            rows: 0,
            sizes: 0,
        }
    }

    /// The wanted features of one comment; asks nothing of what was met before, so that comments
    /// can be looked at side by side.
    #[must_use]
    pub fn find(&self, features: &Features) -> Vec<Met> {
        let tokens = features.tokens().iter();
        let met = tokens.filter_map(|token| {
            let key = short_key(token.key);
            self.wanted.contains_key(&key).then(|| Met {
                key,
                form: form(features.seen(token)),
                kind: token.kind(),
            })
        });
        met.collect()
    }

    /// Takes note of a row's wanted features. `size` is that of its features.
    pub fn add(&mut self, met: Vec<Met>, label: Label, size: u32) {
        self.rows += 1;
        self.sizes += u64::from(size);
        for Met { key, form, kind } in met {
            let Some(feature) = self.wanted.get_mut(&key) else {
                continue;
            };
            if feature.form.is_empty() {
                feature.form = form;
                feature.kind = kind;
            }
            for head in Head::ALL {
                if let &Some(positive) = label.get(head) {
                    feature.judged.get_mut(head)[usize::from(positive)] += 1;
                }
            }
        }
    }

    /// Features of a comment of usual length.
    #[must_use]
    pub fn usual_size(&self) -> u32 {
        let mean = self.sizes.checked_div(self.rows).unwrap_or(1);
        u32::try_from(mean).unwrap_or(u32::MAX).max(1)
    }

    /// The `most` strongest features of `head` that speak for it, or else against it. `unit` is
    /// what one unit of weight adds to its log-odds.
    #[must_use]
    pub fn strongest(&self, head: Head, speaks_for: bool, most: usize, unit: f64) -> Strongest<'_> {
        let weight = |feature: &Feature| i32::from(feature.weights[head as usize]);
        let mut wanted: Vec<(u32, &Feature)> = self
            .wanted
            .iter()
            .map(|(&key, feature)| (key, feature))
            .filter(|(_, feature)| weight(feature) != 0 && (weight(feature) > 0) == speaks_for)
            .collect();
        wanted.sort_unstable_by_key(|(key, feature)| (Reverse(weight(feature).abs()), *key));
        wanted.truncate(WANTED);
        let met = wanted
            .iter()
            .filter(|(_, feature)| *feature.judged.get(head) != [0, 0]);
        let met: Vec<_> = met
            .map(|&(_, feature)| (feature.weight(head) * unit, feature))
            .collect();
        Strongest {
            wanted: wanted.len(),
            unknown: wanted.len() - met.len(),
            met: met.into_iter().take(most).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Artefact;
    use crate::text::Typed;

    #[test]
    fn the_strongest_features_are_named_once_met() {
        let classifier = Classifier::new(Artefact::base().unwrap());
        let mut telling = Telling::new(&classifier);
        let before = telling.strongest(Head::Spam, true, 5, 1.0);
        assert!(before.met.is_empty() && before.unknown == before.wanted);
        let label = Label {
            spam: Some(true),
            toxicity: None,
        };
        for _ in 0..2 {
            let features = Features::extract(Typed {
                text: "Subscribe to my channel",
                ..Typed::default()
            });
            telling.add(telling.find(&features), label, features.size());
        }
        let after = telling.strongest(Head::Spam, true, 5, 1.0);
        let (log_odds, feature) = after.met[0];
        assert!(log_odds > 0.0, "{log_odds}");
        assert_eq!(feature.judged.spam, [0, 2]);
        assert_eq!(after.unknown + after.met.len(), after.wanted);
        assert!(!format!("{telling:?}").contains(&feature.form));
        assert!(
            telling
                .strongest(Head::Toxicity, true, 5, 1.0)
                .met
                .is_empty()
        );
    }

    #[test]
    fn nobodys_telephone_is_a_feature() {
        assert_eq!(form("0300-5550123"), "(a long number)");
        assert_eq!(form("2019"), "2019");
        assert_eq!(form("covid19"), "covid19");
    }
}
