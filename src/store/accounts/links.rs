//! Sign-in links: each is good once.

use jiff::Timestamp;

use super::{by_id, insert, note, parsed};
use crate::moderator::{Moderator, ModeratorName, Role, SecretHash};
use crate::store::accounts::{LinkFor, NewLink, Stamp};
use crate::store::values::Columns;
use crate::store::{Store, StoreError};

impl Store {
    /// Remembers a sign-in link. A new one for the same account takes the place of
    /// the old.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn add_link(&self, link: &NewLink, stamp: &Stamp<'_>) -> Result<(), StoreError> {
        let moderator = link.moderator.map(|id| id.to_string());
        let mut transaction = self.begin().await?;
        sqlx::query(
            "DELETE FROM sign_in_links WHERE expires_at <= $1 OR moderator = $2 \
             OR (moderator IS NULL AND $2 IS NULL)",
        )
        .bind(stamp.now.as_microsecond())
        .bind(moderator.clone())
        .execute(&mut *transaction)
        .await?;
        sqlx::query("INSERT INTO sign_in_links (hash, moderator, expires_at) VALUES ($1, $2, $3)")
            .bind(link.hash.to_hex())
            .bind(moderator.clone())
            .bind(link.expires_at.as_microsecond())
            .execute(&mut *transaction)
            .await?;
        let subject = match &moderator {
            Some(id) => by_id(&mut transaction, id).await?.name.as_str().to_owned(),
            None => "the first admin".to_owned(),
        };
        note(&mut transaction, stamp, "given a sign-in link", &subject).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What a link is for, if it is good at `now`.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn link(
        &self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<LinkFor>, StoreError> {
        let row = sqlx::query(
            "SELECT l.moderator, m.name FROM sign_in_links l \
             LEFT JOIN moderators m ON m.id = l.moderator \
             WHERE l.hash = $1 AND l.expires_at > $2",
        )
        .bind(hash.to_hex())
        .bind(now.as_microsecond())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let row = Columns(&row);
        Ok(Some(match row.get::<Option<String>>("name")? {
            Some(_) => LinkFor::Moderator(parsed(&row, "name")?),
            None => LinkFor::Founder,
        }))
    }

    /// Uses a link up: sets a password and ends all sessions of the account, or makes
    /// `founder` the first admin. `None`: the link is not good, or not for that.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn use_link(
        &self,
        hash: SecretHash,
        founder: Option<&ModeratorName>,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<Option<Moderator>, StoreError> {
        let mut transaction = self.begin().await?;
        // Of two who use it at once, one finds it gone.
        let used = sqlx::query(
            "DELETE FROM sign_in_links WHERE hash = $1 AND expires_at > $2 \
             RETURNING moderator",
        )
        .bind(hash.to_hex())
        .bind(now.as_microsecond())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(used) = used else { return Ok(None) };
        let whose: Option<String> = Columns(&used).get("moderator")?;
        let (id, action) = match (whose, founder) {
            (Some(id), None) => {
                sqlx::query(
                    "UPDATE moderators SET password_hash = $2 \
                     WHERE id = $1 AND disabled_at IS NULL",
                )
                .bind(id.clone())
                .bind(password_hash.to_owned())
                .execute(&mut *transaction)
                .await?;
                sqlx::query("DELETE FROM sessions WHERE moderator = $1")
                    .bind(id.clone())
                    .execute(&mut *transaction)
                    .await?;
                (id, "set a password")
            }
            (None, Some(founder)) => {
                let anybody = sqlx::query("SELECT id FROM moderators LIMIT 1");
                if anybody.fetch_optional(&mut *transaction).await?.is_some() {
                    return Ok(None);
                }
                let hash = Some(password_hash);
                let added = insert(&mut transaction, founder, Role::Admin, hash, now).await?;
                let Some(id) = added else { return Ok(None) };
                (id, "became the first admin")
            }
            _ => return Ok(None),
        };
        let moderator = by_id(&mut transaction, &id).await?;
        let name = moderator.name.as_str();
        note(&mut transaction, &Stamp { by: name, now }, action, name).await?;
        transaction.commit().await?;
        Ok(moderator.is_active().then_some(moderator))
    }
}
