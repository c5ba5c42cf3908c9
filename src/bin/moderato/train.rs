//! `moderato train`: a model from labelled comments.

mod curve;
mod fitting;
mod from_labels;
mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use moderato::classifier::Artefact;
use moderato::training::corpus::{CorpusBuilder, ReadReport};
use moderato::training::{AdaptOptions, TrainOptions};

use crate::exit::OrWrongInput as _;
use crate::model;
use crate::reading::{self, ReadFlags};
use crate::target::Target;
use report::{TrainReport, Written};

/// Train a model from labelled comments.
///
/// Reads JSON Lines, CSV and TSV. Bad rows are named on standard error and passed over, texts that say the same
/// are merged, and the model is written only when all has gone well. The same
/// corpus and the same seed give the same bytes.
///
/// With `--base`, a model is adapted to the labels of a site instead of being trained from nothing: some
/// hundreds are enough, and what the base knows is kept.
///
/// With `--from-labels`, the base is adapted to the log of labels (`moderato labels`) and registered as a
/// candidate (`moderato models`). Nothing goes live by that.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("adapting").args(["base", "from_labels"]).multiple(true)))]
pub struct Arguments {
    /// Files or folders with labelled rows; `-` is standard input
    #[arg(long, required_unless_present = "from_labels", num_args = 1.., value_name = "PATH")]
    corpus: Vec<PathBuf>,
    /// Where to write the model
    #[arg(long, value_name = "FILE", required_unless_present_any = ["learning_curve", "from_labels"])]
    out: Option<PathBuf>,
    #[command(flatten)]
    labels: from_labels::Flags,
    /// The model to adapt to the labels: a file, or `built-in` for the one this program carries
    #[arg(long, value_name = "FILE")]
    base: Option<PathBuf>,
    /// What each label may cost of what the base knew, in nats: less keeps more
    #[arg(long, value_name = "NATS", requires = "adapting", value_parser = nats,
        default_value_t = AdaptOptions::default().forgetting_per_label)]
    forgetting: f64,
    #[command(flatten)]
    curve: curve::Flags,
    /// Seed of all that is random
    #[arg(long, default_value_t = TrainOptions::default().seed)]
    seed: u64,
    /// Folds of cross-validation, at least 2
    #[arg(long, default_value_t = DEFAULT_FOLDS, value_parser = clap::value_parser!(u8).range(2..))]
    folds: u8,
    /// Weight of a source (a file's name without folder and extension); 0 leaves it out
    #[arg(long = "weight", value_name = "SOURCE=W", value_parser = source_weight)]
    weights: Vec<(String, f32)>,
    /// Most distinct texts to train on; all of them are in memory at once, some 4 kB each
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    max_texts: usize,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadFlags,
}

const DEFAULT_FOLDS: u8 = 4;

/// Reads `SOURCE=W`.
pub fn source_weight(argument: &str) -> Result<(String, f32), String> {
    let expected = || format!("expected SOURCE=W with W a number, 0 or more; found {argument:?}");
    let (source, weight) = argument.rsplit_once('=').ok_or_else(expected)?;
    let weight: f32 = weight.parse().map_err(|_| expected())?;
    if source.is_empty() || !weight.is_finite() || weight < 0.0 {
        return Err(expected());
    }
    Ok((source.to_owned(), weight))
}

fn nats(argument: &str) -> Result<f64, String> {
    let nats = argument.parse::<f64>().ok();
    nats.filter(|nats| nats.is_finite() && *nats >= 0.0)
        .ok_or_else(|| format!("expected a number, 0 or more; found {argument:?}"))
}

