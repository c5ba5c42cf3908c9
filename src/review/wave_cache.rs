//! The waves of each site, kept for a short time: they take a look at every held
//! comment of the site.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::ReviewError;
use super::waves::{Print, Waves};
use crate::site::SiteId;
use crate::store::{Store, StoreError};
use crate::text::SimHash;

/// How old waves may be to decide on.
const FRESH: SignedDuration = SignedDuration::from_secs(2);
/// How old waves may be to be shown beside a comment, while newer ones are made.
const RECENT: SignedDuration = SignedDuration::from_secs(60);

/// Waves by site. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(super) struct WaveCache {
    store: Store,
    sites: Arc<Mutex<HashMap<SiteId, Arc<Entry>>>>,
}

/// The waves of one site. Whoever makes them anew holds the lock, so that no two do.
#[derive(Default)]
struct Entry {
    made: Mutex<Option<(Timestamp, Arc<Waves>)>>,
    making: tokio::sync::Mutex<()>,
}

impl Entry {
    fn younger_than(&self, age: SignedDuration, now: Timestamp) -> Option<Arc<Waves>> {
        let made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, waves) = made.as_ref()?;
        (now.duration_since(*at).abs() <= age).then(|| Arc::clone(waves))
    }

    fn put(&self, waves: Option<(Timestamp, Arc<Waves>)>) {
        *self.made.lock().unwrap_or_else(PoisonError::into_inner) = waves;
    }
}

impl WaveCache {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            sites: Arc::default(),
        }
    }

    /// Waves not older than two seconds.
    pub(super) async fn fresh(
        &self,
        site: &SiteId,
        now: Timestamp,
    ) -> Result<Arc<Waves>, ReviewError> {
        let entry = self.entry(site);
        if let Some(waves) = entry.younger_than(FRESH, now) {
            return Ok(waves);
        }
        let _making = entry.making.lock().await;
        // Somebody else may have made them meanwhile.
        if let Some(waves) = entry.younger_than(FRESH, now) {
            return Ok(waves);
        }
        Ok(self.make(site, &entry, now).await?)
    }

    /// Waves that may be a minute old; where they are not fresh, newer ones are made
    /// without waiting for them.
    pub(super) async fn recent(
        &self,
        site: &SiteId,
        now: Timestamp,
    ) -> Result<Arc<Waves>, ReviewError> {
        let entry = self.entry(site);
        let Some(waves) = entry.younger_than(RECENT, now) else {
            return self.fresh(site, now).await;
        };
        if entry.younger_than(FRESH, now).is_none() && entry.making.try_lock().is_ok() {
            let (cache, site) = (self.clone(), site.clone());
            tokio::spawn(async move {
                if let Err(error) = cache.fresh(&site, now).await {
                    tracing::warn!(%error, %site, "waves could not be made anew");
                }
            });
        }
        Ok(waves)
    }

    /// Forgets the waves of `site`, whose queue has changed.
    pub(super) fn forget(&self, site: &SiteId) {
        self.entry(site).put(None);
    }

    fn entry(&self, site: &SiteId) -> Arc<Entry> {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(sites.entry(site.clone()).or_default())
    }

    async fn make(
        &self,
        site: &SiteId,
        entry: &Entry,
        now: Timestamp,
    ) -> Result<Arc<Waves>, StoreError> {
        let held = self.store.held_simhashes(site).await?;
        let group = move || {
            Waves::of(held.into_iter().map(|(id, simhash)| Print {
                id,
                simhash: SimHash::from_bytes(simhash),
            }))
        };
        let waves = tokio::task::spawn_blocking(group).await;
        let waves = waves.map_err(|error| StoreError::Fault(error.to_string()))?;
        let waves = Arc::new(waves);
        entry.put(Some((now, Arc::clone(&waves))));
        Ok(waves)
    }
}
