//! `moderato models promote`, `rollback` and `history`.

use std::io::{self, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use moderato::classifier::Artefact;
use moderato::config::Config;
use moderato::lifecycle::{Ground, Lifecycle, ModelRef, Promoting};
use moderato::store::{Actor, Promotion};
use serde_json::{Value, json};

use crate::exit::theirs;
use crate::progress::Progress;
use crate::replay::table::summary;
use crate::terminal::printable_line;

/// Put a model in force, on every replica within two seconds and without a restart.
///
/// First kept history is replayed with it, and how it did on labels it had not seen is looked at. It is
/// not promoted where that is worse than `[promotion]` in the configuration allows.
#[derive(clap::Args)]
pub struct Promote {
    /// The model; `base` is the one that the configuration names.
    model: ModelRef,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Promote it though it is worse than allowed, on the record.
    #[arg(long, requires = "why")]
    override_bounds: bool,
}

impl Promote {
    pub async fn run(
        self,
        lifecycle: &Lifecycle,
        base: Artefact,
        config: &Config,
        json: bool,
    ) -> anyhow::Result<()> {
        let ground = Ground {
            base,
            sites: Arc::new(crate::replay::sites(config)?),
            bounds: config.promotion,
            one_thread: false,
        };
        let progress = Progress::of_bytes(None);
        progress.work();
        progress.step("replaying");
        let on_progress = |comments| progress.count(comments, "comments decided on again");
        let now = Timestamp::now();
        let checked = lifecycle
            .check(&self.model, &ground, now, on_progress)
            .await;
        progress.done();
        let checked = theirs(checked)?;
        if !json {
            summary(&mut io::stdout().lock(), checked.replay())?;
        }
        let promoting = Promoting {
            override_bounds: self.override_bounds,
            ..by_operator(self.why)
        };
        let promotion = theirs(lifecycle.promote(checked, promoting).await)?;
        Ok(print(&promotion, json)?)
    }
}

/// Takes the last promotion back.
pub async fn roll_back(
    lifecycle: &Lifecycle,
    why: Option<String>,
    json: bool,
) -> anyhow::Result<()> {
    let back = lifecycle.roll_back(by_operator(why)).await;
    Ok(print(&theirs(back)?, json)?)
}

/// Lists what was done.
pub async fn history(lifecycle: &Lifecycle, json: bool) -> anyhow::Result<()> {
    let promotions = theirs(lifecycle.promotions().await)?;
    for promotion in promotions.iter().rev() {
        print(promotion, json)?;
    }
    Ok(())
}

fn by_operator(why: Option<String>) -> Promoting {
    Promoting {
        actor: Actor::Operator,
        now: Timestamp::now(),
        why,
        override_bounds: false,
    }
}

fn print(promotion: &Promotion, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        writeln!(out, "{}", object(promotion))?;
        return Ok(());
    }
    let why = promotion.why.as_deref().map(printable_line);
    writeln!(
        out,
        "{}  {}  {}: {} {}{}",
        promotion.number,
        promotion.at.strftime("%Y-%m-%d %H:%M:%S"),
        printable_line(promotion.actor.name().unwrap_or(promotion.actor.kind())),
        match promotion.kind {
            moderato::store::PromotionKind::Promote => "promoted",
            moderato::store::PromotionKind::RollBack => "rolled back to",
        },
        promotion.model.as_deref().unwrap_or("the base"),
        why.map(|why| format!(" ({why})")).unwrap_or_default(),
    )?;
    Ok(())
}

fn object(promotion: &Promotion) -> Value {
    json!({
        "number": promotion.number,
        "model": promotion.model,
        "kind": promotion.kind.name(),
        "at": promotion.at.to_string(),
        "by": promotion.actor.name().unwrap_or(promotion.actor.kind()),
        "why": promotion.why,
        "checks": promotion.checks,
    })
}
