//! `moderato train --from-labels`: a candidate from the log of labels.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;
use moderato::lifecycle::{Candidate, HeadHeldOut, TrainStage, TrainedOn, Training};
use moderato::server::assembly;
use moderato::store::Actor;
use serde_json::json;

use super::{Arguments, load_base};
use crate::config::{ConfigFile, load};
use crate::exit::{OrWrongInput as _, theirs};
use crate::on_store::on_store;
use crate::progress::Progress;
use crate::terminal::printable_line;

/// Flags of training from the log.
#[derive(clap::Args)]
#[command(next_help_heading = "From the log of labels")]
pub struct Flags {
    /// Adapt the base to the labels in the store and register the candidate; the base is --base, else
    /// the configured model
    #[arg(long, conflicts_with_all = ["corpus", "out", "learning_curve", "max_texts"])]
    from_labels: bool,
    /// The configuration file [default: `MODERATO_CONFIG`, else moderato.toml if it is there]
    #[arg(long, value_name = "FILE", requires = "from_labels")]
    config: Option<PathBuf>,
}

impl Flags {
    pub const fn is_asked_for(&self) -> bool {
        self.from_labels
    }
}

/// Trains, registers and reports.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let file = ConfigFile::of(arguments.labels.config.clone());
    let config = load(&file.sources())?;
    let base = match &arguments.base {
        Some(base) => load_base(base)?,
        None => assembly::artefact(&config).or_wrong_input()?,
    };
    let training = Training {
        options: arguments.adapt_options(arguments.options()),
        actor: Actor::Operator,
        now: Timestamp::now(),
    };
    let progress = Progress::of_bytes(None);
    progress.work();
    let trained = on_store(&config, async |store| {
        let lifecycle = assembly::lifecycle(store);
        let on_stage = |stage| {
            tell(&progress, stage);
            Ok(())
        };
        theirs(lifecycle.train(&Arc::new(base), training, on_stage).await)
    });
    progress.done();
    print(&trained?, arguments.json)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(progress: &Progress, stage: TrainStage) {
    progress.step(&match stage {
        TrainStage::Labels => "reading the labels".to_owned(),
        TrainStage::Adapting { texts } => format!("adapting the base to {texts} texts"),
        TrainStage::Registering => "registering the candidate".to_owned(),
    });
}

fn print(candidate: &Candidate, as_json: bool) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let model = &candidate.model;
    if as_json {
        let candidate = json!({
            "model": model.id, "is_new": candidate.is_new, "held_back": candidate.held_back, "base": model.base, "labels": model.labels,
            "settings": model.settings, "held_out": candidate.held_out,
        });
        writeln!(out, "{candidate}")?;
        return Ok(());
    }
    let registered = if candidate.is_new {
        "registered"
    } else {
        "was registered before: the same labels and settings"
    };
    writeln!(out, "candidate {} {registered}", model.id)?;
    let by_source = TrainedOn::of(model).map(|on| on.span.by_source);
    for (source, count) in by_source.into_iter().flatten() {
        writeln!(out, "  {count} labels: {}", printable_line(&source))?;
    }
    if candidate.held_back > 0 {
        writeln!(
            out,
            "{} labels are held back by the guard: moderato labels guard",
            candidate.held_back
        )?;
    }
    let contradictions = candidate.merged.contradictions;
    if contradictions.spam + contradictions.toxicity > 0 {
        writeln!(
            out,
            "contradicting labels ignored: {} texts on spam, {} on toxicity",
            contradictions.spam, contradictions.toxicity
        )?;
    }
    held_out(&mut out, model.base.as_deref(), candidate)?;
    writeln!(
        out,
        "Nothing is live by that: moderato models show {}",
        model.id
    )?;
    Ok(())
}

fn held_out(out: &mut impl io::Write, base: Option<&str>, candidate: &Candidate) -> io::Result<()> {
    let base = base.unwrap_or("the base");
    for (head, held_out) in &candidate.held_out {
        match held_out {
            HeadHeldOut::Adapted {
                labels,
                positives,
                base_auc,
                auc,
                base_log_loss,
                log_loss,
            } => {
                let figure = |auc: &Option<f64>| {
                    auc.map_or_else(|| "-".to_owned(), |auc| format!("{auc:.3}"))
                };
                writeln!(
                    out,
                    "{head}: {base} adapted to {labels} labels, {positives} of them positive; on labels \
                     not seen: AUC {} before, {} after; log loss {base_log_loss:.3} before, \
                     {log_loss:.3} after",
                    figure(base_auc),
                    figure(auc)
                )?;
            }
            HeadHeldOut::Unchanged { unchanged } => {
                writeln!(out, "{head}: as in {base}; {unchanged}")?;
            }
        }
    }
    Ok(())
}
