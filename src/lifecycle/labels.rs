//! Looking through the log of labels, and taking labels back.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::threads::computed;
use super::{Lifecycle, LifecycleError};
use crate::store::{Actor, LabelFilter, LabelId, LabelOrder, LabelPlace, Retraction, StoredLabel};
use crate::text::{Domain, links, normalise};

/// Labels read at once.
const PAGE: u32 = 1000;
/// Ids of one query.
const IDS: usize = 500;

/// Which labels are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelQuery {
    /// By what the log says of them.
    pub filter: LabelFilter,
    /// Whose text or author's address links to this domain or a host under it.
    pub domain: Option<Domain>,
}

/// What was retracted, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retracting {
    /// How many labels.
    pub labels: u64,
    /// How many of each source and, for moderators, of whom.
    pub by_origin: BTreeMap<String, u64>,
}

impl LabelQuery {
    fn takes(&self, label: &StoredLabel) -> bool {
        let Some(domain) = &self.domain else {
            return true;
        };
        let Some(texts) = &label.texts else {
            return false;
        };
        let typed = [Some(&texts.text), Some(&texts.name), texts.url.as_ref()];
        typed.into_iter().flatten().any(|text| {
            let found = links(normalise(text).text());
            found.iter().any(|link| domain.covers(&link.host))
        })
    }

    /// The labels of a page, and whether each is meant. Looking for links takes its time.
    async fn looked_at(
        &self,
        page: Vec<StoredLabel>,
    ) -> Result<Vec<(StoredLabel, bool)>, LifecycleError> {
        let query = self.clone();
        let look = move || {
            let page = page.into_iter();
            let looked_at = page.map(|label| {
                let takes = query.takes(&label);
                (label, takes)
            });
            looked_at.collect()
        };
        if self.domain.is_none() {
            return Ok(look());
        }
        computed(look).await
    }

    /// Whether every label is meant.
    fn is_all(&self) -> bool {
        let any = LabelFilter {
            retracted: self.filter.retracted,
            ..LabelFilter::default()
        };
        self.domain.is_none() && self.filter == any
    }
}

/// Labels that a page looks through at most, so that a rare domain does not take the whole
/// log at once.
const SCANNED: u32 = 20 * PAGE;

/// A page of labels.
#[derive(Clone, Debug)]
pub struct LabelPage {
    /// The labels. There may be few, or none, though more follow.
    pub labels: Vec<StoredLabel>,
    /// Where the next page goes on; `None`: this is the last.
    pub next: Option<LabelPlace>,
}

