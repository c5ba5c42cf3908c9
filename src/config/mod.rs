//! What an operator can set: one TOML file, and environment variables over it.
//!
//! [`Sources`] finds and reads both. Every key has a default that works on a bare
//! machine, so the file may be empty or absent. Unknown keys and values that
//! cannot be meant are refused with file, line, key and what was expected.
//!
//! The file is the one given by `--config`, else the one named by
//! `MODERATO_CONFIG`, else `moderato.toml` in the working directory if there is
//! one. Paths in it, the default of `data_dir` included, are relative to its
//! folder; paths in environment variables, to the working directory.

mod consistency;
mod console;
mod contradiction;
mod effective;
mod environment;
mod error;
mod limits;
mod place;
mod private_url;
mod redis;
mod review;
mod sources;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::comment::FieldLimits;
use crate::grpc::auth::KeyHash;
use crate::lifecycle::PromotionBounds;
use crate::policy::PolicySettings;
use crate::rate_limit::QuotaSettings;
use crate::rules::RuleSettings;
use crate::server::ServerOptions;
use crate::site::SiteId;
use crate::store::Retention;
use crate::webhook::WebhookSettings;

pub use console::ConsoleSettings;
pub use environment::{
    CONFIG_VARIABLE, DATA_DIR_VARIABLE, DATABASE_URL_VARIABLE, Environment, GRPC_LISTEN_VARIABLE,
    HASH_KEY_VARIABLE, HTTP_LISTEN_VARIABLE, HashKey, NotAHashKey,
    REDIS_SENTINEL_PASSWORD_VARIABLE, REDIS_URL_VARIABLE,
};
pub use error::{ConfigError, Place};
pub use private_url::PrivateUrl;
pub use redis::RedisSettings;
pub use review::ReviewTable;
pub use sources::{DEFAULT_FILE, Reader, Sources};

/// Everything that can be set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server keeps what must outlive it; default `moderato-data`. Made
    /// when first needed. `MODERATO_DATA_DIR` overrides it.
    pub data_dir: PathBuf,
    /// The PostgreSQL that keeps comments for all replicas; default: none, and they are
    /// kept in a file of SQLite in `data_dir`. `MODERATO_DATABASE_URL` overrides it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<PrivateUrl>,
    /// A file that holds the secret under which addresses and e-mails are hashed, for
    /// counting and for keeping: 64 hexadecimal digits. Replicas that share a Redis or
    /// a PostgreSQL must share it.
    /// Default: `hash-key` in `data_dir`, made with a random secret where it is
    /// missing. `MODERATO_HASH_KEY` gives the secret itself and overrides both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_key_file: Option<PathBuf>,
    /// The secret from the environment; never printed.
    #[serde(skip)]
    pub hash_key: Option<HashKey>,
    /// `[listen]`: where the server listens.
    pub listen: ListenSettings,
    /// `[console]`: the moderators' pages.
    pub console: ConsoleSettings,
    /// `[server]`: sizes, numbers and times.
    pub server: ServerOptions,
    /// `[model]`: the model in force.
    pub model: ModelSettings,
    /// `[redis]`: rate limits shared by replicas.
    pub redis: RedisSettings,
    /// `[retention]`: how long comments are kept.
    pub retention: Retention,
    /// `[limits]`: rate limits of all sites.
    pub limits: QuotaSettings,
    /// `[fields]`: how long what a reader types may be.
    pub fields: FieldLimits,
    /// `[policy]`: thresholds and switches of all sites.
    pub policy: PolicySettings,
    /// `[rules]`: word and domain lists of all sites.
    pub rules: RuleSettings,
    /// `[promotion]`: how much worse a model may be and still go live.
    pub promotion: PromotionBounds,
    /// `[review]`: claims and undoing.
    pub review: ReviewTable,
    /// `[sites.<id>]`: keys, and what a site has otherwise than all.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sites: BTreeMap<SiteId, SiteSettings>,
}

