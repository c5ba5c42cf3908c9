//! `moderato models promote`, also as a canary, `rollback` and `history`.

use std::io::{self, Write as _};
use std::sync::Arc;

use jiff::Timestamp;
use moderato::classifier::Artefact;
use moderato::config::Config;
use moderato::lifecycle::{Ground, Lifecycle, ModelRef, Promoting};
use moderato::site::SiteAccess;
use moderato::store::{Actor, Promotion, PromotionKind, TrialShare};
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
    /// Let it judge the comments of this share of the authors alone, such as 5%. The same authors on
    /// every replica; `models canary` changes the share or ends it.
    #[arg(long, value_name = "SHARE")]
    canary: Option<TrialShare>,
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
        let promoted = match self.canary {
            Some(share) => lifecycle.start_canary(checked, share, promoting).await,
            None => lifecycle.promote(checked, promoting).await,
        };
        Ok(print(&theirs(promoted)?, json)?)
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

pub fn by_operator(why: Option<String>) -> Promoting {
    Promoting {
        actor: Actor::Operator,
        now: Timestamp::now(),
        why,
        override_bounds: false,
    }
}

pub fn print(promotion: &Promotion, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        writeln!(out, "{}", object(promotion))?;
        return Ok(());
    }
    let why = promotion.why.as_deref().map(printable_line);
    writeln!(
        out,
        "{}  {}  {}: {}{}",
        promotion.number,
        promotion.at.strftime("%Y-%m-%d %H:%M:%S"),
        printable_line(promotion.actor.called()),
        done(promotion),
        why.map(|why| format!(" ({why})")).unwrap_or_default(),
    )?;
    Ok(())
}

/// What was done, in words.
fn done(promotion: &Promotion) -> String {
    let model = promotion.subject().unwrap_or("the base");
    let live = promotion.model.as_deref().unwrap_or("the base");
    match (promotion.kind, &promotion.canary, &promotion.shadow) {
        (PromotionKind::Promote, ..) => format!("promoted {model}"),
        (PromotionKind::RollBack, ..) => format!("rolled back to {model}"),
        (PromotionKind::Canary, Some(canary), _) => {
            format!("canary {model} judges {}, {live} the rest", canary.share)
        }
        (PromotionKind::Shadow, _, Some(shadow)) => {
            let sites = match &shadow.sites {
                SiteAccess::All => "all sites".to_owned(),
                only @ SiteAccess::Only(_) => only.to_string(),
            };
            format!("{model} judges {} in shadow on {sites}", shadow.share)
        }
        (PromotionKind::Canary | PromotionKind::EndCanary, ..) => {
            format!("canary ended, {live} judges all")
        }
        (PromotionKind::Shadow | PromotionKind::EndShadow, ..) => "shadow ended".to_owned(),
    }
}

fn object(promotion: &Promotion) -> Value {
    let canary = promotion.canary.as_ref().map(|canary| {
        json!({"model": canary.model, "share": canary.share.get(),
            "since": canary.since.to_string()})
    });
    let shadow = promotion.shadow.as_ref().map(|shadow| {
        let sites: Vec<_> = match &shadow.sites {
            SiteAccess::All => Vec::new(),
            SiteAccess::Only(sites) => sites.iter().map(ToString::to_string).collect(),
        };
        json!({"model": shadow.model, "share": shadow.share.get(), "sites": sites,
            "since": shadow.since.to_string()})
    });
    json!({
        "number": promotion.number,
        "model": promotion.model,
        "canary": canary,
        "shadow": shadow,
        "kind": promotion.kind.name(),
        "at": promotion.at.to_string(),
        "by": promotion.actor.called(),
        "why": promotion.why,
        "checks": promotion.checks,
    })
}
