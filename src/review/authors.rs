//! Authors, by what of theirs waits.

use jiff::Timestamp;

use super::{HeldComment, Review, ReviewError};
use crate::site::SiteId;
use crate::store::{AuthorRecord, HeldAuthor, PersonHash};

impl Review {
    /// The authors with most comments in the queue, of one site or of all.
    ///
    /// # Errors
    /// If the site may not be seen, or the store has no answer.
    pub async fn authors(
        &self,
        site: Option<&SiteId>,
        at_most: u32,
    ) -> Result<Vec<HeldAuthor>, ReviewError> {
        let mut authors = Vec::new();
        let asked = self.each(site)?;
        let several = asked.len() > 1;
        for site in asked {
            authors.extend(self.store.held_authors(site.as_ref(), at_most).await?);
        }
        if several {
            authors.sort_by_key(|author| std::cmp::Reverse((author.record.held, author.latest_at)));
            authors.truncate(usize::try_from(at_most).unwrap_or(usize::MAX));
        }
        Ok(authors)
    }

    /// How an author of a site fared, and their comments, the latest first.
    ///
    /// # Errors
    /// If the site may not be seen, or the store has no answer.
    pub async fn author(
        &self,
        site: &SiteId,
        author: PersonHash,
        at_most: u32,
        now: Timestamp,
    ) -> Result<(AuthorRecord, Vec<HeldComment>), ReviewError> {
        self.must(site)?;
        let record = self.store.author_record(site, author).await?;
        let comments = self
            .store
            .comments_of(site, author, None, at_most, now)
            .await?;
        Ok((record, self.with_wave_sizes(comments, now).await?))
    }
}
