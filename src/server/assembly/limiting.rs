//! The limiter that a configuration asks for.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::AssemblyError;
use super::counted::Counted;
use crate::config::{Config, PrivateUrl, RedisSettings};
use crate::rate_limit::{
    Credentials, InProcess, Login, Password, RateLimiter, Redis, WithFallback,
};
use crate::telemetry::Metrics;

/// The Redis that counts for all replicas; `None` if there is none. Must be called inside
/// a Tokio runtime; does not connect yet.
///
/// # Errors
/// If its URL or a file it needs cannot be used.
pub fn shared_limiter(config: &Config) -> Result<Option<Redis>, AssemblyError> {
    let url = config.redis.url.as_ref();
    url.map(|url| redis(url, &config.redis)).transpose()
}

/// Counts in this process, or in Redis with this process as its stand-in.
pub(super) fn limiter(
    config: &Config,
    metrics: &Arc<Metrics>,
) -> Result<Arc<dyn RateLimiter>, AssemblyError> {
    let stand_in = InProcess::new();
    let Some(redis) = shared_limiter(config)? else {
        return Ok(Arc::new(Counted::new(stand_in, Arc::clone(metrics))));
    };
    let watched = Arc::clone(metrics);
    redis.watch(move |degraded| watched.limiter_degraded(degraded));
    let limiter = WithFallback::new(redis, stand_in, config.redis.outage_share);
    Ok(Arc::new(Counted::new(limiter, Arc::clone(metrics))))
}

fn redis(url: &PrivateUrl, settings: &RedisSettings) -> Result<Redis, AssemblyError> {
    let credentials = Credentials {
        tls: settings.tls_files(),
        sentinels: sentinel_login(settings)?,
    };
    Redis::open_with(url.expose(), &credentials, settings.budget).map_err(AssemblyError::Redis)
}

/// The password from the environment, or from the file that is named.
fn sentinel_login(settings: &RedisSettings) -> Result<Option<Login>, AssemblyError> {
    let given = settings.sentinel_password.clone().map(Ok);
    let file = settings.sentinel_password_file.as_deref();
    let password = given.or_else(|| file.map(password)).transpose()?;
    Ok(password.map(|password| Login {
        user: settings.sentinel_user.clone(),
        password,
    }))
}

/// The first line of `file`, which must not be empty.
fn password(file: &Path) -> Result<Password, AssemblyError> {
    let read = std::fs::read_to_string(file).and_then(|text| match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Password::new(line)),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is empty",
        )),
    });
    read.map_err(|source| AssemblyError::SentinelPassword {
        path: file.to_owned(),
        source,
    })
}
