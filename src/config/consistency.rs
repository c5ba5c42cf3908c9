//! What one key cannot say alone: settings that must fit each other.

use std::net::SocketAddr;

use super::contradiction::{Contradiction, contradiction};
use super::{Config, ListenSettings, RedisSettings, limits};
use crate::grpc::auth::{KeyError, KeyTable};
use crate::policy::{Policy, PolicyError, PolicySettings};

/// Finds the first contradiction.
pub(super) fn check(config: &Config) -> Result<(), Contradiction> {
    config.listen.guarded(config.has_keys())?;
    redis(&config.redis)?;
    for (key, duration) in [
        ("session_idle", config.console.session_idle),
        ("session_longest", config.console.session_longest),
    ] {
        if duration.is_zero() {
            let message = format!("console.{key}: expected a duration above zero, found none");
            return Err(contradiction(&["console", key], message));
        }
    }
    policies(config)?;
    config.key_table().map(drop).map_err(|error| {
        let site = match &error {
            KeyError::Shared(_, site) => site.as_str(),
            KeyError::NotAHash(_) => "",
        };
        contradiction(&["sites", site, "keys"], error.to_string())
    })
}

impl Config {
    /// Which key is which site's.
    ///
    /// # Errors
    /// If two sites have the same key.
    pub fn key_table(&self) -> Result<KeyTable, KeyError> {
        let keys = self.sites.iter().flat_map(|(site, settings)| {
            let hashes = settings.keys.iter().cloned();
            hashes.map(move |hash| (site.clone(), hash))
        });
        KeyTable::new(keys)
    }

    /// What is allowed but hardly meant, or accepted but not in use; a sentence each.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let reached = |listen: &SocketAddr| !listen.ip().is_loopback();
        if !self.has_keys() && [self.listen.grpc, self.listen.http].iter().any(reached) {
            warnings.push(
                "listen.allow_open is set and no site has a key: \
                 anybody who reaches this server may use it"
                    .to_owned(),
            );
        }
        if self.console.enabled && self.console_reach().is_none() {
            warnings.push(format!(
                "there is no console: listen.http is {}, and passwords must not cross a network \
                 in clear; put a proxy with TLS before it and set console.public_url to the \
                 https address that moderators type",
                self.listen.http
            ));
        }
        for (site, settings) in &self.sites {
            let reachable = if self.has_keys() {
                !settings.keys.is_empty()
            } else {
                *site == crate::site::SiteId::default()
            };
            if !reachable {
                warnings.push(format!(
                    "sites.{site} has no key, so no call can be for it; \
                     `moderato config new-key --site {site}` makes one"
                ));
            }
        }
        warnings.extend(limits::warnings(self));
        warnings
    }
}

impl ListenSettings {
    /// Refuses to be reached from other machines by callers who need no key.
    pub(super) fn guarded(&self, has_keys: bool) -> Result<(), Contradiction> {
        if has_keys || self.allow_open {
            return Ok(());
        }
        for (key, address) in [("grpc", self.grpc), ("http", self.http)] {
            if !address.ip().is_loopback() {
                return Err(contradiction(
                    &["listen", key],
                    format!(
                        "listen.{key}: {address} can be reached from other machines, and no site \
                         has a key: expected a loopback address such as 127.0.0.1:{}, or keys in \
                         [sites.<id>] (`moderato config new-key` makes one), or \
                         listen.allow_open = true to let anybody who reaches it use it",
                        address.port()
                    ),
                ));
            }
        }
        Ok(())
    }
}

fn redis(settings: &RedisSettings) -> Result<(), Contradiction> {
    if settings.budget.is_zero() {
        return Err(contradiction(
            &["redis", "budget"],
            "redis.budget: expected a duration above zero, found none".to_owned(),
        ));
    }
    let has_password =
        settings.sentinel_password.is_some() || settings.sentinel_password_file.is_some();
    if settings.sentinel_user.is_some() && !has_password {
        return Err(contradiction(
            &["redis", "sentinel_user"],
            format!(
                "redis.sentinel_user: expected redis.sentinel_password_file beside it, or {}, \
                 found neither",
                super::REDIS_SENTINEL_PASSWORD_VARIABLE
            ),
        ));
    }
    let (named, missing) = match (&settings.cert_file, &settings.key_file) {
        (Some(_), None) => ("cert_file", "key_file"),
        (None, Some(_)) => ("key_file", "cert_file"),
        _ => return Ok(()),
    };
    Err(contradiction(
        &["redis", named],
        format!("redis.{named}: expected redis.{missing} beside it, found none"),
    ))
}

fn policies(config: &Config) -> Result<(), Contradiction> {
    consistent(&[&config.policy]).map_err(|error| error.within(&[], &config.policy))?;
    for (site, settings) in &config.sites {
        consistent(&[&settings.policy, &config.policy])
            .map_err(|error| error.within(&["sites", site.as_str()], &settings.policy))?;
    }
    Ok(())
}

fn consistent(layers: &[&PolicySettings]) -> Result<(), Inconsistent> {
    Policy::resolve(layers).map(drop).map_err(Inconsistent)
}

struct Inconsistent(PolicyError);

impl Inconsistent {
    /// Names the key of `nearest`, which stands under `table`, that is to blame.
    fn within(self, table: &[&str], nearest: &PolicySettings) -> Contradiction {
        let PolicyError::HoldAboveReject { head, .. } = self.0;
        let own = match head {
            crate::verdict::Head::Spam => nearest.spam,
            crate::verdict::Head::Toxicity => nearest.toxicity,
        };
        let bound = if own.hold_at.is_some() {
            "hold_at"
        } else {
            "reject_at"
        };
        let head = head.to_string();
        let key = [table, &["policy", &head, bound]].concat();
        let under: String = table.iter().flat_map(|name| [*name, "."]).collect();
        contradiction(&key, format!("{under}{}", self.0))
    }
}
