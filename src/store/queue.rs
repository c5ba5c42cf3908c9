//! The review queue, read by filter and in order.

mod authors;
mod filter;
mod prints;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::claims::Claim;
use super::comments::{StoredComment, comment};
use super::error::StoreError;
use super::ids::CommentId;
use super::sql::{CHUNK, Sql};
use super::values::{Columns, micros};
use crate::verdict::{Evidence, Head, Reason};

pub use authors::AuthorRecord;
pub use filter::QueueFilter;
pub use prints::HeldPrint;

use filter::{restrict, score_column};

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueOrder {
    /// By time received.
    Oldest,
    /// By time received, the latest first.
    Newest,
    /// The highest score first: of one head, or the higher of both.
    Score(Option<Head>),
}

/// After which comment of the order to go on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QueuePlace {
    /// By time.
    Time(Timestamp, CommentId),
    /// By score.
    Score(f64, CommentId),
}

/// A comment with what a list of them shows.
#[derive(Clone, Debug)]
pub struct QueuedComment {
    /// The comment.
    pub comment: StoredComment,
    /// The verdict's reasons, most serious first.
    pub reasons: Vec<Reason>,
    /// The pieces of the scores, strongest first.
    pub evidence: Vec<Evidence>,
    /// The model that scored.
    pub model: Option<String>,
    /// Who works on it.
    pub claim: Option<Claim>,
}

const QUEUED: &str = "SELECT c.*, d.reasons AS verdict_reasons, d.evidence AS verdict_evidence, \
    d.model AS verdict_model, k.moderator AS claimed_by, k.expires_at AS claimed_until \
    FROM comments c JOIN decisions d ON d.comment_id = c.id AND d.number = 0 \
    LEFT JOIN claims k ON k.comment_id = c.id AND k.expires_at > ";

impl Store {
    /// At most `limit` held comments after `place`. What somebody decides on while
    /// they are read is among them, with its new status: a page is counted with it.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn queue(
        &self,
        filter: &QueueFilter,
        order: QueueOrder,
        place: Option<QueuePlace>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<QueuedComment>, StoreError> {
        // Ids alone can be read from an index; the wide rows are fetched of one page.
        let mut sql = Sql::new("SELECT c.id FROM comments c WHERE c.status = 'held'");
        restrict(&mut sql, filter, now);
        go_on(&mut sql, order, place);
        sql.push(match order {
            QueueOrder::Oldest => " ORDER BY c.received_at, c.id LIMIT ",
            QueueOrder::Newest => " ORDER BY c.received_at DESC, c.id DESC LIMIT ",
            QueueOrder::Score(None) => " ORDER BY c.score DESC, c.id LIMIT ",
            QueueOrder::Score(Some(Head::Spam)) => " ORDER BY c.spam DESC, c.id LIMIT ",
            QueueOrder::Score(Some(Head::Toxicity)) => " ORDER BY c.toxicity DESC, c.id LIMIT ",
        });
        sql.bind(i64::from(limit));
        self.queued_in_order(sql, now).await
    }

    /// The comments whose ids `sql` finds, in their order.
    async fn queued_in_order(
        &self,
        sql: Sql,
        now: Timestamp,
    ) -> Result<Vec<QueuedComment>, StoreError> {
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let id = |row| Columns(row).comment_id("id");
        let ids = rows.iter().map(id).collect::<Result<Vec<_>, _>>()?;
        let found = self.queued_by_id(&ids, now).await?;
        let mut by_id: HashMap<_, _> = found
            .into_iter()
            .map(|queued| (queued.comment.id, queued))
            .collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// How many held comments there are.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn queue_size(
        &self,
        filter: &QueueFilter,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let mut sql = Sql::new("SELECT COUNT(*) AS held FROM comments c WHERE c.status = 'held'");
        restrict(&mut sql, filter, now);
        let row = sql.fetch_one(&mut *self.reader().await?).await?;
        Ok(u32::try_from(Columns(&row).get::<i64>("held")?).unwrap_or(u32::MAX))
    }

