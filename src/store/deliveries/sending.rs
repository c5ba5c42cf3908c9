//! Deliveries made out, taken and tried.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::{Attempt, Delivery, DeliveryState, ENDPOINT, count};
use crate::site::SiteId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::events::event;
use crate::store::values::{Columns, micros, text};

/// Events made out at once.
const MADE_OUT: i64 = 500;

impl Store {
    /// Whether `site` has events for which no delivery was made out, or is new to this.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn has_undelivered(&self, site: &SiteId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT last FROM event_numbers WHERE site = $1) AS last, \
             (SELECT event_number FROM webhook_positions WHERE site = $1 AND endpoint = $2) \
             AS position",
        )
        .bind(site.to_string())
        .bind(ENDPOINT)
        .fetch_one(&mut *self.reader().await?)
        .await?;
        let row = Columns(&row);
        let last: Option<i64> = row.get("last")?;
        let position: Option<i64> = row.get("position")?;
        Ok(position.is_none_or(|position| last.is_some_and(|last| last > position)))
    }

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
        let position = position(&mut transaction, site).await?;
        let (events, upto) = next_events(&mut transaction, site, position).await?;
        sqlx::query(
            "INSERT INTO webhook_deliveries (site, endpoint, event_number, state, attempts, \
             next_attempt_at, leased_until, updated_at) \
             SELECT site, $2, number, 'waiting', 0, $3, 0, $3 FROM events \
             WHERE site = $1 AND number > $4 AND number <= $5 \
             ON CONFLICT (site, endpoint, event_number) DO NOTHING",
        )
        .bind(site.to_string())
        .bind(ENDPOINT)
        .bind(micros(now))
        .bind(position)
        .bind(upto)
        .execute(&mut *transaction)
        .await?;
        sqlx::query(
            "UPDATE webhook_positions SET event_number = $1 WHERE site = $2 AND endpoint = $3",
        )
        .bind(upto)
        .bind(site.to_string())
        .bind(ENDPOINT)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(events == MADE_OUT)
    }

    /// Takes at most `limit` deliveries of `site` that are due, those that were due first;
    /// nobody else takes them until `leased_until`.
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
        // The conditions stand twice: who waited for another replica's lock looks again. By
        // the sum the outer one keeps to the numbers found, not to all that is due.
        let taken = sqlx::query(
            "UPDATE webhook_deliveries SET leased_until = $1, attempts = attempts + 1 \
             WHERE site = $2 AND endpoint = $3 AND state = 'waiting' AND leased_until <= $4 \
             AND next_attempt_at + 0 <= $4 AND event_number IN (SELECT event_number \
             FROM webhook_deliveries WHERE site = $2 AND endpoint = $3 AND state = 'waiting' \
             AND leased_until <= $4 AND next_attempt_at <= $4 \
             ORDER BY next_attempt_at, event_number LIMIT $5) \
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

    /// Whether a delivery of `site` is due that nobody has taken.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn has_due_delivery(
        &self,
        site: &SiteId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let found = sqlx::query(
            "SELECT 1 FROM webhook_deliveries WHERE site = $1 AND endpoint = $2 \
             AND state = 'waiting' AND next_attempt_at <= $3 AND leased_until <= $3 LIMIT 1",
        )
        .bind(site.to_string())
        .bind(ENDPOINT)
        .bind(micros(now))
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        Ok(found.is_some())
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

/// How many events are made out next, and up to which number. Where all after `position`
/// were swept away, nobody is told of them, and it is the last that there was. One look
/// finds both: an event that comes meanwhile is after them.
async fn next_events(
    connection: &mut AnyConnection,
    site: &SiteId,
    position: i64,
) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS events, MAX(number) AS newest, \
         (SELECT last FROM event_numbers WHERE site = $1) AS last FROM (SELECT number \
         FROM events WHERE site = $1 AND number > $2 ORDER BY number LIMIT $3) AS found",
    )
    .bind(site.to_string())
    .bind(position)
    .bind(MADE_OUT)
    .fetch_one(connection)
    .await?;
    let row = Columns(&row);
    let newest: Option<i64> = row.get("newest")?;
    let last: Option<i64> = row.get("last")?;
    let upto = newest.or(last).unwrap_or(position);
    Ok((row.get("events")?, upto.max(position)))
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
