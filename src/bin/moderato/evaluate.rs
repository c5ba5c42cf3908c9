//! `moderato evaluate`: how good a model is on labelled comments.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use moderato::classifier::Classifier;
use moderato::label::LabelledSample;
use moderato::policy::Policy;
use moderato::server::assembly;
use moderato::text::{Features, Typed};
use moderato::training::report::{ScoredRow, ScoredRows};

use crate::config::ConfigFile;
use crate::exit::OrWrongInput as _;
use crate::model;
use crate::parallel::map_in_order;
use crate::reading::{self, ReadFlags};

/// Rows in memory at once.
const BATCH: usize = 4096;

/// Measure a model on labelled comments.
///
/// Reads JSON Lines, CSV and TSV. Held and rejected are what the policy's thresholds make of the scores; word
/// lists, limits and field faults play no part.
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
    let config = crate::config::load(&arguments.config.sources())?;
    let classifier = match &arguments.model {
        Some(path) => Arc::new(Classifier::new(model::load(path)?)),
        None => assembly::classifier(&config).or_wrong_input()?,
    };
    let mut scorer = Scorer {
        classifier,
        policy: Policy::resolve(&[&config.policy]).or_wrong_input()?,
        waiting: Vec::with_capacity(BATCH),
        scored: ScoredRows::default(),
    };
    let read = reading::read(&arguments.files, &arguments.reading, |row| scorer.add(row))?;
    scorer.score_waiting();
    let model = scorer.classifier.id().to_string();
    let figures = scorer.scored.evaluate(model, read.bad_rows.total());
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&figures)?)?;
    } else {
        write!(out, "{figures}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Scores rows as they are read, a batch at a time.
struct Scorer {
    classifier: Arc<Classifier>,
    policy: Policy,
    waiting: Vec<LabelledSample>,
    scored: ScoredRows,
}

impl Scorer {
    fn add(&mut self, sample: LabelledSample) {
        self.waiting.push(sample);
        if self.waiting.len() == BATCH {
            self.score_waiting();
        }
    }

    fn score_waiting(&mut self) {
        let (classifier, policy) = (&self.classifier, &self.policy);
        let rows = map_in_order(&self.waiting, |sample| score(classifier, policy, sample));
        self.scored.extend(rows);
        self.waiting.clear();
    }
}

fn score(classifier: &Classifier, policy: &Policy, sample: &LabelledSample) -> ScoredRow {
    let features = Features::extract(Typed {
        text: &sample.text,
        name: &sample.name,
    });
    let scores = classifier.score(&features).scores();
    ScoredRow {
        source: sample.source.clone(),
        language: sample.language.clone(),
        label: sample.label,
        scores,
        decision: policy.by_scores(&scores),
    }
}
