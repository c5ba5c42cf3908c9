//! The `[console]` table.

use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Config, ListenSettings};
use crate::accounts::SessionLife;
use crate::http::console::{PublicUrl, Reach};

/// The `[console]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleSettings {
    /// Whether there is a console; default true. Where `listen.http` can be reached
    /// from other machines, it takes a `public_url` besides.
    pub enabled: bool,
    /// The address moderators type, such as `https://moderation.example.org`; default:
    /// none, and the console answers to this machine's own names alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,
    /// Proxies whose `X-Forwarded-For` is believed; default: this machine.
    pub trusted_proxies: Vec<IpNet>,
    /// How long a session lasts without being used; default 12 h, above zero.
    #[serde(with = "crate::server::duration_text")]
    pub session_idle: Duration,
    /// How long a session lasts at all; default 168 h, above zero.
    #[serde(with = "crate::server::duration_text")]
    pub session_longest: Duration,
}

impl Default for ConsoleSettings {
    fn default() -> Self {
        let life = SessionLife::default();
        Self {
            enabled: true,
            public_url: None,
            trusted_proxies: vec![
                IpNet::new_assert([127, 0, 0, 0].into(), 8),
                IpNet::new_assert(std::net::Ipv6Addr::LOCALHOST.into(), 128),
            ],
            session_idle: life.idle,
            session_longest: life.longest,
        }
    }
}

impl ConsoleSettings {
    /// How long sessions last.
    #[must_use]
    pub const fn session_life(&self) -> SessionLife {
        SessionLife {
            idle: self.session_idle,
            longest: self.session_longest,
        }
    }

    /// To which names the console answers; `None`: there is none. A password must not
    /// cross a network in clear, so without an address by TLS the console is for
    /// this machine alone.
    fn reach(&self, listen: &ListenSettings) -> Option<Reach> {
        match &self.public_url {
            _ if !self.enabled => None,
            Some(url) => Some(Reach::Public(url.clone())),
            None => listen.http.ip().is_loopback().then_some(Reach::ThisMachine),
        }
    }
}

impl Config {
    /// To which names the console answers; `None`: there is none.
    #[must_use]
    pub fn console_reach(&self) -> Option<Reach> {
        self.console.reach(&self.listen)
    }
}
