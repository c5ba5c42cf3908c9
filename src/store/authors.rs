//! Authors, by what of theirs waits.

use jiff::Timestamp;

use super::error::StoreError;
use super::sql::Sql;
use super::values::{Columns, unexpected};
use super::{AuthorRecord, PersonHash, Store};
use crate::site::SiteId;

/// Somebody with comments in the queue.
#[derive(Clone, Debug)]
pub struct HeldAuthor {
    /// On which site.
    pub site: SiteId,
    /// Who.
    pub email: PersonHash,
    /// One of the names they typed; `None` once past its retention.
    pub name: Option<String>,
    /// How their comments fared.
    pub record: AuthorRecord,
    /// When the latest in the queue came.
    pub latest_at: Timestamp,
}

impl Store {
    /// The authors with most comments in the queue, of one site or of all; nobody who was
    /// erased.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn held_authors(
        &self,
        site: Option<&SiteId>,
        at_most: u32,
    ) -> Result<Vec<HeldAuthor>, StoreError> {
        let mut sql = Sql::new(
            "SELECT a.*, (SELECT c.name FROM comments c WHERE c.status = 'held' \
             AND c.site = a.site AND c.email_hash = a.email_hash \
             ORDER BY c.received_at DESC LIMIT 1) AS name FROM (SELECT site, email_hash, \
             COUNT(*) AS held, MAX(received_at) AS latest_at FROM comments \
             WHERE status = 'held' AND email_hash <> ",
        );
        sql.bind(PersonHash::default().as_bytes());
        if let Some(site) = site {
            sql.push(" AND site = ").bind(site.as_str());
        }
        sql.push(" GROUP BY site, email_hash ORDER BY held DESC, latest_at DESC LIMIT ")
            .bind(i64::from(at_most))
            .push(") a ORDER BY a.held DESC, a.latest_at DESC");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let author = |row| {
            let row = Columns(row);
            let email = row.person("email_hash")?;
            Ok(HeldAuthor {
                site: row.site("site")?,
                email: email.ok_or_else(|| unexpected("email_hash", &"no hash"))?,
                record: AuthorRecord::default(),
                name: row.get("name")?,
                latest_at: row.time("latest_at")?,
            })
        };
        let mut authors = rows
            .iter()
            .map(author)
            .collect::<Result<Vec<_>, StoreError>>()?;
        let records = self.author_records(&authors).await?;
        for author in &mut authors {
            let record = records.get(&(author.site.clone(), author.email));
            author.record = record.copied().unwrap_or_default();
        }
        Ok(authors)
    }
}
