//! What people wrote about comments: notes of moderators, reports of readers.

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::ids::CommentId;
use super::values::{Columns, micros, text, unexpected};

/// A note of one moderator for the others.
#[derive(Clone, PartialEq, Eq)]
pub struct Note {
    /// Who wrote it.
    pub moderator: String,
    /// When.
    pub written_at: Timestamp,
    /// What.
    pub text: String,
}

impl std::fmt::Debug for Note {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Note").finish_non_exhaustive()
    }
}

/// Who reports a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reporter {
    /// A reader.
    Reader,
    /// The site's own people.
    Site,
}

/// What is wrong with a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Complaint {
    /// An approved comment is spam.
    Spam,
    /// An approved comment is abusive.
    Toxic,
    /// An approved comment should not be there for another reason.
    Other,
    /// A rejected comment was fine.
    WronglyRejected,
}

impl Reporter {
    /// Every reporter.
    pub const ALL: [Self; 2] = [Self::Reader, Self::Site];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Site => "site",
        }
    }
}

impl Complaint {
    /// Every complaint.
    pub const ALL: [Self; 4] = [Self::Spam, Self::Toxic, Self::Other, Self::WronglyRejected];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Toxic => "toxic",
            Self::Other => "other",
            Self::WronglyRejected => "wrongly_rejected",
        }
    }
}

/// A report on a comment.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// Who reports.
    pub reporter: Reporter,
    /// What is wrong.
    pub complaint: Complaint,
    /// What else they said.
    pub note: Option<String>,
    /// When.
    pub reported_at: Timestamp,
}

impl std::fmt::Debug for Report {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Report")
            .field("reporter", &self.reporter)
            .field("complaint", &self.complaint)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Adds a note.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn add_note(&self, id: Uuid, on: CommentId, note: &Note) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO notes (id, comment_id, moderator, written_at, text) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id.as_bytes().to_vec())
        .bind(on.as_bytes().to_vec())
        .bind(note.moderator.clone())
        .bind(micros(note.written_at))
        .bind(text(&note.text))
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The notes on a comment, the oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn notes(&self, on: CommentId) -> Result<Vec<Note>, StoreError> {
        let rows = sqlx::query("SELECT * FROM notes WHERE comment_id = $1 ORDER BY written_at, id")
            .bind(on.as_bytes().to_vec())
            .fetch_all(&mut *self.reader().await?)
            .await?;
        let note = |row| {
            let row = Columns(row);
            Ok(Note {
                moderator: row.get("moderator")?,
                written_at: row.time("written_at")?,
                text: row.get("text")?,
            })
        };
        rows.iter().map(note).collect()
    }

    /// The reports on a comment, the oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn reports(&self, on: CommentId) -> Result<Vec<Report>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM reports WHERE comment_id = $1 ORDER BY reported_at, id")
                .bind(on.as_bytes().to_vec())
                .fetch_all(&mut *self.reader().await?)
                .await?;
        rows.iter().map(|row| report(&Columns(row))).collect()
    }
}

fn report(row: &Columns<'_>) -> Result<Report, StoreError> {
    let reporter: String = row.get("reporter")?;
    let complaint: String = row.get("complaint")?;
    let known = |found: &str| unexpected("reports", &found);
    Ok(Report {
        reporter: Reporter::ALL
            .into_iter()
            .find(|known| known.name() == reporter)
            .ok_or_else(|| known(&reporter))?,
        complaint: Complaint::ALL
            .into_iter()
            .find(|known| known.name() == complaint)
            .ok_or_else(|| known(&complaint))?,
        note: row.get("note")?,
        reported_at: row.time("reported_at")?,
    })
}
