//! Models on trial: what came of the canary and of the shadow, and how they begin and end.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{for_operators, lifecycle, named, path, promoting};
use crate::http::console::Console;
use crate::http::console::error::Trouble;
use crate::http::console::page::{Frame, Page};
use crate::http::console::time::Moment;
use crate::http::console::visitor::{Sent, Visitor};
use crate::lifecycle::{CanaryReport, ShadowReport, Shadowing, SideCounts};
use crate::site::{SiteAccess, SiteId};
use crate::store::NotATrialShare;
use crate::verdict::Head;

#[derive(Template)]
#[template(path = "trials.html")]
struct TrialsPage {
    frame: Frame,
    canary: Option<Canary>,
    shadow: Option<Shadow>,
}

struct Canary {
    report: CanaryReport,
    path: String,
    since: Moment,
}

struct Shadow {
    report: ShadowReport,
    path: String,
    /// `all sites`, or which.
    on: String,
    since: Moment,
    until: Option<Moment>,
    heads: Vec<HeadRow>,
}

/// How far the scores of a head agree.
struct HeadRow {
    head: &'static str,
    live: String,
    shadow: String,
    apart: String,
    correlation: String,
}

impl SideCounts {
    /// Held ones as a share of the comments.
    fn share_held(&self) -> String {
        self.percent(self.held)
    }

    /// Rejected ones as a share of the comments.
    fn share_rejected(&self) -> String {
        self.percent(self.rejected)
    }

    fn percent(&self, count: u64) -> String {
        let share = count as f64 / self.comments.max(1) as f64;
        format!("{:.1} %", 100.0 * share)
    }
}

/// The page.
pub(in crate::http::console) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    for_operators(&visitor)?;
    let (now, lifecycle) = ((console.now)(), lifecycle(&console));
    let base = console.operations.base().id();
    let canary = lifecycle.canary_report(base).await?;
    let shadow = lifecycle.shadow_report(base).await?;
    Ok(Page(TrialsPage {
        frame: Frame::new("models", &visitor, &console).await?,
        canary: canary.map(|report| Canary {
            path: path(&report.model),
            since: Moment::new(report.since, now),
            report,
        }),
        shadow: shadow.map(|report| Shadow {
            path: path(&report.model),
            on: match &*report.sites {
                [] => "all sites".to_owned(),
                sites => sites.join(", "),
            },
            since: Moment::new(report.since, now),
            until: report.until.map(|until| Moment::new(until, now)),
            heads: heads(&report),
            report,
        }),
    })
    .into_response())
}

fn heads(report: &ShadowReport) -> Vec<HeadRow> {
    let row = |head: Head| {
        let of = report.scores.get(head);
        let figure = |figure: f64| format!("{figure:.3}");
        HeadRow {
            head: head.name(),
            live: figure(of.live),
            shadow: figure(of.shadow),
            apart: figure(of.apart),
            correlation: of.correlation.map_or_else(|| "–".to_owned(), figure),
        }
    };
    Head::ALL.into_iter().map(row).collect()
}

/// Has a model judge in shadow.
pub(in crate::http::console) async fn start_shadow(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let share = fields.one("share").parse();
    let share = share.map_err(|fault: NotATrialShare| Trouble::cannot_be_meant(&fault))?;
    let sites = match fields.one("site") {
        "" => SiteAccess::All,
        site => SiteAccess::only([known(&console, &visitor, site)?]),
    };
    let shadowing = Shadowing {
        model: named(fields.one("model"))?,
        share,
        sites,
    };
    let promoting = promoting(&console, &visitor, &fields);
    let base = console.operations.base().id();
    lifecycle(&console)
        .start_shadow(shadowing, base, promoting)
        .await?;
    Ok(Redirect::to("/console/models/trials"))
}

/// One of the sites that there are.
fn known(console: &Console, visitor: &Visitor, site: &str) -> Result<SiteId, Trouble> {
    let is_known = visitor.site_names(console).iter().any(|name| name == site);
    let site = SiteId::new(site).ok().filter(|_| is_known);
    site.ok_or_else(|| Trouble::not_found("site"))
}

/// Ends the shadow.
pub(in crate::http::console) async fn end_shadow(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let promoting = promoting(&console, &visitor, &fields);
    lifecycle(&console).end_shadow(promoting).await?;
    Ok(Redirect::to("/console/models/trials"))
}

/// Ends the canary.
pub(in crate::http::console) async fn end_canary(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    for_operators(&visitor)?;
    let promoting = promoting(&console, &visitor, &fields);
    lifecycle(&console).end_canary(promoting).await?;
    Ok(Redirect::to("/console/models?done=ended"))
}
