//! How good a model is on labelled rows: as JSON, as tables and as a page.

mod mistakes;
pub mod page;
mod table;
mod tally;
mod telling;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::label::Label;
use crate::verdict::{Decision, Head, PerHead, Scores};
pub use mistakes::{Clue, Lists, Mistake, Mistakes};
pub use tally::Tally;
pub use telling::{Feature, Met, Strongest, Telling};

/// Pairs of source and language that are told apart; the rows of more are counted together. A
/// language column may hold anything.
const MAX_GROUPS: usize = 200;

/// The source of rows beyond [`MAX_GROUPS`].
const OTHER_SOURCES: &str = "(all others)";

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

/// Rows to be evaluated: only counted, so that memory does not grow with their number.
#[derive(Clone, Debug, Default)]
pub struct ScoredRows {
    groups: BTreeMap<(String, String), Group>,
}

/// The rows of one source and language.
#[derive(Clone, Debug, Default)]
struct Group {
    rows: u64,
    tallies: PerHead<Tally>,
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
    /// By head, the bins of a reliability diagram, from low scores to high.
    pub reliability: BTreeMap<Head, Vec<BinFigures>>,
}

/// One bin of a reliability diagram. What needs a row is `None` where there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BinFigures {
    /// Least score; the next bin's is one past the highest.
    pub from: f64,
    /// Rows that judge the head.
    pub n: u64,
    /// Mean score.
    pub mean_score: Option<f64>,
    /// Share judged yes.
    pub positive_share: Option<f64>,
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
    /// Counts a row.
    pub fn push(&mut self, row: ScoredRow) {
        let group = self.group(row.source, row.language);
        group.rows += 1;
        for head in Head::ALL {
            if let &Some(positive) = row.label.get(head) {
                let score = row.scores.get(head).get();
                group
                    .tallies
                    .get_mut(head)
                    .add(score, positive, row.decision);
            }
        }
    }

    fn group(&mut self, source: String, language: String) -> &mut Group {
        let key = (source, language);
        let full = self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(&key);
        let key = if full {
            (OTHER_SOURCES.to_owned(), String::new())
        } else {
            key
        };
        self.groups.entry(key).or_default()
    }

    /// The rows of all sources and languages as `head` sees them.
    #[must_use]
    pub fn tally(&self, head: Head) -> Tally {
        let mut all = Tally::default();
        for group in self.groups.values() {
            all.merge(group.tallies.get(head));
        }
        all
    }

    /// The rows of each source.
    #[must_use]
    pub fn by_source(&self) -> BTreeMap<String, PerHead<Tally>> {
        self.by(|(source, _)| source)
    }

    /// The rows of each language.
    #[must_use]
    pub fn by_language(&self) -> BTreeMap<String, PerHead<Tally>> {
        self.by(|(_, language)| language)
    }

    fn by(&self, part: impl Fn(&(String, String)) -> &String) -> BTreeMap<String, PerHead<Tally>> {
        let mut parts: BTreeMap<String, PerHead<Tally>> = BTreeMap::new();
        for (key, group) in &self.groups {
            let tallies = parts.entry(part(key).clone()).or_default();
            for head in Head::ALL {
                tallies.get_mut(head).merge(group.tallies.get(head));
            }
        }
        parts
    }

    /// The figures of the model named `model`; `bad_rows` could not be read.
    #[must_use]
    pub fn evaluate(&self, model: String, bad_rows: u64) -> Evaluation {
        let sources = self.groups.iter().map(|((source, language), group)| {
            let tallies = Head::ALL.map(|head| (head, group.tallies.get(head).clone()));
            SourceFigures {
                source: source.clone(),
                language: language.clone(),
                rows: group.rows,
                heads: figures(tallies),
            }
        });
        Evaluation {
            model,
            rows: self.groups.values().map(|group| group.rows).sum(),
            bad_rows,
            heads: figures(Head::ALL.map(|head| (head, self.tally(head)))),
            sources: sources.collect(),
            reliability: Head::ALL
                .map(|head| (head, self.tally(head)))
                .into_iter()
                .filter(|(_, tally)| tally.rows() > 0)
                .map(|(head, tally)| (head, tally.bins()))
                .collect(),
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

fn figures(tallies: impl IntoIterator<Item = (Head, Tally)>) -> BTreeMap<Head, HeadFigures> {
    tallies
        .into_iter()
        .filter(|(_, tally)| tally.rows() > 0)
        .map(|(head, tally)| (head, tally.figures()))
        .collect()
}

#[cfg(test)]
mod tests;
