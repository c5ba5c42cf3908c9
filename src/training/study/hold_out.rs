//! Leave one out: a source, or a group such as the comments under one video, is judged by a model
//! that has seen nothing of it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::DRAWS;
use super::ground::{FeatureSet, Ground, Method, Trial};
use crate::label::LabelledSample;
use crate::training::TrainError;
use crate::training::metrics::{AucDifference, Paired, Ranking, auc_difference};
use crate::verdict::Head;

/// What is left out at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// One file.
    Source,
    /// One group of rows.
    Group,
}

impl By {
    fn of(self, sample: &LabelledSample) -> &str {
        match self {
            Self::Source => &sample.source,
            Self::Group => &sample.group,
        }
    }
}

/// A leave-one-out study of one head.
#[derive(Clone, Debug, Serialize)]
pub struct HoldOut {
    /// The head.
    pub head: Head,
    /// Each that was left out, by name.
    pub rows: Vec<HeldOut>,
    /// The scores of all as if of one model; `None` of fewer than two.
    pub pooled: Option<HeldOut>,
}

/// How what was left out is judged.
#[derive(Clone, Debug, Serialize)]
pub struct HeldOut {
    /// Name of what was left out.
    pub name: String,
    /// Rows in it.
    pub n: usize,
    /// Positive ones among them.
    pub positives: u64,
    /// AUC of plain naive Bayes on words.
    pub naive_bayes_auc: Option<f64>,
    /// AUC of the method.
    pub auc: Option<f64>,
    /// Recall of the method at 1 % false positives.
    pub recall_at_1: Option<f64>,
    /// The method's AUC less that of naive Bayes, with its interval.
    pub gain: Option<AucDifference>,
}

/// Leaves out one source or group at a time among the rows that are `wanted`. What holds one class
/// only is left in.
///
/// # Errors
/// If what is left has one class only.
pub fn hold_out(
    ground: &Ground,
    head: Head,
    by: By,
    wanted: impl Fn(&LabelledSample) -> bool,
    mut on_name: impl FnMut(&str),
) -> Result<HoldOut, TrainError> {
    let judged = ground.rows(head, false, wanted);
    let names: BTreeSet<&str> = judged
        .iter()
        .map(|&row| by.of(ground.sample(row)))
        .collect();
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        let tested = judged.iter().copied();
        let tested: Vec<usize> = tested
            .filter(|&row| by.of(ground.sample(row)) == name)
            .collect();
        let positives = tested
            .iter()
            .filter(|&&row| ground.is_positive(row, head))
            .count();
        if positives == 0 || positives == tested.len() {
            continue;
        }
        on_name(name);
        let scores = |features, method| {
            ground.scores(&Trial {
                head,
                features,
                method,
                learned: &|sample| by.of(sample) != name,
                tested: &tested,
            })
        };
        let first = scores(FeatureSet::Words, Method::NaiveBayes)?;
        let second = scores(FeatureSet::All, Method::Full)?;
        let pairs = first.into_iter().zip(second).zip(&tested);
        let paired: Vec<Paired> = pairs
            .map(|((first, second), &row)| Paired {
                first,
                second,
                positive: ground.is_positive(row, head),
            })
            .collect();
        rows.push(HeldOut::new(name, &paired));
        all.extend(paired);
    }
    let pooled = (rows.len() > 1).then(|| HeldOut::new("pooled", &all));
    Ok(HoldOut { head, rows, pooled })
}

impl HeldOut {
    fn new(name: &str, paired: &[Paired]) -> Self {
        let ranking = |score: fn(&Paired) -> f64| {
            let outcomes: Vec<_> = paired
                .iter()
                .map(|row| (score(row), row.positive))
                .collect();
            Ranking::new(&outcomes)
        };
        let (first, second) = (ranking(|row| row.first), ranking(|row| row.second));
        Self {
            name: name.to_owned(),
            n: paired.len(),
            positives: second.positives(),
            naive_bayes_auc: first.auc(),
            auc: second.auc(),
            recall_at_1: second
                .at_false_positive_rate(0.01)
                .map(|point| point.recall),
            gain: auc_difference(paired, DRAWS, 1),
        }
    }
}
