//! The console and its accounts, from the configuration.

use jiff::Timestamp;

use super::AssemblyError;
use crate::accounts::{Accounts, Throttle};
use crate::config::Config;
use crate::http::console::Console;
use crate::lifecycle::Operations;
use crate::review::Review;
use crate::site::SiteId;
use crate::store::Store;

/// Who may sign in.
///
/// # Errors
/// If the system gives no random numbers.
pub fn accounts(config: &Config, store: Store) -> Result<Accounts, AssemblyError> {
    let throttle = Throttle::new()?;
    Ok(Accounts::new(
        store,
        throttle,
        config.console.session_life(),
    ))
}

/// The sites there are: those of the configuration, or the one that is there without any.
#[must_use]
pub fn site_names(config: &Config) -> Vec<SiteId> {
    let configured: Vec<_> = config.sites.keys().cloned().collect();
    if configured.is_empty() {
        vec![SiteId::default()]
    } else {
        configured
    }
}

/// The console; `None`: it is off.
#[must_use]
pub fn console(
    config: &Config,
    accounts: Accounts,
    review: Review,
    operations: Operations,
) -> Option<Console> {
    Some(Console {
        accounts,
        whole_review: review,
        operations,
        sites: site_names(config),
        reach: config.console_reach()?,
        trusted_proxies: config.console.trusted_proxies.clone(),
        now: Timestamp::now,
    })
}
