//! Numbers: how it goes.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::Console;
use super::chart::{Bars, Part, Under, Values};
use super::error::Trouble;
use super::page::{Frame, Page};
use super::time::Span;
use super::visitor::Visitor;
use crate::count::{grouped, noun};
use crate::plot::Series;
use crate::review::{Band, BlindFigures, Day, Looked, Numbers};
use crate::site::SiteId;

#[derive(Template)]
#[template(path = "numbers.html")]
struct NumbersPage {
    frame: Frame,
    sites: Vec<String>,
    site: String,
    days: u16,
    /// How many comments were judged, and what they are then called.
    total: (String, String),
    decided: (String, String),
    agreement: Option<String>,
    median_wait: Option<Span>,
    slow_wait: Option<Span>,
    charts: [Figure; 3],
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

/// A chart under its title.
struct Figure {
    title: &'static str,
    /// Nothing where there is nothing to see.
    svg: Option<String>,
}

/// A day in the table.
struct Row {
    date: String,
    approved: String,
    held: String,
    rejected: String,
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
    let row = |day: &Day| Row {
        date: date(day.day),
        approved: grouped(day.approved),
        held: grouped(day.held),
        rejected: grouped(day.rejected),
        wait: day.median_wait.map(Span),
    };
    let judged = |day: &Day| day.approved + day.held + day.rejected;
    let total: u64 = numbers.days.iter().map(judged).sum();
    NumbersPage {
        frame,
        sites,
        site,
        days,
        total: (grouped(total), noun(total, "comment")),
        decided: (
            grouped(numbers.decided as u64),
            noun(numbers.decided as u64, "decision"),
        ),
        agreement: (numbers.decided > 0).then(|| {
            format!(
                "{:.0} %",
                numbers.agreed as f64 / numbers.decided as f64 * 100.0
            )
        }),
        median_wait: numbers.median_wait.map(Span),
        slow_wait: numbers.slow_wait.map(Span),
        charts: charts(numbers),
        rows: numbers.days.iter().rev().map(row).collect(),
        looks: Vec::new(),
    }
}

fn charts(numbers: &Numbers) -> [Figure; 3] {
    let dates: Vec<_> = numbers.days.iter().map(|day| date(day.day)).collect();
    let tenths: Vec<_> = (0..10)
        .map(|tenth| format!("{}–{} %", tenth * 10, tenth * 10 + 10))
        .collect();
    let daily = |series, name, value: fn(&Day) -> f64| Part {
        series,
        name,
        values: numbers.days.iter().map(value).collect(),
    };
    let banded = |series, name, of: fn(&Band) -> usize| Part {
        series,
        name,
        values: numbers.bands.iter().map(|band| of(band) as f64).collect(),
    };
    let volume = Bars {
        id: "volume",
        title: "Comments, by what the policy decided",
        across: "day",
        up: "comments",
        names: &dates,
        under: Under::Dates,
        parts: vec![
            daily(Series::First, "approved", |day| day.approved as f64),
            daily(Series::Second, "held", |day| day.held as f64),
            daily(Series::Third, "rejected", |day| day.rejected as f64),
        ],
        values: Values::InTable,
    };
    let waits = Bars {
        id: "waits",
        title: "Time to a moderator's decision",
        across: "day",
        up: "minutes, median",
        names: &dates,
        under: Under::Dates,
        parts: vec![daily(Series::Second, "minutes", |day| {
            day.median_wait.unwrap_or(0) as f64 / 60.0
        })],
        values: Values::InTable,
    };
    let bands = Bars {
        id: "bands",
        title: "Moderators' decisions, by the comment's higher score",
        across: "higher score",
        up: "decisions",
        names: &tenths,
        under: Under::Tenths,
        parts: vec![
            banded(Series::First, "approved", |band| {
                band.decided - band.rejected
            }),
            banded(Series::Third, "rejected", |band| band.rejected),
        ],
        values: Values::Told,
    };
    [volume, waits, bands].map(|bars| Figure {
        title: bars.title,
        svg: bars.svg(),
    })
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
