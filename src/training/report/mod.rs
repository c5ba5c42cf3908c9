//! How good a model is on labelled rows: as JSON and as tables.

mod table;

use std::collections::BTreeMap;

use serde::Serialize;

use super::metrics::{Outcome, Ranking, Reliability, share};
use crate::label::Label;
use crate::verdict::{Decision, Head, PerHead, Scores};

/// A labelled row, what the model says of it and what becomes of it.
#[derive(Clone, Debug)]
pub struct ScoredRow {
    /// Name of the file it came from.
    pub source: String,
    /// Language tag; empty if unknown.
    pub language: String,
    /// What people say.
    pub label: Label,
    /// What the model says.
    pub scores: Scores,
    /// What the policy in force does with it, on account of either head.
    pub decision: Decision,
}

/// Rows to be evaluated: kept as score, answer and decision, without their texts.
#[derive(Clone, Debug, Default)]
pub struct ScoredRows {
    groups: BTreeMap<(String, String), Group>,
}

/// The rows of one source and language.
#[derive(Clone, Debug, Default)]
struct Group {
    rows: u64,
    judged: PerHead<Vec<Judged>>,
}

/// One row as one head sees it.
#[derive(Clone, Copy, Debug)]
struct Judged {
    outcome: Outcome,
    decision: Decision,
}

/// Figures of a model on labelled rows, as `moderato evaluate --json` prints them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Id of the model.
    pub model: String,
    /// Rows evaluated.
    pub rows: u64,
    /// Rows that could not be read.
    pub bad_rows: u64,
    /// By head; only heads that some row judges.
    pub heads: BTreeMap<Head, HeadFigures>,
    /// By source and language, sorted by both.
    pub sources: Vec<SourceFigures>,
}

/// Figures on the rows of one source and language.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceFigures {
    /// Name of the file.
    pub source: String,
    /// Language tag; empty if unknown.
    pub language: String,
    /// Rows evaluated.
    pub rows: u64,
    /// By head; only heads that some row judges.
    pub heads: BTreeMap<Head, HeadFigures>,
}

/// Figures of one head on the rows that judge it. What needs a class that is not there is `None`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeadFigures {
    /// Rows that judge this head.
    pub n: u64,
    /// Rows judged yes.
    pub positives: u64,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Share of positives above the threshold that flags at most 1 % of negatives.
    #[serde(rename = "recall_at_fpr_0.01")]
    pub recall_at_fpr_0_01: Option<f64>,
    /// Share of positives above the threshold that flags at most 5 % of negatives.
    #[serde(rename = "recall_at_fpr_0.05")]
    pub recall_at_fpr_0_05: Option<f64>,
    /// Expected calibration error over 15 bins; needs no second class.
    pub ece: Option<f64>,
    /// Share of rows that the policy rejects.
    pub rejected: Option<f64>,
    /// Share of rows that the policy holds.
    pub held: Option<f64>,
    /// Share of negatives that the policy rejects.
    pub civil_rejected: Option<f64>,
    /// Share of negatives that the policy holds.
    pub civil_held: Option<f64>,
}

impl ScoredRows {
    /// Adds a row.
    pub fn push(&mut self, row: ScoredRow) {
        let group = self.groups.entry((row.source, row.language)).or_default();
        group.rows += 1;
        for head in Head::ALL {
            if let &Some(positive) = row.label.get(head) {
                group.judged.get_mut(head).push(Judged {
                    outcome: (row.scores.get(head).get(), positive),
                    decision: row.decision,
                });
            }
        }
    }

    /// The figures of the model named `model`; `bad_rows` could not be read.
    #[must_use]
    pub fn evaluate(&self, model: String, bad_rows: u64) -> Evaluation {
        let sources = self.groups.iter().map(|((source, language), group)| {
            let heads = heads(|head| group.judged.get(head).clone());
            SourceFigures {
                source: source.clone(),
                language: language.clone(),
                rows: group.rows,
                heads,
            }
        });
        let all = self.groups.values();
        Evaluation {
            model,
            rows: all.clone().map(|group| group.rows).sum(),
            bad_rows,
            heads: heads(|head| {
                let judged = all.clone().flat_map(|group| group.judged.get(head));
                judged.copied().collect()
            }),
            sources: sources.collect(),
        }
    }
}

impl Extend<ScoredRow> for ScoredRows {
    fn extend<I: IntoIterator<Item = ScoredRow>>(&mut self, rows: I) {
        for row in rows {
            self.push(row);
        }
    }
}

impl FromIterator<ScoredRow> for ScoredRows {
    fn from_iter<I: IntoIterator<Item = ScoredRow>>(rows: I) -> Self {
        let mut scored = Self::default();
        scored.extend(rows);
        scored
    }
}

fn heads(judged: impl Fn(Head) -> Vec<Judged>) -> BTreeMap<Head, HeadFigures> {
    Head::ALL
        .into_iter()
        .map(|head| (head, judged(head)))
        .filter(|(_, judged)| !judged.is_empty())
        .map(|(head, judged)| (head, HeadFigures::new(&judged)))
        .collect()
}

impl HeadFigures {
    fn new(judged: &[Judged]) -> Self {
        let outcomes: Vec<Outcome> = judged.iter().map(|row| row.outcome).collect();
        let ranking = Ranking::new(&outcomes);
        let recall = |rate| Some(ranking.at_false_positive_rate(rate)?.recall);
        let (n, negatives) = (judged.len() as u64, ranking.negatives());
        let count = |decision, also_positives: bool| {
            let decided = judged.iter().filter(|row| {
                let (_, positive) = row.outcome;
                row.decision == decision && (also_positives || !positive)
            });
            decided.count() as u64
        };
        Self {
            n,
            positives: ranking.positives(),
            auc: ranking.auc(),
            recall_at_fpr_0_01: recall(0.01),
            recall_at_fpr_0_05: recall(0.05),
            ece: Reliability::new(&outcomes).expected_error(),
            rejected: share(count(Decision::Reject, true), n),
            held: share(count(Decision::Hold, true), n),
            civil_rejected: share(count(Decision::Reject, false), negatives),
            civil_held: share(count(Decision::Hold, false), negatives),
        }
    }
}

#[cfg(test)]
mod tests;
