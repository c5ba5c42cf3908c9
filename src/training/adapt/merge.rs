//! A base and what its heads learned as one artefact.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::head::Change;
use super::prior::{Prior, known_support};
use super::site::Site;
use crate::classifier::{
    Artefact, ArtefactError, CorpusRecord, Header, Support, WeightEntry, short_key,
};
use crate::label::LabelledSample;
use crate::training::assemble::MAX_ENTRIES;
use crate::training::matrix::features_of;
use crate::verdict::{Head, PerHead};

/// The base's entries and the site's as numbers, in the base's units.
type Weights = BTreeMap<u32, [f64; 2]>;

/// Puts the changes of the heads into the widened base.
pub(super) fn merge(
    base: &Artefact,
    prior: &Prior,
    site: &Site,
    samples: &[LabelledSample],
    changes: &PerHead<Option<Change>>,
    mut header: Header,
) -> Result<Artefact, ArtefactError> {
    let mut weights: Weights = prior
        .widened
        .entries()
        .iter()
        .map(|entry| (entry.key, entry.weights.map(f64::from)))
        .collect();
    for head in Head::ALL {
        let fit = &mut header.heads.get_mut(head).fit;
        if let Some(change) = changes.get(head) {
            let added = added(site, samples, change);
            for (key, log_odds) in added {
                weights.entry(key).or_default()[head as usize] += log_odds / fit.gain;
            }
            *fit = fit.stretched(change.stretch, change.shift);
        }
        fit.gain *= fit_range(&mut weights, head);
    }
    let entries = within_bounds(base, prior, weights);
    let supports = supports(base, site, samples.len(), &header.corpus);
    let support = |key| supports.get(&key).copied().unwrap_or_default();
    Artefact::new(header, entries)?.with_supports(support)
}

/// What each feature of the site's texts gains in log-odds: its own change, and of a
/// word its n-grams' too, as it is looked up whole.
fn added(site: &Site, samples: &[LabelledSample], change: &Change) -> HashMap<u32, f64> {
    let of = |key| {
        site.vocabulary
            .column(key)
            .map_or(0.0, |column| change.changes[column as usize])
    };
    let keys = site.vocabulary.keys().iter();
    let mut added: HashMap<u32, f64> = keys.map(|&key| (short_key(key), of(key))).collect();
    let mut folded = BTreeSet::new();
    for sample in samples {
        let features = features_of(sample);
        for token in features.tokens().iter().filter(|token| token.has_ngrams()) {
            if folded.insert(token.key) {
                let mut pieces = 0.0;
                features.pieces(token, |key| pieces += of(key));
                *added.entry(short_key(token.key)).or_default() += pieces;
            }
        }
    }
    added
}

/// Shrinks the weights of `head` until the largest fits an entry; returns by what the
/// gain must grow for it.
fn fit_range(weights: &mut Weights, head: Head) -> f64 {
    let head = head as usize;
    let largest = weights.values().map(|w| w[head].abs()).fold(0.0, f64::max);
    let factor = (largest / f64::from(i16::MAX)).max(1.0);
    for weights in weights.values_mut() {
        weights[head] /= factor;
    }
    factor
}

/// Whole numbers, without new features that weigh nothing; where all are too many, the
/// weakest of the new ones are left out, words last.
fn within_bounds(base: &Artefact, prior: &Prior, weights: Weights) -> Vec<WeightEntry> {
    let known = |key: u32| base.find(key).is_some();
    let is_word = |key: u32| prior.widened.find(key).is_some();
    let rounded = weights.into_iter().map(|(key, weights)| WeightEntry {
        key,
        weights: weights.map(round),
    });
    let (mut entries, mut new): (Vec<_>, Vec<_>) = rounded
        .filter(|entry| entry.weights != [0, 0] || is_word(entry.key))
        .partition(|entry| known(entry.key));
    let strength = |entry: &WeightEntry| entry.weights.map(i16::unsigned_abs).into_iter().max();
    new.sort_by_key(|entry| (!is_word(entry.key), Reverse(strength(entry)), entry.key));
    new.truncate(MAX_ENTRIES.saturating_sub(entries.len()));
    entries.extend(new);
    entries
}

/// Supports over the base's rows and the site's together.
fn supports(
    base: &Artefact,
    site: &Site,
    rows: usize,
    corpus: &[CorpusRecord],
) -> HashMap<u32, Support> {
    // The header's corpus has the site's rows already.
    let all: usize = corpus.iter().map(|record| record.rows).sum();
    let all = all.max(1) as f64;
    let known = base.entries().iter().map(|entry| entry.key);
    let before = all - rows as f64;
    let mut sums: HashMap<u32, f64> = known
        .map(|key| (key, known_support(base, key) * before))
        .collect();
    let squares = site.matrix.squares(site.vocabulary.len());
    for (&key, square) in site.vocabulary.keys().iter().zip(squares) {
        *sums.entry(short_key(key)).or_default() += square;
    }
    let means = sums.into_iter().map(|(key, sum)| (key, sum / all));
    means
        .map(|(key, mean)| (key, Support::of_mean_square(mean)))
        .collect()
}

#[expect(clippy::cast_possible_truncation, reason = "brought into range before")]
fn round(weight: f64) -> i16 {
    weight.round() as i16
}
