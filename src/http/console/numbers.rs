//! Numbers: how it goes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Console;
use super::chart::{Chart, Series};
use super::error::Trouble;
use super::page::{Frame, Page};
use super::time::Span;
use super::visitor::Visitor;
use crate::review::{BlindFigures, Looked, Numbers};
use crate::site::SiteId;

#[derive(Template)]
#[template(path = "numbers.html")]
struct NumbersPage {
    frame: Frame,
    sites: Vec<String>,
    site: String,
    days: u16,
    total: u64,
    decided: usize,
    agreement: Option<String>,
    median_wait: Option<Span>,
    slow_wait: Option<Span>,
    volume: Chart,
    waits: Chart,
    bands: Chart,
    rows: Vec<Row>,
    /// What second looks found; none where none was taken.
    looks: Vec<Look>,
}

/// A share that second looks found.
struct Look {
    what: &'static str,
    answers: u64,
    otherwise: u64,
    share: String,
    /// Ends of the 95 % interval.
    interval: String,
}

/// A day in the table.
struct Row {
    date: String,
    approved: u64,
    held: u64,
    rejected: u64,
    wait: Option<Span>,
}

/// Of which site, over how many days.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    site: String,
    days: String,
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let days = match &*asked.days {
        "7" => 7,
        "90" => 90,
        _ => 30,
    };
    let site = SiteId::new(&asked.site).ok();
    let (review, now) = (visitor.review(&console), (console.now)());
    let numbers = review.numbers(site.as_ref(), days, now).await?;
    let found = review.blind_figures(site.as_ref(), days, now).await?;
    let frame = Frame::new("numbers", &visitor, &console).await?;
    let sites = visitor.site_names(&console);
    let site = site.map(|site| site.to_string()).unwrap_or_default();
    let page = NumbersPage {
        looks: looks(&found),
        ..page(frame, sites, site, days, &numbers)
    };
    Ok(Page(page).into_response())
}

fn page(
    frame: Frame,
    sites: Vec<String>,
    site: String,
    days: u16,
    numbers: &Numbers,
) -> NumbersPage {
    let dates: Vec<_> = numbers.days.iter().map(|day| date(day.day)).collect();
    let column = |value: fn(&crate::review::Day) -> u64| {
        numbers
            .days
            .iter()
            .map(|day| value(day) as f64)
            .collect::<Vec<_>>()
    };
    let volume = Chart::stacked(
        &dates,
        &[
            Series {
                name: "approved",
                class: "good",
                values: column(|day| day.approved),
            },
            Series {
                name: "held",
                class: "held",
                values: column(|day| day.held),
            },
            Series {
                name: "rejected",
                class: "bad",
                values: column(|day| day.rejected),
            },
        ],
    );
    let minutes = numbers
        .days
        .iter()
        .map(|day| day.median_wait.unwrap_or(0) as f64 / 60.0);
    let waits = Chart::stacked(
        &dates,
        &[Series {
            name: "minutes",
            class: "held",
            values: minutes.collect(),
        }],
    );
    let tenths: Vec<_> = (0..10)
        .map(|tenth| format!("{}–{} %", tenth * 10, tenth * 10 + 10))
        .collect();
    let bands = |of: fn(&crate::review::Band) -> usize| {
        numbers
            .bands
            .iter()
            .map(|band| of(band) as f64)
            .collect::<Vec<_>>()
    };
    let bands = Chart::stacked(
        &tenths,
        &[
            Series {
                name: "approved",
                class: "good",
                values: bands(|band| band.decided - band.rejected),
            },
            Series {
                name: "rejected",
                class: "bad",
                values: bands(|band| band.rejected),
            },
        ],
    );
    let row = |day: &crate::review::Day| Row {
        date: date(day.day),
        approved: day.approved,
        held: day.held,
        rejected: day.rejected,
        wait: day.median_wait.map(Span),
    };
    NumbersPage {
        frame,
        sites,
        site,
        days,
        total: numbers
            .days
            .iter()
            .map(|day| day.approved + day.held + day.rejected)
            .sum(),
        decided: numbers.decided,
        agreement: (numbers.decided > 0).then(|| {
            format!(
                "{:.0} %",
                numbers.agreed as f64 / numbers.decided as f64 * 100.0
            )
        }),
        median_wait: numbers.median_wait.map(Span),
        slow_wait: numbers.slow_wait.map(Span),
        volume,
        waits,
        bands,
        rows: numbers.days.iter().rev().map(row).collect(),
        looks: Vec::new(),
    }
}

/// The shares that second looks found, if there were any.
fn looks(found: &BlindFigures) -> Vec<Look> {
    let look = |(what, looked): (&'static str, Looked)| {
        let share = looked.share();
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        Look {
            what,
            answers: looked.answers,
            otherwise: looked.otherwise,
            share: percent(share.expected),
            interval: format!("{} to {}", percent(share.low), percent(share.high)),
        }
    };
    let all = [
        ("approved, but people would reject it", found.approved),
        ("of these, by the policy alone", found.approved_by_policy),
        ("rejected, but people would approve it", found.rejected),
        ("of these, by the policy alone", found.rejected_by_policy),
        (
            "decided by a person, and another contradicts",
            found.by_people,
        ),
    ];
    let some = all.into_iter().filter(|(_, looked)| looked.answers > 0);
    some.map(look).collect()
}

/// A day as its date.
fn date(day: i64) -> String {
    let at = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(24 * day));
    let text = at.map(|at| at.to_string()).unwrap_or_default();
    text.split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_date() {
        assert_eq!(date(20_833), "2027-01-15");
    }
}
