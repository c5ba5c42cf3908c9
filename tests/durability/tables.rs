//! Looks into the tables themselves, past all code of ours.

use moderato::store::CommentId;
use sqlx::{AnyConnection, Connection as _, Row as _};

/// A connection of the test's own.
pub struct Tables(AnyConnection);

impl Tables {
    pub async fn open(url: &str) -> Self {
        sqlx::any::install_default_drivers();
        Self(AnyConnection::connect(url).await.unwrap())
    }

    /// The comments that are held, each with its `submission_id`, in the order of
    /// their ids.
    pub async fn held(&mut self) -> Vec<(CommentId, Option<String>)> {
        let select = "SELECT id, submission_id FROM comments WHERE status = 'held' ORDER BY id";
        let rows = sqlx::query(select).fetch_all(&mut self.0).await.unwrap();
        rows.iter().map(|row| (id(row, 0), row.get(1))).collect()
    }

    /// How many rows a table has.
    pub async fn count(&mut self, count: &'static str) -> i64 {
        let row = sqlx::query(count).fetch_one(&mut self.0).await.unwrap();
        row.get(0)
    }
}

fn id(row: &sqlx::any::AnyRow, column: usize) -> CommentId {
    let bytes: Vec<u8> = row.get(column);
    CommentId::new(uuid::Uuid::from_slice(&bytes).unwrap())
}
