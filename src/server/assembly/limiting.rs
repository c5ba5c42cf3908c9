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

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> RedisSettings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn the_password_for_sentinels_is_the_environments_or_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        let mut settings = settings("sentinel_user = \"watcher\"");
        assert_eq!(sentinel_login(&settings).unwrap(), None);
        settings.sentinel_password_file = Some(file.clone());
        for (content, told) in [(None, "No such file"), (Some("\n"), "the file is empty")] {
            if let Some(content) = content {
                std::fs::write(&file, content).unwrap();
            }
            let error = sentinel_login(&settings).unwrap_err().to_string();
            let starts = error.starts_with("redis.sentinel_password_file: cannot read");
            assert!(starts && error.contains(told), "{error}");
        }
        std::fs::write(&file, "p a:s\n").unwrap();
        let login = |password| {
            let user = Some("watcher".to_owned());
            let password = Password::new(password);
            Some(Login { user, password })
        };
        let found = sentinel_login(&settings).unwrap();
        assert_eq!(found, login("p a:s"));
        assert!(!format!("{found:?}").contains("p a:s"));
        settings.sentinel_password = Some(Password::new("other"));
        assert_eq!(sentinel_login(&settings).unwrap(), login("other"));
    }

    #[tokio::test]
    async fn a_login_for_sentinels_is_refused_where_there_are_none() {
        let mut settings = settings("");
        settings.sentinel_password = Some(Password::new("s3cret"));
        let url = PrivateUrl::new("redis://host").unwrap();
        let error = redis(&url, &settings).err().unwrap().to_string();
        assert!(error.contains("redis-sentinel://"), "{error}");
        assert!(!error.contains("s3cret"), "{error}");
    }
}
