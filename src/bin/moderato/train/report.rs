//! What came of a training run.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use moderato::label::Label;
use moderato::policy::{Policy, PolicySettings};
use moderato::training::Trained;
use moderato::training::corpus::{Corpus, Merged, ReadReport};
use moderato::training::report::{Evaluation, ScoredRow, ScoredRows};
use moderato::verdict::{PerHead, Probability, Scores};
use serde::Serialize;

use crate::terminal::printable_line;

/// The report of `moderato train`, as `--json` prints it.
#[derive(Serialize)]
pub struct TrainReport {
    model: String,
    file: String,
    bytes: u64,
    seconds: f64,
    files: usize,
    rows: u64,
    bad_rows: u64,
    texts: usize,
    duplicates: usize,
    contradictions: PerHead<usize>,
    dropped: usize,
    /// Figures on rows that the scoring model had not seen.
    cross_validation: Evaluation,
}

impl TrainReport {
    /// The report of a model that is still to be written.
    pub fn new(
        read: &ReadReport,
        merged: Merged,
        corpus: &Corpus,
        trained: &Trained,
    ) -> anyhow::Result<Self> {
        let model = trained.artefact.id().to_string();
        let bad_rows = read.bad_rows.total();
        let scored = out_of_fold(corpus, trained)?;
        Ok(Self {
            file: String::new(),
            bytes: 0,
            seconds: 0.0,
            files: read.files.len(),
            rows: read.rows(),
            bad_rows,
            texts: merged.texts,
            duplicates: merged.duplicates,
            contradictions: merged.contradictions,
            dropped: merged.dropped,
            cross_validation: scored.evaluate(model.clone(), bad_rows),
            model,
        })
    }

    /// Notes where the model was written and how long all took.
    pub fn written(&mut self, file: &Path, took: Duration) -> io::Result<()> {
        self.file = file.display().to_string();
        self.bytes = fs::metadata(file)?.len();
        self.seconds = took.as_secs_f64();
        Ok(())
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

/// Every row of the corpus with its out-of-fold scores. A head that does not label
/// the row has none; for the decision it counts as 0.
fn out_of_fold(corpus: &Corpus, trained: &Trained) -> anyhow::Result<ScoredRows> {
    let policy = Policy::resolve(&[&PolicySettings::default()])?;
    let nought = Probability::from_log_odds(f64::NEG_INFINITY);
    let by_row = PerHead::from_fn(|head| -> HashMap<usize, (Probability, bool)> {
        let scores = trained.out_of_fold.get(head).iter();
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
            self.model,
            printable_line(&self.file),
            self.bytes as f64 / f64::from(1 << 20),
            self.seconds
        )?;
        writeln!(
            formatter,
            "read {} rows in {} files, and {} bad rows; {} texts after merging {} duplicates",
            self.rows, self.files, self.bad_rows, self.texts, self.duplicates
        )?;
        writeln!(
            formatter,
            "contradicting labels ignored: {} texts on spam, {} on toxicity; {} texts left without a label",
            self.contradictions.spam, self.contradictions.toxicity, self.dropped
        )?;
        writeln!(formatter, "\ncross-validated, under the default thresholds")?;
        write!(formatter, "{}", self.cross_validation)
    }
}
