//! What webhooks have to deliver, and how it went. Replicas share the work: who takes
//! a delivery leases it for a time.

mod sending;

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::events::Event;
use super::retention::while_full;
use super::sql::Sql;
use super::values::{Columns, micros, unexpected};
use crate::site::SiteId;

/// The one receiver a site has.
const ENDPOINT: &str = "webhook";

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// To be sent, now or later.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// Given up; on the dead-letter list until it is sent again or too old.
    Dead,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Dead];

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

/// A delivery that was taken, to be sent now.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// What is to be told.
    pub event: Event,
    /// How often it was sent before.
    pub attempts: u32,
}

/// A delivery as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Whose.
    pub site: SiteId,
    /// Of which event.
    pub event: u64,
    /// How far it is.
    pub state: DeliveryState,
    /// How often it was sent.
    pub attempts: u32,
    /// When it is sent next, if it waits.
    pub next_attempt_at: Timestamp,
    /// The status of the last answer, if there was one.
    pub last_status: Option<u16>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When that was.
    pub updated_at: Timestamp,
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver has it.
    Delivered(u16),
    /// It failed; send it again then.
    Retry {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// What went wrong.
        error: String,
        /// When to send it again.
        at: Timestamp,
    },
    /// It failed for good.
    Dead {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// What went wrong.
        error: String,
    },
}

impl Attempt {
    /// What came of it: `delivered`, `retry` or `dead`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Retry { .. } => "retry",
            Self::Dead { .. } => "dead",
        }
    }
}

/// How many deliveries of a site are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// To be sent.
    pub waiting: u64,
    /// Given up.
    pub dead: u64,
}

impl Store {
    /// The latest deliveries in `state`, of one site or of all.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn deliveries(
        &self,
        site: Option<&SiteId>,
        state: DeliveryState,
        limit: u32,
    ) -> Result<Vec<DeliveryRecord>, StoreError> {
        let mut sql = Sql::new("SELECT * FROM webhook_deliveries WHERE state = ");
        sql.bind(state.name());
        if let Some(site) = site {
            sql.push(" AND site = ").bind(site.as_str());
        }
        sql.push(" ORDER BY updated_at DESC, event_number DESC LIMIT ")
            .bind(i64::from(limit));
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(record).collect()
    }

    /// How many deliveries of each site wait or are dead; a site that has none of either
    /// is left out.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn delivery_counts(&self) -> Result<Vec<(SiteId, DeliveryCounts)>, StoreError> {
        let rows = sqlx::query(
            "SELECT site, SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting, \
             SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead \
             FROM webhook_deliveries WHERE state IN ('waiting', 'dead') GROUP BY site",
        )
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let counts = |row| {
            let row = Columns(row);
            let counts = DeliveryCounts {
                waiting: row.get::<i64>("waiting")?.cast_unsigned(),
                dead: row.get::<i64>("dead")?.cast_unsigned(),
            };
            Ok((row.site("site")?, counts))
        };
        rows.iter().map(counts).collect()
    }

    /// Has dead deliveries of `site` sent again, from the first attempt on: the one of
    /// `number`, or all. How many.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn redeliver(
        &self,
        site: &SiteId,
        number: Option<u64>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let mut sql = Sql::new(
            "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, next_attempt_at = ",
        );
        sql.bind(micros(now))
            .push(" WHERE state = 'dead' AND site = ")
            .bind(site.as_str());
        if let Some(number) = number {
            sql.push(" AND event_number = ").bind(number.cast_signed());
        }
        let done = sql.execute(&mut transaction).await?;
        transaction.commit().await?;
        self.events_appended();
        Ok(done)
    }

    /// Forgets what was delivered before `before`, some at a time. How many.
    ///
    /// # Errors
    /// If the store cannot be reached; what was forgotten until then stays so.
    pub async fn forget_delivered(&self, before: Timestamp) -> Result<u64, StoreError> {
        let old = "DELETE FROM webhook_deliveries WHERE (site, endpoint, event_number) IN ( \
             SELECT site, endpoint, event_number FROM webhook_deliveries \
             WHERE state = 'delivered' AND updated_at < $1 ORDER BY updated_at LIMIT $2)";
        let mut forgotten = 0;
        while_full(&mut forgotten, || self.sweep_rows(old, before)).await?;
        Ok(forgotten)
    }
}

fn record(row: &AnyRow) -> Result<DeliveryRecord, StoreError> {
    let row = Columns(row);
    let state: String = row.get("state")?;
    let status: Option<i64> = row.get("last_status")?;
    Ok(DeliveryRecord {
        site: row.site("site")?,
        event: row.get::<i64>("event_number")?.cast_unsigned(),
        state: DeliveryState::ALL
            .into_iter()
            .find(|known| known.name() == state)
            .ok_or_else(|| unexpected("state", &state))?,
        attempts: count(row.get("attempts")?),
        next_attempt_at: row.time("next_attempt_at")?,
        last_status: status.and_then(|status| u16::try_from(status).ok()),
        last_error: row.get("last_error")?,
        updated_at: row.time("updated_at")?,
    })
}

fn count(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or_default()
}
