//! `moderato study`: what the method is worth, part by part.

mod disguised;
mod learned;
mod named;
mod words;

use std::process::ExitCode;

use clap::{Args, Subcommand};

/// Study how models are made, and how they can be misled.
///
/// The tables of `models/MODEL_CARD.md`. An ablation and a hold-out train many times; evasion and fairness
/// ask one model.
#[derive(Args)]
pub struct Arguments {
    #[command(subcommand)]
    study: Study,
}

#[derive(Subcommand)]
enum Study {
    /// What each part of the method adds: n-grams, signals, seed, re-weighting, calibration
    Ablation(learned::AblationArguments),
    /// Judge each source, or group of rows, by a model that has not seen it, beside plain naive Bayes
    HoldOut(learned::HoldOutArguments),
    /// What disguising words does to the ranking of a model
    Evasion(disguised::Arguments),
    /// How often civil comments that name a group of people would be held
    Fairness(named::Arguments),
    /// The common words of a corpus, as `src/text/words.txt` has them
    Words(words::Arguments),
}

/// Runs the study and prints its table.
///
/// # Errors
/// [`WrongInput`](crate::exit::WrongInput) where the caller must change something.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match &arguments.study {
        Study::Ablation(arguments) => learned::ablation(arguments)?,
        Study::HoldOut(arguments) => learned::hold_out(arguments)?,
        Study::Evasion(arguments) => disguised::run(arguments)?,
        Study::Fairness(arguments) => named::run(arguments)?,
        Study::Words(arguments) => words::run(arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}
