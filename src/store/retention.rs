//! How long what is kept is kept.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Store;
use super::error::StoreError;
use super::events;
use super::forget::{drop_texts, reject_held, remove};
use super::ids::CommentId;
use super::period::Period;
use super::record::Status;
use super::values::{Columns, micros};
use crate::site::SiteId;

/// Rows of one transaction: few, since others wait for it.
const GROUP: i64 = 100;

/// The `[retention]` table: how long what is kept, each from when it got there. Written
/// as `"30d"`, `"12h"` or `"forever"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Texts of held comments; default forever. At its end one is rejected undecided.
    pub held: Period,
    /// Texts of approved comments; default 30 days.
    pub approved: Period,
    /// Texts of rejected comments, which a moderator may restore; default 90 days.
    pub rejected: Period,
    /// What is left of a comment once its texts are gone: status, scores, decisions;
    /// default 400 days.
    pub records: Period,
    /// Verdicts by `submission_id`, for retries; default 7 days.
    pub submissions: Period,
    /// Events that sites can still read; default 90 days.
    pub events: Period,
    /// Operations, such as a training or a replay, with what came of them; default 30 days.
    pub operations: Period,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            held: Period::FOREVER,
            approved: Period::days(30),
            rejected: Period::days(90),
            records: Period::days(400),
            submissions: Period::days(7),
            events: Period::days(90),
            operations: Period::days(30),
        }
    }
}

impl Retention {
    /// How long texts of comments of `status` are kept.
    #[must_use]
    pub const fn of(&self, status: Status) -> Period {
        match status {
            Status::Held => self.held,
            Status::Approved => self.approved,
            Status::Rejected => self.rejected,
        }
    }
}

/// What one sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Comments whose texts went.
    pub texts: u64,
    /// Comments of which nothing is left.
    pub records: u64,
    /// Verdicts by `submission_id`.
    pub submissions: u64,
    /// Events.
    pub events: u64,
    /// Operations.
    pub operations: u64,
}

impl Store {
    /// Removes what is past its retention at `now`, in small transactions that hold up
    /// nobody for long. Replicas may sweep at the same time.
    ///
    /// # Errors
    /// If the store cannot be reached; what was removed until then stays removed.
    pub async fn sweep(&self, retention: &Retention, now: Timestamp) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for status in Status::ALL {
            if let Some(before) = retention.of(status).cutoff(now) {
                while_full(&mut swept.texts, || self.sweep_texts(status, before, now)).await?;
            }
        }
        if let Some(before) = retention.records.cutoff(now) {
            while_full(&mut swept.records, || self.sweep_records(before)).await?;
        }
        if let Some(before) = retention.submissions.cutoff(now) {
            let old = "DELETE FROM submissions WHERE (site, submission_id) IN (SELECT site, \
                submission_id FROM submissions WHERE received_at < $1 LIMIT $2)";
            while_full(&mut swept.submissions, || self.sweep_rows(old, before)).await?;
        }
        if let Some(before) = retention.events.cutoff(now) {
            for site in self.last_events().await?.into_keys() {
                while_full(&mut swept.events, || self.sweep_events(&site, before)).await?;
            }
        }
        if let Some(before) = retention.operations.cutoff(now) {
            while_full(&mut swept.operations, || self.sweep_operations(before)).await?;
        }
        Ok(swept)
    }

    async fn sweep_texts(
        &self,
        status: Status,
        before: Timestamp,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        // Marks them first, so that none that a moderator brings back at the same time
        // loses its text.
        let rows = sqlx::query(
            "UPDATE comments SET texts_gone_at = $1 WHERE id IN (SELECT id FROM comments \
             WHERE status = $2 AND settled_at < $3 AND texts_gone_at IS NULL \
             ORDER BY settled_at LIMIT $4) AND status = $2 AND settled_at < $3 RETURNING id",
        )
        .bind(micros(now))
        .bind(status.name())
        .bind(micros(before))
        .bind(GROUP)
        .fetch_all(&mut *transaction)
        .await?;
        let mut rejected = Vec::new();
        for id in ids(&rows)? {
            if status == Status::Held {
                rejected.extend(reject_held(&mut transaction, id, "expired", now).await?);
            }
            drop_texts(&mut transaction, id, now).await?;
        }
        events::append(&mut transaction, &rejected).await?;
        transaction.commit().await?;
        if !rejected.is_empty() {
            self.events_appended();
        }
        Ok(rows.len() as u64)
    }

    async fn sweep_records(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "SELECT id FROM comments WHERE texts_gone_at IS NOT NULL AND settled_at < $1 \
             ORDER BY settled_at LIMIT $2",
        )
        .bind(micros(before))
        .bind(GROUP)
        .fetch_all(&mut *transaction)
        .await?;
        for id in ids(&rows)? {
            remove(&mut transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(rows.len() as u64)
    }

    /// Removes the oldest events of `site`, at most `GROUP`, up to the first that came at
    /// `before` or later: what is left has no gap, whatever the clocks of replicas say.
    /// What webhooks had to say of them goes along. How many.
    async fn sweep_events(&self, site: &SiteId, before: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let removed = sqlx::query(
            "DELETE FROM events WHERE site = $1 AND number IN (SELECT number FROM events \
             WHERE site = $1 AND number < COALESCE((SELECT number FROM events WHERE site = $1 \
             AND occurred_at >= $2 ORDER BY number LIMIT 1), $3) ORDER BY number LIMIT $4)",
        )
        .bind(site.to_string())
        .bind(micros(before))
        .bind(i64::MAX)
        .bind(GROUP)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        sqlx::query(
            "DELETE FROM webhook_deliveries WHERE site = $1 AND event_number < COALESCE( \
             (SELECT MIN(number) FROM events WHERE site = $1), $2)",
        )
        .bind(site.to_string())
        .bind(i64::MAX)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(removed)
    }

    /// Runs `delete`, of what is from before $1 at most $2 rows. How many.
    pub(super) async fn sweep_rows(
        &self,
        delete: &'static str,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let deleted = sqlx::query(delete)
            .bind(micros(before))
            .bind(GROUP)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(deleted.rows_affected())
    }
}

/// Sweeps group by group until one is not full.
pub(super) async fn while_full<F: Future<Output = Result<u64, StoreError>>>(
    removed: &mut u64,
    group: impl Fn() -> F,
) -> Result<(), StoreError> {
    loop {
        let rows = group().await?;
        *removed += rows;
        if rows < GROUP.unsigned_abs() {
            return Ok(());
        }
    }
}

pub(super) fn ids(rows: &[sqlx::any::AnyRow]) -> Result<Vec<CommentId>, StoreError> {
    rows.iter()
        .map(|row| Columns(row).comment_id("id"))
        .collect()
}
