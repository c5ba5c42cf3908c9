//! The queue, page by page.

use std::collections::HashMap;

use jiff::Timestamp;

use super::page_token::{self, Position, QueryName, score, sortable};
use super::waves::Waves;
use super::{CommentName, Review, ReviewError};
use crate::comment::SITE_VALUE_MAX_CHARS;
use crate::site::SiteId;
use crate::store::{CommentId, QueueFilter, QueueOrder, QueuePlace, QueuedComment, Status};

/// Comments of a page where nothing is said.
const PAGE: u32 = 50;
/// Most comments of a page.
const LARGEST_PAGE: u32 = 200;
/// Lengths a search may have, in characters.
const SEARCH: std::ops::RangeInclusive<usize> = 2..=200;
/// Longest reason code, in bytes.
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
            let prints = self.fingerprints(&near.site, &[near.id], now).await?;
            let print = prints.get(&near.id).copied();
            let wave = |waves: &Waves| waves.alike(near.id, print).to_vec();
            filter.among = Some(self.waves.fresh(&near.site, now, wave).await?);
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
        let (mut queued, total) = futures::future::try_join(
            self.store.queue(&filter, order, place, limit + 1, now),
            self.store.queue_size(&filter, now),
        )
        .await?;
        let more = queued.len() > limit as usize;
        queued.truncate(limit as usize);
        let last = queued.last().filter(|_| more);
        let next = last.map(|last| page_token::encode(name, position_of(order, last), now));
        // Not what somebody decided on while it was read; the list goes on all the same.
        queued.retain(|queued| queued.comment.status == Status::Held);
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

    /// When the latest held comment was received; `None`: none is held.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn newest(&self, now: Timestamp) -> Result<Option<Timestamp>, ReviewError> {
        let filter = self.narrowed(&QueueFilter::default())?;
        Ok(self.store.newest_held(&filter, now).await?)
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
        let mut of_site: HashMap<&SiteId, Vec<CommentId>> = HashMap::new();
        for queued in &queued {
            let comment = &queued.comment;
            of_site.entry(&comment.site).or_default().push(comment.id);
        }
        let asked = of_site.into_iter().map(async |(site, ids)| {
            let sizes = |waves: &Waves| {
                let size = |id| (id, waves.size(id));
                ids.into_iter().map(size).collect::<Vec<_>>()
            };
            self.waves.recent(site, now, sizes).await
        });
        let sizes = futures::future::join_all(asked).await;
        let sizes: HashMap<_, _> = sizes.into_iter().flatten().collect();
        let comment = |queued: QueuedComment| HeldComment {
            wave_size: sizes.get(&queued.comment.id).copied().unwrap_or(1),
            queued,
        };
        Ok(queued.into_iter().map(comment).collect())
    }
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
    let page_id = filter.page_id.as_deref().unwrap_or_default();
    // No longer one is kept.
    if page_id.chars().nth(SITE_VALUE_MAX_CHARS).is_some() {
        return Err(ReviewError::invalid(
            "filter.page_id",
            format!("expected at most {SITE_VALUE_MAX_CHARS} characters"),
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
