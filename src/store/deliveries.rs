//! What webhooks have to deliver, and how it went. Replicas share the work: who takes
//! a delivery leases it for a time.

use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::events::{Event, event};
use super::sql::Sql;
use super::values::{Columns, micros, text, unexpected};
use crate::site::SiteId;

/// The one receiver a site has.
const ENDPOINT: &str = "webhook";
/// Events made out at once.
const MADE_OUT: i64 = 500;

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

/// How many deliveries of a site are how far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// To be sent.
    pub waiting: u64,
    /// Given up.
    pub dead: u64,
}

impl Store {
    /// Makes out deliveries for the events of `site` that have none yet. A site that is
    /// new to this gets those from now on, not its past. Whether there may be more.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn make_out_deliveries(
        &self,
        site: &SiteId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let last = position(&mut transaction, site).await?;
        let made = sqlx::query(
            "INSERT INTO webhook_deliveries (site, endpoint, event_number, state, attempts, \
             next_attempt_at, leased_until, updated_at) \
             SELECT site, $2, number, 'waiting', 0, $3, 0, $3 FROM events \
             WHERE site = $1 AND number > $4 AND number <= $4 + $5 \
             ON CONFLICT (site, endpoint, event_number) DO NOTHING",
        )
        .bind(site.to_string())
        .bind(ENDPOINT)
        .bind(micros(now))
        .bind(last)
        .bind(MADE_OUT)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        sqlx::query(
            "UPDATE webhook_positions SET event_number = (SELECT MAX(number) FROM events \
             WHERE site = $1 AND number <= $2 + $3) WHERE site = $1 AND endpoint = $4 \
             AND EXISTS (SELECT 1 FROM events WHERE site = $1 AND number > $2)",
        )
        .bind(site.to_string())
        .bind(last)
        .bind(MADE_OUT)
        .bind(ENDPOINT)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(made == MADE_OUT.cast_unsigned())
    }

    /// Takes at most `limit` deliveries of `site` that are due; nobody else takes them
    /// until `leased_until`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn take_deliveries(
        &self,
        site: &SiteId,
        limit: u32,
        leased_until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut transaction = self.begin().await?;
        // The conditions stand twice: who waited for another replica's lock looks again.
        let taken = sqlx::query(
            "UPDATE webhook_deliveries SET leased_until = $1, attempts = attempts + 1 \
             WHERE site = $2 AND endpoint = $3 AND state = 'waiting' AND leased_until <= $4 \
             AND next_attempt_at <= $4 AND event_number IN (SELECT event_number \
             FROM webhook_deliveries WHERE site = $2 AND endpoint = $3 AND state = 'waiting' \
             AND leased_until <= $4 AND next_attempt_at <= $4 ORDER BY event_number LIMIT $5) \
             RETURNING event_number, attempts",
        )
        .bind(micros(leased_until))
        .bind(site.to_string())
        .bind(ENDPOINT)
        .bind(micros(now))
        .bind(i64::from(limit))
        .fetch_all(&mut *transaction)
        .await?;
        let mut deliveries = Vec::with_capacity(taken.len());
        for row in &taken {
            let row = Columns(row);
            let number: i64 = row.get("event_number")?;
            let told = sqlx::query("SELECT * FROM events WHERE site = $1 AND number = $2")
                .bind(site.to_string())
                .bind(number)
                .fetch_optional(&mut *transaction)
                .await?;
            match told {
                Some(told) => deliveries.push(Delivery {
                    event: event(&told)?,
                    attempts: count(row.get("attempts")?) - 1,
                }),
                // The event is past its retention.
                None => forget(&mut transaction, site, number).await?,
            }
        }
        transaction.commit().await?;
        deliveries.sort_by_key(|delivery| delivery.event.number);
        Ok(deliveries)
    }

    /// Keeps how an attempt went.
    ///
    /// # Errors
    /// If the store cannot be reached; the delivery is then sent again.
    pub async fn delivery_attempted(
        &self,
        site: &SiteId,
        number: u64,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (state, status, error, next) = match attempt {
            Attempt::Delivered(status) => (DeliveryState::Delivered, Some(*status), None, now),
            Attempt::Retry { status, error, at } => {
                (DeliveryState::Waiting, *status, Some(error), *at)
            }
            Attempt::Dead { status, error } => (DeliveryState::Dead, *status, Some(error), now),
        };
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE webhook_deliveries SET state = $1, last_status = $2, last_error = $3, \
             next_attempt_at = $4, leased_until = 0, updated_at = $5 \
             WHERE site = $6 AND endpoint = $7 AND event_number = $8",
        )
        .bind(state.name())
        .bind(status.map(i64::from))
        .bind(error.map(|error| text(error)))
        .bind(micros(next))
        .bind(micros(now))
        .bind(site.to_string())
        .bind(ENDPOINT)
        .bind(number.cast_signed())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// When the next delivery of `site` is due, if any waits that nobody has taken.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn next_delivery(&self, site: &SiteId) -> Result<Option<Timestamp>, StoreError> {
        let row = sqlx::query(
            "SELECT next_attempt_at, leased_until FROM webhook_deliveries WHERE site = $1 \
             AND endpoint = $2 AND state = 'waiting' ORDER BY next_attempt_at LIMIT 1",
        )
        .bind(site.to_string())
        .bind(ENDPOINT)
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let row = Columns(&row);
        Ok(Some(
            row.time("next_attempt_at")?.max(row.time("leased_until")?),
        ))
    }

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
        let rows = sql.query().fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(record).collect()
    }

    /// How many deliveries of each site wait or are dead.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn delivery_counts(&self) -> Result<Vec<(SiteId, DeliveryCounts)>, StoreError> {
        let rows = sqlx::query(
            "SELECT site, SUM(CASE WHEN state = 'waiting' THEN 1 ELSE 0 END) AS waiting, \
             SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead \
             FROM webhook_deliveries WHERE state <> 'delivered' GROUP BY site",
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
        let done = sql
            .query()
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        transaction.commit().await?;
        self.events_appended();
        Ok(done)
    }

    /// Forgets what was delivered before `before`. How many.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn forget_delivered(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let done = sqlx::query(
            "DELETE FROM webhook_deliveries WHERE state = 'delivered' AND updated_at < $1",
        )
        .bind(micros(before))
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        transaction.commit().await?;
        Ok(done)
    }
}

/// Up to which event deliveries of `site` have been made out. Locks it.
async fn position(connection: &mut AnyConnection, site: &SiteId) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "INSERT INTO webhook_positions (site, endpoint, event_number) VALUES ($1, $2, \
         COALESCE((SELECT last FROM event_numbers WHERE site = $1), 0)) \
         ON CONFLICT (site, endpoint) DO UPDATE SET site = excluded.site \
         RETURNING event_number",
    )
    .bind(site.to_string())
    .bind(ENDPOINT)
    .fetch_one(connection)
    .await?;
    Columns(&row).get("event_number")
}

async fn forget(
    connection: &mut AnyConnection,
    site: &SiteId,
    number: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM webhook_deliveries WHERE site = $1 AND endpoint = $2 AND event_number = $3",
    )
    .bind(site.to_string())
    .bind(ENDPOINT)
    .bind(number)
    .execute(connection)
    .await?;
    Ok(())
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
