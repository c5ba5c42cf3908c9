//! Whether the store takes writes, found out without a comment to keep.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::packed;
use super::patience::in_time;
use super::values::{Columns, micros};

/// What a store that failed is tried with: what is left of a disk may have room for a
/// row and none for a comment.
const BALLAST: usize = 64 << 10;

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probed {
    /// How many authors were erased until now, by any process: what is remembered of
    /// them outside the store is to be forgotten when it grows.
    pub erasures: u64,
}

impl Store {
    /// Writes a row of its own and reads, and tells the observer how that went. A store
    /// that `was_down` is tried with more. From then on the writer unpacks what it finds
    /// packed, by whomever.
    ///
    /// # Errors
    /// If the store takes no writes now.
    pub async fn probe(&self, was_down: bool, now: Timestamp) -> Result<Probed, StoreError> {
        let probed = in_time(self.probed(was_down, now)).await;
        self.observer.probed(probed.as_ref().map(drop));
        probed
    }

    async fn probed(&self, was_down: bool, now: Timestamp) -> Result<Probed, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE probe SET probed_at = $1, ballast = $2 WHERE id = 1")
            .bind(micros(now))
            .bind(was_down.then(|| vec![0x5a_u8; BALLAST]))
            .execute(&mut *transaction)
            .await?;
        let row = sqlx::query("SELECT COUNT(*) AS erasures FROM audit WHERE action = 'erase'")
            .fetch_one(&mut *transaction)
            .await?;
        let packed = packed::amount(&mut transaction).await?;
        transaction.commit().await?;
        self.backlog.set(packed);
        self.observer.packed(packed.records);
        let erasures: i64 = Columns(&row).get("erasures")?;
        Ok(Probed {
            erasures: erasures.cast_unsigned(),
        })
    }
}
