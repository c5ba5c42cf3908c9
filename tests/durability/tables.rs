//! Looks into the tables themselves, past all code of ours.

use moderato::store::CommentId;
use sqlx::{AnyConnection, Connection as _, Row as _};

/// A connection of the test's own.
pub struct Tables(AnyConnection);

/// A decision, as an event names it.
pub type DecisionRef = (CommentId, i64);

/// A row of `events`.
#[derive(Debug)]
pub struct EventRow {
    pub number: i64,
    pub kind: String,
    pub decision: DecisionRef,
}

impl Tables {
    pub async fn open(url: &str) -> Self {
        sqlx::any::install_default_drivers();
        Self(AnyConnection::connect(url).await.unwrap())
    }

    /// All comments, each with its `submission_id`, in the order of their ids.
    pub async fn comments(&mut self) -> Vec<(CommentId, Option<String>)> {
        self.named("SELECT id, submission_id FROM comments ORDER BY id")
            .await
    }

    /// The comments that are held, each with its `submission_id`, in the order of
    /// their ids.
    pub async fn held(&mut self) -> Vec<(CommentId, Option<String>)> {
        self.named("SELECT id, submission_id FROM comments WHERE status = 'held' ORDER BY id")
            .await
    }

    async fn named(&mut self, select: &'static str) -> Vec<(CommentId, Option<String>)> {
        let rows = sqlx::query(select).fetch_all(&mut self.0).await.unwrap();
        rows.iter().map(|row| (id(row, 0), row.get(1))).collect()
    }

    /// The decisions of which a site is told: holds, and all that people decided.
    pub async fn told(&mut self) -> Vec<DecisionRef> {
        let select = "SELECT comment_id, number FROM decisions \
                      WHERE number > 0 OR decision = 'hold' ORDER BY comment_id, number";
        let rows = sqlx::query(select).fetch_all(&mut self.0).await.unwrap();
        rows.iter().map(|row| (id(row, 0), row.get(1))).collect()
    }

    /// The events of the default site, in order.
    pub async fn events(&mut self) -> Vec<EventRow> {
        let select = "SELECT number, kind, comment_id, decision_number FROM events \
                      WHERE site = 'default' ORDER BY number";
        let rows = sqlx::query(select).fetch_all(&mut self.0).await.unwrap();
        let event = |row: &sqlx::any::AnyRow| EventRow {
            number: row.get(0),
            kind: row.get(1),
            decision: (id(row, 2), row.get(3)),
        };
        rows.iter().map(event).collect()
    }

    /// The ids of the approvals that are packed.
    pub async fn packed(&mut self) -> Vec<CommentId> {
        let select = "SELECT body FROM packed_approvals";
        let rows = sqlx::query(select).fetch_all(&mut self.0).await.unwrap();
        let mut packed = Vec::new();
        for row in rows {
            let body: Vec<u8> = row.get(0);
            let approvals: Vec<serde_json::Value> = serde_json::from_slice(&body).unwrap();
            let ids = approvals.iter().map(|one| one["id"].as_str().unwrap());
            packed.extend(ids.map(|id| CommentId::parse(id).unwrap()));
        }
        packed
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
