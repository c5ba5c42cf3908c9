//! API tokens.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{by_id, moderator, moderator_columns, note};
use crate::moderator::{Moderator, ModeratorId, SecretHash};
use crate::store::accounts::{NewToken, Stamp, Token};
use crate::store::values::Columns;
use crate::store::{Store, StoreError};

/// A token's use is written down at most this often, so that calls need no write.
const USED_EVERY_MICROS: i64 = 3_600_000_000;

impl Store {
    /// Remembers an API token.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn add_token(&self, token: &NewToken, stamp: &Stamp<'_>) -> Result<(), StoreError> {
        let owner = token.moderator.to_string();
        let mut transaction = self.begin().await?;
        let name = by_id(&mut transaction, &owner).await?.name;
        sqlx::query(
            "INSERT INTO api_tokens (id, hash, moderator, label, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(Uuid::now_v7().to_string())
        .bind(token.hash.to_hex())
        .bind(owner)
        .bind(token.label.clone())
        .bind(stamp.now.as_microsecond())
        .bind(token.expires_at.map(Timestamp::as_microsecond))
        .execute(&mut *transaction)
        .await?;
        note(&mut transaction, stamp, "given an API token", name.as_str()).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whose token it is, if it is good at `now` and its owner is active. That it was used
    /// is written down if that can be.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn token(
        &self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Moderator>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            moderator_columns!(),
            ", t.used_at \
             FROM api_tokens t JOIN moderators m ON m.id = t.moderator \
             WHERE t.hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) \
             AND m.disabled_at IS NULL"
        ))
        .bind(hash.to_hex())
        .bind(now.as_microsecond())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let used_at: Option<i64> = Columns(&row).get("used_at")?;
        let hour_ago = now.as_microsecond() - USED_EVERY_MICROS;
        if used_at.is_none_or(|used_at| used_at <= hour_ago)
            && let Err(error) = self.token_used(hash, now).await
        {
            // Who has a good token is let in also while nothing can be written.
            tracing::debug!(%error, "the use of an API token could not be written down");
        }
        Ok(Some(moderator(&row)?))
    }

    async fn token_used(&self, hash: SecretHash, now: Timestamp) -> Result<(), StoreError> {
        let now = now.as_microsecond();
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE api_tokens SET used_at = $1 WHERE hash = $2 \
             AND (used_at IS NULL OR used_at <= $3)",
        )
        .bind(now)
        .bind(hash.to_hex())
        .bind(now - USED_EVERY_MICROS)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// The tokens of one moderator that are good at `now`, the newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn tokens(&self, of: ModeratorId, now: Timestamp) -> Result<Vec<Token>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, label, created_at, expires_at, used_at FROM api_tokens \
             WHERE moderator = $1 AND (expires_at IS NULL OR expires_at > $2) \
             ORDER BY created_at DESC",
        )
        .bind(of.to_string())
        .bind(now.as_microsecond())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let token = |row: &AnyRow| {
            let row = Columns(row);
            Ok(Token {
                id: row.get("id")?,
                label: row.get("label")?,
                created_at: row.time("created_at")?,
                expires_at: row.maybe_time("expires_at")?,
                used_at: row.maybe_time("used_at")?,
            })
        };
        rows.iter().map(token).collect()
    }

    /// Ends a token of that moderator. Whether there was one.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn revoke_token(
        &self,
        of: ModeratorId,
        id: &str,
        stamp: &Stamp<'_>,
    ) -> Result<bool, StoreError> {
        let owner = of.to_string();
        let mut transaction = self.begin().await?;
        let gone = sqlx::query("DELETE FROM api_tokens WHERE id = $1 AND moderator = $2")
            .bind(id.to_owned())
            .bind(owner.clone())
            .execute(&mut *transaction)
            .await?;
        if gone.rows_affected() == 0 {
            return Ok(false);
        }
        let name = by_id(&mut transaction, &owner).await?.name;
        note(&mut transaction, stamp, "lost an API token", name.as_str()).await?;
        transaction.commit().await?;
        Ok(true)
    }
}
