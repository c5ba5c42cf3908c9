//! The queue, page by page.

use std::collections::HashMap;

use jiff::Timestamp;

use super::page_token::{self, Position, QueryName, score, sortable};
use super::waves::Waves;
use super::{CommentName, Review, ReviewError};
use crate::site::SiteId;
use crate::store::{CommentId, QueueFilter, QueueOrder, QueuePlace, QueuedComment};

/// Comments of a page where nothing is said.
const PAGE: u32 = 50;
/// Most comments of a page.
const LARGEST_PAGE: u32 = 200;
/// Lengths a search may have, in characters.
const SEARCH: std::ops::RangeInclusive<usize> = 2..=200;
/// Longest reason code and page id, in bytes.
const LONGEST_CODE: usize = 64;
const MOST_CODES: usize = 40;

/// A question to the queue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldQuery {
    /// Which comments. `among` is set by [`Self::near`].
    pub filter: QueueFilter,
    /// Only those near-identical to this one.
    pub near: Option<CommentName>,
    /// In which order.
    pub order: HeldOrder,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeldOrder {
    /// Whoever waits longest comes first.
    #[default]
    Oldest,
    /// The latest first.
    Newest,
    /// The highest score first, of the filter's head if it has one.
    Score,
    /// The largest waves first, near-identical ones side by side.
    Wave,
}

/// Which page of a list.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Most entries; 0 is 50, more than 200 is 200.
    pub size: u32,
    /// `next` of the page before.
    pub token: Option<String>,
}

impl Page {
    pub(super) fn limit(&self) -> u32 {
        if self.size == 0 {
            PAGE
        } else {
            self.size.min(LARGEST_PAGE)
        }
    }

    pub(super) fn position(
        &self,
        query: QueryName,
        now: Timestamp,
    ) -> Result<Option<Position>, ReviewError> {
        let token = self.token.as_deref().filter(|token| !token.is_empty());
        let position = token.map(|token| page_token::decode(token, query, now));
        Ok(position.transpose()?)
    }
}

/// A comment with the size of its wave.
#[derive(Clone, Debug)]
pub struct HeldComment {
    /// The comment.
    pub queued: QueuedComment,
    /// How many comments in the queue are near-identical, this one included.
    pub wave_size: usize,
}

/// A page of the queue.
#[derive(Clone, Debug)]
pub struct HeldPage {
    /// The comments.
    pub comments: Vec<HeldComment>,
    /// Token of the next page, if there is one.
    pub next: Option<String>,
    /// How many comments fit the filter.
    pub total: u32,
}

impl HeldComment {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> CommentName {
        CommentName {
            site: self.queued.comment.site.clone(),
            id: self.queued.comment.id,
        }
    }
}

impl Review {
    /// A page of the queue. Comments that come or go between two pages neither repeat
    /// nor hide others; by waves, one whose wave grows or shrinks meanwhile may.
    ///
    /// # Errors
    /// If the query or the token cannot be meant, the site may not be seen, or the store has no answer.
    pub async fn held(
        &self,
        query: &HeldQuery,
        page: &Page,
        now: Timestamp,
    ) -> Result<HeldPage, ReviewError> {
        valid(query)?;
        let name = QueryName::of(query);
        let position = page.position(name, now)?;
        let mut filter = self.narrowed(&query.filter)?;
        if let Some(near) = &query.near {
            self.must(&near.site)?;
            filter.among = Some(self.waves.fresh(&near.site, now).await?.with(near.id));
        }
        if query.order == HeldOrder::Wave {
            return self
                .by_wave(&filter, page.limit(), name, position, now)
                .await;
        }
        let order = match query.order {
            HeldOrder::Newest => QueueOrder::Newest,
            HeldOrder::Score => QueueOrder::Score(filter.head),
            HeldOrder::Oldest | HeldOrder::Wave => QueueOrder::Oldest,
        };
        let place = position
            .map(|position| place(order, position))
            .transpose()?;
        let limit = page.limit();
        let mut queued = self
            .store
            .queue(&filter, order, place, limit + 1, now)
            .await?;
        let total = self.store.queue_size(&filter, now).await?;
        let more = queued.len() > limit as usize;
        queued.truncate(limit as usize);
        let last = queued.last().filter(|_| more);
        let next = last.map(|last| page_token::encode(name, position_of(order, last), now));
        Ok(HeldPage {
            comments: self.with_wave_sizes(queued, now).await?,
            next,
            total,
        })
    }

    /// How many held comments fit the filter.
    ///
    /// # Errors
    /// If the site may not be seen, or the store has no answer.
    pub async fn count(&self, filter: &QueueFilter, now: Timestamp) -> Result<u32, ReviewError> {
        let filter = self.narrowed(filter)?;
        Ok(self.store.queue_size(&filter, now).await?)
    }

