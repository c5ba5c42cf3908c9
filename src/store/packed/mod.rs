//! Approvals of a burst, packed.
//!
//! A row in `comments` and one in `decisions`, with their indexes, cost more than judging
//! a comment. So approvals that come by the hundred are first written together, as one
//! *page*, and made rows of once there is time: the writer does so when little comes, or
//! when too much is packed (`unpacking.rs`). A page and its rows change
//! places in one transaction, so an approval is always in one of the two and never in both.
//! Whoever asks for a comment that is packed, or for all of an author, has it unpacked first.

mod backlog;
mod body;
mod unpacking;

use sqlx::AnyConnection;

pub(super) use backlog::{Amount, Backlog};
pub(super) use unpacking::Unpacking;

use super::Store;
use super::batch;
use super::database::Kind;
use super::error::StoreError;
use super::ids::CommentId;
use super::record::{Content, Record};
use super::sql::Sql;
use super::values::{Columns, unexpected};

/// A page that is to be written.
pub(super) struct Page {
    first: CommentId,
    last: CommentId,
    body: Vec<u8>,
    records: u64,
}

impl Page {
    /// A page of these approvals; `None` of none.
    pub(super) fn of(approvals: &[(&Record, &Content)]) -> Result<Option<Self>, StoreError> {
        let ids = || approvals.iter().map(|(record, _)| record.id);
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok(None);
        };
        Ok(Some(Self {
            first,
            last,
            body: body::write(approvals.iter().copied())?,
            records: approvals.len() as u64,
        }))
    }

    /// Writes it.
    pub(super) async fn add(self, connection: &mut AnyConnection) -> Result<Amount, StoreError> {
        let amount = Amount {
            records: self.records,
            bytes: self.body.len() as u64,
        };
        sqlx::query(
            "INSERT INTO packed_approvals (id, last_id, records, bytes, format, body) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.first.as_bytes().to_vec())
        .bind(self.last.as_bytes().to_vec())
        .bind(amount.records.cast_signed())
        .bind(amount.bytes.cast_signed())
        .bind(body::FORMAT)
        .bind(self.body)
        .execute(connection)
        .await?;
        Ok(amount)
    }
}

/// How much is packed.
pub(super) async fn amount(connection: &mut AnyConnection) -> Result<Amount, StoreError> {
    let sql = Sql::new(
        "SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) AS records, \
         CAST(COALESCE(SUM(bytes), 0) AS BIGINT) AS bytes FROM packed_approvals",
    );
    let row = sql.fetch_one(connection).await?;
    let number = |column| Ok::<_, StoreError>(Columns(&row).get::<i64>(column)?.cast_unsigned());
    Ok(Amount {
        records: number("records")?,
        bytes: number("bytes")?,
    })
}

/// The oldest page after `place`, and none after `last`.
async fn next(
    connection: &mut AnyConnection,
    place: Option<CommentId>,
    last: CommentId,
) -> Result<Option<CommentId>, StoreError> {
    let mut sql = after(place);
    sql.push(" AND id <= ").bind(last.as_bytes());
    sql.push(" ORDER BY id LIMIT 1");
    first(sql, connection).await
}

/// The oldest page after `place` that no other replica is unpacking.
async fn next_free(
    connection: &mut AnyConnection,
    place: Option<CommentId>,
) -> Result<Option<CommentId>, StoreError> {
    let mut sql = after(place);
    sql.push(" ORDER BY id LIMIT 1");
    if Kind::of(connection) == Kind::Postgres {
        sql.push(" FOR UPDATE SKIP LOCKED");
    }
    first(sql, connection).await
}

/// The newest page.
async fn newest(connection: &mut AnyConnection) -> Result<Option<CommentId>, StoreError> {
    let sql = Sql::new("SELECT id FROM packed_approvals ORDER BY id DESC LIMIT 1");
    first(sql, connection).await
}

fn after(place: Option<CommentId>) -> Sql {
    let mut sql = Sql::new("SELECT id FROM packed_approvals WHERE id > ");
    let place = place.as_ref().map_or(&[][..], |place| place.as_bytes());
    sql.bind(place);
    sql
}

