//! What a site is told: events, numbered without gaps in the order of commits.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::ids::CommentId;
use super::insert::{Bound, Insert};
use super::record::Status;
use super::values::{Columns, json, micros, unexpected};
use crate::site::SiteId;

/// What happened to a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// It was held by the verdict.
    Held,
    /// A person decided on it.
    Resolved,
    /// A person took that back.
    Undone,
    /// It was reported, and waits again.
    Reported,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Held, Self::Resolved, Self::Undone, Self::Reported];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Resolved => "resolved",
            Self::Undone => "undone",
            Self::Reported => "reported",
        }
    }
}

/// What an event says besides its kind. No personal data: it is sent by webhooks and
/// outlives an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPayload {
    /// `held`, `approved` or `rejected`: where the comment is after it.
    pub status: String,
    /// Why a person rejected it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_reason: Option<String>,
    /// The site's own id for the submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission_id: Option<String>,
    /// The site's id of the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_id: Option<String>,
}

/// Something that happened, as it is to be told.
#[derive(Clone, Debug)]
pub(super) struct NewEvent {
    pub(super) site: SiteId,
    pub(super) kind: EventKind,
    pub(super) comment: CommentId,
    pub(super) decision: i64,
    pub(super) at: Timestamp,
    pub(super) payload: EventPayload,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whose comment.
    pub site: SiteId,
    /// Its number among the site's, from 1.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// To which comment.
    pub comment: CommentId,
    /// The number of the decision on it.
    pub decision: i64,
    /// The rest.
    pub payload: EventPayload,
}

impl Event {
    /// Where the comment is after it.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        Status::from_name(&self.payload.status)
    }
}

/// Which events of a site there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventRange {
    /// The number of the oldest that is kept; of none, one more than the last.
    pub oldest: u64,
    /// The number of the last; 0: there was none.
    pub last: u64,
}

const COLUMNS: [&str; 7] = [
    "site",
    "number",
    "occurred_at",
    "kind",
    "comment_id",
    "decision_number",
    "payload",
];

static EVENTS: Insert = Insert::new("events", &COLUMNS, "");

/// Adds events, which are readable once `connection`'s transaction commits. The row of
/// the last number stays locked until then, so numbers come in the order of commits
/// and without gaps; add events last, so that others wait shortly.
pub(super) async fn append(
    connection: &mut AnyConnection,
    events: &[NewEvent],
) -> Result<(), StoreError> {
    let mut by_site: Vec<(&SiteId, Vec<&NewEvent>)> = Vec::new();
    for event in events {
        match by_site.iter_mut().find(|(site, _)| **site == event.site) {
            Some((_, those)) => those.push(event),
            None => by_site.push((&event.site, vec![event])),
        }
    }
    // Whoever adds for the same sites takes their locks in the same order.
    by_site.sort_by_key(|(site, _)| *site);
    for (site, those) in by_site {
        let count = i64::try_from(those.len()).unwrap_or(i64::MAX);
        let row = sqlx::query(
            "INSERT INTO event_numbers (site, last) VALUES ($1, $2) ON CONFLICT (site) \
             DO UPDATE SET last = event_numbers.last + excluded.last RETURNING last",
        )
        .bind(site.to_string())
        .bind(count)
        .fetch_one(&mut *connection)
        .await?;
        let first = Columns(&row).get::<i64>("last")? - count + 1;
        let numbered: Vec<_> = (first..).zip(those).collect();
        EVENTS.run(connection, &numbered, bind).await?;
    }
    Ok(())
}

fn bind(query: Bound, (number, event): &(i64, &NewEvent)) -> Bound {
    query
        .bind(event.site.to_string())
        .bind(*number)
        .bind(micros(event.at))
        .bind(event.kind.name())
        .bind(event.comment.as_bytes().to_vec())
        .bind(event.decision)
        .bind(json(&event.payload))
}

impl Store {
    /// At most `limit` events of `site` after number `after`, in order.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn events(
        &self,
        site: &SiteId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM events WHERE site = $1 AND number > $2 ORDER BY number LIMIT $3",
        )
        .bind(site.to_string())
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(i64::from(limit))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(event).collect()
    }

    /// Which events of `site` there are.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn event_range(&self, site: &SiteId) -> Result<EventRange, StoreError> {
        let row = sqlx::query(
            "SELECT last, (SELECT MIN(number) FROM events WHERE site = $1) AS oldest \
             FROM event_numbers WHERE site = $1",
        )
        .bind(site.to_string())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let Some(row) = row else {
            return Ok(EventRange { oldest: 1, last: 0 });
        };
        let row = Columns(&row);
        let last: i64 = row.get("last")?;
        let oldest: Option<i64> = row.get("oldest")?;
        Ok(EventRange {
            oldest: oldest.unwrap_or(last + 1).cast_unsigned(),
            last: last.cast_unsigned(),
        })
    }

    /// The number of the last event of every site that had one.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn last_events(&self) -> Result<HashMap<SiteId, u64>, StoreError> {
        let rows = sqlx::query("SELECT site, last FROM event_numbers")
            .fetch_all(&mut *self.reader().await?)
            .await?;
        let last = |row| {
            let row = Columns(row);
            Ok((row.site("site")?, row.get::<i64>("last")?.cast_unsigned()))
        };
        rows.iter().map(last).collect()
    }
}

/// The event in a whole row of `events`.
pub(super) fn event(row: &AnyRow) -> Result<Event, StoreError> {
    let row = Columns(row);
    let kind: String = row.get("kind")?;
    Ok(Event {
        site: row.site("site")?,
        number: row.get::<i64>("number")?.cast_unsigned(),
        at: row.time("occurred_at")?,
        kind: EventKind::ALL
            .into_iter()
            .find(|known| known.name() == kind)
            .ok_or_else(|| unexpected("kind", &kind))?,
        comment: row.comment_id("comment_id")?,
        decision: row.get("decision_number")?,
        payload: super::values::from_json(&row.get::<String>("payload")?)?,
    })
}
