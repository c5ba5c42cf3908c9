//! Why the store has no answer.

use std::borrow::Cow;
use std::path::PathBuf;

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

use super::ids::CommentId;

/// Why something was not kept or could not be read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer, or has no room: try again later. Nothing was
    /// acknowledged.
    #[error("the store cannot be reached or is full: {0}")]
    Unavailable(String),
    /// The `submission_id` was used for other content.
    #[error("the submission_id was used for other content")]
    SubmissionIdReused,
    /// Somebody else decided first, or the thing is gone.
    #[error("changed by somebody else in the meantime")]
    Conflict,
    /// What is stored is not what this program stores, or it asked wrongly.
    #[error("the store answered with an error: {0}")]
    Fault(String),
    /// A page of packed approvals is not what this program packs. It stays as it is.
    #[error("the page of approvals that begins with comment {first} cannot be unpacked: {reason}")]
    Page {
        /// The id of its first comment.
        first: CommentId,
        /// What is wrong.
        reason: String,
    },
    /// The database file or its folder cannot be used.
    #[error("cannot keep comments in {}: {reason}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The URL is none of a database that is known.
    #[error("expected a URL such as postgres://user:password@host:5432/moderato: {0}")]
    Url(String),
    /// The tables are those of another version of this program.
    #[error("the database cannot be brought up to date: {0}")]
    Migration(String),
}

impl StoreError {
    /// Whether the same may succeed later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// SQLite's primary result codes that pass: busy, locked, read-only file system,
/// I/O error, full, cannot open.
const SQLITE_PASSING: [i32; 6] = [5, 6, 8, 10, 13, 14];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if is_passing(database.as_ref()) => {
                Self::Unavailable(database.message().to_owned())
            }
            // The messages of a database may quote a value; what they concern is enough.
            sqlx::Error::Database(database) => Self::Fault(format!(
                "{} {}",
                database.code().unwrap_or(Cow::Borrowed("?")),
                database.constraint().or(database.table()).unwrap_or("")
            )),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            _ => Self::Fault(error.to_string()),
        }
    }
}

/// `SQLSTATE` classes that pass: connection exceptions, transactions to be repeated,
/// insufficient resources, locks not had in time, operator intervention, system errors.
const POSTGRES_PASSING: [&str; 6] = ["08", "40", "53", "55", "57", "58"];

/// A PostgreSQL that takes no writes, such as a replica before it is promoted.
const READ_ONLY: &str = "25006";

fn is_passing(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else {
        return false;
    };
    if error.try_downcast_ref::<SqliteError>().is_some() {
        let primary = code.parse::<i32>().map(|code| code & 0xff);
        return primary.is_ok_and(|code| SQLITE_PASSING.contains(&code));
    }
    code == READ_ONLY || POSTGRES_PASSING.iter().any(|class| code.starts_with(class))
}