async fn first(sql: Sql, connection: &mut AnyConnection) -> Result<Option<CommentId>, StoreError> {
    let row = sql.fetch_optional(connection).await?;
    row.map(|row| Columns(&row).comment_id("id")).transpose()
}

/// Makes rows of the page that begins with `first`. What was in it: nothing, if somebody
/// else was sooner.
///
/// # Errors
/// [`StoreError::Page`] if it is the page that is at fault.
pub(super) async fn unpack(
    connection: &mut AnyConnection,
    first: CommentId,
) -> Result<Amount, StoreError> {
    let amount = try_unpack(connection, first).await;
    amount.map_err(|error| match error {
        StoreError::Fault(reason) => StoreError::Page { first, reason },
        other => other,
    })
}

async fn try_unpack(
    connection: &mut AnyConnection,
    first: CommentId,
) -> Result<Amount, StoreError> {
    let mut sql = Sql::new("DELETE FROM packed_approvals WHERE id = ");
    sql.bind(first.as_bytes())
        .push(" RETURNING bytes, format, body");
    let Some(row) = sql.fetch_optional(connection).await? else {
        return Ok(Amount::default());
    };
    let row = Columns(&row);
    let format: i64 = row.get("format")?;
    if format != body::FORMAT {
        return Err(unexpected("the format of a page of approvals", &format));
    }
    let records = body::read(&row.get::<Vec<u8>>("body")?)?;
    batch::add_rows(connection, &records).await?;
    Ok(Amount {
        records: records.len() as u64,
        bytes: row.get::<i64>("bytes")?.cast_unsigned(),
    })
}

/// The pages that may hold one of `ids`.
async fn pages_of(
    connection: &mut AnyConnection,
    ids: &[CommentId],
) -> Result<Vec<CommentId>, StoreError> {
    let rows = Sql::new("SELECT id, last_id FROM packed_approvals ORDER BY id")
        .fetch_all(connection)
        .await?;
    let mut pages = Vec::new();
    for row in &rows {
        let (first, last) = (
            Columns(row).comment_id("id")?,
            Columns(row).comment_id("last_id")?,
        );
        if ids.iter().any(|id| (first..=last).contains(id)) {
            pages.push(first);
        }
    }
    Ok(pages)
}

/// Makes rows of the pages that may hold one of `ids`.
pub(super) async fn unpack_of(
    connection: &mut AnyConnection,
    ids: &[CommentId],
) -> Result<(), StoreError> {
    for page in pages_of(connection, ids).await? {
        unpack(connection, page).await?;
    }
    Ok(())
}

impl Store {
    /// Makes rows of every approval that is packed when it begins: what reads rows then has
    /// all of those.
    ///
    /// # Errors
    /// If the store cannot be reached; what was unpacked until then stays so.
    /// [`StoreError::Page`] if a page cannot be unpacked: the others are.
    pub async fn unpack(&self) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        // A burst that goes on must not keep it going.
        let Some(last) = newest(&mut *self.reader().await?).await? else {
            return outcome;
        };
        let mut place = None;
        while let Some(first) = next(&mut *self.reader().await?, place, last).await? {
            match self.unpack_page(first).await {
                Err(error @ StoreError::Page { .. }) => outcome = outcome.and(Err(error)),
                unpacked => unpacked?,
            }
            place = Some(first);
        }
        outcome
    }

    /// The same, for what need not have all: it does without a page that cannot be unpacked.
    pub(super) async fn unpack_most(&self) -> Result<(), StoreError> {
        match self.unpack().await {
            Err(error @ StoreError::Page { .. }) => {
                tracing::warn!(%error, "goes on without the approvals of a page");
                Ok(())
            }
            unpacked => unpacked,
        }
    }

    /// Makes rows of what may hold one of `ids`.
    pub(super) async fn unpack_of(&self, ids: &[CommentId]) -> Result<(), StoreError> {
        let pages = pages_of(&mut *self.reader().await?, ids).await?;
        for first in pages {
            self.unpack_page(first).await?;
        }
        Ok(())
    }

    async fn unpack_page(&self, first: CommentId) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let amount = unpack(&mut transaction, first).await?;
        transaction.commit().await?;
        self.backlog.take(amount);
        Ok(())
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