impl Lifecycle {
    /// At most `limit` of the labels that `query` means, in `order`, from after `place`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn label_page(
        &self,
        query: &LabelQuery,
        order: LabelOrder,
        place: Option<LabelPlace>,
        limit: u32,
    ) -> Result<LabelPage, LifecycleError> {
        let size = if query.domain.is_some() {
            PAGE
        } else {
            // One more, to know whether there are any.
            limit.saturating_add(1)
        };
        let limit = limit as usize;
        let (mut labels, mut place, mut scanned) = (Vec::new(), place, 0);
        loop {
            let page = self.store.labels(&query.filter, order, place, size).await?;
            let is_last = page.len() < size as usize;
            for (label, takes) in query.looked_at(page).await? {
                if labels.len() == limit {
                    return Ok(LabelPage {
                        labels,
                        next: place,
                    });
                }
                place = Some(LabelPlace::from(&label));
                if takes {
                    labels.push(label);
                }
            }
            scanned += size;
            if is_last {
                return Ok(LabelPage { labels, next: None });
            }
            if scanned >= SCANNED {
                return Ok(LabelPage {
                    labels,
                    next: place,
                });
            }
        }
    }

    /// Shows `visit` at most `limit` of the labels that `query` means, in `order`.
    ///
    /// # Errors
    /// If the store cannot be reached, or `visit` fails.
    pub async fn each_label(
        &self,
        query: &LabelQuery,
        order: LabelOrder,
        limit: usize,
        mut visit: impl FnMut(StoredLabel) -> Result<(), LifecycleError>,
    ) -> Result<(), LifecycleError> {
        let mut left = limit;
        for ids in id_groups(&query.filter.ids) {
            let filter = LabelFilter {
                ids: ids.to_vec(),
                ..query.filter.clone()
            };
            let mut place: Option<LabelPlace> = None;
            while left > 0 {
                let page = self.store.labels(&filter, order, place, PAGE).await?;
                place = page.last().map(LabelPlace::from);
                let is_last = page.len() < PAGE as usize;
                let page = query.looked_at(page).await?.into_iter();
                for (label, _) in page.filter(|(_, takes)| *takes) {
                    if left == 0 {
                        break;
                    }
                    left -= 1;
                    visit(label)?;
                }
                if is_last {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Adds the labels that stand to `sum`, in `order`, a page at a time and on a thread where
    /// that may take its time: the log may be long, and reading texts takes what it takes.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub(super) async fn fold_standing<T: Send + 'static>(
        &self,
        order: LabelOrder,
        mut sum: T,
        add: fn(&mut T, StoredLabel),
    ) -> Result<T, LifecycleError> {
        let filter = LabelFilter {
            retracted: Some(false),
            ..LabelFilter::default()
        };
        let mut place: Option<LabelPlace> = None;
        loop {
            let page = self.store.labels(&filter, order, place, PAGE).await?;
            place = page.last().map(LabelPlace::from);
            let is_last = page.len() < PAGE as usize;
            sum = computed(move || {
                for label in page {
                    add(&mut sum, label);
                }
                sum
            })
            .await?;
            if is_last {
                return Ok(sum);
            }
        }
    }

    /// Retracts the labels that `query` means and that still stand: nothing is learned
    /// from them any more. With `dry_run` only says which those are.
    ///
    /// # Errors
    /// If `query` means all labels, or names one that there is not; if the store cannot
    /// be reached, and then none was retracted.
    pub async fn retract(
        &self,
        query: &LabelQuery,
        actor: &Actor,
        why: Option<String>,
        now: Timestamp,
        dry_run: bool,
    ) -> Result<Retracting, LifecycleError> {
        if query.is_all() {
            return Err(LifecycleError::AllLabels);
        }
        let (mut found, mut standing) = (Vec::new(), Vec::new());
        let mut retracting = Retracting::default();
        self.each_label(query, LabelOrder::OldestFirst, usize::MAX, |label| {
            found.push(label.id);
            if label.retracted.is_none() {
                standing.push(label.id);
                let by = label.actor.as_deref().unwrap_or_default();
                let separator = if by.is_empty() { "" } else { " " };
                let origin = format!("{}{separator}{by}", label.source.name());
                *retracting.by_origin.entry(origin).or_default() += 1;
            }
            Ok(())
        })
        .await?;
        Self::all_found(query, &found)?;
        retracting.labels = standing.len() as u64;
        if !dry_run && !standing.is_empty() {
            let retraction = Retraction {
                actor: actor.clone(),
                now,
                why,
                audit_id: (self.new_id)(),
            };
            retracting.labels = self.store.retract_labels(&standing, &retraction).await?;
        }
        Ok(retracting)
    }
}

impl Lifecycle {
    /// Lets labels through that the guard holds back now: those of them that `query`
    /// means. How many. What it does not hold back stays open to its suspicion later.
    ///
    /// # Errors
    /// If `query` means all labels, or names one that there is not; if the store cannot
    /// be reached, and then none was released.
    pub async fn release(
        &self,
        query: &LabelQuery,
        actor: &Actor,
        why: Option<String>,
        now: Timestamp,
    ) -> Result<u64, LifecycleError> {
        if query.is_all() {
            return Err(LifecycleError::AllLabels);
        }
        let mut found = Vec::new();
        self.each_label(query, LabelOrder::OldestFirst, usize::MAX, |label| {
            found.push(label.id);
            Ok(())
        })
        .await?;
        Self::all_found(query, &found)?;
        let held_back = self.held_back().await?;
        let held_back: HashSet<_> = held_back.into_iter().map(|(label, _)| label.id).collect();
        found.retain(|id| held_back.contains(id));
        if found.is_empty() {
            return Ok(0);
        }
        let by = Retraction {
            actor: actor.clone(),
            now,
            why,
            audit_id: (self.new_id)(),
        };
        Ok(self.store.release_labels(&found, &by).await?)
    }

    /// Whether every label that `query` names by its id is there.
    fn all_found(query: &LabelQuery, found: &[LabelId]) -> Result<(), LifecycleError> {
        if query.domain.is_some() {
            return Ok(());
        }
        let missing = query.filter.ids.iter().find(|id| !found.contains(id));
        missing.map_or(Ok(()), |id| Err(LifecycleError::NoSuchLabel(*id)))
    }
}

/// The groups in which labels of these ids are asked for; one of none where any id will do.
fn id_groups(ids: &[LabelId]) -> Vec<&[LabelId]> {
    if ids.is_empty() {
        return vec![&[]];
    }
    ids.chunks(IDS).collect()
}

#[cfg(test)]
mod tests;
