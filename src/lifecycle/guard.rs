//! The label guard: labels that look like a mistake or an attack wait for a person.
//!
//! Nothing is learned from what is held back until somebody releases it; who retracts it
//! drops it. What is held back follows from the labels that stand and from blind
//! re-review alone, so a retraction leaves no trace here either.

mod reliability;

use std::collections::HashMap;
use std::fmt;

use jiff::SignedDuration;

use super::explain::extract;
use crate::store::{BlindPair, LabelId, LabelSource, StoredLabel};
use crate::text::{FeatureKey, Features};
use crate::verdict::{EvidenceKind, Head};

/// Words below which two texts are the same by chance.
const LEAST_WORDS: usize = 4;
/// So many acts of one person or source within [`BURST_TIME`] are a burst: nobody reads
/// one comment a second. What a person decided on in one go is one act.
const BURST: usize = 60;
/// The time of a burst.
const BURST_TIME: SignedDuration = SignedDuration::from_mins(1);
/// So many labels of one import that all say the same of a head are one-sided.
const ONE_SIDED: usize = 100;

/// Why a label is held back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Suspicion {
    /// A label of the same words says the opposite.
    Contradicts {
        /// Of what.
        head: Head,
        /// The other label.
        other: LabelId,
    },
    /// The words of a text that is labelled as no spam, with a link added: labelled as
    /// spam it would teach that the words are.
    LinkAdded {
        /// The label of the text without the link.
        other: LabelId,
    },
    /// Too much at once.
    Burst {
        /// How many acts, each of which may have made several labels.
        acts: usize,
    },
    /// An import that says the same of everything.
    OneSided {
        /// Of what.
        head: Head,
        /// How many labels.
        labels: usize,
    },
    /// By somebody with whom others seldom agree, where one looked at what the other had
    /// decided without knowing it.
    SeldomAgrees {
        /// How often they agreed.
        agreed: u64,
        /// How often they could have.
        answers: u64,
    },
}

impl fmt::Display for Suspicion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contradicts { head, other } => {
                write!(
                    formatter,
                    "contradicts label {other} of the same words on {head}"
                )
            }
            Self::LinkAdded { other } => write!(
                formatter,
                "the words of label {other}, which is no spam, with a link added"
            ),
            Self::Burst { acts } => {
                write!(
                    formatter,
                    "one of {acts} decisions or reports of one origin within a minute"
                )
            }
            Self::OneSided { head, labels } => write!(
                formatter,
                "one of an import of {labels} labels that all say the same of {head}"
            ),
            Self::SeldomAgrees { agreed, answers } => write!(
                formatter,
                "of somebody who agreed with others in {agreed} of {answers} blind re-reviews"
            ),
        }
    }
}

/// Which of the labels that stand are held back, and why; `labels` are in the order in
/// which they were made, and `pairs` say how moderators agreed when they looked blind.
/// Linear in the labels.
pub(super) fn suspicions(
    labels: &[StoredLabel],
    pairs: &[BlindPair],
) -> HashMap<LabelId, Suspicion> {
    let mut found = HashMap::new();
    reliability::hold_back(labels, pairs, &mut found);
    contradictions(labels, &mut found);
    bursts(labels, &mut found);
    one_sided(labels, &mut found);
    for label in labels.iter().filter(|label| label.released) {
        found.remove(&label.id);
    }
    found
}

/// A label with what its text has of links.
struct Said<'a> {
    label: &'a StoredLabel,
    links: usize,
}

/// `found` holds what is held back for who said it.
fn contradictions(labels: &[StoredLabel], found: &mut HashMap<LabelId, Suspicion>) {
    let mut same: HashMap<Vec<FeatureKey>, Vec<Said<'_>>> = HashMap::new();
    for label in labels {
        // What nothing is learned from contradicts nobody.
        if found.contains_key(&label.id) && !label.released {
            continue;
        }
        let Some(texts) = &label.texts else { continue };
        let features = extract(&texts.text, "");
        let words = words(&features);
        if words.len() >= LEAST_WORDS {
            let links = features.links().len();
            same.entry(words).or_default().push(Said { label, links });
        }
    }
    for said in same.values().filter(|said| said.len() > 1) {
        for head in Head::ALL {
            contradiction(said, head, found);
        }
    }
}

