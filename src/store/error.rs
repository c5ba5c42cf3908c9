//! Why the store has no answer.

use std::borrow::Cow;
use std::path::PathBuf;

use sqlx::error::DatabaseError;

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

fn is_passing(error: &dyn DatabaseError) -> bool {
    let Some(code) = error.code() else {
        return false;
    };
    // PostgreSQL: connection exceptions (08), insufficient resources (53), operator
    // intervention (57), system errors (58), a transaction to be repeated (40), a
    // lock not had in time (55), a server that takes no writes (25006).
    if code.len() == 5 && !code.starts_with(|c: char| c == '0' && code.len() < 5) {
        return ["08", "53", "57", "58", "40", "55"]
            .iter()
            .any(|class| code.starts_with(class))
            || code == "25006";
    }
    code.parse::<i32>()
        .is_ok_and(|code| SQLITE_PASSING.contains(&(code & 0xff)))
}
