//! The limiter that counts for all replicas together.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig};
use ::redis::io::tcp::TcpSettings;
use ::redis::{Client, IntoConnectionInfo, RedisError, Script};
use arc_swap::ArcSwap;
use async_trait::async_trait;

use super::admission::Admission;
use super::charge::Charge;
use super::{LimiterError, RateLimiter};
use crate::site::SiteId;

/// How long an answer of Redis is waited for unless configured.
pub const DEFAULT_BUDGET: Duration = Duration::from_millis(50);

/// How long a connection may take to make, and how long sent bytes may stay
/// unacknowledged before the connection counts as lost (TCP only).
const CONNECTION_TIMEOUT: Duration = Duration::from_millis(500);
/// Submissions that may wait to be written; the crate's 50 throttles a busy server.
const PIPELINE_BUFFER: usize = 1_024;

/// Counts in Redis, by Redis's own clock, in one round trip a submission.
///
/// The connection is made with the first submission, shared by all, and made again
/// by itself when lost. Keys are `rl:{site}:kind:hash`, so that all of a submission
/// lie in one cluster slot; they expire when idle.
///
/// A call given up after its budget may still be counted if Redis only was slow.
pub struct Redis {
    client: Client,
    connection: ArcSwap<ConnectionManager>,
    script: Script,
    budget: Duration,
}

impl Redis {
    /// A limiter on the Redis at `url` that answers or fails within `budget`. Does not
    /// connect yet. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// If the URL is malformed, or of a kind this build has no support for.
    pub fn open(url: &str, budget: Duration) -> Result<Self, LimiterError> {
        let tcp = TcpSettings::default().set_nodelay(true);
        #[cfg(target_os = "linux")]
        let tcp = tcp.set_user_timeout(CONNECTION_TIMEOUT);
        let info = url.into_connection_info().map_err(LimiterError::Url)?;
        let client = Client::open(info.set_tcp_settings(tcp)).map_err(LimiterError::Url)?;
        let connection = connection(&client, budget).map_err(LimiterError::Url)?;
        Ok(Self {
            client,
            connection: ArcSwap::from_pointee(connection),
            script: Script::new(include_str!("gcra.lua")),
            budget,
        })
    }

    async fn overruns_us(
        &self,
        site: &SiteId,
        charges: &[Charge],
    ) -> Result<Vec<i64>, LimiterError> {
        let mut connection = ConnectionManager::clone(&self.connection.load());
        let mut invocation = self.script.prepare_invoke();
        for charge in charges {
            invocation
                .key(redis_key(site, charge))
                .arg(charge.takes_us())
                .arg(charge.quota.tolerance_us())
                .arg(u8::from(!charge.shadow));
        }
        // The crate's own timeout does not cover waiting for a connection.
        tokio::time::timeout(self.budget, invocation.invoke_async(&mut connection))
            .await
            .map_err(|_| LimiterError::Late(self.budget))?
            .map_err(|error| self.failed(error))
    }

    /// Starts afresh after an error the crate would keep: it reconnects after I/O
    /// errors only, not when a login failed or the server it reached is a replica now.
    fn failed(&self, error: RedisError) -> LimiterError {
        if error.is_timeout() {
            return LimiterError::Late(self.budget);
        }
        if !error.is_io_error()
            && let Ok(connection) = connection(&self.client, self.budget)
        {
            self.connection.store(Arc::new(connection));
        }
        LimiterError::Redis(error)
    }
}

/// A connection that is made when first used. The crate's defaults wait for seconds.
fn connection(client: &Client, budget: Duration) -> Result<ConnectionManager, RedisError> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_connection_timeout(Some(CONNECTION_TIMEOUT))
        .set_response_timeout(Some(budget))
        .set_pipeline_buffer_size(PIPELINE_BUFFER);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

fn redis_key(site: &SiteId, charge: &Charge) -> String {
    format!("rl:{{{site}}}:{}:{}", charge.kind, charge.key)
}

#[async_trait]
impl RateLimiter for Redis {
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError> {
        if charges.is_empty() {
            return Ok(Admission::default());
        }
        let overruns_us = self.overruns_us(site, charges).await?;
        if overruns_us.len() == charges.len() {
            Ok(Admission::from_overruns(charges, overruns_us))
        } else {
            Err(LimiterError::Answer {
                expected: charges.len(),
                found: overruns_us.len(),
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::{Cost, KeyHasher, QuotaKind};

    #[test]
    fn keys_of_one_site_lie_in_one_slot_and_tell_nothing_else() {
        let site = SiteId::new("daily-times").unwrap();
        let charge = Charge {
            kind: QuotaKind::Email,
            key: KeyHasher::new([1; 32]).key(&site, QuotaKind::Email, b"a@example.org"),
            quota: "1 per 1h".parse().unwrap(),
            cost: Cost::ONE,
            shadow: false,
        };
        let expected = format!("rl:{{daily-times}}:email:{}", charge.key);
        assert_eq!(redis_key(&site, &charge), expected);
    }

    #[tokio::test]
    async fn a_bad_url_is_refused_without_repeating_it() {
        for url in [
            "",
            "localhost:6379",
            "http://secret@host",
            "redis://:secret@host:port",
        ] {
            let error = Redis::open(url, DEFAULT_BUDGET).err().unwrap().to_string();
            assert!(error.starts_with("expected a Redis URL such as"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
