//! The queue by waves: the largest first, near-identical comments side by side.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::page_token::{self, Position, QueryName};
use super::waves::Waves;
use super::{HeldComment, HeldPage, Review, ReviewError};
use crate::store::{CommentId, QueueFilter, Status};

/// What a comment is sorted by: the size of its wave, the largest first; its leader; itself.
type WaveKey = (Reverse<u32>, CommentId, CommentId);

impl Review {
    pub(super) async fn by_wave(
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
        let all_of_site = QueueFilter {
            site: Some(site.clone()),
            sites: filter.sites.clone(),
            ..QueueFilter::default()
        };
        let (wanted, total) = if *filter == all_of_site {
            (None, self.store.queue_size(filter, now).await?)
        } else {
            let ids = self.store.queue_ids(filter, now).await?;
            let total = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            (Some(ids.into_iter().collect::<HashSet<_>>()), total)
        };
        let after = position.map(wave_key_at).transpose()?;
        let keys = |waves: &Waves| {
            let from = after.map(|(size, leader, _)| (size.0, leader));
            let ranked = waves.ranked(from);
            let keys = ranked.map(|(size, leader, id)| (Reverse(size), leader, id));
            keys.filter(|key| after.is_none_or(|after| *key > after))
                .filter(|key| wanted.as_ref().is_none_or(|ids| ids.contains(&key.2)))
                .take(limit as usize + 1)
                .collect::<Vec<WaveKey>>()
        };
        let mut keys = self.waves.fresh(site, now, keys).await?;
        let more = keys.len() > limit as usize;
        keys.truncate(limit as usize);
        let last = keys.last().filter(|_| more);
        let next = last.map(|last| page_token::encode(name, wave_position(*last), now));
        let sizes: HashMap<_, _> = keys.iter().map(|key| (key.2, key.0.0 as usize)).collect();
        let ids: Vec<_> = keys.iter().map(|key| key.2).collect();
        let queued = self.in_order(&ids, now).await?;
        let comments = queued.into_iter().filter_map(|queued| {
            // Not what somebody has decided on since the waves were made.
            let held = queued.comment.status == Status::Held;
            held.then(|| HeldComment {
                wave_size: sizes.get(&queued.comment.id).copied().unwrap_or(1),
                queued,
            })
        });
        Ok(HeldPage {
            comments: comments.collect(),
            next,
            total,
        })
    }
}

fn wave_position((size, leader, id): WaveKey) -> Position {
    Position {
        key: i64::from(size.0),
        id: id.to_bytes(),
        group: leader.to_bytes(),
    }
}

fn wave_key_at(position: Position) -> Result<WaveKey, ReviewError> {
    let size = u32::try_from(position.key);
    let size = size.map_err(|_| page_token::BadPageToken::Malformed)?;
    let id = CommentId::from_array;
    Ok((Reverse(size), id(position.group), id(position.id)))
}
