//! Labels that no head may be adapted to.

use super::AdaptOptions;
use crate::classifier::LabelCount;
use crate::label::LabelledSample;
use crate::verdict::Head;

/// Why a head is left as the base has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody judged it.
    #[error("no labels")]
    NoLabels,
    /// A handful would move it at random.
    #[error("{rows} labels, at least {least} are needed")]
    TooFew {
        /// Judged rows.
        rows: usize,
        /// Fewest that are enough.
        least: usize,
    },
    /// What one class looks like says nothing of how it differs from the other.
    #[error(
        "{positives} positive and {negatives} negative labels, at least {least} of each are needed"
    )]
    OneSided {
        /// Rows judged yes.
        positives: usize,
        /// Rows judged no.
        negatives: usize,
        /// Fewest of each that are enough.
        least: usize,
    },
}

/// The labels of `head`, if they are enough to adapt it to.
pub(super) fn check(
    samples: &[LabelledSample],
    head: Head,
    options: &AdaptOptions,
) -> Result<LabelCount, Refusal> {
    let counts = |sample: &&LabelledSample| {
        options
            .source_weights
            .get(&sample.source)
            .is_none_or(|&weight| weight > 0.0)
    };
    let judged = samples.iter().filter(counts);
    let judged: Vec<bool> = judged
        .filter_map(|sample| *sample.label.get(head))
        .collect();
    let (rows, least) = (judged.len(), options.least_labels);
    let positives = judged.iter().filter(|&&positive| positive).count();
    let negatives = rows - positives;
    if rows == 0 {
        return Err(Refusal::NoLabels);
    }
    if rows < least {
        return Err(Refusal::TooFew { rows, least });
    }
    // The unjudged text that serves as unverified ham is no second class.
    if positives.min(negatives) < options.least_of_class {
        return Err(Refusal::OneSided {
            positives,
            negatives,
            least: options.least_of_class,
        });
    }
    Ok(LabelCount { rows, positives })
}
