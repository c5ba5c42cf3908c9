//! When not to ask a Redis that has just failed.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::site::SiteId;

/// A circuit breaker. While it is open nobody asks Redis but the prober, which closes
/// it. A failed call opens it whether or not anybody still waits for the answer:
/// callers who give up before the budget hide no outage.
pub(super) struct Circuit {
    open: AtomicBool,
    /// Redis has counted since this was last asked.
    used: AtomicBool,
    /// On whose keys Redis is tried.
    site: SiteId,
}

impl Circuit {
    /// A closed one.
    pub(super) const fn new(site: SiteId) -> Self {
        Self {
            open: AtomicBool::new(false),
            used: AtomicBool::new(false),
            site,
        }
    }

    pub(super) const fn site(&self) -> &SiteId {
        &self.site
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Opens it; true for the one who did.
    pub(super) fn open(&self) -> bool {
        !self.open.swap(true, Ordering::AcqRel)
    }

    /// Redis has counted.
    pub(super) fn succeeded(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether Redis has not counted since this was last asked.
    pub(super) fn is_idle(&self) -> bool {
        !self.used.swap(false, Ordering::Relaxed)
    }

    pub(super) fn close(&self) {
        self.open.store(false, Ordering::Release);
    }
}
