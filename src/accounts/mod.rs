//! Who may sign in, and how: by name and password in the console, by token over the
//! API. The first admin comes by a one-time link that the server prints, everybody
//! else by one that an admin makes.

mod error;
mod links;
mod password;
mod people;
mod sign_in;
mod throttle;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub use error::{AccountError, Invalid};
pub use links::{LINK_LIFE, SignInLink};
pub use password::{LONGEST_PASSWORD, SHORTEST_PASSWORD};
pub use people::By;
pub use sign_in::SignedIn;
pub use throttle::Throttle;
pub use tokens::LONGEST_LABEL;

use crate::moderator::Secret;
use crate::store::Store;
use password::Passwords;

/// How many tokens are known to have been good lately.
const GOOD_TOKENS: u64 = 10_000;

/// How long a session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLife {
    /// Without being used. Default 12 h.
    pub idle: Duration,
    /// At all. Default 7 days.
    pub longest: Duration,
}

impl Default for SessionLife {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(12),
            longest: Duration::from_hours(7 * 24),
        }
    }
}

/// The accounts of an installation. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    passwords: Passwords,
    throttle: Arc<Throttle>,
    /// Hashes of tokens that were good in this process within the hour.
    good_tokens: moka::future::Cache<String, ()>,
    life: SessionLife,
}

impl Accounts {
    /// Accounts kept in `store`.
    #[must_use]
    pub fn new(store: Store, throttle: Throttle, life: SessionLife) -> Self {
        Self {
            store,
            passwords: Passwords::new(),
            throttle: Arc::new(throttle),
            good_tokens: moka::future::Cache::builder()
                .max_capacity(GOOD_TOKENS)
                .time_to_live(Duration::from_hours(1))
                .build(),
            life,
        }
    }
}

/// A new random secret.
fn new_secret() -> Result<Secret, AccountError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(Secret::new(bytes))
}

/// `now` and `duration` more; at the end of time, the end of time.
fn after(now: Timestamp, duration: Duration) -> Timestamp {
    let duration = SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    now.checked_add(duration).unwrap_or(Timestamp::MAX)
}