    async fn by_wave(
        &self,
        filter: &QueueFilter,
        limit: u32,
        name: QueryName,
        position: Option<Position>,
        now: Timestamp,
    ) -> Result<HeldPage, ReviewError> {
        let site = filter.site.as_ref().ok_or_else(|| {
            ReviewError::invalid(
                "parent",
                "expected one site, sites/{site}, to order by waves",
            )
        })?;
        let ids = self.store.queue_ids(filter, now).await?;
        let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let waves = self.waves.fresh(site, now).await?;
        let mut sorted: Vec<_> = ids.into_iter().map(|id| wave_key(&waves, id)).collect();
        sorted.sort_unstable();
        let after = position.map(wave_key_at).transpose()?;
        let from = after.map_or(0, |after| sorted.partition_point(|key| *key <= after));
        let to = sorted.len().min(from + limit as usize);
        let next = (to < sorted.len()).then(|| {
            let last = wave_position(sorted[to - 1]);
            page_token::encode(name, last, now)
        });
        let ids: Vec<_> = sorted[from..to].iter().map(|key| key.2).collect();
        let queued = self.in_order(&ids, now).await?;
        let comments = queued.into_iter().map(|queued| HeldComment {
            wave_size: waves.size(queued.comment.id),
            queued,
        });
        Ok(HeldPage {
            comments: comments.collect(),
            next,
            total,
        })
    }

    /// The comments with these ids, in their order.
    pub(super) async fn in_order(
        &self,
        ids: &[CommentId],
        now: Timestamp,
    ) -> Result<Vec<QueuedComment>, ReviewError> {
        let found = self.store.queued_by_id(ids, now).await?;
        let mut by_id: HashMap<_, _> = found
            .into_iter()
            .map(|queued| (queued.comment.id, queued))
            .collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// Adds the sizes of waves, which may be some seconds old.
    pub(super) async fn with_wave_sizes(
        &self,
        queued: Vec<QueuedComment>,
        now: Timestamp,
    ) -> Result<Vec<HeldComment>, ReviewError> {
        let mut waves: HashMap<SiteId, _> = HashMap::new();
        let mut comments = Vec::with_capacity(queued.len());
        for queued in queued {
            let site = &queued.comment.site;
            if !waves.contains_key(site) {
                waves.insert(site.clone(), self.waves.recent(site, now).await?);
            }
            let wave_size = waves
                .get(site)
                .map_or(1, |waves| waves.size(queued.comment.id));
            comments.push(HeldComment { queued, wave_size });
        }
        Ok(comments)
    }
}

/// What a comment is sorted by: the size of its wave, the largest first; its leader; itself.
type WaveKey = (std::cmp::Reverse<usize>, CommentId, CommentId);

fn wave_key(waves: &Waves, id: CommentId) -> WaveKey {
    (std::cmp::Reverse(waves.size(id)), waves.leader(id), id)
}

fn wave_position((size, leader, id): WaveKey) -> Position {
    Position {
        key: i64::try_from(size.0).unwrap_or(i64::MAX),
        id: id.to_bytes(),
        group: leader.to_bytes(),
    }
}

fn wave_key_at(position: Position) -> Result<WaveKey, ReviewError> {
    let size = usize::try_from(position.key);
    let size = size.map_err(|_| page_token::BadPageToken::Malformed)?;
    let id = CommentId::from_array;
    Ok((std::cmp::Reverse(size), id(position.group), id(position.id)))
}

fn place(order: QueueOrder, position: Position) -> Result<QueuePlace, ReviewError> {
    let id = CommentId::from_array(position.id);
    Ok(match order {
        QueueOrder::Score(_) => QueuePlace::Score(score(position.key), id),
        QueueOrder::Oldest | QueueOrder::Newest => {
            let time = Timestamp::from_microsecond(position.key);
            QueuePlace::Time(time.map_err(|_| page_token::BadPageToken::Malformed)?, id)
        }
    })
}

fn position_of(order: QueueOrder, last: &QueuedComment) -> Position {
    let comment = &last.comment;
    let key = match order {
        QueueOrder::Oldest | QueueOrder::Newest => comment.received_at.as_microsecond(),
        QueueOrder::Score(Some(head)) => sortable(comment.scores.get(head).get()),
        QueueOrder::Score(None) => {
            let scores = comment.scores;
            sortable(scores.spam.get().max(scores.toxicity.get()))
        }
    };
    Position {
        key,
        id: comment.id.to_bytes(),
        group: [0; 16],
    }
}

fn valid(query: &HeldQuery) -> Result<(), ReviewError> {
    let filter = &query.filter;
    let well_formed = |code: &String| {
        (1..=LONGEST_CODE).contains(&code.len())
            && code
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
    };
    if filter.reason_codes.len() > MOST_CODES || !filter.reason_codes.iter().all(well_formed) {
        return Err(ReviewError::invalid(
            "filter.reason_codes",
            format!("expected at most {MOST_CODES} codes such as SPAM_SCORE"),
        ));
    }
    for (field, score) in [
        ("filter.min_score", filter.min_score),
        ("filter.max_score", filter.max_score),
    ] {
        if score.is_some_and(|score| !(0.0..=1.0).contains(&score)) {
            return Err(ReviewError::invalid(field, "expected a score from 0 to 1"));
        }
    }
    if let Some(search) = &filter.search {
        let found = search.chars().count();
        if !SEARCH.contains(&found) {
            return Err(ReviewError::invalid(
                "filter.search",
                format!("expected 2 to 200 characters, found {found}"),
            ));
        }
    }
    if filter
        .page_id
        .as_ref()
        .is_some_and(|page| page.len() > 2_048)
    {
        return Err(ReviewError::invalid(
            "filter.page_id",
            "expected at most 2,048 bytes",
        ));
    }
    let near = query.near.as_ref().map(|near| &near.site);
    if near.is_some() && filter.site.is_some() && near != filter.site.as_ref() {
        return Err(ReviewError::invalid(
            "filter.near",
            "expected a comment of the site that is listed",
        ));
    }
    Ok(())
}
