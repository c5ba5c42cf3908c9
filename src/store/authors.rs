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
    /// One of the names they typed; `None` once erased.
    pub name: Option<String>,
    /// How their comments fared.
    pub record: AuthorRecord,
    /// When the latest in the queue came.
    pub latest_at: Timestamp,
}

impl Store {
    /// The authors with most comments in the queue, of one site or of all.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn held_authors(
        &self,
        site: Option<&SiteId>,
        at_most: u32,
    ) -> Result<Vec<HeldAuthor>, StoreError> {
        let mut sql = Sql::new(
            "SELECT site, email_hash, MAX(name) AS name, COUNT(*) AS held, \
             MAX(received_at) AS latest_at FROM comments WHERE status = 'held'",
        );
        if let Some(site) = site {
            sql.push(" AND site = ").bind(site.as_str());
        }
        sql.push(" GROUP BY site, email_hash ORDER BY held DESC, latest_at DESC LIMIT ")
            .bind(i64::from(at_most));
        let rows = sql.query().fetch_all(&mut *self.reader().await?).await?;
        let mut authors = Vec::with_capacity(rows.len());
        for row in &rows {
            let row = Columns(row);
            let site = row.site("site")?;
            let email = row.person("email_hash")?;
            let email = email.ok_or_else(|| unexpected("email_hash", &"no hash"))?;
            authors.push(HeldAuthor {
                record: self.author_record(&site, email).await?,
                name: row.get("name")?,
                latest_at: row.time("latest_at")?,
                site,
                email,
            });
        }
        Ok(authors)
    }
}
