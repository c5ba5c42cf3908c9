//! What groups near copies: the fingerprints of held comments.

use std::collections::HashSet;

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::QueueFilter;
use crate::site::SiteId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::record::Status;
use crate::store::sql::{CHUNK, Sql};
use crate::store::values::{Columns, micros};

/// A comment, and `text::SimHash` of its text.
pub type HeldPrint = (CommentId, Option<[u8; 16]>);

/// Rows that are read at once: as they come from the driver they take far more memory.
const PART: u32 = 5_000;

impl Store {
    /// The fingerprints of a site's held comments that were received at `since` or
    /// later, the oldest first; at most `limit`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn held_prints(
        &self,
        site: &SiteId,
        since: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<HeldPrint>, StoreError> {
        let mut prints = Vec::new();
        let mut last = (since.map_or(i64::MIN, micros), Vec::new());
        loop {
            let mut sql = Sql::new(
                "SELECT id, simhash, received_at FROM comments WHERE status = 'held' AND site = ",
            );
            sql.bind(site.as_str()).push(" AND (received_at, id) > (");
            sql.bind(last.0).push(", ").bind(&*last.1);
            let part = PART.min(limit - u32::try_from(prints.len()).unwrap_or(limit));
            sql.push(") ORDER BY received_at, id LIMIT ")
                .bind(i64::from(part));
            let rows = sql.fetch_all(&mut *self.reader().await?).await?;
            for row in &rows {
                prints.push(print(row)?);
            }
            match rows.last() {
                Some(row) if rows.len() == part as usize => {
                    let row = Columns(row);
                    last = (row.get("received_at")?, row.get("id")?);
                }
                _ => return Ok(prints),
            }
        }
    }

    /// The fingerprints of a site's comments on which anything was decided, but for the
    /// policy's verdict, at `since` or later; and whether they are held now.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn prints_decided_since(
        &self,
        site: &SiteId,
        since: Timestamp,
    ) -> Result<Vec<(bool, HeldPrint)>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.id, c.simhash, c.status FROM decisions d \
             JOIN comments c ON c.id = d.comment_id \
             WHERE d.number > 0 AND d.site = $1 AND d.decided_at >= $2",
        )
        .bind(site.to_string())
        .bind(micros(since))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let decided = |row| {
            let status: String = Columns(row).get("status")?;
            Ok((status == Status::Held.name(), print(row)?))
        };
        rows.iter().map(decided).collect()
    }

    /// How many authors these comments have, and when the latest of them was received;
    /// `None`: none of them is kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn authors_among(
        &self,
        ids: &[CommentId],
    ) -> Result<Option<(usize, Timestamp)>, StoreError> {
        let mut authors = HashSet::new();
        let mut latest = None;
        for some in ids.chunks(CHUNK) {
            let mut sql = Sql::new("SELECT email_hash, received_at FROM comments WHERE id");
            sql.is_in(some.iter().map(CommentId::as_bytes));
            let rows = sql.fetch_all(&mut *self.reader().await?).await?;
            for row in &rows {
                let row = Columns(row);
                authors.insert(row.person("email_hash")?);
                latest = latest.max(Some(row.time("received_at")?));
            }
        }
        Ok(latest.map(|latest| (authors.len(), latest)))
    }

    /// How many comments of a site are held.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn held_count(&self, site: &SiteId) -> Result<u32, StoreError> {
        let filter = QueueFilter {
            site: Some(site.clone()),
            ..QueueFilter::default()
        };
        self.queue_size(&filter, Timestamp::UNIX_EPOCH).await
    }
}

fn print(row: &AnyRow) -> Result<HeldPrint, StoreError> {
    let row = Columns(row);
    let simhash: Option<Vec<u8>> = row.get("simhash")?;
    let simhash = simhash.and_then(|bytes| bytes.try_into().ok());
    Ok((row.comment_id("id")?, simhash))
}
