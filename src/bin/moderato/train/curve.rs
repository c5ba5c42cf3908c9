//! `moderato train --learning-curve`: what labels would be worth.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use moderato::classifier::Artefact;
use moderato::training::AdaptOptions;
use moderato::training::corpus::{Corpus, CorpusBuilder};
use moderato::training::learning_curve::{CurveOptions, learning_curve};

use super::fitting;
use crate::progress::Progress;
use crate::reading::{self, ReadFlags};

/// Flags of the learning curve.
#[derive(clap::Args)]
#[command(next_help_heading = "Learning curve")]
pub struct Flags {
    /// Instead of writing a model, adapt the base to ever more of the labels, over and over, and
    /// print how it does on the rest
    #[arg(long, requires = "base", conflicts_with = "out")]
    learning_curve: bool,
    /// Numbers of labels
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', requires = "learning_curve",
        default_values_t = CurveOptions::default().sizes)]
    sizes: Vec<usize>,
    /// Repeats, each with another split of the corpus
    #[arg(long, value_name = "N", requires = "learning_curve",
        default_value_t = CurveOptions::default().repeats,
        value_parser = clap::value_parser!(u64).range(1..))]
    repeats: u64,
    /// Labelled rows on which the base should not get worse; of each source some 2,000 are looked at
    #[arg(long, num_args = 1.., value_name = "PATH", requires = "learning_curve")]
    keep: Vec<PathBuf>,
}

impl Flags {
    /// The rows of `--keep`.
    pub fn keep(&self, flags: &ReadFlags) -> anyhow::Result<Corpus> {
        let mut texts = CorpusBuilder::default();
        if !self.keep.is_empty() {
            reading::read(&self.keep, flags, |sample| texts.add(sample))?;
        }
        Ok(texts.finish().0)
    }

    /// Makes and prints the curve.
    pub fn run(
        &self,
        base: &Artefact,
        corpus: &Corpus,
        keep: &Corpus,
        adapt: AdaptOptions,
        json: bool,
    ) -> anyhow::Result<ExitCode> {
        let options = CurveOptions {
            sizes: self.sizes.clone(),
            repeats: self.repeats,
            adapt,
            ..CurveOptions::default()
        };
        let progress = Progress::of_bytes(None);
        progress.work();
        let curve = learning_curve(base, corpus, keep, &options, |repeat| {
            progress.step(&format!("repeat {repeat} of {}", options.repeats));
        });
        progress.done();
        let curve = curve.map_err(fitting::classify)?;
        let mut out = io::stdout().lock();
        if json {
            writeln!(out, "{}", serde_json::to_string(&curve)?)?;
        } else {
            write!(out, "{curve}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
