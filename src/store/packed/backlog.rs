//! How much is packed and waits to be made rows of.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

/// Packed approvals, as far as this process knows: it counts its own, and each probe says
/// what there is of other replicas, or from before.
#[derive(Debug, Default)]
pub(in crate::store) struct Backlog {
    records: AtomicU64,
    bytes: AtomicU64,
    filled: Notify,
}

/// So many approvals, in pages of so many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Amount {
    pub(in crate::store) records: u64,
    pub(in crate::store) bytes: u64,
}

impl Backlog {
    pub(in crate::store) fn now(&self) -> Amount {
        Amount {
            records: self.records.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    pub(in crate::store) fn set(&self, amount: Amount) {
        self.records.store(amount.records, Ordering::Relaxed);
        self.bytes.store(amount.bytes, Ordering::Relaxed);
        self.filled.notify_one();
    }

    pub(in crate::store) fn add(&self, amount: Amount) {
        let now = self.now();
        self.set(Amount {
            records: now.records + amount.records,
            bytes: now.bytes + amount.bytes,
        });
    }

    pub(in crate::store) fn take(&self, amount: Amount) {
        let now = self.now();
        self.set(Amount {
            records: now.records.saturating_sub(amount.records),
            bytes: now.bytes.saturating_sub(amount.bytes),
        });
    }

    /// Waits until there is something.
    pub(in crate::store) async fn filled(&self) {
        while self.now().records == 0 {
            self.filled.notified().await;
        }
    }
}
