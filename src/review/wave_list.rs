//! Waves, the largest first.

use std::collections::HashMap;

use jiff::Timestamp;

use super::page_token::{self, Position, QueryName};
use super::waves::Waves;
use super::{HeldComment, Page, Review, ReviewError};
use crate::site::SiteId;
use crate::store::CommentId;

/// Fewest comments that make a wave where nothing is said.
const SMALLEST: usize = 2;
/// Comments of a wave that are looked at for its authors, besides the last.
const LOOKED_AT: usize = 200;

/// Near-identical comments in the queue.
#[derive(Clone, Debug)]
pub struct Wave {
    /// The oldest of them, with the size of the wave.
    pub first: HeldComment,
    /// How many authors, of the first 200 and the last.
    pub authors: usize,
    /// When the latest was received.
    pub latest_at: Timestamp,
}

/// Waves of a site.
#[derive(Clone, Debug)]
pub struct WavePage {
    /// The waves, the largest first.
    pub waves: Vec<Wave>,
    /// How many there are.
    pub total: usize,
    /// Token of the next page, if there is one.
    pub next: Option<String>,
}

impl Review {
    /// Groups what waits on these sites, so that who looks first need not wait for it.
    /// Where that fails, they will.
    pub async fn prepare_waves(&self, sites: &[SiteId], now: Timestamp) {
        for site in sites {
            self.waves.recent(site, now, |_| ()).await;
            self.waves.outdate(site);
        }
    }

    /// The waves of `site` of at least `smallest` comments, the largest first; 0 is 2. One
    /// that has grown or shrunk since the page before may come twice, or not.
    ///
    /// # Errors
    /// If the site may not be seen, the token cannot be meant, or the store has no answer.
    pub async fn waves(
        &self,
        site: &SiteId,
        smallest: usize,
        page: &Page,
        now: Timestamp,
    ) -> Result<WavePage, ReviewError> {
        self.must(site)?;
        let smallest = if smallest == 0 { SMALLEST } else { smallest };
        let name = QueryName::of(&("waves", site, smallest));
        let place = page.position(name, now)?;
        let limit = page.limit() as usize;
        let largest = |waves: &Waves| {
            let before = |wave: &&[CommentId]| place.is_some_and(|place| !is_after(wave, place));
            let rest = waves.largest(smallest).skip_while(before);
            let some = rest.take(limit + 1).map(<[_]>::to_vec);
            (some.collect::<Vec<_>>(), waves.largest(smallest).count())
        };
        let (mut largest, total) = self.waves.fresh(site, now, largest).await?;
        let more = largest.len() > limit;
        largest.truncate(limit);
        let last = largest.last().filter(|_| more);
        let next = last.and_then(|wave| position(wave));
        let mut page = WavePage {
            waves: Vec::new(),
            total,
            next: next.map(|place| page_token::encode(name, place, now)),
        };
        let firsts: Vec<_> = largest
            .iter()
            .filter_map(|ids| ids.first().copied())
            .collect();
        let firsts = self.in_order(&firsts, now).await?;
        let mut firsts: HashMap<_, _> = firsts
            .into_iter()
            .map(|queued| (queued.comment.id, queued))
            .collect();
        for members in largest {
            let looked_at: Vec<_> = members
                .iter()
                .take(LOOKED_AT)
                .chain(members.last().filter(|_| members.len() > LOOKED_AT))
                .copied()
                .collect();
            let first = members.first().and_then(|id| firsts.remove(id));
            let known = self.store.authors_among(&looked_at).await?;
            if let (Some(queued), Some((authors, latest_at))) = (first, known) {
                page.waves.push(Wave {
                    first: HeldComment {
                        queued,
                        wave_size: members.len(),
                    },
                    authors,
                    latest_at,
                });
            }
        }
        Ok(page)
    }
}

/// Where a wave stands: by its size, and by its oldest comment.
fn position(wave: &[CommentId]) -> Option<Position> {
    Some(Position {
        key: i64::try_from(wave.len()).ok()?,
        id: wave.first()?.to_bytes(),
        group: [0; 16],
    })
}

/// Whether a wave comes after the one that stands at `place`.
fn is_after(wave: &[CommentId], place: Position) -> bool {
    position(wave)
        .is_some_and(|here| here.key < place.key || (here.key == place.key && here.id > place.id))
}
