//! `moderato models explain` and `diff`.

use std::io::{self, Write as _};

use moderato::classifier::Artefact;
use moderato::lifecycle::{Explained, Lifecycle, ModelRef};
use moderato::verdict::{Head, PerHead};
use serde_json::json;

use crate::exit::theirs;
use crate::labels::print;
use crate::terminal::printable_line;

/// Say what a word or phrase is worth to each model, and which labels hold it.
#[derive(clap::Args)]
pub struct Explain {
    /// The word or phrase.
    #[arg(long, value_name = "TEXT")]
    token: String,
    /// To these models; by default the base, the live one and the latest candidates.
    #[arg(long, value_name = "MODEL")]
    model: Vec<ModelRef>,
}

/// Say what moved most from one model to another, among the words of the labels.
#[derive(clap::Args)]
pub struct Diff {
    /// The one.
    before: ModelRef,
    /// The other.
    after: ModelRef,
    /// So many words.
    #[arg(long, default_value_t = 30)]
    most: usize,
}

impl Explain {
    pub async fn run(
        self,
        lifecycle: &Lifecycle,
        base: &Artefact,
        as_json: bool,
    ) -> anyhow::Result<()> {
        let explained = theirs(lifecycle.explain(&self.token, &self.model, base).await)?;
        if as_json {
            let mut out = io::stdout().lock();
            let labels = explained.taught.labels.iter();
            let labels: Vec<_> = labels.map(|label| label.id.to_string()).collect();
            let taught = json!({
                "yes": explained.taught.yes, "no": explained.taught.no, "labels": labels,
            });
            writeln!(
                out,
                "{}",
                json!({"pieces": explained.pieces, "taught": taught})
            )?;
        } else {
            show(&explained)?;
        }
        Ok(())
    }
}

fn show(explained: &Explained) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for piece in &explained.pieces {
        writeln!(out, "{}", printable_line(&piece.token))?;
        for (model, worth) in &piece.worth {
            let guessed = if worth.known {
                ""
            } else {
                "  (not known; by its pieces)"
            };
            writeln!(out, "  {model}  {}{guessed}", log_odds(&worth.log_odds))?;
        }
    }
    let taught = &explained.taught;
    let said = |head: Head| (taught.yes.get(head), taught.no.get(head));
    let (spam, toxicity) = (said(Head::Spam), said(Head::Toxicity));
    writeln!(
        out,
        "labels that hold it: {} spam, {} not; {} toxic, {} not",
        spam.0, spam.1, toxicity.0, toxicity.1
    )?;
    for label in &taught.labels {
        print::label(&mut out, label, false)?;
    }
    Ok(())
}

fn log_odds(worth: &PerHead<f64>) -> String {
    format!("spam {:+.2}  toxicity {:+.2}", worth.spam, worth.toxicity)
}

impl Diff {
    pub async fn run(
        self,
        lifecycle: &Lifecycle,
        base: &Artefact,
        as_json: bool,
    ) -> anyhow::Result<()> {
        let models = [&self.before, &self.after];
        let difference = theirs(lifecycle.difference(models, base, self.most).await)?;
        let mut out = io::stdout().lock();
        if as_json {
            writeln!(out, "{}", serde_json::to_string(&difference)?)?;
            return Ok(());
        }
        writeln!(out, "{} → {}", difference.before, difference.after)?;
        writeln!(
            out,
            "{} features changed, {} new, {} gone",
            difference.changed, difference.added, difference.removed
        )?;
        for head in Head::ALL {
            let [before, after] = difference.priors.get(head);
            writeln!(out, "{head} before reading: {before:+.2} → {after:+.2}")?;
        }
        for moved in &difference.moved {
            writeln!(
                out,
                "{}  ({} labels)\n  {}\n  {}",
                printable_line(&moved.token),
                moved.labels,
                log_odds(&moved.before),
                log_odds(&moved.after)
            )?;
        }
        if difference.moved.is_empty() {
            writeln!(out, "No word of the labels is worth anything else.")?;
        }
        Ok(())
    }
}
