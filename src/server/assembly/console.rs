//! The console and its accounts, from the configuration.

use jiff::Timestamp;

use super::AssemblyError;
use crate::accounts::{Accounts, Throttle};
use crate::config::Config;
use crate::http::console::Console;
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

/// The console; `None`: it is off.
#[must_use]
pub fn console(config: &Config, accounts: Accounts, review: Review) -> Option<Console> {
    let configured: Vec<_> = config.sites.keys().cloned().collect();
    let alone = || vec![SiteId::default()];
    Some(Console {
        accounts,
        whole_review: review,
        sites: if configured.is_empty() {
            alone()
        } else {
            configured
        },
        reach: config.console_reach()?,
        trusted_proxies: config.console.trusted_proxies.clone(),
        now: Timestamp::now,
    })
}