/// The `[listen]` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListenSettings {
    /// Address and port for gRPC; default `127.0.0.1:50051`; port 0 takes any free
    /// port. `MODERATO_GRPC_LISTEN` overrides it.
    #[serde(deserialize_with = "environment::listen_address")]
    pub grpc: SocketAddr,
    /// Address and port for probes, metrics and the console; default
    /// `127.0.0.1:8080`. `MODERATO_HTTP_LISTEN` overrides it.
    #[serde(deserialize_with = "environment::listen_address")]
    pub http: SocketAddr,
    /// Listen beyond this machine though no site has a key, so that anybody who
    /// reaches the server may use it; default false.
    pub allow_open: bool,
}

/// The `[model]` table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// A file written by `moderato train`; default: the base model, which the
    /// program carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
}

/// A `[sites.<id>]` table. What it leaves out, the tables for all sites say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SiteSettings {
    /// SHA-256 of each of the site's keys; `moderato config new-key` makes one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyHash>,
    /// `[sites.<id>.policy]`: key by key over `[policy]`.
    pub policy: PolicySettings,
    /// `[sites.<id>.rules]`: in addition to `[rules]`.
    pub rules: RuleSettings,
    /// `[sites.<id>.limits]`: key by key over `[limits]`.
    pub limits: QuotaSettings,
    /// `[sites.<id>.webhook]`: where the site is told of decisions; default: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<WebhookSettings>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "moderato-data".into(),
            database_url: None,
            hash_key_file: None,
            hash_key: None,
            listen: ListenSettings::default(),
            console: ConsoleSettings::default(),
            server: ServerOptions::default(),
            model: ModelSettings::default(),
            redis: RedisSettings::default(),
            retention: Retention::default(),
            limits: QuotaSettings::default(),
            fields: FieldLimits::default(),
            policy: PolicySettings::default(),
            rules: RuleSettings::default(),
            promotion: PromotionBounds::default(),
            review: ReviewTable::default(),
            sites: BTreeMap::new(),
        }
    }
}

impl Default for ListenSettings {
    fn default() -> Self {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            grpc: SocketAddr::new(loopback, 50_051),
            http: SocketAddr::new(loopback, 8080),
            allow_open: false,
        }
    }
}

impl SiteSettings {
    /// Whether the site is judged otherwise than the sites that have no table.
    #[must_use]
    pub fn has_own_rules(&self) -> bool {
        let Self {
            keys: _,
            policy,
            rules,
            limits,
            webhook: _,
        } = self;
        *policy != PolicySettings::default()
            || *rules != RuleSettings::default()
            || *limits != QuotaSettings::default()
    }
}

impl Config {
    /// Whether any site has a key, so that calls need one.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.sites.values().any(|site| !site.keys.is_empty())
    }
}

/// What a reload puts in force and what takes a restart.
impl Config {
    /// The keys of which `changed` has another value that takes a restart.
    #[must_use]
    pub fn waiting_for_restart(&self, changed: &Self) -> Vec<&'static str> {
        [
            ("data_dir", self.data_dir != changed.data_dir),
            ("database_url", self.database_url != changed.database_url),
            ("hash_key_file", self.hash_key_file != changed.hash_key_file),
            ("listen", self.listen != changed.listen),
            ("console", self.console != changed.console),
            ("server", self.server != changed.server),
            ("model", self.model != changed.model),
            ("redis", self.redis != changed.redis),
            ("review", self.review != changed.review),
            ("retention", self.retention != changed.retention),
        ]
        .into_iter()
        .filter_map(|(key, differs)| differs.then_some(key))
        .collect()
    }

    /// What is in force once `changed` has been reloaded: its sites, limits, fields,
    /// policy, rules and bounds of promotions, and of the rest what was in force before.
    #[must_use]
    pub fn reloaded(&self, changed: Self) -> Self {
        let Self {
            limits,
            fields,
            policy,
            rules,
            promotion,
            sites,
            ..
        } = changed;
        Self {
            limits,
            fields,
            policy,
            rules,
            promotion,
            sites,
            ..self.clone()
        }
    }
}
