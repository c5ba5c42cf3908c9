//! Civil rows that name a group of people.

use std::io::{self, Write as _};
use std::path::PathBuf;

use moderato::policy::{Policy, PolicySettings};
use moderato::text::{Features, Typed};
use moderato::training::study::{Fairness, FairnessTable};
use moderato::verdict::Decision;

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
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadFlags,
}

/// Prints the fairness table under the default thresholds.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let classifier = model::given_or_base(arguments.model.as_deref())?;
    let policy = Policy::resolve(&[&PolicySettings::default()])?;
    let mut civil = Vec::new();
    reading::read(&arguments.files, &arguments.reading, |row| {
        if row.label.toxicity == Some(false) {
            civil.push(row);
        }
    })?;
    let flagged = map_in_order(&civil, |row| {
        let features = Features::extract(Typed {
            text: &row.text,
            name: &row.name,
        });
        policy.by_scores(&classifier.score(&features).scores()) != Decision::Approve
    });
    let mut fairness = Fairness::default();
    for (row, flagged) in civil.iter().zip(flagged) {
        fairness.push(&row.text, flagged);
    }
    let rows = fairness.rows();
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&rows)?)?;
    } else {
        writeln!(out, "overall {:.1}%", 100.0 * fairness.overall())?;
        write!(out, "{}", FairnessTable(&rows))?;
    }
    Ok(())
}
