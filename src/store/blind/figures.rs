//! What the answers say.

use jiff::Timestamp;

use super::BlindId;
use crate::site::{SiteAccess, SiteId};
use crate::store::Store;
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::sql::Sql;
use crate::store::values::{Columns, micros, unexpected};
use crate::verdict::Decision;

/// How many answers of one kind there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlindCount {
    /// What stood.
    pub standing: Decision,
    /// It was a person's; else the policy's.
    pub by_person: bool,
    /// The answer is the same.
    pub agrees: bool,
    /// How many.
    pub answers: u64,
}

/// How two moderators agree: of what one decided, and the other looked at again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindPair {
    /// Who decided.
    pub decided: String,
    /// Who looked again.
    pub answered: String,
    /// How often they said the same.
    pub agreed: u64,
    /// How often in all.
    pub answers: u64,
}

/// An answer that is not what stands.
#[derive(Clone, Debug)]
pub struct BlindDifference {
    /// Of which sample.
    pub sample: BlindId,
    /// The comment.
    pub comment: CommentId,
    /// Whose.
    pub site: SiteId,
    /// When it was answered.
    pub answered_at: Timestamp,
    /// What.
    pub answer: Decision,
    /// Why.
    pub why: Option<String>,
    /// By whom.
    pub answered: Actor,
    /// The number of the decision that stands.
    pub standing_number: i64,
    /// What stands.
    pub standing: Decision,
    /// By whom.
    pub decided: Actor,
}

impl Store {
    /// How the answers of `from` or later came out.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn blind_counts(
        &self,
        site: Option<&SiteId>,
        from: Timestamp,
    ) -> Result<Vec<BlindCount>, StoreError> {
        let mut sql = Sql::new(
            "SELECT standing, answer, standing_kind, COUNT(*) AS answers FROM blind_answers \
             WHERE answered_at >= ",
        );
        sql.bind(micros(from));
        if let Some(site) = site {
            sql.push(" AND site = ").bind(site.as_str());
        }
        sql.push(" GROUP BY standing, answer, standing_kind");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let count = |row| {
            let row = Columns(row);
            let standing = row.decision("standing")?;
            Ok(BlindCount {
                standing,
                by_person: row.get::<String>("standing_kind")? != Actor::Policy.kind(),
                agrees: row.decision("answer")? == standing,
                answers: u64::try_from(row.get::<i64>("answers")?).unwrap_or(0),
            })
        };
        rows.iter().map(count).collect()
    }

    /// How moderators agree, two by two, in all answers that are kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn blind_pairs(&self) -> Result<Vec<BlindPair>, StoreError> {
        let rows = sqlx::query(
            "SELECT standing_actor, actor, \
             COUNT(CASE WHEN answer = standing THEN 1 END) AS agreed, COUNT(*) AS answers \
             FROM blind_answers WHERE standing_kind = 'moderator' AND actor_kind = 'moderator' \
             GROUP BY standing_actor, actor ORDER BY standing_actor, actor",
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let pair = |row| {
            let row = Columns(row);
            let count = |column| Ok::<_, StoreError>(row.get::<i64>(column)?.unsigned_abs());
            Ok(BlindPair {
                decided: row.get("standing_actor")?,
                answered: row.get("actor")?,
                agreed: count("agreed")?,
                answers: count("answers")?,
            })
        };
        rows.iter().map(pair).collect()
    }

    /// At most `limit` answers that are not what stands, on comments on which nothing was
    /// decided since, the latest first; of one sample, if it is named.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn blind_differences(
        &self,
        sites: &SiteAccess,
        sample: Option<BlindId>,
        limit: u32,
    ) -> Result<Vec<BlindDifference>, StoreError> {
        let mut sql = Sql::new(
            "SELECT a.* FROM blind_answers a JOIN comments c ON c.id = a.comment_id \
             AND c.last_decision = a.standing_number AND c.text IS NOT NULL \
             WHERE a.answer <> a.standing",
        );
        if let Some(sample) = sample {
            sql.push(" AND a.sample_id = ").bind(&*sample.to_vec());
        }
        if let SiteAccess::Only(sites) = sites {
            sql.push(" AND a.site")
                .is_in(sites.iter().map(SiteId::as_str));
        }
        sql.push(" ORDER BY a.answered_at DESC, a.sample_id LIMIT ")
            .bind(i64::from(limit));
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(|row| difference(&Columns(row))).collect()
    }
}

fn difference(row: &Columns<'_>) -> Result<BlindDifference, StoreError> {
    let id: Vec<u8> = row.get("sample_id")?;
    let actor = |kind, name| {
        let kind: String = row.get(kind)?;
        Actor::from_columns(&kind, row.get(name)?).ok_or_else(|| unexpected("actor_kind", &kind))
    };
    Ok(BlindDifference {
        sample: BlindId::from_bytes(&id).ok_or_else(|| unexpected("sample_id", &"no UUID"))?,
        comment: row.comment_id("comment_id")?,
        site: row.site("site")?,
        answered_at: row.time("answered_at")?,
        answer: row.decision("answer")?,
        why: row.get("why")?,
        answered: actor("actor_kind", "actor")?,
        standing_number: row.get("standing_number")?,
        standing: row.decision("standing")?,
        decided: actor("standing_kind", "standing_actor")?,
    })
}
