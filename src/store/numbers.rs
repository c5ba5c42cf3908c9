//! What the numbers page counts.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::sql::Sql;
use super::values::{Columns, micros};
use crate::site::SiteId;
use crate::verdict::Decision;

/// Most decisions of people that are looked at, the latest first.
const LOOKED_AT: i64 = 5_000;

/// Verdicts of one kind on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// Days since 1970, UTC.
    pub day: i64,
    /// What the policy decided.
    pub decision: Decision,
    /// How often.
    pub comments: u64,
}

/// A moderator's decision that stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RuledComment {
    /// When the comment came.
    pub received_at: Timestamp,
    /// When it was decided on.
    pub decided_at: Timestamp,
    /// What.
    pub decision: Decision,
    /// The higher score of the comment.
    pub score: f64,
}

impl Store {
    /// What the policy decided from `from` on, by day.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn verdicts_by_day(
        &self,
        site: Option<&SiteId>,
        from: Timestamp,
    ) -> Result<Vec<DayCount>, StoreError> {
        let mut sql = Sql::new(
            "SELECT decided_at / 86400000000 AS day, decision, COUNT(*) AS comments \
             FROM decisions WHERE number = 0 AND decided_at >= ",
        );
        sql.bind(micros(from));
        if let Some(site) = site {
            sql.push(" AND site = ").bind(site.as_str());
        }
        sql.push(" GROUP BY decided_at / 86400000000, decision");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let count = |row| {
            let row = Columns(row);
            Ok(DayCount {
                day: row.get("day")?,
                decision: row.decision("decision")?,
                comments: u64::try_from(row.get::<i64>("comments")?).unwrap_or(0),
            })
        };
        rows.iter().map(count).collect()
    }

    /// Decisions of moderators from `from` on that stand, the latest first; at most
    /// 5,000.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn standing_decisions(
        &self,
        site: Option<&SiteId>,
        from: Timestamp,
    ) -> Result<Vec<RuledComment>, StoreError> {
        let mut sql = Sql::new(
            "SELECT c.received_at, d.decided_at, d.decision, c.score FROM decisions d \
             JOIN comments c ON c.id = d.comment_id AND c.last_decision = d.number \
             WHERE d.number > 0 AND d.actor_kind = 'moderator' AND d.undoes IS NULL \
             AND d.decided_at >= ",
        );
        sql.bind(micros(from));
        if let Some(site) = site {
            sql.push(" AND d.site = ").bind(site.as_str());
        }
        sql.push(" ORDER BY d.decided_at DESC LIMIT ")
            .bind(LOOKED_AT);
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let ruled = |row| {
            let row = Columns(row);
            Ok(RuledComment {
                received_at: row.time("received_at")?,
                decided_at: row.time("decided_at")?,
                decision: row.decision("decision")?,
                score: row.get("score")?,
            })
        };
        rows.iter().map(ruled).collect()
    }
}
