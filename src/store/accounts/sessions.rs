//! Who is signed in.

use jiff::Timestamp;

use super::{moderator, moderator_columns};
use crate::moderator::SecretHash;
use crate::store::accounts::{NewSession, Session};
use crate::store::values::Columns;
use crate::store::{Store, StoreError};

impl Store {
    /// Remembers a session, and that its owner signed in. Drops those that are over.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn add_session(
        &self,
        session: &NewSession,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE idle_until <= $1 OR expires_at <= $1")
            .bind(now.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO sessions (hash, moderator, created_at, idle_until, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(session.hash.to_hex())
        .bind(session.moderator.to_string())
        .bind(now.as_microsecond())
        .bind(session.idle_until.as_microsecond())
        .bind(session.expires_at.as_microsecond())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE moderators SET signed_in_at = $2 WHERE id = $1")
            .bind(session.moderator.to_string())
            .bind(now.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whose session it is, if it is good at `now` and its owner is active.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn session(
        &self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            moderator_columns!(),
            ", s.idle_until, s.expires_at \
             FROM sessions s JOIN moderators m ON m.id = s.moderator \
             WHERE s.hash = $1 AND s.idle_until > $2 AND s.expires_at > $2 \
             AND m.disabled_at IS NULL"
        ))
        .bind(hash.to_hex())
        .bind(now.as_microsecond())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let session = row.map(|row| {
            let moderator = moderator(&row)?;
            let row = Columns(&row);
            Ok::<_, StoreError>(Session {
                moderator,
                idle_until: row.time("idle_until")?,
                expires_at: row.time("expires_at")?,
            })
        });
        session.transpose()
    }

    /// Lets a session be idle until then.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn extend_session(
        &self,
        hash: SecretHash,
        idle_until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE sessions SET idle_until = $2 WHERE hash = $1")
            .bind(hash.to_hex())
            .bind(idle_until.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Ends a session; one that is not there has ended.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn end_session(&self, hash: SecretHash) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM sessions WHERE hash = $1")
            .bind(hash.to_hex())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}
