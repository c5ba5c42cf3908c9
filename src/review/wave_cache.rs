//! The waves of each site, kept in memory and brought up to date by what has changed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

use super::ReviewError;
use super::waves::{Print, Waves};
use crate::site::SiteId;
use crate::store::{CommentId, Store, StoreError};
use crate::text::SimHash;

/// How old waves may be to decide on.
const FRESH: SignedDuration = SignedDuration::from_secs(1);
/// How far back to look for changes: clocks of replicas differ, and what is received
/// first is not always durable first.
const OVERLAP: SignedDuration = SignedDuration::from_secs(60);
/// Most comments of a site that are grouped; the rest count as like no other.
const MOST: u32 = 250_000;
/// Share of the time that may go into reading a site's whole queue.
const SHARE: u32 = 100;
/// How long a page waits for waves that are beside the point.
const GLANCE: Duration = Duration::from_millis(50);
/// Sites whose waves nobody looked at for so long are left out of memory.
const IDLE: Duration = Duration::from_mins(30);

/// Waves by site. Cheap to clone; all clones are one.
#[derive(Clone)]
pub(super) struct WaveCache {
    store: Store,
    sites: Arc<Mutex<HashMap<SiteId, Arc<Entry>>>>,
}

/// The waves of one site. Whoever brings them up to date holds the turn.
struct Entry {
    known: Mutex<Known>,
    turn: tokio::sync::Mutex<()>,
}

struct Known {
    waves: Waves,
    /// As of when; `None`: nothing was read yet.
    at: Option<Timestamp>,
    used: Instant,
    /// When the whole queue may be read again.
    whole_from: Instant,
}

impl Entry {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        let at = self.known().at;
        at.is_some_and(|at| now.duration_since(at).abs() <= FRESH)
    }
}

impl WaveCache {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            sites: Arc::default(),
        }
    }

    /// Asks the waves of `site`, which are not older than a second.
    pub(super) async fn fresh<T>(
        &self,
        site: &SiteId,
        now: Timestamp,
        ask: impl FnOnce(&Waves) -> T,
    ) -> Result<T, ReviewError> {
        let entry = self.entry(site);
        if !entry.is_fresh(now) {
            self.update(site, &entry, now).await?;
        }
        let known = entry.known();
        Ok(ask(&known.waves))
    }

    /// Asks the waves of `site`, and has them brought up to date, but does not wait for that
    /// long: then they are as they were, or none are known.
    pub(super) async fn recent<T>(
        &self,
        site: &SiteId,
        now: Timestamp,
        ask: impl FnOnce(&Waves) -> T,
    ) -> T {
        let entry = self.entry(site);
        if !entry.is_fresh(now) {
            // What takes longer goes on by itself, and the next page shows it.
            let updated = tokio::time::timeout(GLANCE, self.update(site, &entry, now)).await;
            if let Ok(Err(error)) = updated {
                tracing::warn!(%error, %site, "waves could not be brought up to date");
            }
        }
        let known = entry.known();
        ask(&known.waves)
    }

    /// Takes comments out that were just decided on.
    pub(super) fn remove(&self, site: &SiteId, ids: impl IntoIterator<Item = CommentId>) {
        let entry = self.entry(site);
        let mut known = entry.known();
        for id in ids {
            known.waves.remove(id);
        }
    }

    /// Has the next who asks look for changes: comments of `site` came back.
    pub(super) fn outdate(&self, site: &SiteId) {
        let entry = self.entry(site);
        let mut known = entry.known();
        known.at = known.at.and_then(|at| at.checked_sub(FRESH * 2).ok());
    }

    fn entry(&self, site: &SiteId) -> Arc<Entry> {
        let now = Instant::now();
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = sites.get(site) {
            entry.known().used = now;
            return Arc::clone(entry);
        }
        sites.retain(|_, entry| now.duration_since(entry.known().used) < IDLE);
        let entry = Arc::new(Entry {
            known: Mutex::new(Known {
                waves: Waves::default(),
                at: None,
                used: now,
                whole_from: now,
            }),
            turn: tokio::sync::Mutex::default(),
        });
        sites.insert(site.clone(), Arc::clone(&entry));
        entry
    }

    /// Brings the waves of a site up to date, in a task of its own: who gives up waiting
    /// does not undo what was done.
    async fn update(
        &self,
        site: &SiteId,
        entry: &Arc<Entry>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (store, site, entry) = (self.store.clone(), site.clone(), Arc::clone(entry));
        let updating = tokio::spawn(async move {
            let _turn = entry.turn.lock().await;
            // Somebody else may have done it meanwhile.
            if entry.is_fresh(now) {
                return Ok(());
            }
            let at = entry.known().at;
            let Some(at) = at else {
                return read_whole(&store, &site, &entry, now).await;
            };
            read_changes(&store, &site, &entry, at, now).await?;
            let held = store.held_count(&site).await?.min(MOST);
            let known = entry.known().waves.len();
            let may_read = entry.known().whole_from <= Instant::now();
            if known != held as usize && may_read {
                read_whole(&store, &site, &entry, now).await?;
            }
            Ok(())
        });
        updating
            .await
            .unwrap_or_else(|error| Err(StoreError::Fault(error.to_string())))
    }
}

/// Adds what came and takes out what people decided on since shortly before `at`.
async fn read_changes(
    store: &Store,
    site: &SiteId,
    entry: &Entry,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let since = at.checked_sub(OVERLAP).unwrap_or(Timestamp::MIN);
    let touched = store.prints_decided_since(site, since).await?;
    let came = store.held_prints(site, Some(since), MOST).await?;
    let mut known = entry.known();
    for (held, print) in touched {
        if held {
            add(&mut known.waves, print);
        } else {
            known.waves.remove(print.0);
        }
    }
    for print in came {
        add(&mut known.waves, print);
    }
    known.at = Some(now);
    Ok(())
}

/// Makes the waves agree with the whole queue.
async fn read_whole(
    store: &Store,
    site: &SiteId,
    entry: &Arc<Entry>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let start = Instant::now();
    let held = store.held_prints(site, None, MOST).await?;
    let entry = Arc::clone(entry);
    let group = move || {
        let first = entry.known().at.is_none();
        if first {
            // Nobody waits for the lock while all are grouped.
            let mut waves = Waves::default();
            for print in held {
                add(&mut waves, print);
            }
            entry.known().waves = waves;
        } else {
            let ids: HashSet<_> = held.iter().map(|(id, _)| *id).collect();
            let gone: Vec<_> = entry
                .known()
                .waves
                .ids()
                .filter(|id| !ids.contains(id))
                .collect();
            for id in gone {
                entry.known().waves.remove(id);
            }
            for print in held {
                add(&mut entry.known().waves, print);
            }
        }
        let mut known = entry.known();
        known.at = Some(now);
        known.whole_from = Instant::now() + start.elapsed() * SHARE;
    };
    let grouped = tokio::task::spawn_blocking(group).await;
    grouped.map_err(|error| StoreError::Fault(error.to_string()))
}

fn add(waves: &mut Waves, (id, simhash): (CommentId, Option<[u8; 16]>)) {
    if waves.len() < MOST as usize {
        waves.add(Print {
            id,
            simhash: simhash.map(SimHash::from_bytes),
        });
    }
}
