//! What the pipeline asks of a store.

use async_trait::async_trait;

use super::Store;
use super::error::StoreError;
use super::record::{Receipt, Record, Recorded};
use crate::comment::SubmissionId;
use crate::site::SiteId;

/// Keeps judged comments and their verdicts.
#[async_trait]
pub trait Records: Send + Sync {
    /// The verdict that `site` got for `submission`, if it is still kept.
    ///
    /// # Errors
    /// If it cannot be told.
    async fn receipt(
        &self,
        site: &SiteId,
        submission: &SubmissionId,
    ) -> Result<Option<Receipt>, StoreError>;

    /// Keeps a record, and returns once it is durable.
    ///
    /// # Errors
    /// If it could not be kept, or its `submission_id` was used for other content.
    async fn record(&self, record: Record) -> Result<Recorded, StoreError>;

    /// Leaves a record to be kept soon. Waits where records come faster than they can
    /// be written.
    ///
    /// # Errors
    /// If it cannot be kept now; then it never will be.
    async fn record_behind(&self, record: Record) -> Result<(), StoreError>;
}

#[async_trait]
impl Records for Store {
    async fn receipt(
        &self,
        site: &SiteId,
        submission: &SubmissionId,
    ) -> Result<Option<Receipt>, StoreError> {
        Self::receipt(self, site, submission).await
    }

    async fn record(&self, record: Record) -> Result<Recorded, StoreError> {
        Self::record(self, record).await
    }

    async fn record_behind(&self, record: Record) -> Result<(), StoreError> {
        Self::record_behind(self, record).await
    }
}

/// Keeps nothing, for judging alone: every record is new and none is found again.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStore;

#[async_trait]
impl Records for NoStore {
    async fn receipt(&self, _: &SiteId, _: &SubmissionId) -> Result<Option<Receipt>, StoreError> {
        Ok(None)
    }

    async fn record(&self, _: Record) -> Result<Recorded, StoreError> {
        Ok(Recorded::New)
    }

    async fn record_behind(&self, _: Record) -> Result<(), StoreError> {
        Ok(())
    }
}
