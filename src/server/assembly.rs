//! From a configuration to the parts of a server. The only place that knows both.

mod console;
mod counted;
mod files;
mod limiting;
mod naming;
mod reviewing;
mod secret;
mod storage;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::classifier::{Artefact, ArtefactError, Classifier};
use crate::config::{Config, HashKey, NotAHashKey, Reader};
use crate::grpc::auth::{KeyError, KeyTable};
use crate::pipeline::{self, Pipeline, SiteRules, SiteTable};
use crate::policy::{Policy, PolicyError};
use crate::rate_limit::{InProcess, KeyHasher, LimiterError, Quotas, RateLimiter};
use crate::rules::{RuleEntries, RuleSet, RulesError};
use crate::site::SiteId;
use crate::store::{BlindHasher, NoStore, PersonHasher, Records, Store, StoreError};
use crate::telemetry::Metrics;
use crate::webhook::SenderError;
pub use console::{accounts, console, site_names};
pub use files::WatchedFiles;
use limiting::limiter;
pub use limiting::shared_limiter;
pub use reviewing::{dispatcher, lifecycle, operations, review, webhooks};
pub use storage::{observed_store, store, unusable_store};

/// How long a `submission_id` is answered from memory; then the store is asked.
const REMEMBER: Duration = Duration::from_hours(1);

