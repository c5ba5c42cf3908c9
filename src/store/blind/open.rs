//! Samples that wait for somebody to look at them.

use jiff::Timestamp;

use super::{BlindId, claimant};
use crate::site::{SiteAccess, SiteId};
use crate::store::Store;
use crate::store::comments::Actor;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::sql::Sql;
use crate::store::values::{Columns, micros, unexpected};

/// A sample that somebody has claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlindSample {
    /// Its id.
    pub id: BlindId,
    /// The comment.
    pub comment: CommentId,
    /// Whose.
    pub site: SiteId,
    /// Until when it is kept from others.
    pub claimed_until: Timestamp,
}

/// How often another sample is tried while others claim them.
const TRIES: usize = 8;

/// Adds what makes a sample `s` open to `who`, on `comments c`: it was not answered, the
/// decision stands, the text is there, and they neither decided on the comment nor
/// answered on it before.
fn open_to(sql: &mut Sql, who: &Actor, sites: &SiteAccess) {
    sql.push(
        " FROM blind_samples s JOIN comments c ON c.id = s.comment_id \
         AND c.last_decision = s.decision_number AND c.text IS NOT NULL \
         WHERE NOT EXISTS (SELECT 1 FROM blind_answers a WHERE a.sample_id = s.id)",
    );
    for theirs in [
        " AND NOT EXISTS (SELECT 1 FROM decisions t WHERE t.comment_id = s.comment_id \
         AND t.actor_kind = ",
        " AND NOT EXISTS (SELECT 1 FROM blind_answers t WHERE t.comment_id = s.comment_id \
         AND t.actor_kind = ",
    ] {
        sql.push(theirs).bind(who.kind());
        sql.push(" AND COALESCE(t.actor, '') = ")
            .bind(who.name().unwrap_or_default());
        sql.push(")");
    }
    if let SiteAccess::Only(sites) = sites {
        sql.push(" AND s.site")
            .is_in(sites.iter().map(SiteId::as_str));
    }
}

impl Store {
    /// How many samples are open to `who`, those that others have claimed included.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn blind_open(&self, who: &Actor, sites: &SiteAccess) -> Result<u32, StoreError> {
        let mut sql = Sql::new("SELECT COUNT(*) AS samples");
        open_to(&mut sql, who, sites);
        let row = sql.fetch_one(&mut *self.reader().await?).await?;
        Ok(u32::try_from(Columns(&row).get::<i64>("samples")?).unwrap_or(u32::MAX))
    }

    /// Claims the next sample for `who`: the one they have, or else one that nobody has,
    /// from after `after` on and then from the beginning. `None`: there is none.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn claim_blind(
        &self,
        who: &Actor,
        sites: &SiteAccess,
        after: Option<BlindId>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<BlindSample>, StoreError> {
        for _ in 0..TRIES {
            let Some(found) = self.free_blind(who, sites, after, until, now).await? else {
                return Ok(None);
            };
            let mut transaction = self.begin().await?;
            let claimed = sqlx::query(
                "UPDATE blind_samples SET claimed_by = $2, claimed_until = $3 WHERE id = $1 \
                 AND (claimed_by = $2 OR claimed_until <= $4)",
            )
            .bind(found.id.to_vec())
            .bind(claimant(who))
            .bind(micros(until))
            .bind(micros(now))
            .execute(&mut *transaction)
            .await?;
            if after.is_some() {
                // Who goes on leaves what they had to others.
                sqlx::query(
                    "UPDATE blind_samples SET claimed_by = '', claimed_until = 0 \
                     WHERE claimed_by = $1 AND id <> $2",
                )
                .bind(claimant(who))
                .bind(found.id.to_vec())
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
            if claimed.rows_affected() == 1 {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn free_blind(
        &self,
        who: &Actor,
        sites: &SiteAccess,
        after: Option<BlindId>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<BlindSample>, StoreError> {
        let mut sql = Sql::new("SELECT s.id, s.comment_id, s.site");
        open_to(&mut sql, who, sites);
        sql.push(" AND (s.claimed_by = ").bind(claimant(who));
        sql.push(" OR s.claimed_until <= ").bind(micros(now));
        sql.push(") ORDER BY ");
        match after {
            // What they have first, so that loading the page anew brings the same.
            None => sql
                .push("CASE WHEN s.claimed_by = ")
                .bind(claimant(who))
                .push(" THEN 0 ELSE 1 END, s.id LIMIT 1"),
            Some(after) => sql
                .push("CASE WHEN s.id > ")
                .bind(&*after.to_vec())
                .push(" THEN 0 ELSE 1 END, s.id LIMIT 1"),
        };
        let row = sql.fetch_optional(&mut *self.reader().await?).await?;
        let Some(row) = row else { return Ok(None) };
        let row = Columns(&row);
        let id: Vec<u8> = row.get("id")?;
        Ok(Some(BlindSample {
            id: BlindId::from_bytes(&id).ok_or_else(|| unexpected("id", &"no UUID"))?,
            comment: row.comment_id("comment_id")?,
            site: row.site("site")?,
            claimed_until: until,
        }))
    }
}