    /// When the latest held comment that fits the filter was received.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn newest_held(
        &self,
        filter: &QueueFilter,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut sql = Sql::new("SELECT c.received_at FROM comments c WHERE c.status = 'held'");
        restrict(&mut sql, filter, now);
        sql.push(" ORDER BY c.received_at DESC, c.id DESC LIMIT 1");
        let row = sql.fetch_optional(&mut *self.reader().await?).await?;
        row.map(|row| Columns(&row).time("received_at")).transpose()
    }

    /// The ids of all held comments, the oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn queue_ids(
        &self,
        filter: &QueueFilter,
        now: Timestamp,
    ) -> Result<Vec<CommentId>, StoreError> {
        let mut sql = Sql::new("SELECT c.id FROM comments c WHERE c.status = 'held'");
        restrict(&mut sql, filter, now);
        sql.push(" ORDER BY c.id");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| Columns(row).comment_id("id"))
            .collect()
    }

    /// The comments with these ids, of any status, in no order. Those that are not
    /// kept are left out.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn queued_by_id(
        &self,
        ids: &[CommentId],
        now: Timestamp,
    ) -> Result<Vec<QueuedComment>, StoreError> {
        let mut found = self.rows_by_id(ids, now).await?;
        let have: HashSet<_> = found.iter().map(|queued| queued.comment.id).collect();
        let mut missing = ids.to_vec();
        missing.retain(|id| !have.contains(id));
        if !missing.is_empty() {
            // They may be packed, or somebody may have unpacked them since.
            self.unpack_of(&missing).await?;
            found.extend(self.rows_by_id(&missing, now).await?);
        }
        Ok(found)
    }

    async fn rows_by_id(
        &self,
        ids: &[CommentId],
        now: Timestamp,
    ) -> Result<Vec<QueuedComment>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(CHUNK) {
            let mut sql = Sql::new(QUEUED);
            sql.bind(micros(now)).push(" WHERE c.id");
            sql.is_in(some.iter().map(CommentId::as_bytes));
            let rows = sql.fetch_all(&mut *self.reader().await?).await?;
            for row in &rows {
                found.push(queued(row)?);
            }
        }
        Ok(found)
    }
}

fn go_on(sql: &mut Sql, order: QueueOrder, place: Option<QueuePlace>) {
    match (order, place) {
        (QueueOrder::Oldest, Some(QueuePlace::Time(time, id))) => {
            sql.push(" AND (c.received_at, c.id) > (")
                .bind(micros(time));
            sql.push(", ").bind(id.as_bytes()).push(")");
        }
        (QueueOrder::Newest, Some(QueuePlace::Time(time, id))) => {
            sql.push(" AND (c.received_at, c.id) < (")
                .bind(micros(time));
            sql.push(", ").bind(id.as_bytes()).push(")");
        }
        (QueueOrder::Score(head), Some(QueuePlace::Score(score, id))) => {
            sql.push(score_column(head)).push(" <= ").bind(score);
            sql.push(" AND NOT (").push(match head {
                None => "c.score",
                Some(Head::Spam) => "c.spam",
                Some(Head::Toxicity) => "c.toxicity",
            });
            sql.push(" = ")
                .bind(score)
                .push(" AND c.id <= ")
                .bind(id.as_bytes())
                .push(")");
        }
        // A place of another order is no place in this one.
        (_, _) => {}
    }
}

/// The comment in a row of [`QUEUED`].
pub(super) fn queued(row: &AnyRow) -> Result<QueuedComment, StoreError> {
    let columns = Columns(row);
    let moderator: Option<String> = columns.get("claimed_by")?;
    let claim = match moderator {
        Some(moderator) => Some(Claim {
            moderator,
            expires_at: columns.time("claimed_until")?,
        }),
        None => None,
    };
    Ok(QueuedComment {
        comment: comment(row)?,
        reasons: columns.json("verdict_reasons")?.unwrap_or_default(),
        evidence: columns.json("verdict_evidence")?.unwrap_or_default(),
        model: columns.get("verdict_model")?,
        claim,
    })
}