/// Holds back both sides where labels of the same words contradict each other, but for
/// words that became spam by a link: then only those.
fn contradiction(said: &[Said<'_>], head: Head, found: &mut HashMap<LabelId, Suspicion>) {
    let of = |positive: bool| {
        let judged = said.iter();
        judged.filter(move |said| *said.label.label.get(head) == Some(positive))
    };
    let (Some(yes), Some(no)) = (of(true).next(), of(false).next()) else {
        return;
    };
    // Of one comment a later word overrules an earlier one; that is no contradiction.
    let comment = yes.label.comment;
    let is_one_comment = comment.is_some() && said.iter().all(|said| said.label.comment == comment);
    if is_one_comment {
        return;
    }
    let bare = of(false).map(|said| said.links).max().unwrap_or_default();
    let adds_links = head == Head::Spam && of(true).all(|said| said.links > bare);
    for said in of(true) {
        let other = no.label.id;
        let suspicion = if adds_links {
            Suspicion::LinkAdded { other }
        } else {
            Suspicion::Contradicts { head, other }
        };
        found.entry(said.label.id).or_insert(suspicion);
    }
    if !adds_links {
        for said in of(false) {
            let other = yes.label.id;
            let suspicion = Suspicion::Contradicts { head, other };
            found.entry(said.label.id).or_insert(suspicion);
        }
    }
}

/// The words of a text in order, without links, numbers and signs.
fn words(features: &Features) -> Vec<FeatureKey> {
    let tokens = features.tokens().iter();
    let words = tokens.filter(|token| token.kind() == EvidenceKind::Word && token.has_ngrams());
    words.map(|token| token.key).collect()
}

fn bursts(labels: &[StoredLabel], found: &mut HashMap<LabelId, Suspicion>) {
    let mut origins: HashMap<_, Vec<&StoredLabel>> = HashMap::new();
    for label in labels
        .iter()
        .filter(|label| label.source != LabelSource::Import)
    {
        let actor = label.actor.as_deref();
        // Reports name nobody: those of one site are one origin.
        let site = actor.is_none().then_some(&label.site);
        let origin = (label.source, actor, site);
        origins.entry(origin).or_default().push(label);
    }
    for made in origins.values() {
        let acts: Vec<_> = made.chunk_by(|one, next| is_one_act(one, next)).collect();
        let mut first = 0;
        for last in 0..acts.len() {
            let begin = acts[last][0].labelled_at - BURST_TIME;
            while acts[first][0].labelled_at < begin {
                first += 1;
            }
            let burst = &acts[first..=last];
            if burst.len() < BURST {
                continue;
            }
            // All of a burst that has just become one, then whatever goes on with it.
            let new = if burst.len() == BURST {
                burst
            } else {
                &burst[burst.len() - 1..]
            };
            for label in new.iter().copied().flatten() {
                let acts = burst.len();
                found.entry(label.id).or_insert(Suspicion::Burst { acts });
            }
        }
    }
}

/// Whether a person made two labels in one go: whatever one call decides on, such as a
/// selection or a whole wave, bears one time, to the microsecond.
fn is_one_act(one: &StoredLabel, next: &StoredLabel) -> bool {
    one.source == LabelSource::Moderator && one.labelled_at == next.labelled_at
}

fn one_sided(labels: &[StoredLabel], found: &mut HashMap<LabelId, Suspicion>) {
    let mut batches: HashMap<&str, Vec<&StoredLabel>> = HashMap::new();
    for label in labels {
        if let Some(batch) = &label.batch {
            batches.entry(batch).or_default().push(label);
        }
    }
    for batch in batches.values() {
        for head in Head::ALL {
            let judged = batch.iter().filter_map(|label| *label.label.get(head));
            let judged: Vec<bool> = judged.collect();
            let positives = judged.iter().filter(|&&positive| positive).count();
            if judged.len() < ONE_SIDED || positives != judged.len() && positives != 0 {
                continue;
            }
            let labels = judged.len();
            for label in batch.iter().filter(|label| label.label.get(head).is_some()) {
                let suspicion = Suspicion::OneSided { head, labels };
                found.entry(label.id).or_insert(suspicion);
            }
        }
    }
}

#[cfg(test)]
mod tests;
