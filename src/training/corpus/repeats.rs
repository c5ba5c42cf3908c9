//! Texts that come again, noticed in bounded memory.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::label::Label;
use crate::text::Normalised;
use crate::verdict::{Head, PerHead};

/// Stands for a normalised text in sixteen bytes; no two texts share one by chance, nor by
/// intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of `text`, which `normalised` came of. A text of which normalising leaves
    /// nothing stands for itself.
    #[must_use]
    pub fn of(text: &str, normalised: &Normalised) -> Self {
        let told = match normalised.text().trim() {
            "" => text,
            told => told,
        };
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&Sha256::digest(told)[..16]);
        Self(fingerprint)
    }
}

/// Counts rows whose text came before, and texts judged both yes and no. Looks among the first
/// million distinct texts only, in some 40 MB.
#[derive(Clone, Debug)]
pub struct Repeats {
    said: HashMap<Fingerprint, Said>,
    most: usize,
    duplicates: u64,
    beyond: u64,
}

/// Which answers a text has had, a bit each for no and yes.
type Said = PerHead<u8>;

const BOTH: u8 = 0b11;

/// What [`Repeats`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RepeatsFound {
    /// Rows whose normalised text came before. They are counted like all others.
    pub duplicates: u64,
    /// Texts that some rows judge yes and others no.
    pub contradictions: PerHead<u64>,
    /// Rows of texts that were not looked for, because there are too many texts.
    pub not_looked_for: u64,
}

impl Default for Repeats {
    fn default() -> Self {
        Self::among(1 << 20)
    }
}

impl Repeats {
    /// Looks among the first `most` distinct texts.
    #[must_use]
    pub fn among(most: usize) -> Self {
        Self {
            said: HashMap::new(),
            most,
            duplicates: 0,
            beyond: 0,
        }
    }

    /// Takes note of a row.
    pub fn add(&mut self, text: Fingerprint, label: Label) {
        let full = self.said.len() >= self.most;
        let said = match self.said.entry(text) {
            Entry::Occupied(before) => {
                self.duplicates += 1;
                before.into_mut()
            }
            Entry::Vacant(_) if full => {
                self.beyond += 1;
                return;
            }
            Entry::Vacant(place) => place.insert(Said::default()),
        };
        for head in Head::ALL {
            if let &Some(positive) = label.get(head) {
                *said.get_mut(head) |= 1 << u8::from(positive);
            }
        }
    }

    /// What was found.
    #[must_use]
    pub fn found(&self) -> RepeatsFound {
        let both = |head| {
            self.said
                .values()
                .filter(move |said| *said.get(head) == BOTH)
        };
        RepeatsFound {
            duplicates: self.duplicates,
            contradictions: PerHead::from_fn(|head| both(head).count() as u64),
            not_looked_for: self.beyond,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::normalise;

    fn add(repeats: &mut Repeats, text: &str, spam: Option<bool>) {
        let label = Label {
            spam,
            toxicity: None,
        };
        repeats.add(Fingerprint::of(text, &normalise(text)), label);
    }

    #[test]
    fn counts_what_came_before_and_what_contradicts_it() {
        let mut repeats = Repeats::among(2);
        for (text, spam) in [
            ("Buy now", Some(true)),
            ("BUY  NOW", Some(true)),
            ("fine", Some(false)),
            ("one too many", Some(true)),
            ("buy now", Some(false)),
            ("one too many", Some(false)),
            ("fine", None),
        ] {
            add(&mut repeats, text, spam);
        }
        assert_eq!(
            repeats.found(),
            RepeatsFound {
                duplicates: 3,
                contradictions: PerHead {
                    spam: 1,
                    toxicity: 0
                },
                not_looked_for: 2,
            }
        );
    }
}
