//! The review queue, read by filter and in order.

mod authors;

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::claims::Claim;
use super::comments::{StoredComment, comment};
use super::error::StoreError;
use super::ids::CommentId;
use super::person::PersonHash;
use super::sql::Sql;
use super::values::{Columns, micros};
use crate::site::{SiteAccess, SiteId};
use crate::verdict::{Evidence, Head, Reason};

pub use authors::AuthorRecord;

/// The most comments that a query names one by one.
const NAMED: usize = 5_000;

/// Which held comments. What is left out restricts nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueueFilter {
    /// Only this site's.
    pub site: Option<SiteId>,
    /// Only these sites': those that whoever asks may see.
    pub sites: SiteAccess,
    /// Only with one of these reason codes.
    pub reason_codes: Vec<String>,
    /// What the scores are about; `None`: the higher of both.
    pub head: Option<Head>,
    /// Lowest score.
    pub min_score: Option<f64>,
    /// Highest score.
    pub max_score: Option<f64>,
    /// Received at this time or later.
    pub from: Option<Timestamp>,
    /// Received before this time.
    pub before: Option<Timestamp>,
    /// Only by this author.
    pub author: Option<PersonHash>,
    /// Only with this in name or text, in any case.
    pub search: Option<String>,
    /// Only on this page.
    pub page_id: Option<String>,
    /// Only these; the first 5,000 of them.
    pub among: Option<Vec<CommentId>>,
    /// Not what anybody but this moderator has claimed.
    pub free_for: Option<String>,
}

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
    /// At most `limit` held comments after `place`.
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
        let mut sql = Sql::new(QUEUED);
        sql.bind(micros(now)).push(" WHERE c.status = 'held'");
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
        let rows = sql.query().fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(queued).collect()
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
        let row = sql.query().fetch_one(&mut *self.reader().await?).await?;
        Ok(u32::try_from(Columns(&row).get::<i64>("held")?).unwrap_or(u32::MAX))
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
        let rows = sql.query().fetch_all(&mut *self.reader().await?).await?;
        rows.iter()
            .map(|row| Columns(row).comment_id("id"))
            .collect()
    }

    /// The ids and fingerprints of a site's held comments, the oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn held_simhashes(
        &self,
        site: &SiteId,
    ) -> Result<Vec<(CommentId, [u8; 16])>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, simhash FROM comments WHERE site = $1 AND status = 'held' \
             AND simhash IS NOT NULL ORDER BY id",
        )
        .bind(site.to_string())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let print = |row: &AnyRow| {
            let row = Columns(row);
            let bytes: Vec<u8> = row.get("simhash")?;
            let simhash = bytes.try_into().unwrap_or_default();
            Ok((row.comment_id("id")?, simhash))
        };
        rows.iter().map(print).collect()
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
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(NAMED) {
            let mut sql = Sql::new(QUEUED);
            sql.bind(micros(now)).push(" WHERE c.id");
            sql.is_in(some.iter().map(CommentId::as_bytes));
            let rows = sql.query().fetch_all(&mut *self.reader().await?).await?;
            for row in &rows {
                found.push(queued(row)?);
            }
        }
        Ok(found)
    }
}

const fn score_column(head: Option<Head>) -> &'static str {
    match head {
        None => " AND c.score",
        Some(Head::Spam) => " AND c.spam",
        Some(Head::Toxicity) => " AND c.toxicity",
    }
}

fn restrict(sql: &mut Sql, filter: &QueueFilter, now: Timestamp) {
    if let Some(site) = &filter.site {
        sql.push(" AND c.site = ").bind(site.as_str());
    }
    if let SiteAccess::Only(sites) = &filter.sites {
        sql.push(" AND c.site")
            .is_in(sites.iter().map(SiteId::as_str));
    }
    for (number, code) in filter.reason_codes.iter().enumerate() {
        sql.push(if number == 0 { " AND (" } else { " OR " });
        sql.push("c.reason_codes LIKE ").bind(format!("% {code} %"));
    }
    if !filter.reason_codes.is_empty() {
        sql.push(")");
    }
    if let Some(least) = filter.min_score {
        sql.push(score_column(filter.head)).push(" >= ").bind(least);
    }
    if let Some(most) = filter.max_score {
        sql.push(score_column(filter.head)).push(" <= ").bind(most);
    }
    if let Some(from) = filter.from {
        sql.push(" AND c.received_at >= ").bind(micros(from));
    }
    if let Some(before) = filter.before {
        sql.push(" AND c.received_at < ").bind(micros(before));
    }
    if let Some(author) = filter.author {
        sql.push(" AND c.email_hash = ").bind(author.as_bytes());
    }
    if let Some(search) = &filter.search {
        sql.push(" AND c.search_text LIKE ")
            .bind(containing(search))
            .push(" ESCAPE '!'");
    }
    if let Some(page) = &filter.page_id {
        sql.push(" AND c.page_id = ").bind(page.as_str());
    }
    if let Some(among) = &filter.among {
        sql.push(" AND c.id")
            .is_in(among.iter().take(NAMED).map(CommentId::as_bytes));
    }
    if let Some(moderator) = &filter.free_for {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM claims x WHERE x.comment_id = c.id")
            .push(" AND x.moderator <> ")
            .bind(moderator.as_str())
            .push(" AND x.expires_at > ")
            .bind(micros(now))
            .push(")");
    }
}

/// A pattern of `LIKE` for what holds `search`, in lower case as it is stored.
fn containing(search: &str) -> String {
    let mut pattern = "%".to_owned();
    for character in super::values::text(search).to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
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
