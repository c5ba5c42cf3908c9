//! The secret under which addresses and e-mails are hashed, for counting and for
//! keeping.

use std::io::{self, Write as _};
use std::path::Path;

use super::AssemblyError;
use crate::config::{Config, HashKey};

/// Name of the file in `data_dir`.
const FILE: &str = "hash-key";

/// Said where replicas may count apart in one Redis without knowing.
const UNSHARED: &str = "redis.url or database_url is set, but the secret for counting is this \
    replica's own, in data_dir; all replicas that share a Redis or a PostgreSQL must share one, or \
    each takes a reader for another: give them the same hash_key_file or MODERATO_HASH_KEY";

/// The secret of an installation: from the environment, from the file that is
/// named, or from `data_dir`, where it is made once. Where nobody shares it, a passing
/// one does if none can be kept.
pub(super) fn resolve(config: &Config) -> Result<HashKey, AssemblyError> {
    if let Some(given) = given(config) {
        return given;
    }
    match kept(&config.data_dir) {
        Err(AssemblyError::HashKeyFile { path, source, .. }) if !is_shared(config) => {
            tracing::warn!(
                path = %path.display(),
                error = %source,
                "cannot keep the secret for counting; using one until the end of this process"
            );
            random()
        }
        secret => {
            if is_shared(config) {
                tracing::warn!("{UNSHARED}");
            }
            secret
        }
    }
}

/// Whether other replicas see what is hashed under it.
const fn is_shared(config: &Config) -> bool {
    config.redis.url.is_some() || config.database_url.is_some()
}

/// The secret of an installation that has one.
pub(super) fn existing(config: &Config) -> Result<HashKey, AssemblyError> {
    given(config).unwrap_or_else(|| {
        let file = config.data_dir.join(FILE);
        read(&file).unwrap_or_else(|error| Err(failed(&file, "read", error)))
    })
}

/// Whether a secret that is named can be used; makes none.
pub(super) fn try_out(config: &Config) -> Result<(), AssemblyError> {
    given(config).map_or(Ok(()), |secret| secret.map(drop))
}

/// A random secret.
pub(super) fn random() -> Result<HashKey, AssemblyError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(HashKey::new(bytes))
}

fn given(config: &Config) -> Option<Result<HashKey, AssemblyError>> {
    let from_environment = config.hash_key.clone().map(Ok);
    from_environment.or_else(|| {
        let file = config.hash_key_file.as_deref()?;
        Some(read(file).unwrap_or_else(|error| Err(failed(file, "read", error))))
    })
}

/// The secret in `folder`, made if there is none.
fn kept(folder: &Path) -> Result<HashKey, AssemblyError> {
    let file = folder.join(FILE);
    match read(&file) {
        Ok(secret) => return secret,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(&file, "read", error)),
    }
    let secret = random()?;
    match keep(&secret, folder, &file) {
        Ok(()) => Ok(secret),
        // Another process was first, and its secret counts.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read(&file).unwrap_or_else(|error| Err(failed(&file, "read", error)))
        }
        Err(error) => Err(failed(&file, "keep", error)),
    }
}

fn read(file: &Path) -> io::Result<Result<HashKey, AssemblyError>> {
    let text = std::fs::read_to_string(file)?;
    Ok(text.parse().map_err(|source| AssemblyError::HashKey {
        path: file.to_owned(),
        source,
    }))
}

/// Writes the whole secret under another name first, readable by its owner alone
/// (0600), so that `file` is never seen half written.
fn keep(secret: &HashKey, folder: &Path, file: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(draft, "{}", secret.to_hex())?;
    draft.as_file().sync_all()?;
    draft.persist_noclobber(file)?;
    Ok(())
}

fn failed(path: &Path, action: &'static str, source: io::Error) -> AssemblyError {
    AssemblyError::HashKeyFile {
        path: path.to_owned(),
        action,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PrivateUrl;

    fn config(data_dir: &Path) -> Config {
        Config {
            data_dir: data_dir.to_owned(),
            ..Config::default()
        }
    }

    #[test]
    fn one_is_made_once_and_for_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder.path().join("made"));
        let first = resolve(&config).unwrap();
        assert_eq!(resolve(&config).unwrap(), first);
        let file = config.data_dir.join(FILE);
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let files = std::fs::read_dir(&config.data_dir).unwrap().count();
        assert_eq!(files, 1, "no draft is left");
    }

    #[test]
    fn where_none_can_be_kept_only_those_who_share_it_mind() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // A file where a folder should be.
        let mut config = config(&file.path().join("data"));
        let first = resolve(&config).unwrap();
        assert_ne!(resolve(&config).unwrap(), first);
        config.redis.url = Some(PrivateUrl::new("redis://host").unwrap());
        let error = resolve(&config).unwrap_err().to_string();
        assert!(error.contains("MODERATO_HASH_KEY"), "{error}");
    }

    #[test]
    fn a_given_secret_is_used_or_refused_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let mut config = config(folder.path());
        config.hash_key_file = Some(file.clone());
        assert!(resolve(&config).is_err(), "it is missing");
        std::fs::write(&file, "short").unwrap();
        let error = resolve(&config).unwrap_err().to_string();
        assert!(
            error.ends_with("expected 64 hexadecimal digits, found 5 characters"),
            "{error}"
        );
        std::fs::write(&file, format!("{}\n", "0B".repeat(32))).unwrap();
        assert_eq!(resolve(&config).unwrap().expose(), [11; 32]);
        config.hash_key = Some(HashKey::new([1; 32]));
        assert_eq!(resolve(&config).unwrap().expose(), [1; 32]);
    }
}
