//! Which labels a command is about.

use anyhow::anyhow;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use moderato::lifecycle::LabelQuery;
use moderato::review::CommentName;
use moderato::site::SiteId;
use moderato::store::{LabelFilter, LabelId, LabelSource};
use moderato::text::Domain;

use crate::config::site_id;
use crate::exit::OrWrongInput as _;

/// Which labels; what is given must all be true of one.
#[derive(clap::Args)]
pub struct Query {
    /// These, by their ids.
    #[arg(value_name = "ID")]
    ids: Vec<LabelId>,
    /// For this site.
    #[arg(long, value_name = "ID", value_parser = site_id)]
    site: Option<SiteId>,
    /// That came about so: moderator, report (a reader's), site (its report) or import.
    #[arg(long, value_parser = source)]
    source: Option<LabelSource>,
    /// By this moderator.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// That came with this import.
    #[arg(long, value_name = "ID")]
    batch: Option<String>,
    /// Of this comment.
    #[arg(long, value_name = "NAME")]
    comment: Option<CommentName>,
    /// Whose text or author links to this domain, or to a host under it.
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<Domain>,
    /// Made on this day (UTC), such as 2026-01-31.
    #[arg(long, value_name = "DATE", conflicts_with_all = ["from", "until"])]
    day: Option<Date>,
    /// Made then or later: a date (UTC) or a time such as 2026-01-31T06:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<Timestamp>,
    /// Made before then.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
}

fn source(text: &str) -> Result<LabelSource, String> {
    LabelSource::from_name(text)
        .ok_or_else(|| "expected moderator, report, site, import or blind".to_owned())
}

fn time(text: &str) -> Result<Timestamp, String> {
    let date = text.parse::<Date>().ok().and_then(midnight);
    let time = || text.parse().ok();
    // A time reads as a date as well.
    let found = if text.contains('T') { time() } else { date };
    found.ok_or_else(|| "expected 2026-01-31 or 2026-01-31T06:00:00Z".to_owned())
}

fn midnight(date: Date) -> Option<Timestamp> {
    let zoned = date.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

impl Query {
    /// What is meant; `retracted` says whether only labels that were or were not.
    pub fn meant(self, retracted: Option<bool>) -> anyhow::Result<LabelQuery> {
        let day = self.day.map(|day| {
            let next = day.checked_add(1.day()).ok()?;
            Some((midnight(day)?, midnight(next)?))
        });
        let day = match day {
            None => None,
            Some(Some(day)) => Some(day),
            Some(None) => return Err(anyhow!("--day: out of range")).or_wrong_input(),
        };
        Ok(LabelQuery {
            filter: LabelFilter {
                ids: self.ids,
                site: self
                    .site
                    .or_else(|| self.comment.as_ref().map(|name| name.site.clone())),
                source: self.source,
                actor: self.by,
                batch: self.batch,
                comment: self.comment.map(|name| name.id),
                from: day.map(|(from, _)| from).or(self.from),
                until: day.map(|(_, until)| until).or(self.until),
                retracted,
                ..LabelFilter::default()
            },
            domain: self.domain,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_date_or_a_time() {
        let midnight: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        assert_eq!(time("2026-01-31"), Ok(midnight));
        let six: Timestamp = "2026-01-31T06:00:00Z".parse().unwrap();
        assert_eq!(time("2026-01-31T06:00:00Z"), Ok(six));
        for wrong in ["yesterday", "2026-02-31", "2026-01-31T06:00"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
