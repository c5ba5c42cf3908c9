//! Rows in disguise.

use std::io::{self, Write as _};
use std::path::PathBuf;

use moderato::classifier::Classifier;
use moderato::label::LabelledSample;
use moderato::text::{Features, Typed};
use moderato::training::study::{Attack, Disguise, EvasionTable, Evasions};
use moderato::verdict::{Head, PerHead};

use crate::model;
use crate::parallel::map_in_order;
use crate::reading::{self, ReadFlags};

#[derive(clap::Args)]
pub struct Arguments {
    /// Files or folders with labelled rows
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The model to study; by default the base model
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Share of the words of four letters or more that are disguised, 0 to 1
    #[arg(long, default_value_t = 0.5, value_parser = share)]
    share: f64,
    /// Seed of the choice of words
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadFlags,
}

fn share(argument: &str) -> Result<f64, String> {
    let share: Option<f64> = argument.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("expected a number from 0 to 1, found {argument:?}"))
}

/// Prints the evasion table.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let classifier = model::given_or_base(arguments.model.as_deref())?;
    let mut rows = Vec::new();
    reading::read(&arguments.files, &arguments.reading, |row| rows.push(row))?;
    let numbered: Vec<(usize, LabelledSample)> = rows.into_iter().enumerate().collect();
    let scores = map_in_order(&numbered, |(row, sample)| {
        let plain = log_odds(&classifier, &sample.text, sample);
        let disguised = Disguise::ALL.map(|disguise| {
            let attack = Attack {
                disguise,
                share: arguments.share,
                seed: arguments.seed,
            };
            log_odds(&classifier, &attack.on(&sample.text, *row), sample)
        });
        (plain, disguised)
    });
    let mut evasions = Evasions::default();
    for ((_, sample), (plain, disguised)) in numbered.iter().zip(scores) {
        for head in Head::ALL {
            if let &Some(positive) = sample.label.get(head) {
                let disguised = disguised.map(|scores| *scores.get(head));
                evasions.push(&sample.source, head, positive, *plain.get(head), disguised);
            }
        }
    }
    let rows = evasions.rows();
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&rows)?)?;
    } else {
        write!(out, "{}", EvasionTable(&rows))?;
    }
    Ok(())
}

fn log_odds(classifier: &Classifier, text: &str, sample: &LabelledSample) -> PerHead<f64> {
    let features = Features::extract(Typed {
        text,
        name: &sample.name,
    });
    let scored = classifier.score(&features);
    PerHead::from_fn(|head| scored.log_odds(head))
}
