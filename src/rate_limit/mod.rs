//! Rate limits: how often one reader, page or site may submit.
//!
//! A [`Quota`] is a leaky bucket in its GCRA form (generic cell rate algorithm,
//! ITU-T I.371): one number per key, the *theoretical arrival time* at which the
//! key will be idle again. [`Quotas`] turn the identifiers of a submission into
//! [`Charge`]s, each with its [`Cost`], and a [`RateLimiter`] answers all of them at
//! once with an [`Admission`]: all enforced quotas pass and are charged, or none is.
//!
//! [`InProcess`] counts in memory, [`Redis`] counts for all replicas together, and
//! [`WithFallback`] lets the first stand in while the second does not answer.
//! Time is counted in whole microseconds everywhere.

mod address;
mod admission;
mod charge;
mod clock;
mod cost;
mod fallback;
mod gcra;
mod in_process;
mod key;
mod lookup;
mod network;
mod quota;
mod redis;
mod settings;
mod shard;
mod share;

use std::time::Duration;

use ::redis::{ErrorKind, RedisError, ServerErrorKind};
use async_trait::async_trait;

pub use self::address::{AddressBook, PrivateAddresses, Standing};
pub use self::admission::{Admission, OverQuota, Refusal, Remaining};
pub use self::charge::{Charge, PerCharge, Subject};
pub use self::clock::{Clock, ManualClock, MonotonicClock};
pub use self::cost::{Cost, CostSettings, Costs, NotACost, Weight};
pub use self::fallback::WithFallback;
pub use self::in_process::{DEFAULT_MAX_KEYS, InProcess};
pub use self::key::{Key, KeyHasher};
pub use self::lookup::{KeyStatus, ResetError, look_up, reset};
pub use self::network::{Nat64Prefix, Network, NotANetwork};
pub use self::quota::{Quota, QuotaError};
pub use self::redis::{Credentials, DEFAULT_BUDGET, Login, Password, Redis, TlsError, TlsFiles};
pub use self::settings::{Limit, QuotaKind, QuotaSetting, QuotaSettings, Quotas};
pub use self::share::{NotAShare, Share};

use crate::site::SiteId;

/// Counts submissions against quotas.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Checks `charges` together and charges them if every enforced one passes.
    ///
    /// The keys of one call must be distinct and belong to `site`. A refused call
    /// charges nothing, so retrying never makes the wait longer. A shadow charge
    /// never refuses; it is charged when the call is admitted and it passes itself.
    ///
    /// # Errors
    /// If no answer could be had; then it is unknown whether anything was charged.
    async fn charge(&self, site: &SiteId, charges: &[Charge]) -> Result<Admission, LimiterError>;

    /// Gives back what `charges` took so long `ago`, as `admission` says: what was
    /// submitted came to nothing.
    ///
    /// What has come back by itself since is not given back again, so that a quota never
    /// lets more through than if nothing had been charged. A charge that took nothing,
    /// or was refused, is none to give back.
    ///
    /// # Errors
    /// If no answer could be had; then it is unknown whether anything was given back.
    async fn refund(
        &self,
        site: &SiteId,
        charges: &[Charge],
        admission: &Admission,
        ago: Duration,
    ) -> Result<(), LimiterError>;
}

/// Why a [`RateLimiter`] has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LimiterError {
    /// The URL cannot be used. It may hold a password, so it is not repeated.
    #[error(
        "expected a Redis URL such as redis://user:password@host:6379/0, rediss://host, \
         redis-cluster://host:7000,host:7001, redis-sentinel://host:26379/0#name or \
         unix:///run/redis.sock: {0}"
    )]
    Url(#[source] RedisError),
    /// A certificate file is named, but the URL asks for no TLS.
    #[error("certificates are named, but only a rediss:// URL has a use for them")]
    CertificatesWithoutTls,
    /// A login for sentinels is given, but the URL names none.
    #[error("a login for sentinels is given, but only a redis-sentinel:// URL has a use for it")]
    LoginWithoutSentinels,
    /// A certificate file cannot be read.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No connection could be made in time.
    #[error("Redis could not be reached within {0:?}")]
    Unconnected(Duration),
    /// Redis has just failed, so it is not asked until it has been seen to count again.
    #[error("Redis is not asked until it counts again")]
    Resting,
    /// Redis did not answer in time.
    #[error("Redis did not answer within {0:?}")]
    Late(Duration),
    /// Redis could not be reached, or answered with an error.
    #[error("Redis did not count: {0}")]
    Redis(#[from] RedisError),
    /// The script answered something else than a number for each key.
    #[error(
        "expected {expected} numbers from Redis, found {found}; is another script in its place?"
    )]
    Answer {
        /// How many keys were sent.
        expected: usize,
        /// How many numbers came back.
        found: usize,
    },
}

impl LimiterError {
    /// Some of the keys of one call are at another node of a cluster, or would be there
    /// if there were any: their slot is on its way (`TRYAGAIN`).
    fn keys_are_moving(&self) -> bool {
        let again = ErrorKind::Server(ServerErrorKind::TryAgain);
        matches!(self, Self::Redis(error) if error.kind() == again)
    }
}
