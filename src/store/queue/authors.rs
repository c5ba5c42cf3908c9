//! An author's comments and how they fared.

use std::collections::HashMap;

use jiff::Timestamp;

use super::QueuedComment;
use crate::site::SiteId;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::person::PersonHash;
use crate::store::record::Status;
use crate::store::sql::Sql;
use crate::store::values::Columns;
use crate::store::{HeldAuthor, Store};

/// How an author fared on a site, as far as comments are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthorRecord {
    /// Approved comments.
    pub approved: u32,
    /// Rejected ones.
    pub rejected: u32,
    /// Those that wait.
    pub held: u32,
    /// When the first one came.
    pub first_at: Option<Timestamp>,
}

const RECORDS: &str = "SELECT email_hash, site, status, COUNT(*) AS comments, \
    MIN(received_at) AS first_at FROM comments WHERE email_hash";

impl Store {
    /// Comments of an author on a site, the latest first, without `but`. None of those who
    /// were erased: they are many, and what is left of their comments links none.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn comments_of(
        &self,
        site: &SiteId,
        author: PersonHash,
        but: Option<CommentId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<QueuedComment>, StoreError> {
        if author.is_erased() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT c.id FROM comments c WHERE c.email_hash = ");
        sql.bind(author.as_bytes());
        sql.push(" AND c.site = ").bind(site.as_str());
        if let Some(but) = but {
            sql.push(" AND c.id <> ").bind(but.as_bytes());
        }
        sql.push(" ORDER BY c.received_at DESC, c.id DESC LIMIT ")
            .bind(i64::from(limit));
        self.queued_in_order(sql, now).await
    }

    /// How many comments of an author on a site have which status, and when the first
    /// one came. Of those who were erased nothing is said.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn author_record(
        &self,
        site: &SiteId,
        author: PersonHash,
    ) -> Result<AuthorRecord, StoreError> {
        if author.is_erased() {
            return Ok(AuthorRecord::default());
        }
        let mut sql = Sql::new(RECORDS);
        sql.is_in([author.as_bytes()])
            .push(" AND site = ")
            .bind(site.as_str());
        let records = self.records_by(sql).await?;
        Ok(records.into_values().next().unwrap_or_default())
    }

    /// The same of many.
    pub(in crate::store) async fn author_records(
        &self,
        authors: &[HeldAuthor],
    ) -> Result<HashMap<(SiteId, PersonHash), AuthorRecord>, StoreError> {
        let mut sql = Sql::new(RECORDS);
        sql.is_in(authors.iter().map(|author| author.email.as_bytes()));
        self.records_by(sql).await
    }

    async fn records_by(
        &self,
        mut sql: Sql,
    ) -> Result<HashMap<(SiteId, PersonHash), AuthorRecord>, StoreError> {
        sql.push(" GROUP BY email_hash, site, status");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let mut records: HashMap<_, AuthorRecord> = HashMap::new();
        for row in &rows {
            let row = Columns(row);
            let author = row.person("email_hash")?.unwrap_or_default();
            let record = records.entry((row.site("site")?, author)).or_default();
            let count = u32::try_from(row.get::<i64>("comments")?).unwrap_or(u32::MAX);
            match Status::from_name(&row.get::<String>("status")?) {
                Some(Status::Held) => record.held = count,
                Some(Status::Approved) => record.approved = count,
                Some(Status::Rejected) => record.rejected = count,
                None => {}
            }
            let first = row.time("first_at")?;
            record.first_at = Some(record.first_at.map_or(first, |known| known.min(first)));
        }
        Ok(records)
    }
}