/// Why a configuration that reads well cannot be put to work.
#[derive(Debug, thiserror::Error)]
pub enum AssemblyError {
    /// A word or domain list cannot be used.
    #[error("{}{source}", of_site(.site.as_ref()))]
    Rules {
        /// The site whose list it is; none: it is for all sites.
        site: Option<SiteId>,
        /// What is wrong.
        source: RulesError,
    },
    /// The thresholds contradict each other.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The model cannot be used.
    #[error("model.path: cannot use {}: {source}", .path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ArtefactError,
    },
    /// The model this program carries cannot be used by it.
    #[error("the base model of this build cannot be used: {0}")]
    BaseModel(#[source] ArtefactError),
    /// The URL of Redis, or a certificate file, cannot be used.
    #[error("redis: {0}")]
    Redis(#[source] LimiterError),
    /// The password for sentinels cannot be read.
    #[error(
        "redis.sentinel_password_file: cannot read {}, expected a password in it: {source}", .path.display()
    )]
    SentinelPassword {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The secret for counting is not one.
    #[error("{}: {source}", .path.display())]
    HashKey {
        /// The file that holds it.
        path: PathBuf,
        /// What is wrong.
        source: NotAHashKey,
    },
    /// The secret for counting cannot be read or made.
    #[error(
        "{}: cannot {action} the secret for counting, which replicas that share a Redis or a \
         PostgreSQL must share: expected it in {}, in the file that hash_key_file names, or in \
         data_dir: {source}", .path.display(), crate::config::HASH_KEY_VARIABLE
    )]
    HashKeyFile {
        /// The file.
        path: PathBuf,
        /// What could not be done.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Two sites have the same key.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The store cannot be used.
    #[error("{key}: {source}")]
    Store {
        /// The key that names it.
        key: &'static str,
        /// What is wrong.
        source: StoreError,
    },
    /// Messages cannot be sent from this machine.
    #[error("sites.<id>.webhook: {0}")]
    Webhooks(#[source] SenderError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

fn of_site(site: Option<&SiteId>) -> String {
    site.map(|site| format!("sites.{site}: "))
        .unwrap_or_default()
}

/// A pipeline as a server runs it, which keeps comments in `store`. Must be called
/// inside a Tokio runtime where a Redis is configured; does not connect to it yet.
///
/// # Errors
/// If rules, model, Redis's URL or the secret for counting cannot be used.
pub fn pipeline(
    config: &Config,
    read: Reader<'_>,
    metrics: &Arc<Metrics>,
    store: &Store,
) -> Result<Arc<Pipeline>, AssemblyError> {
    let sites = sites(config, read)?;
    let limiter = limiter(config, metrics)?;
    let secret = secret::resolve(config)?;
    let classifier = classifier(config)?;
    metrics.model_in_force(&classifier.id().to_string());
    let store = Arc::new(store.clone());
    Ok(assembled(classifier, limiter, &secret, sites, store))
}

/// Who is behind the hashes in the store: what finds an author's comments again.
///
/// # Errors
/// If there is no secret, or it cannot be used.
pub fn people(config: &Config) -> Result<PersonHasher, AssemblyError> {
    Ok(PersonHasher::new(secret::existing(config)?.expose()))
}

/// What draws decisions for blind re-review. Where no secret can be kept, and so nobody
/// shares it, a passing one does.
///
/// # Errors
/// If the system gives no random numbers.
pub fn blind_hasher(config: &Config) -> Result<BlindHasher, AssemblyError> {
    let secret = secret::existing(config).or_else(|_| secret::random())?;
    Ok(BlindHasher::new(secret.expose()))
}

/// A pipeline for this process alone: it counts in memory, under a secret it
/// forgets, keeps no comment, and needs neither Redis nor `data_dir`.
///
/// # Errors
/// If rules or model cannot be used.
pub fn local_pipeline(config: &Config, read: Reader<'_>) -> Result<Arc<Pipeline>, AssemblyError> {
    let secret = secret::random()?;
    let sites = sites(config, read)?;
    let limiter = Arc::new(InProcess::new());
    let store = Arc::new(NoStore);
    Ok(assembled(
        classifier(config)?,
        limiter,
        &secret,
        sites,
        store,
    ))
}

/// Tries everything a configuration names that can be tried without changing
/// anything: rule files, model, the URLs of Redis and of the database. Must be called inside a Tokio runtime.
///
/// # Errors
/// For the first that cannot be used.
pub fn try_out(config: &Config, read: Reader<'_>) -> Result<(), AssemblyError> {
    sites(config, read)?;
    classifier(config)?;
    shared_limiter(config)?;
    if config.database_url.is_some() {
        store(config)?;
    }
    secret::try_out(config)
}

fn assembled(
    classifier: Arc<Classifier>,
    limiter: Arc<dyn RateLimiter>,
    secret: &HashKey,
    sites: SiteTable,
    store: Arc<dyn Records>,
) -> Arc<Pipeline> {
    Arc::new(Pipeline::new(pipeline::Parts {
        classifier,
        limiter,
        hasher: KeyHasher::new(secret.expose()),
        people: PersonHasher::new(secret.expose()),
        store,
        sites,
        new_id: naming::submission_id,
        now: Timestamp::now,
        remember: REMEMBER,
    }))
}

/// The model that serves where none was promoted: the one the configuration names, else the base.
///
/// # Errors
/// If it cannot be read or used.
pub fn classifier(config: &Config) -> Result<Arc<Classifier>, AssemblyError> {
    Ok(Arc::new(Classifier::new(artefact(config)?)))
}

/// The artefact of that model.
///
/// # Errors
/// If it cannot be read or used.
pub fn artefact(config: &Config) -> Result<Artefact, AssemblyError> {
    match &config.model.path {
        Some(path) => Artefact::load(path).map_err(|source| AssemblyError::Model {
            path: path.clone(),
            source,
        }),
        None => Artefact::base().map_err(AssemblyError::BaseModel),
    }
}

/// Policy, rules and quotas of every site; rule files are read by `read`. Takes a
/// while where lists are long.
///
/// # Errors
/// For the first rule file or entry that cannot be used.
pub fn sites(config: &Config, read: Reader<'_>) -> Result<SiteTable, AssemblyError> {
    let refused = |site: Option<&SiteId>| {
        let site = site.cloned();
        move |source| AssemblyError::Rules { site, source }
    };
    let mut load = |path: &Path| read(path);
    let entries = config.rules.load(&mut load).map_err(refused(None))?;
    let rules = |site: Option<&SiteId>, entries: &RuleEntries| {
        RuleSet::compile(entries).map_err(refused(site))
    };
    let shared = SiteRules::new(
        config.fields,
        Policy::resolve(&[&config.policy])?,
        rules(None, &entries)?,
        Quotas::resolve(&[&config.limits]),
    );
    let mut table = HashMap::new();
    // A site that has keys alone shares the compiled rules.
    for (site, own) in config.sites.iter().filter(|(_, own)| own.has_own_rules()) {
        let added = own.rules.load(&mut load).map_err(refused(Some(site)))?;
        let own = SiteRules::new(
            config.fields,
            Policy::resolve(&[&own.policy, &config.policy])?,
            rules(Some(site), &added.and(&entries))?,
            Quotas::resolve(&[&own.limits, &config.limits]),
        );
        table.insert(site.clone(), own);
    }
    Ok(SiteTable::new(shared, table))
}

/// Which key is which site's.
///
/// # Errors
/// If two sites have the same key.
pub fn keys(config: &Config) -> Result<KeyTable, AssemblyError> {
    Ok(config.key_table()?)
}

/// What hides what is counted, as the servers with this configuration have it. Makes no
/// secret where there is none: it would be another than theirs.
///
/// # Errors
/// If the secret is not where the configuration says, or cannot be read.
pub fn hasher(config: &Config) -> Result<KeyHasher, AssemblyError> {
    Ok(KeyHasher::new(secret::existing(config)?.expose()))
}

/// The quotas of one site.
#[must_use]
pub fn quotas(config: &Config, site: &SiteId) -> Quotas {
    match config.sites.get(site) {
        Some(own) => Quotas::resolve(&[&own.limits, &config.limits]),
        None => Quotas::resolve(&[&config.limits]),
    }
}
