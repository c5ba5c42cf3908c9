//! Studies that train.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;

use moderato::label::LabelledSample;
use moderato::training::corpus::Corpus;
use moderato::training::study::{self, By, Ground};
use moderato::training::{TrainError, TrainOptions};
use moderato::verdict::Head;

use crate::exit::OrWrongInput as _;
use crate::progress::Progress;
use crate::reading::{self, ReadFlags};
use crate::train::source_weight;

/// What is learned from, as `moderato train` takes it.
#[derive(clap::Args)]
struct Learning {
    /// Files or folders with labelled rows
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    corpus: Vec<PathBuf>,
    /// Weight of a source (a file's name without folder and extension); 0 leaves it out
    #[arg(long = "weight", value_name = "SOURCE=W", value_parser = source_weight)]
    weights: Vec<(String, f32)>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadFlags,
}

#[derive(clap::Args)]
pub struct AblationArguments {
    #[command(flatten)]
    learning: Learning,
    /// Files or folders with the seed corpus
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    seed_corpus: Vec<PathBuf>,
    /// Files or folders with rows to judge, which are not learned from
    #[arg(long, required = true, num_args = 1.., value_name = "PATH")]
    evaluate: Vec<PathBuf>,
    /// A source of the corpus whose groups are judged for spam one by one
    #[arg(long, value_name = "SOURCE", default_value = "youtube_spam")]
    grouped: String,
}

#[derive(clap::Args)]
pub struct HoldOutArguments {
    #[command(flatten)]
    learning: Learning,
    /// What is left out at a time
    #[arg(long, value_enum)]
    by: Unit,
    /// The score to study
    #[arg(long, value_enum)]
    score: Score,
    /// Leave out only of these sources
    #[arg(long, value_name = "SOURCE")]
    of: Vec<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Unit {
    Source,
    Group,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Score {
    Spam,
    Toxicity,
}

/// Prints the ablation table.
pub fn ablation(arguments: &AblationArguments) -> anyhow::Result<()> {
    let learning = &arguments.learning;
    let mut samples = learning.read(&learning.corpus)?;
    let seed = learning.read(&arguments.seed_corpus)?;
    let tests = learning.read(&arguments.evaluate)?;
    let seeds: Vec<String> = seed.iter().map(|sample| sample.source.clone()).collect();
    samples.extend(seed);
    let progress = Progress::of_bytes(None);
    progress.work();
    progress.step("extracting features");
    let mut ground = learning.ground(samples, tests)?;
    let is_seed = |source: &str| seeds.iter().any(|seed| seed == source);
    let found = study::ablation(&mut ground, &arguments.grouped, is_seed, |set, part| {
        progress.step(&format!("{set}: {}", part.title()));
    });
    progress.done();
    let found = or_wrong_input(found)?;
    learning.print(&found)
}

/// Prints the hold-out table.
pub fn hold_out(arguments: &HoldOutArguments) -> anyhow::Result<()> {
    let learning = &arguments.learning;
    let samples = learning.read(&learning.corpus)?;
    let progress = Progress::of_bytes(None);
    progress.work();
    progress.step("extracting features");
    let ground = learning.ground(samples, Vec::new())?;
    let by = match arguments.by {
        Unit::Source => By::Source,
        Unit::Group => By::Group,
    };
    let head = match arguments.score {
        Score::Spam => Head::Spam,
        Score::Toxicity => Head::Toxicity,
    };
    let of = &arguments.of;
    let wanted = |sample: &LabelledSample| of.is_empty() || of.contains(&sample.source);
    let found = study::hold_out(&ground, head, by, wanted, |name| {
        progress.step(&format!("without {name}"));
    });
    progress.done();
    let found = or_wrong_input(found)?;
    learning.print(&found)
}

impl Learning {
    fn read(&self, paths: &[PathBuf]) -> anyhow::Result<Vec<LabelledSample>> {
        let mut samples = Vec::new();
        reading::read(paths, &self.reading, |sample| samples.push(sample))?;
        Ok(samples)
    }

    fn ground(
        &self,
        samples: Vec<LabelledSample>,
        tests: Vec<LabelledSample>,
    ) -> anyhow::Result<Ground> {
        let options = TrainOptions {
            source_weights: self.weights.iter().cloned().collect::<BTreeMap<_, _>>(),
            ..TrainOptions::default()
        };
        let (corpus, _) = Corpus::from_samples(samples);
        or_wrong_input(Ground::new(&corpus, tests, options))
    }

    fn print<T: serde::Serialize + std::fmt::Display>(&self, found: &T) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            writeln!(out, "{}", serde_json::to_string(found)?)?;
        } else {
            write!(out, "{found}")?;
        }
        Ok(())
    }
}

fn or_wrong_input<T>(found: Result<T, TrainError>) -> anyhow::Result<T> {
    found.map_err(anyhow::Error::from).or_wrong_input()
}
