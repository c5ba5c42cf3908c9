//! Waves, the largest first.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{HeldComment, Review, ReviewError};
use crate::site::SiteId;

/// Fewest comments that make a wave where nothing is said.
const SMALLEST: usize = 2;
/// Comments of a wave that are looked at for its authors.
const LOOKED_AT: usize = 500;

/// Near-identical comments in the queue.
#[derive(Clone, Debug)]
pub struct Wave {
    /// The oldest of them, with the size of the wave.
    pub first: HeldComment,
    /// How many authors, of the first 500.
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
        let waves = self.waves.fresh(site, now).await?;
        let largest = waves.largest(smallest);
        let mut page = WavePage {
            waves: Vec::new(),
            total: largest.len(),
        };
        for members in largest.into_iter().take(limit) {
            let looked_at: Vec<_> = members
                .iter()
                .take(LOOKED_AT)
                .chain(members.last().filter(|_| members.len() > LOOKED_AT))
                .copied()
                .collect();
            let found = self.in_order(&looked_at, now).await?;
            let authors: HashSet<_> = found
                .iter()
                .map(|queued| queued.comment.author.email)
                .collect();
            let latest = found.iter().map(|queued| queued.comment.received_at).max();
            let first = found.into_iter().next();
            if let (Some(queued), Some(latest_at)) = (first, latest) {
                page.waves.push(Wave {
                    first: HeldComment {
                        queued,
                        wave_size: members.len(),
                    },
                    authors: authors.len(),
                    latest_at,
                });
            }
        }
        Ok(page)
    }
}
