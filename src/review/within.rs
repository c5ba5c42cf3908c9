//! Who is limited to some sites: what they ask is narrowed to them, and a comment of
//! another site is not there.

use super::resolve::Resolve;
use super::{CommentName, Review, ReviewError};
use crate::site::{SiteAccess, SiteId};
use crate::store::{HistoryFilter, Obstacle, Outcome, QueueFilter};

impl Review {
    /// The same review, for somebody who may see these sites.
    #[must_use]
    pub fn within(&self, access: SiteAccess) -> Self {
        Self {
            access,
            ..self.clone()
        }
    }

    pub(super) fn may(&self, site: &SiteId) -> bool {
        self.access.allows(site)
    }

    /// Refuses a site of others.
    pub(super) fn must(&self, site: &SiteId) -> Result<(), ReviewError> {
        if self.may(site) {
            return Ok(());
        }
        Err(ReviewError::SiteNotAllowed(site.clone()))
    }

    /// The filter, of the sites that may be seen.
    pub(super) fn narrowed(&self, filter: &QueueFilter) -> Result<QueueFilter, ReviewError> {
        Ok(QueueFilter {
            sites: self.left(filter.site.as_ref())?,
            ..filter.clone()
        })
    }

    /// The same for what was decided.
    pub(super) fn narrowed_past(
        &self,
        filter: &HistoryFilter,
    ) -> Result<HistoryFilter, ReviewError> {
        Ok(HistoryFilter {
            sites: self.left(filter.site.as_ref())?,
            ..filter.clone()
        })
    }

    /// What is left to be restricted where one site is asked for, or all.
    fn left(&self, site: Option<&SiteId>) -> Result<SiteAccess, ReviewError> {
        let Some(site) = site else {
            return Ok(self.access.clone());
        };
        self.must(site).map(|()| SiteAccess::All)
    }

    /// The questions to ask where one site is meant, or all: `None` is all there are.
    pub(super) fn each(&self, site: Option<&SiteId>) -> Result<Vec<Option<SiteId>>, ReviewError> {
        match (site, &self.access) {
            (Some(site), _) => self.must(site).map(|()| vec![Some(site.clone())]),
            (None, SiteAccess::All) => Ok(vec![None]),
            (None, SiteAccess::Only(sites)) => Ok(sites.iter().cloned().map(Some).collect()),
        }
    }

    /// The names that may be seen.
    pub(super) fn own(&self, names: &[CommentName]) -> Vec<CommentName> {
        let names = names.iter().filter(|name| self.may(&name.site));
        names.cloned().collect()
    }

    /// The request, on what may be seen.
    pub(super) fn own_request(&self, request: &Resolve) -> Resolve {
        Resolve {
            names: self.own(&request.names),
            ..request.clone()
        }
    }

    /// What became of all that was named, in that order, where `outcomes` has what became
    /// of those that may be seen, and then of the rest of their waves.
    pub(super) fn of_all(
        &self,
        names: &[CommentName],
        outcomes: Vec<(CommentName, Outcome)>,
    ) -> Vec<(CommentName, Outcome)> {
        let mut outcomes = outcomes.into_iter();
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            let own = self.may(&name.site).then(|| outcomes.next()).flatten();
            all.push(own.unwrap_or_else(|| (name.clone(), Err(Obstacle::NotFound))));
        }
        all.extend(outcomes);
        all
    }
}
