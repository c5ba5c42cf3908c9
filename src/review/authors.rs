//! Authors, by what of theirs waits.

use jiff::Timestamp;

use super::{HeldComment, Review, ReviewError};
use crate::site::SiteId;
use crate::store::{AuthorRecord, HeldAuthor, PersonHash};

impl Review {
    /// The authors with most comments in the queue, of one site or of all.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn authors(
        &self,
        site: Option<&SiteId>,
        at_most: u32,
    ) -> Result<Vec<HeldAuthor>, ReviewError> {
        Ok(self.store.held_authors(site, at_most).await?)
    }

    /// How an author of a site fared, and their comments, the latest first.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn author(
        &self,
        site: &SiteId,
        author: PersonHash,
        at_most: u32,
        now: Timestamp,
    ) -> Result<(AuthorRecord, Vec<HeldComment>), ReviewError> {
        let record = self.store.author_record(site, author).await?;
        let comments = self
            .store
            .comments_of(site, author, None, at_most, now)
            .await?;
        Ok((record, self.with_wave_sizes(comments, now).await?))
    }
}
