//! The `[redis]` table.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::PrivateUrl;
use crate::rate_limit::{DEFAULT_BUDGET, Password, Share, TlsFiles};

/// The `[redis]` table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisSettings {
    /// Where Redis is; default: none, and rate limits are counted in this process.
    /// `MODERATO_REDIS_URL` overrides it. One of
    /// - `redis://user:password@host:6379/0`, `unix:///run/redis.sock`
    /// - `redis-cluster://user:password@host:7000,host:7001`
    /// - `redis-sentinel://user:password@host:26379,host:26379/0#master-name`
    ///
    /// `rediss` in place of `redis` is over TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<PrivateUrl>,
    /// A file of certificates in PEM form, one of which has signed Redis's; default:
    /// those the system trusts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Our own certificate, for a Redis that asks for one; with `key_file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_file: Option<PathBuf>,
    /// The private key of `cert_file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// Whom sentinels know us as, where they ask for a login; default: by a password alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentinel_user: Option<String>,
    /// A file that holds the password for sentinels; default: none, and they are asked
    /// without a login. `MODERATO_REDIS_SENTINEL_PASSWORD` gives the password itself and
    /// overrides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentinel_password_file: Option<PathBuf>,
    /// The password from the environment; never printed.
    #[serde(skip)]
    pub sentinel_password: Option<Password>,
    /// How long a submission waits for Redis before limits are counted in this
    /// process instead; default 50 ms, above zero.
    #[serde(with = "crate::server::duration_text")]
    pub budget: Duration,
    /// The part of each quota that this process admits by itself while Redis is away,
    /// above 0; default 1. With as many replicas as 1 / `outage_share`, an outage
    /// admits at most one quota more between them.
    pub outage_share: Share,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            url: None,
            ca_file: None,
            cert_file: None,
            key_file: None,
            sentinel_user: None,
            sentinel_password_file: None,
            sentinel_password: None,
            budget: DEFAULT_BUDGET,
            outage_share: Share::WHOLE,
        }
    }
}

impl RedisSettings {
    /// The certificate files it names. A certificate without its key, or a key without
    /// its certificate, was refused when the file was read.
    #[must_use]
    pub fn tls_files(&self) -> TlsFiles {
        TlsFiles {
            ca: self.ca_file.clone(),
            client: self.cert_file.clone().zip(self.key_file.clone()),
        }
    }

    /// Every path in it.
    pub(super) fn paths(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let files = [
            &mut self.ca_file,
            &mut self.cert_file,
            &mut self.key_file,
            &mut self.sentinel_password_file,
        ];
        files.into_iter().flatten()
    }
}
