//! Who works on which comment.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::ids::CommentId;
use super::sql::Sql;
use super::values::{Columns, micros};

/// Somebody works on a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub moderator: String,
    /// Until when, unless prolonged.
    pub expires_at: Timestamp,
}

impl Store {
    /// Claims held comments for `moderator` until `expires_at`, or prolongs the claim,
    /// but for those that somebody else has, and says who has each after that. What is
    /// not held is claimed by nobody.
    ///
    /// # Errors
    /// If the store cannot be reached; then nothing is claimed.
    pub async fn claim(
        &self,
        ids: &[CommentId],
        moderator: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<HashMap<CommentId, Claim>, StoreError> {
        let mut ids = ids.to_vec();
        // Those who claim the same at once take their locks in the same order.
        ids.sort_unstable();
        let mut transaction = self.begin().await?;
        for id in &ids {
            sqlx::query(
                "INSERT INTO claims (comment_id, moderator, expires_at) \
                 SELECT id, $2, $3 FROM comments WHERE id = $1 AND status = 'held' \
                 ON CONFLICT (comment_id) DO UPDATE \
                 SET moderator = excluded.moderator, expires_at = excluded.expires_at \
                 WHERE claims.moderator = excluded.moderator OR claims.expires_at <= $4",
            )
            .bind(id.as_bytes().to_vec())
            .bind(moderator.to_owned())
            .bind(micros(expires_at))
            .bind(micros(now))
            .execute(&mut *transaction)
            .await?;
        }
        let claims = claims_of(&mut transaction, &ids, now).await?;
        transaction.commit().await?;
        Ok(claims)
    }

    /// Gives back what `moderator` has claimed of these.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn release(&self, ids: &[CommentId], moderator: &str) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let mut sql = Sql::new("DELETE FROM claims WHERE moderator = ");
        sql.bind(moderator).push(" AND comment_id");
        sql.is_in(ids.iter().map(CommentId::as_bytes));
        sql.execute(&mut transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The claims in force on these.
pub(super) async fn claims_of(
    connection: &mut AnyConnection,
    ids: &[CommentId],
    now: Timestamp,
) -> Result<HashMap<CommentId, Claim>, StoreError> {
    let mut sql = Sql::new("SELECT * FROM claims WHERE expires_at > ");
    sql.bind(micros(now)).push(" AND comment_id");
    sql.is_in(ids.iter().map(CommentId::as_bytes));
    let rows = sql.fetch_all(connection).await?;
    let claim = |row| {
        let row = Columns(row);
        let claim = Claim {
            moderator: row.get("moderator")?,
            expires_at: row.time("expires_at")?,
        };
        Ok((row.comment_id("comment_id")?, claim))
    };
    rows.iter().map(claim).collect()
}
