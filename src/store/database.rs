//! Connections to either database, and all that differs between them.
//!
//! Both are spoken to through sqlx's `Any` driver, so every query is written once:
//! `$1` for parameters, only `BIGINT`, `DOUBLE PRECISION`, `TEXT` and bytes as types.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, ConnectOptions as _, Executor as _};
use tracing::log::LevelFilter;

use super::error::StoreError;
use super::transaction::Transaction;

/// How long a call waits for a connection.
pub(super) const ACQUIRE: Duration = Duration::from_secs(3);
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// Which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// Every kind.
    pub(super) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// What `connection` leads to.
    pub(super) fn of(connection: &AnyConnection) -> Self {
        match connection.backend_name() {
            "PostgreSQL" => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// How a statement names its parameter `number`, from 1, where it names each once and
    /// in order. SQLite looks up a name among all of a statement's, which takes time with
    /// the square of their number, so there they have none.
    pub(super) fn parameter(self, number: usize) -> Cow<'static, str> {
        match self {
            Self::Sqlite => Cow::Borrowed("?"),
            Self::Postgres => Cow::Owned(format!("${number}")),
        }
    }
}

/// Where comments are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite, made with its folder where it is missing.
    File(PathBuf),
    /// A PostgreSQL, by its URL, which may hold a password.
    Postgres(String),
}

/// Open connections.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pub(super) kind: Kind,
    /// For what only reads.
    pub(super) readers: AnyPool,
    /// For what writes: SQLite takes one writer at a time, so it has one connection.
    writers: AnyPool,
    options: AnyConnectOptions,
    /// What is locked while SQLite's tables are changed.
    migration_lock: Option<PathBuf>,
}

impl Database {
    /// Prepares connections; makes none yet, but for the folder of a file.
    pub(super) fn open(location: &Location) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        match location {
            Location::File(path) => Self::file(path),
            Location::Postgres(url) => Self::postgres(url),
        }
    }

    fn file(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(|error| StoreError::File {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let options = options(&file_url(path)?)?;
        let pool = |connections, besides: &'static str| {
            AnyPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(ACQUIRE)
                .test_before_acquire(false)
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        connection.execute(SQLITE_PRAGMAS).await?;
                        connection.execute(besides).await?;
                        Ok(())
                    })
                })
                .connect_lazy_with(options.clone())
        };
        Ok(Self {
            kind: Kind::Sqlite,
            readers: pool(SQLITE_READERS, SQLITE_READER),
            writers: pool(1, SQLITE_WRITER),
            options,
            migration_lock: Some(path.with_added_extension("migrating")),
        })
    }

    fn postgres(url: &str) -> Result<Self, StoreError> {
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(StoreError::Url("found another scheme".to_owned()));
        }
        let options = options(url)?;
        let pool = AnyPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(POSTGRES_SETTINGS).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(options.clone());
        Ok(Self {
            kind: Kind::Postgres,
            readers: pool.clone(),
            writers: pool,
            options,
            migration_lock: None,
        })
    }

    /// A transaction that writes. On SQLite it holds the write lock from the start,
    /// so that it never fails half-way for want of it.
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        };
        Transaction::begin(self.writers.acquire().await?, begin).await
    }

    /// One connection for migrations: a statement of theirs takes as long as it takes, and
    /// so does the wait for another replica's.
    pub(super) fn for_migrations(&self) -> AnyPool {
        let settings = match self.kind {
            Kind::Sqlite => SQLITE_PRAGMAS,
            Kind::Postgres => POSTGRES_PATIENCE,
        };
        AnyPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection.execute(settings).await?;
                    Ok(())
                })
            })
            .connect_lazy_with(self.options.clone())
    }

    pub(super) fn migration_lock(&self) -> Option<&Path> {
        self.migration_lock.as_deref()
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// Makes the file where it is missing, for its owner alone (0600): what SQLite lays
/// beside it has the same mode. Also its folder.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    private_file(path).map(drop)
}

/// Opens a file, which is made for its owner alone where it is missing.
pub(super) fn private_file(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;

    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true).mode(0o600);
    options.open(path)
}

/// WAL lets readers read while one writes; FULL syncs the log at every commit, so
/// what was committed survives a power failure.
const SQLITE_PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA busy_timeout = 3000; PRAGMA foreign_keys = ON; \
    PRAGMA secure_delete = ON; \
    PRAGMA journal_size_limit = 67108864";

/// Besides, for those that read.
const SQLITE_READER: &str = "PRAGMA cache_size = -4096";

/// Besides, for the one that writes: room for the pages of a whole group, so that none is
/// written twice, and a log of 16 MB before its pages are copied home, since a page that
/// several groups change is copied once.
const SQLITE_WRITER: &str = "PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000";

/// No statement may hold up a call for ever, whatever the server's default.
const POSTGRES_SETTINGS: &str =
    "SET statement_timeout = '10s'; SET lock_timeout = '3s'; SET synchronous_commit = on";

/// In place of those limits, for migrations.
const POSTGRES_PATIENCE: &str = "SET statement_timeout = 0; SET lock_timeout = 0";

fn options(url: &str) -> Result<AnyConnectOptions, StoreError> {
    let options =
        AnyConnectOptions::from_str(url).map_err(|error| StoreError::Url(error.to_string()))?;
    // Statements are no news, and slow ones would show texts.
    Ok(options
        .disable_statement_logging()
        .log_statements(LevelFilter::Off))
}

/// `path` as a URL of sqlx.
fn file_url(path: &Path) -> Result<String, StoreError> {
    let refused = |reason: String| StoreError::File {
        path: path.to_owned(),
        reason,
    };
    // A relative path would be read as a host.
    let whole = std::path::absolute(path).map_err(|error| refused(error.to_string()))?;
    let text = whole
        .to_str()
        .ok_or_else(|| refused("expected a path in UTF-8".to_owned()))?;
    let mut url = "sqlite://".to_owned();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                url.push(char::from(byte));
            }
            other => {
                // Writing to a string does not fail.
                let _ = write!(url, "%{other:02X}");
            }
        }
    }
    url.push_str("?mode=rwc");
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_goes_whole_into_a_url() {
        let url = file_url(Path::new("/a b/c?d#e%.sqlite")).unwrap();
        assert_eq!(url, "sqlite:///a%20b/c%3Fd%23e%25.sqlite?mode=rwc");
    }
}
