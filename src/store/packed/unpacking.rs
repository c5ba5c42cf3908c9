//! When what is packed is made rows of.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{Amount, Backlog};
use crate::store::database::Database;
use crate::store::error::StoreError;
use crate::store::ids::CommentId;
use crate::store::patience::in_time;

/// How long nothing may come before a page is unpacked. Others have the disk meanwhile.
const QUIET: Duration = Duration::from_millis(10);

/// How long to leave alone what could not be unpacked.
const REST: Duration = Duration::from_secs(5);

/// Bytes of pages beyond which as much is unpacked as comes, whatever that costs: some
/// 300,000 comments, a quarter of a minute's at full load.
const MOST: u64 = 256 << 20;

/// Unpacks page by page, the oldest first.
pub(in crate::store) struct Unpacking {
    backlog: Arc<Backlog>,
    /// The page that could not be unpacked; others are not to wait for it.
    failed: Option<CommentId>,
    not_before: Option<Instant>,
}

impl Unpacking {
    pub(in crate::store) const fn new(backlog: Arc<Backlog>) -> Self {
        Self {
            backlog,
            failed: None,
            not_before: None,
        }
    }

    /// So much was packed.
    pub(in crate::store) fn add(&self, amount: Amount) {
        self.backlog.add(amount);
    }

    /// Approvals that are packed.
    pub(in crate::store) fn left(&self) -> u64 {
        self.backlog.now().records
    }

    /// Waits for a quiet moment with something to unpack.
    pub(in crate::store) async fn quiet(&self) {
        self.backlog.filled().await;
        tokio::time::sleep(QUIET).await;
        if let Some(time) = self.not_before {
            tokio::time::sleep_until(time).await;
        }
    }

    /// Whether to unpack a page now.
    pub(in crate::store) fn is_due(&self, is_busy: bool) -> bool {
        let may = self.not_before.is_none_or(|time| time <= Instant::now());
        may && self.left() > 0 && (!is_busy || self.is_overdue())
    }

    /// Whether more is packed than may be.
    pub(in crate::store) fn is_overdue(&self) -> bool {
        self.backlog.now().bytes > MOST
    }

    /// Unpacks the next page.
    ///
    /// # Errors
    /// If it cannot be; then there is a rest, and those after it come first.
    pub(in crate::store) async fn one(&mut self, database: &Database) -> Result<(), StoreError> {
        let failed = self.failed.take();
        let outcome = in_time(self.try_one(database, failed)).await;
        if outcome.is_err() {
            self.not_before = Some(Instant::now() + REST);
        }
        outcome
    }

    async fn try_one(
        &mut self,
        database: &Database,
        failed: Option<CommentId>,
    ) -> Result<(), StoreError> {
        let mut transaction = database.begin().await?;
        let Some(first) = super::next_free(&mut transaction, failed).await? else {
            transaction.commit().await?;
            if failed.is_none() {
                // Somebody else has unpacked what was thought to be there, or is about to.
                self.backlog.set(Amount::default());
            }
            return Ok(());
        };
        self.failed = Some(first);
        let amount = super::unpack(&mut transaction, first).await?;
        transaction.commit().await?;
        self.failed = failed;
        self.backlog.take(amount);
        Ok(())
    }
}
