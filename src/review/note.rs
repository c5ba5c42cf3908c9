//! Notes of moderators for each other.

use jiff::Timestamp;

use super::resolve::checked_note;
use super::{CommentName, Review, ReviewError};
use crate::store::Note;

impl Review {
    /// Writes a note on a comment.
    ///
    /// # Errors
    /// If there is no such comment, the note is empty or longer than 2,000 characters,
    /// or the store has no answer.
    pub async fn note(
        &self,
        name: &CommentName,
        moderator: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Note, ReviewError> {
        let text = checked_note("text", Some(text))?
            .ok_or_else(|| ReviewError::invalid("text", "expected a note, found none"))?;
        let comment = self.store.comment(&name.site, name.id).await?;
        comment
            .filter(|_| self.may(&name.site))
            .ok_or(ReviewError::NotFound)?;
        let note = Note {
            moderator: moderator.to_owned(),
            written_at: now,
            text,
        };
        self.store.add_note((self.new_id)(), name.id, &note).await?;
        Ok(note)
    }
}
