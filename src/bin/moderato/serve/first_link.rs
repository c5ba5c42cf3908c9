//! The link that lets the first admin in, where nobody can sign in yet.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use jiff::Timestamp;
use moderato::accounts::{Accounts, SignInLink};

/// How long to wait before a store that did not answer is asked again.
const PAUSE: Duration = Duration::from_secs(5);

/// Says the link, under the console's `address`, unless there is somebody. Waits for
/// a store that does not answer yet.
pub async fn announce(accounts: Accounts, address: String) {
    let mut told = false;
    loop {
        match accounts.founders_link(Timestamp::now()).await {
            Ok(Some(link)) => return say(&link, &address),
            Ok(None) => return,
            Err(error) if !told => {
                told = true;
                tracing::warn!(%error, "cannot tell whether anybody may sign in to the console");
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn say(link: &SignInLink, address: &str) {
    let url = format!("{address}{}", link.path());
    if io::stderr().is_terminal() {
        eprintln!("Nobody may sign in to the console yet. This link makes the first admin, once:");
        eprintln!("  {url}");
    } else {
        let expires_at = link.expires_at;
        tracing::info!(url, %expires_at, "this link makes the console's first admin, once");
    }
}
