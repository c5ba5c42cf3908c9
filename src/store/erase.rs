//! Erasing one author.

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::audit::{self, AuditLine, By};
use super::comments::Actor;
use super::error::StoreError;
use super::events;
use super::forget::{drop_texts, reject_held};
use super::person::PersonHash;
use super::retention::ids;
use super::rulings::lessons;
use crate::site::SiteId;

/// Comments of one transaction.
const GROUP: i64 = 100;

/// Who is to be erased, by what is known of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorKey {
    /// The hash of their e-mail address.
    Email(PersonHash),
    /// The hash of the site's id for them.
    Author(PersonHash),
}

/// What an erasure took out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Comments that have lost texts and author.
    pub comments: u64,
    /// Of these, how many waited for a moderator; they are rejected now.
    pub held: u64,
    /// Labels that have lost their texts besides.
    pub labels: u64,
}

impl Store {
    /// Takes out all texts of one author on `site`, and what links comments to the
    /// author; what waited for a moderator is rejected, and the site told. Leaves a
    /// line in the audit, without the author's name. `new_id` makes the
    /// ids of that line and of labels.
    ///
    /// # Errors
    /// If the store cannot be reached; what was taken out until then stays out, and
    /// the call can be made again. [`StoreError::Page`] if a page of approvals could not be
    /// unpacked: all that is not in it is taken out.
    pub async fn erase(
        &self,
        site: &SiteId,
        author: AuthorKey,
        now: Timestamp,
        new_id: fn() -> Uuid,
    ) -> Result<Erased, StoreError> {
        let unpacked = match self.unpack().await {
            page @ Err(StoreError::Page { .. }) => page,
            unpacked => Ok(unpacked?),
        };
        let mut erased = Erased::default();
        while self.erase_some(author, now, new_id, &mut erased).await? {}
        erased.labels += self.erase_labels(author).await?;
        let mut transaction = self.begin().await?;
        let detail = serde_json::json!({
            "comments": erased.comments, "held": erased.held, "labels": erased.labels,
        });
        let line = AuditLine {
            id: new_id(),
            at: now,
            site: Some(site),
            by: By::Actor(&Actor::Operator),
            action: "erase",
            subject: Some("author"),
            detail,
        };
        audit::append(&mut transaction, line).await?;
        transaction.commit().await?;
        unpacked.map(|()| erased)
    }

    /// Erases a group of comments; whether there may be more.
    async fn erase_some(
        &self,
        author: AuthorKey,
        now: Timestamp,
        new_id: fn() -> Uuid,
        erased: &mut Erased,
    ) -> Result<bool, StoreError> {
        let (of_author, hash) = match author {
            AuthorKey::Email(hash) => (
                "SELECT id FROM comments WHERE email_hash = $1 LIMIT $2",
                hash,
            ),
            AuthorKey::Author(hash) => (
                "SELECT id FROM comments WHERE author_hash = $1 LIMIT $2",
                hash,
            ),
        };
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(of_author)
            .bind(hash.as_bytes().to_vec())
            .bind(GROUP)
            .fetch_all(&mut *transaction)
            .await?;
        let mut rejected = Vec::new();
        let ids = ids(&rows)?;
        let lessons = lessons::carried_by(&mut transaction, &ids).await?;
        for id in ids.iter().copied() {
            rejected.extend(reject_held(&mut transaction, id, "erased", now).await?);
            drop_texts(&mut transaction, id, now).await?;
            for statement in [
                "UPDATE comments SET email_hash = $2, author_hash = NULL, address_hash = NULL \
                 WHERE id = $1",
                "UPDATE labels SET name = NULL, text = NULL, url = NULL, email_hash = $2, \
                 author_hash = NULL WHERE comment_id = $1",
            ] {
                sqlx::query(statement)
                    .bind(id.as_bytes().to_vec())
                    .bind(PersonHash::default().as_bytes().to_vec())
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        lessons::bequeath(&mut transaction, &ids, &lessons, now, new_id).await?;
        events::append(&mut transaction, &rejected).await?;
        transaction.commit().await?;
        if !rejected.is_empty() {
            self.events_appended();
        }
        erased.comments += rows.len() as u64;
        erased.held += rejected.len() as u64;
        Ok(!rows.is_empty())
    }

    /// Erases labels whose comment is gone already.
    async fn erase_labels(&self, author: AuthorKey) -> Result<u64, StoreError> {
        let (of_author, hash) = match author {
            AuthorKey::Email(hash) => (
                "UPDATE labels SET name = NULL, text = NULL, url = NULL, email_hash = NULL, \
                 author_hash = NULL WHERE email_hash = $1",
                hash,
            ),
            AuthorKey::Author(hash) => (
                "UPDATE labels SET name = NULL, text = NULL, url = NULL, email_hash = NULL, \
                 author_hash = NULL WHERE author_hash = $1",
                hash,
            ),
        };
        let mut transaction = self.begin().await?;
        let updated = sqlx::query(of_author)
            .bind(hash.as_bytes().to_vec())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(updated.rows_affected())
    }
}
