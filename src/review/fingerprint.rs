//! Fingerprints of what does not wait, to find its copies that do.

use std::collections::HashMap;

use jiff::Timestamp;

use super::waves::Waves;
use super::{Review, ReviewError};
use crate::site::SiteId;
use crate::store::{CommentId, StoredComment};
use crate::text::{Features, SimHash, Typed};

/// The one that is kept, or else that of the text: what was not held when it came has
/// none. `None`: the text is gone.
pub(super) fn fingerprint(comment: &StoredComment) -> Option<SimHash> {
    let kept = comment.simhash.map(SimHash::from_bytes);
    kept.or_else(|| {
        let texts = comment.texts.as_ref()?;
        let features = Features::extract(Typed {
            text: &texts.text,
            name: &texts.name,
        });
        Some(SimHash::of(&features))
    })
}

impl Review {
    /// The fingerprints of those of `ids` that are comments of `site` and in no wave.
    pub(super) async fn fingerprints(
        &self,
        site: &SiteId,
        ids: &[CommentId],
        now: Timestamp,
    ) -> Result<HashMap<CommentId, SimHash>, ReviewError> {
        let in_none = |waves: &Waves| {
            let ids = ids.iter().copied();
            ids.filter(|id| !waves.contains(*id)).collect::<Vec<_>>()
        };
        let in_none = self.waves.fresh(site, now, in_none).await?;
        let found = self.store.queued_by_id(&in_none, now).await?;
        let of_site = found.iter().filter(|queued| queued.comment.site == *site);
        let print = of_site.filter_map(|queued| {
            let comment = &queued.comment;
            Some((comment.id, fingerprint(comment)?))
        });
        Ok(print.collect())
    }
}
