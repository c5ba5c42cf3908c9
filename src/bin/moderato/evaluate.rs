//! `moderato evaluate`: how good a model is on labelled comments.

mod budget;
mod page;
mod scoring;

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use moderato::classifier::Classifier;
use moderato::policy::{Policy, Thresholds};
use moderato::server::assembly;
use moderato::training::corpus::RepeatsFound;
use moderato::training::report::Evaluation;
use moderato::training::thresholds::Proposal;
use moderato::verdict::PerHead;
use serde::Serialize;

use crate::config::ConfigFile;
use crate::exit::OrWrongInput as _;
use crate::model;
use crate::reading::{self, LeftOut, ReadFlags};
use page::Looked;
use scoring::Scorer;

/// Measure a model on labelled comments.
///
/// Reads JSON Lines, CSV and TSV. Held and rejected are what the policy's thresholds make of the scores; word
/// lists, limits and field faults play no part.
///
/// With `--hold-budget` and `--volume`, proposes thresholds that people can keep up with. Exit code 1 then says
/// that the budget cannot be met.
#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders with labelled rows; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    config: ConfigFile,
    /// The model to measure; by default the configured one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    #[command(flatten)]
    budget: budget::Flags,
    /// Write a page with charts, tables and the worst mistakes; it holds comments
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadFlags,
}

/// Evaluates and prints the figures.
///
/// # Errors
/// [`WrongInput`](crate::exit::WrongInput) where the caller must change something.
pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let target = arguments.report.as_deref();
    let target = target.map(page::target).transpose().or_wrong_input()?;
    let config = crate::config::load(&arguments.config.sources())?;
    let classifier = match &arguments.model {
        Some(path) => Arc::new(Classifier::new(model::load(path)?)),
        None => assembly::classifier(&config).or_wrong_input()?,
    };
    let policy = Policy::resolve(&[&config.policy]).or_wrong_input()?;
    let looked = target.is_some().then(|| Looked::new(&classifier, &policy));
    let mut scorer = Scorer::new(Arc::clone(&classifier), policy.clone(), looked);
    let read = reading::read(&arguments.files, &arguments.reading, |row| scorer.add(row))?;
    scorer.score_waiting();
    let model = classifier.id().to_string();
    let report = EvaluateReport {
        figures: scorer.scored.evaluate(model, read.bad_rows.total()),
        in_force: PerHead::from_fn(|head| policy.thresholds(head)),
        left_out: (&read).into(),
        repeats: scorer.repeats.found(),
        proposal: arguments.budget.propose(&scorer.scored),
    };
    if let (Some(target), Some(looked)) = (&target, &scorer.looked) {
        let (path, notes) = (target.path(), report.notes());
        let (figures, rows) = (&report.figures, &scorer.scored);
        looked.write(path, &classifier, &policy, figures, rows, &notes)?;
    }
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(budget::exit_code(report.proposal.as_ref()))
}

/// What `evaluate` prints.
#[derive(Serialize)]
struct EvaluateReport {
    #[serde(flatten)]
    figures: Evaluation,
    /// Those of the policy in force.
    in_force: PerHead<Thresholds>,
    #[serde(flatten)]
    left_out: LeftOut,
    repeats: RepeatsFound,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<Proposal>,
}

impl EvaluateReport {
    /// What was left out and what came twice, a line each.
    fn notes(&self) -> String {
        let RepeatsFound {
            duplicates,
            contradictions,
            not_looked_for,
        } = self.repeats;
        let mut notes = format!(
            "{}duplicates, all counted: {duplicates} rows; texts with contradicting labels: {} on spam, {} on toxicity\n",
            self.left_out, contradictions.spam, contradictions.toxicity
        );
        if not_looked_for > 0 {
            let _ = writeln!(
                notes,
                "duplicates were looked for among the first million texts, not among {not_looked_for} rows beyond"
            );
        }
        notes
    }
}

impl fmt::Display for EvaluateReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n{}", self.figures, self.notes())?;
        if let Some(proposal) = &self.proposal {
            write!(formatter, "\n{proposal}")?;
        }
        Ok(())
    }
}