/// Trains, writes and reports.
///
/// # Errors
/// [`WrongInput`](crate::exit::WrongInput) where the caller must change something.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    if arguments.labels.is_asked_for() {
        return from_labels::run(arguments);
    }
    let start = Instant::now();
    let target = arguments.out.as_deref();
    let target = target.map(|out| Target::find("--out", out));
    let target = target.transpose().or_wrong_input()?;
    let base = arguments.base.as_deref().map(load_base).transpose()?;
    let options = arguments.options();
    let (texts, read) = read(arguments, &options)?;
    let (corpus, merged) = texts.distinct.finish();
    let (Some(out), Some(target)) = (&arguments.out, target) else {
        let base = base
            .context("--learning-curve needs --base")
            .or_wrong_input()?;
        let keep = arguments.curve.keep(&arguments.reading)?;
        let adapt = arguments.adapt_options(options);
        return arguments
            .curve
            .run(&base, &corpus, &keep, adapt, arguments.json);
    };
    let fitted = match base {
        Some(base) => fitting::adapt(&base, &corpus, &arguments.adapt_options(options))?,
        None => fitting::train(&corpus, &options)?,
    };
    let figures = report::cross_validation(&corpus, &fitted.out_of_fold)?;
    let artefact = fitted.artefact;
    artefact
        .save(target.path())
        .context("nothing was written")?;
    let written = Written::new(&artefact, out, start.elapsed())?;
    let report = TrainReport::new(
        written,
        &read,
        texts.unweighted,
        merged,
        fitted.adaptation,
        &figures,
    );
    report.print(arguments.json)?;
    Ok(ExitCode::SUCCESS)
}

/// The model that `--base` names.
fn load_base(base: &Path) -> anyhow::Result<Artefact> {
    if base.as_os_str() == "built-in" {
        return Ok(Artefact::base()?);
    }
    model::load_for("--base", base)
}

impl Arguments {
    fn options(&self) -> TrainOptions {
        TrainOptions {
            seed: self.seed,
            folds: usize::from(self.folds),
            source_weights: self.weights.iter().cloned().collect::<BTreeMap<_, _>>(),
            ..TrainOptions::default()
        }
    }

    /// What adapting shares with training, and its own.
    fn adapt_options(&self, options: TrainOptions) -> AdaptOptions {
        AdaptOptions {
            seed: options.seed,
            folds: options.folds,
            source_weights: options.source_weights,
            forgetting_per_label: self.forgetting,
            ..AdaptOptions::default()
        }
    }
}

/// What rows become while they are read: memory grows with the distinct texts, not the rows.
#[derive(Default)]
struct Texts {
    distinct: CorpusBuilder,
    /// Rows of sources of weight 0.
    unweighted: u64,
}

/// Texts of the sources that count.
fn read(arguments: &Arguments, options: &TrainOptions) -> anyhow::Result<(Texts, ReadReport)> {
    let (mut texts, mut sources) = (Texts::default(), BTreeSet::new());
    let read = reading::read(&arguments.corpus, &arguments.reading, |sample| {
        if !sources.contains(&sample.source) {
            sources.insert(sample.source.clone());
        }
        if options.source_weights.get(&sample.source) == Some(&0.0) {
            texts.unweighted += 1;
        } else if texts.distinct.texts() <= arguments.max_texts {
            texts.distinct.add(sample);
        }
    })?;
    check_sources(options, &sources).or_wrong_input()?;
    check_number(&texts, &read, arguments.max_texts).or_wrong_input()?;
    Ok((texts, read))
}

fn check_number(texts: &Texts, read: &ReadReport, most: usize) -> anyhow::Result<()> {
    if texts.distinct.texts() > most {
        bail!(
            "expected at most {most} distinct texts, found more in {} rows: training holds all of \
             them in memory, some 4 kB each; train on a sample, or raise --max-texts",
            read.rows()
        );
    }
    if texts.distinct.texts() == 0 {
        bail!("--weight leaves no row to learn from");
    }
    Ok(())
}

fn check_sources(options: &TrainOptions, found: &BTreeSet<String>) -> anyhow::Result<()> {
    let named = options.source_weights.keys();
    if let Some(unknown) = named.into_iter().find(|source| !found.contains(*source)) {
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        bail!(
            "--weight {unknown}: no such source; found {}",
            found.join(", ")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_number_of_folds_is_the_librarys() {
        assert_eq!(usize::from(DEFAULT_FOLDS), TrainOptions::default().folds);
    }

    #[test]
    fn a_weight_is_a_source_and_a_number() {
        assert_eq!(source_weight("a=b=0.5"), Ok(("a=b".to_owned(), 0.5)));
        for wrong in ["a", "a=", "=1", "a=-1", "a=inf", "a=nan", "a=x"] {
            assert!(source_weight(wrong).is_err(), "{wrong}");
        }
    }
}
