//! What people decided, the latest first.

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::comments::{Actor, StoredDecision, decision};
use super::error::StoreError;
use super::ids::CommentId;
use super::sql::Sql;
use super::values::{Columns, micros, unexpected};
use crate::site::{SiteAccess, SiteId};

/// Whose decisions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Only on this site.
    pub site: Option<SiteId>,
    /// Only on these sites: those that whoever asks may see.
    pub sites: SiteAccess,
    /// Only by this moderator.
    pub moderator: Option<String>,
}

/// A person's decision, and whether it is still in force.
#[derive(Clone, Debug)]
pub struct PastDecision {
    /// The decision.
    pub decision: StoredDecision,
    /// Nobody decided on the comment since.
    pub stands: bool,
}

/// How many decisions of one act still stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// On how many comments nobody decided since.
    pub standing: usize,
}

/// What people decided that still stands.
const STANDING: &str = " FROM decisions d \
    JOIN comments c ON c.id = d.comment_id AND c.last_decision = d.number \
    WHERE d.number > 0 AND d.undoes IS NULL AND d.actor_kind IN ('moderator', 'operator')";

impl Store {
    /// The comments that one decided on in one call, at that moment, and on which nobody
    /// decided since.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn act(
        &self,
        actor: &Actor,
        at: Timestamp,
        sites: &SiteAccess,
    ) -> Result<Vec<(SiteId, CommentId)>, StoreError> {
        let mut sql = Sql::new("SELECT d.site, d.comment_id");
        sql.push(STANDING);
        sql.push(" AND d.decided_at = ").bind(micros(at));
        sql.push(" AND d.actor_kind = ").bind(actor.kind());
        match actor.name() {
            Some(name) => sql.push(" AND d.actor = ").bind(name),
            None => sql.push(" AND d.actor IS NULL"),
        };
        within(&mut sql, sites);
        sql.push(" ORDER BY d.comment_id");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let named = |row: &AnyRow| {
            let row = Columns(row);
            Ok((row.site("site")?, row.comment_id("comment_id")?))
        };
        rows.iter().map(named).collect()
    }

    /// The acts of these moments, on these sites.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn acts(
        &self,
        moments: &[Timestamp],
        sites: &SiteAccess,
    ) -> Result<Vec<Act>, StoreError> {
        if moments.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = Sql::new("SELECT d.decided_at, d.actor_kind, d.actor, COUNT(*) AS standing");
        sql.push(STANDING).push(" AND d.decided_at");
        sql.is_in(moments.iter().map(|at| micros(*at)));
        within(&mut sql, sites);
        sql.push(" GROUP BY d.decided_at, d.actor_kind, d.actor");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let act = |row: &AnyRow| {
            let standing: i64 = Columns(row).get("standing")?;
            Ok(Act {
                at: Columns(row).time("decided_at")?,
                actor: actor(&Columns(row))?,
                standing: usize::try_from(standing).unwrap_or_default(),
            })
        };
        rows.iter().map(act).collect()
    }

    /// At most `limit` decisions of people, the latest first, from after `place`: the
    /// time, comment and number of the last one seen.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn history(
        &self,
        filter: &HistoryFilter,
        place: Option<(Timestamp, CommentId)>,
        limit: u32,
    ) -> Result<Vec<PastDecision>, StoreError> {
        let mut sql = Sql::new(
            "SELECT d.*, c.last_decision AS in_force FROM decisions d \
             JOIN comments c ON c.id = d.comment_id \
             WHERE d.number > 0 AND d.actor_kind IN ('moderator', 'operator')",
        );
        if let Some(site) = &filter.site {
            sql.push(" AND d.site = ").bind(site.as_str());
        }
        within(&mut sql, &filter.sites);
        if let Some(moderator) = &filter.moderator {
            sql.push(" AND d.actor = ").bind(moderator.as_str());
        }
        if let Some((time, id)) = place {
            sql.push(" AND (d.decided_at, d.comment_id) < (")
                .bind(micros(time));
            sql.push(", ").bind(id.as_bytes()).push(")");
        }
        sql.push(" ORDER BY d.decided_at DESC, d.comment_id DESC LIMIT ")
            .bind(i64::from(limit));
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let past = |row: &AnyRow| {
            let decision = decision(row)?;
            let in_force: i64 = Columns(row).get("in_force")?;
            Ok(PastDecision {
                stands: in_force == decision.number,
                decision,
            })
        };
        rows.iter().map(past).collect()
    }
}

/// Only decisions on these sites.
fn within(sql: &mut Sql, sites: &SiteAccess) {
    if let SiteAccess::Only(sites) = sites {
        sql.push(" AND d.site")
            .is_in(sites.iter().map(SiteId::as_str));
    }
}

fn actor(row: &Columns<'_>) -> Result<Actor, StoreError> {
    let kind: String = row.get("actor_kind")?;
    Actor::from_columns(&kind, row.get("actor")?).ok_or_else(|| unexpected("actor_kind", &kind))
}
