//! What people decided, the latest first.

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::comments::{StoredDecision, decision};
use super::error::StoreError;
use super::ids::CommentId;
use super::sql::Sql;
use super::values::{Columns, micros};
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

impl Store {
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
        if let SiteAccess::Only(sites) = &filter.sites {
            sql.push(" AND d.site")
                .is_in(sites.iter().map(SiteId::as_str));
        }
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
