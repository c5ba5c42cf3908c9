//! Which labels.

use jiff::Timestamp;

use super::{LabelId, LabelSource, StoredLabel};
use crate::site::{SiteAccess, SiteId};
use crate::store::ids::CommentId;
use crate::store::sql::Sql;
use crate::store::values::micros;

/// Which labels are meant; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelFilter {
    /// These; none: any.
    pub ids: Vec<LabelId>,
    /// Of this site.
    pub site: Option<SiteId>,
    /// Only these sites': those that whoever asks may see.
    pub sites: SiteAccess,
    /// That came about so.
    pub source: Option<LabelSource>,
    /// Not of those who looked at a decision again, blind.
    pub not_blind: bool,
    /// By this moderator.
    pub actor: Option<String>,
    /// That came with this import.
    pub batch: Option<String>,
    /// Of this comment.
    pub comment: Option<CommentId>,
    /// Made then or later.
    pub from: Option<Timestamp>,
    /// Made before then.
    pub until: Option<Timestamp>,
    /// Whether they were retracted; `None`: either.
    pub retracted: Option<bool>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LabelOrder {
    /// As they were made.
    #[default]
    OldestFirst,
    /// The other way round.
    LatestFirst,
}

/// Where a label stands among all: a page goes on after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelPlace(Timestamp, LabelId);

impl LabelPlace {
    /// The place of a label made at `time`.
    #[must_use]
    pub const fn new(time: Timestamp, id: LabelId) -> Self {
        Self(time, id)
    }

    /// When the label was made, and its id.
    #[must_use]
    pub const fn parts(self) -> (Timestamp, LabelId) {
        (self.0, self.1)
    }
}

impl From<&StoredLabel> for LabelPlace {
    fn from(label: &StoredLabel) -> Self {
        Self(label.labelled_at, label.id)
    }
}

const SELECT: &str = "SELECT l.*, r.retracted_at, r.actor_kind AS retracted_by_kind, \
    r.actor AS retracted_by, r.why AS retracted_why, g.released_at \
    FROM labels l LEFT JOIN label_retractions r ON r.label_id = l.id \
    LEFT JOIN label_releases g ON g.label_id = l.id WHERE 1 = 1";

impl LabelFilter {
    pub(super) fn select(&self, order: LabelOrder, place: Option<LabelPlace>, limit: u32) -> Sql {
        let mut sql = Sql::new(SELECT);
        self.conditions(&mut sql);
        let (after, ordered) = match order {
            LabelOrder::OldestFirst => (
                " AND (l.labelled_at, l.id) > (",
                " ORDER BY l.labelled_at, l.id LIMIT ",
            ),
            LabelOrder::LatestFirst => (
                " AND (l.labelled_at, l.id) < (",
                " ORDER BY l.labelled_at DESC, l.id DESC LIMIT ",
            ),
        };
        if let Some(LabelPlace(time, id)) = place {
            sql.push(after).bind(micros(time));
            sql.push(", ").bind(id.as_bytes()).push(")");
        }
        sql.push(ordered).bind(i64::from(limit));
        sql
    }

    fn conditions(&self, sql: &mut Sql) {
        if !self.ids.is_empty() {
            sql.push(" AND l.id")
                .is_in(self.ids.iter().map(LabelId::as_bytes));
        }
        if let Some(site) = &self.site {
            sql.push(" AND l.site = ").bind(site.as_str());
        }
        if let SiteAccess::Only(sites) = &self.sites {
            sql.push(" AND l.site")
                .is_in(sites.iter().map(SiteId::as_str));
        }
        if let Some(source) = self.source {
            sql.push(" AND l.source = ").bind(source.name());
        }
        if self.not_blind {
            sql.push(" AND l.source <> ")
                .bind(LabelSource::Blind.name());
        }
        if let Some(actor) = &self.actor {
            sql.push(" AND l.actor = ").bind(actor.as_str());
        }
        if let Some(batch) = &self.batch {
            sql.push(" AND l.batch = ").bind(batch.as_str());
        }
        if let Some(comment) = &self.comment {
            sql.push(" AND l.comment_id = ").bind(comment.as_bytes());
        }
        if let Some(from) = self.from {
            sql.push(" AND l.labelled_at >= ").bind(micros(from));
        }
        if let Some(until) = self.until {
            sql.push(" AND l.labelled_at < ").bind(micros(until));
        }
        match self.retracted {
            Some(true) => sql.push(" AND r.label_id IS NOT NULL"),
            Some(false) => sql.push(" AND r.label_id IS NULL"),
            None => sql,
        };
    }
}
