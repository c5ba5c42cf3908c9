//! `moderato models shadow` and `canary`.

use std::io::{self, Write as _};

use anyhow::anyhow;
use moderato::classifier::Artefact;
use moderato::config::Config;
use moderato::lifecycle::{
    CanaryReport, Lifecycle, ModelRef, ScoreAgreement, ShadowReport, Shadowing,
};
use moderato::server::assembly;
use moderato::site::{SiteAccess, SiteId};
use moderato::store::TrialShare;
use moderato::verdict::Head;
use serde_json::json;

use super::promote::{by_operator, print};
use crate::config::site_id;
use crate::exit::{WrongInput, theirs};

/// Have a model judge in shadow what the live one judges: scored and kept, never acted on.
///
/// Every replica follows within two seconds. Policy, rules and limits are those in force; the model alone
/// differs. Another model takes the place of the one in shadow.
#[derive(clap::Args)]
pub struct Shadow {
    /// The model.
    #[arg(required_unless_present_any = ["off", "status"])]
    model: Option<ModelRef>,
    /// On this site alone; may be given several times.
    #[arg(long, value_name = "ID", value_parser = site_id, conflicts_with_all = ["off", "status"])]
    site: Vec<SiteId>,
    /// On the comments of this share of the authors.
    #[arg(long, default_value = "100%", conflicts_with_all = ["off", "status"])]
    share: TrialShare,
    /// End it. What it made of comments stays with them.
    #[arg(long, conflicts_with_all = ["model", "status"])]
    off: bool,
    /// Say what came of it: what it would have decided otherwise, and what people decided later.
    #[arg(long, conflicts_with = "model")]
    status: bool,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT", conflicts_with = "status")]
    why: Option<String>,
}

/// Say how the canary that runs fares beside the live model, change its share, or end it.
///
/// `models promote MODEL --canary 5%` begins one; a promotion without `--canary` and a rollback end it.
#[derive(clap::Args)]
pub struct Canary {
    /// Have it judge the comments of this share of the authors; a greater one holds all of a smaller.
    #[arg(long, conflicts_with = "stop")]
    share: Option<TrialShare>,
    /// End it: the live model judges all again.
    #[arg(long)]
    stop: bool,
    /// Why, for whoever reads the history.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

impl Shadow {
    pub async fn run(
        self,
        lifecycle: &Lifecycle,
        base: impl Fn() -> anyhow::Result<Artefact>,
        config: &Config,
        json: bool,
    ) -> anyhow::Result<()> {
        if self.status {
            let report = theirs(lifecycle.shadow_report(base()?.id()).await)?;
            return Ok(status(report.as_ref(), json)?);
        }
        let by = by_operator(self.why);
        let Some(model) = self.model else {
            return Ok(print(&theirs(lifecycle.end_shadow(by).await)?, json)?);
        };
        let shadowing = Shadowing {
            model,
            share: self.share,
            sites: sites(self.site, config)?,
        };
        let begun = lifecycle.start_shadow(shadowing, base()?.id(), by).await;
        Ok(print(&theirs(begun)?, json)?)
    }
}

/// The sites that are named, of those that there are; of none, all.
fn sites(named: Vec<SiteId>, config: &Config) -> anyhow::Result<SiteAccess> {
    if named.is_empty() {
        return Ok(SiteAccess::All);
    }
    let known = assembly::site_names(config);
    if let Some(unknown) = named.iter().find(|site| !known.contains(site)) {
        let known = SiteAccess::only(known);
        let error = anyhow!("--site: the configuration has no site {unknown}; it has {known}");
        return Err(WrongInput::new(error).into());
    }
    Ok(SiteAccess::only(named))
}

impl Canary {
    pub async fn run(
        self,
        lifecycle: &Lifecycle,
        base: impl Fn() -> anyhow::Result<Artefact>,
        json: bool,
    ) -> anyhow::Result<()> {
        let by = by_operator(self.why);
        let changed = match (self.share, self.stop) {
            (Some(share), _) => lifecycle.set_canary_share(share, by).await,
            (None, true) => lifecycle.end_canary(by).await,
            (None, false) => {
                let report = theirs(lifecycle.canary_report(base()?.id()).await)?;
                return Ok(fares(report.as_ref(), json)?);
            }
        };
        Ok(print(&theirs(changed)?, json)?)
    }
}

fn fares(report: Option<&CanaryReport>, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let Some(report) = report else {
        if as_json {
            return writeln!(out, "{}", json!({"model": null}));
        }
        return writeln!(out, "no canary runs");
    };
    if as_json {
        let object = serde_json::to_value(report).map_err(io::Error::other)?;
        return writeln!(out, "{object}");
    }
    writeln!(
        out,
        "{} judges {} of the authors since {}",
        report.model, report.share, report.since
    )?;
    writeln!(
        out,
        "side    model               comments      held  rejected  people decided on  mistakes"
    )?;
    for side in &report.sides {
        let share = |count: u64| 100.0 * count as f64 / side.comments.max(1) as f64;
        writeln!(
            out,
            "{:7} {:18} {:9} {:7.2} % {:7.2} % {:18} {:9}",
            side.side,
            side.model,
            side.comments,
            share(side.held),
            share(side.rejected),
            side.ruled,
            side.mistakes
        )?;
    }
    Ok(())
}

fn status(report: Option<&ShadowReport>, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let Some(report) = report else {
        if as_json {
            return writeln!(out, "{}", json!({"model": null}));
        }
        return writeln!(out, "no model was in shadow yet");
    };
    if as_json {
        let object = serde_json::to_value(report).map_err(io::Error::other)?;
        return writeln!(out, "{object}");
    }
    let on = if report.sites.is_empty() {
        "all sites".to_owned()
    } else {
        report.sites.join(", ")
    };
    let until = report.until.as_ref();
    writeln!(
        out,
        "{} in shadow on {on}, {} of the authors, since {}{}",
        report.model,
        report.share,
        report.since,
        until
            .map(|until| format!(", until {until}"))
            .unwrap_or_default(),
    )?;
    writeln!(
        out,
        "{} comments, {} of them it would have decided on otherwise",
        report.comments, report.otherwise
    )?;
    if report.comments == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "live     shadow   comments  approved later  rejected later"
    )?;
    for cell in &report.matrix {
        writeln!(
            out,
            "{:8} {:8} {:8}  {:14}  {:14}",
            cell.live.name(),
            cell.shadow.name(),
            cell.comments,
            cell.approved_later,
            cell.rejected_later
        )?;
    }
    writeln!(
        out,
        "people decided on {}: {} mistakes as they were decided, {} as it would have",
        report.ruled, report.live_mistakes, report.shadow_mistakes
    )?;
    for head in Head::ALL {
        let ScoreAgreement {
            live,
            shadow,
            apart,
            correlation,
        } = report.scores.get(head);
        let correlation = correlation.map(|number| format!(", correlation {number:.3}"));
        writeln!(
            out,
            "{head}: mean score {live:.3} live and {shadow:.3} in shadow, {apart:.3} apart{}",
            correlation.unwrap_or_default()
        )?;
    }
    Ok(())
}
