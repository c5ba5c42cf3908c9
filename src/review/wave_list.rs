//! Waves, the largest first.

use std::collections::HashMap;

use jiff::Timestamp;

use super::waves::Waves;
use super::{HeldComment, Review, ReviewError};
use crate::site::SiteId;

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

/// The largest waves of a site.
#[derive(Clone, Debug)]
pub struct WavePage {
    /// The waves, the largest first.
    pub waves: Vec<Wave>,
    /// How many there are.
    pub total: usize,
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

    /// The `limit` largest waves of `site` of at least `smallest` comments; 0 is 2.
    ///
    /// # Errors
    /// If the site may not be seen, or the store has no answer.
    pub async fn waves(
        &self,
        site: &SiteId,
        smallest: usize,
        limit: usize,
        now: Timestamp,
    ) -> Result<WavePage, ReviewError> {
        self.must(site)?;
        let smallest = if smallest == 0 { SMALLEST } else { smallest };
        let largest = |waves: &Waves| {
            let first = waves.largest(smallest).take(limit).map(<[_]>::to_vec);
            (first.collect::<Vec<_>>(), waves.largest(smallest).count())
        };
        let (largest, total) = self.waves.fresh(site, now, largest).await?;
        let mut page = WavePage {
            waves: Vec::new(),
            total,
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
