//! What came of a training run.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use moderato::classifier::Artefact;
use moderato::label::Label;
use moderato::policy::{Policy, PolicySettings};
use moderato::training::corpus::{Corpus, Merged, ReadReport};
use moderato::training::report::{Evaluation, ScoredRow, ScoredRows};
use moderato::verdict::{PerHead, Probability, Scores};
use serde::Serialize;

use super::fitting::{AdaptationReport, HeadReport};
use crate::reading::LeftOut;
use crate::terminal::printable_line;

/// The model that was written.
#[derive(Serialize)]
pub struct Written {
    model: String,
    file: String,
    bytes: u64,
    seconds: f64,
}

impl Written {
    /// `artefact` as it now lies in `file`, and how long all took.
    pub fn new(artefact: &Artefact, file: &Path, took: Duration) -> io::Result<Self> {
        Ok(Self {
            model: artefact.id().to_string(),
            file: file.display().to_string(),
            bytes: fs::metadata(file)?.len(),
            seconds: took.as_secs_f64(),
        })
    }
}

/// The report of `moderato train`, as `--json` prints it.
#[derive(Serialize)]
pub struct TrainReport {
    #[serde(flatten)]
    written: Written,
    files: usize,
    rows: u64,
    bad_rows: u64,
    #[serde(flatten)]
    left_out: LeftOut,
    /// Rows of sources of weight 0.
    unweighted: u64,
    texts: usize,
    duplicates: usize,
    contradictions: PerHead<usize>,
    dropped: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    adaptation: Option<AdaptationReport>,
    cross_validation: Evaluation,
}

impl TrainReport {
    /// The report of a model trained on what was `read` and `merged`.
    pub fn new(
        written: Written,
        read: &ReadReport,
        unweighted: u64,
        merged: Merged,
        adaptation: Option<AdaptationReport>,
        cross_validation: &ScoredRows,
    ) -> Self {
        let bad_rows = read.bad_rows.total();
        Self {
            files: read.files.len(),
            rows: read.rows(),
            bad_rows,
            left_out: read.into(),
            unweighted,
            texts: merged.texts,
            duplicates: merged.duplicates,
            contradictions: merged.contradictions,
            dropped: merged.dropped,
            adaptation,
            cross_validation: cross_validation.evaluate(written.model.clone(), bad_rows),
            written,
        }
    }

    /// Prints it on standard output.
    pub fn print(&self, json: bool) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        if json {
            writeln!(out, "{}", serde_json::to_string(self)?)?;
        } else {
            write!(out, "{self}")?;
        }
        Ok(())
    }
}

/// Every row of the corpus with its scores by models that had not seen it. A head
/// that does not label the row has none; for the decision it counts as 0.
pub fn cross_validation(
    corpus: &Corpus,
    out_of_fold: &PerHead<Vec<(usize, Probability, bool)>>,
) -> anyhow::Result<ScoredRows> {
    let policy = Policy::resolve(&[&PolicySettings::default()])?;
    let nought = Probability::from_log_odds(f64::NEG_INFINITY);
    let by_row = PerHead::from_fn(|head| -> HashMap<usize, (Probability, bool)> {
        let scores = out_of_fold.get(head).iter();
        scores
            .map(|&(row, score, positive)| (row, (score, positive)))
            .collect()
    });
    let rows = corpus.samples().iter().enumerate().map(|(row, sample)| {
        let found = PerHead::from_fn(|head| by_row.get(head).get(&row).copied());
        let label = Label::from_fn(|head| found.get(head).map(|(_, positive)| positive));
        let scores = Scores::from_fn(|head| found.get(head).map_or(nought, |(score, _)| score));
        ScoredRow {
            source: sample.source.clone(),
            language: sample.language.clone(),
            label,
            scores,
            decision: policy.by_scores(&scores),
        }
    });
    Ok(rows.collect())
}

impl fmt::Display for TrainReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "model {} written to {}: {:.2} MiB, in {:.1} s",
            self.written.model,
            printable_line(&self.written.file),
            self.written.bytes as f64 / f64::from(1 << 20),
            self.written.seconds
        )?;
        writeln!(
            formatter,
            "read {} rows in {} files, and {} bad rows; {} texts after merging {} duplicates",
            self.rows, self.files, self.bad_rows, self.texts, self.duplicates
        )?;
        write!(formatter, "{}", self.left_out)?;
        if self.unweighted > 0 {
            writeln!(
                formatter,
                "left out: {} rows of sources of weight 0",
                self.unweighted
            )?;
        }
        writeln!(
            formatter,
            "contradicting labels ignored: {} texts on spam, {} on toxicity; {} texts left without a label",
            self.contradictions.spam, self.contradictions.toxicity, self.dropped
        )?;
        if let Some(adaptation) = &self.adaptation {
            write!(formatter, "{adaptation}")?;
        }
        writeln!(formatter, "\ncross-validated, under the default thresholds")?;
        write!(formatter, "{}", self.cross_validation)
    }
}

impl fmt::Display for AdaptationReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (head, report) in &self.heads {
            match report {
                HeadReport::Adapted {
                    labels,
                    positives,
                    base_auc,
                    auc,
                } => {
                    let figure = |auc: &Option<f64>| {
                        auc.map_or_else(|| "-".to_owned(), |auc| format!("{auc:.3}"))
                    };
                    writeln!(
                        formatter,
                        "{head}: {} adapted to {labels} labels, {positives} of them positive; AUC on them {} before, {} after (cross-validated)",
                        self.base,
                        figure(base_auc),
                        figure(auc)
                    )?;
                }
                HeadReport::Unchanged { unchanged } => {
                    writeln!(formatter, "{head}: as in {}; {unchanged}", self.base)?;
                }
            }
        }
        Ok(())
    }
}
