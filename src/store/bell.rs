//! Tells within the process that events were added.

use std::sync::Arc;

use tokio::sync::watch;

/// A bell that all clones ring. Other replicas do not hear it.
#[derive(Clone, Debug, Default)]
pub(super) struct Bell(Arc<watch::Sender<u64>>);

impl Bell {
    /// Events were committed.
    pub(super) fn ring(&self) {
        self.0.send_modify(|rung| *rung = rung.wrapping_add(1));
    }

    /// Changes at every ring.
    pub(super) fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
