//! The tables, brought up to date at start.
//!
//! Each file is written once for both databases. What differs is put in here:
//! PostgreSQL calls bytes `BYTEA`, has no `WITHOUT ROWID`, and each skips what is for the
//! other alone.

use std::borrow::Cow;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::database::{Database, Kind, private_file};
use super::error::StoreError;

/// Every file, oldest first. Never change one that was released: add another. None is
/// released yet, so that 3, which was written after 5 to 7, is missing in no store that
/// has those; there is no 4.
const FILES: &[(i64, &str, &str)] = &[
    (1, "first", include_str!("migrations/0001_first.sql")),
    (2, "accounts", include_str!("migrations/0002_accounts.sql")),
    (3, "upkeep", include_str!("migrations/0003_upkeep.sql")),
    (5, "labels", include_str!("migrations/0005_labels.sql")),
    (6, "models", include_str!("migrations/0006_models.sql")),
    (7, "lessons", include_str!("migrations/0007_lessons.sql")),
    (
        8,
        "moderator sites",
        include_str!("migrations/0008_moderator_sites.sql"),
    ),
    (
        9,
        "label releases",
        include_str!("migrations/0009_label_releases.sql"),
    ),
    (10, "queue", include_str!("migrations/0010_queue.sql")),
    (
        11,
        "deliveries",
        include_str!("migrations/0011_deliveries.sql"),
    ),
    (
        12,
        "packed approvals",
        include_str!("migrations/0012_packed_approvals.sql"),
    ),
    (13, "trials", include_str!("migrations/0013_trials.sql")),
    (
        14,
        "operations",
        include_str!("migrations/0014_operations.sql"),
    ),
    (
        15,
        "blind reviews",
        include_str!("migrations/0015_blind_reviews.sql"),
    ),
    (17, "upkeep", include_str!("migrations/0017_upkeep.sql")),
    (
        18,
        "long rows",
        include_str!("migrations/0018_long_rows.sql"),
    ),
];

/// What follows a statement that PostgreSQL does not get.
const SQLITE_ALONE: &str = " -- SQLite alone";

/// What follows one that SQLite does not get.
const POSTGRES_ALONE: &str = " -- PostgreSQL alone";

/// Between two looks whether another process is done with the tables.
const LOOK: Duration = Duration::from_millis(20);

/// Makes or changes the tables until they are this version's. Processes that start
/// together wait for each other: on PostgreSQL sqlx sees to that, on SQLite a lock on a
/// file beside the database does.
pub(super) async fn run(database: &Database) -> Result<(), StoreError> {
    let _turn = match database.migration_lock() {
        Some(file) => Some(turn(file).await?),
        None => None,
    };
    // A connection of their own, closed at the end: PostgreSQL's lock is the session's, and
    // sqlx leaves it locked where a migration fails.
    let connection = database.for_migrations();
    let migrated = Migrator::with_migrations(migrations(FILES, database.kind))
        .run(&connection)
        .await;
    connection.close().await;
    migrated.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(source) => source.into(),
        other => StoreError::Migration(other.to_string()),
    })
}

/// Waits for the lock on `path`, which ends with the file that is returned, or with the
/// process.
async fn turn(path: &Path) -> Result<File, StoreError> {
    let refused = |reason: String| StoreError::File {
        path: path.to_owned(),
        reason,
    };
    let file = private_file(path).map_err(|error| refused(error.to_string()))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOOK).await,
            Err(TryLockError::Error(error)) => return Err(refused(error.to_string())),
        }
    }
}

fn migrations(files: &[(i64, &'static str, &'static str)], kind: Kind) -> Vec<Migration> {
    let migration = |&(version, name, text): &(i64, &'static str, &'static str)| {
        let sql = AssertSqlSafe(in_dialect(text, kind)).into_sql_str();
        let kind = MigrationType::Simple;
        Migration::new(version, Cow::Borrowed(name), kind, sql, false)
    };
    files.iter().map(migration).collect()
}

fn in_dialect(text: &'static str, kind: Kind) -> String {
    let others = match kind {
        Kind::Sqlite => POSTGRES_ALONE,
        Kind::Postgres => SQLITE_ALONE,
    };
    let statements = text.split_inclusive(';').collect::<Vec<_>>();
    let is_ours = |at: &usize| {
        let after = statements.get(at + 1).copied().unwrap_or_default();
        !after.starts_with(others)
    };
    let kept: String = (0..statements.len())
        .filter(is_ours)
        .map(|at| statements[at])
        .collect();
    match kind {
        Kind::Sqlite => kept,
        Kind::Postgres => kept
            .replace(" BLOB", " BYTEA")
            .replace(" WITHOUT ROWID", ""),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    /// What a file holds besides the migrations' own table: the indexes, and every row of the
    /// tables that are made anew.
    async fn contents(connection: &mut SqliteConnection) -> (BTreeSet<String>, Vec<String>) {
        let names = "SELECT name || ' ' || replace(sql, '\n', '') FROM sqlite_master
            WHERE type = 'index' AND sql IS NOT NULL";
        let names: Vec<String> = sqlx::query_scalar(names)
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        let mut rows = Vec::new();
        for table in ["comments", "decisions", "submissions", "labels"] {
            let columns = format!("SELECT name FROM pragma_table_info('{table}')");
            let columns: Vec<String> = sqlx::query_scalar(AssertSqlSafe(columns))
                .fetch_all(&mut *connection)
                .await
                .unwrap();
            for column in columns {
                let value = format!("SELECT '{table} {column} ' || quote({column}) FROM {table}");
                let mut values: Vec<String> = sqlx::query_scalar(AssertSqlSafe(value))
                    .fetch_all(&mut *connection)
                    .await
                    .unwrap();
                rows.append(&mut values);
            }
        }
        (names.into_iter().collect(), rows)
    }

    #[tokio::test]
    async fn rows_are_what_they_were_in_tables_that_are_made_anew() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let migrate = |files: &[(i64, &'static str, &'static str)]| {
            Migrator::with_migrations(migrations(files, Kind::Sqlite))
        };
        let before = FILES.iter().position(|&(version, ..)| version == 18);
        let before = &FILES[..before.unwrap()];
        migrate(before).run(&mut connection).await.unwrap();
        for table in ["comments", "decisions", "submissions", "labels"] {
            let columns =
                format!("SELECT group_concat(quote(name), ', ') FROM pragma_table_info('{table}')");
            let columns: String = sqlx::query_scalar(AssertSqlSafe(columns))
                .fetch_one(&mut connection)
                .await
                .unwrap();
            // Each column holds its own name, so that none can take another's place.
            let row = format!("INSERT INTO {table} VALUES ({columns})");
            sqlx::query(AssertSqlSafe(row))
                .execute(&mut connection)
                .await
                .unwrap();
        }
        let was = contents(&mut connection).await;
        assert_eq!(was.1.len(), 29 + 18 + 6 + 18, "{:?}", was.1);
        migrate(&FILES[..=before.len()])
            .run(&mut connection)
            .await
            .unwrap();
        assert_eq!(contents(&mut connection).await, was);
    }

    #[test]
    fn what_is_for_one_database_alone_is_left_out_for_the_other() {
        let text = "CREATE TABLE a (b BLOB) WITHOUT ROWID;\nCREATE INDEX c; -- SQLite alone\nDROP INDEX d;\n";
        assert_eq!(in_dialect(text, Kind::Sqlite), text);
        let postgres = in_dialect(text, Kind::Postgres);
        assert!(
            postgres.starts_with("CREATE TABLE a (b BYTEA);"),
            "{postgres}"
        );
        assert!(
            postgres.contains("DROP INDEX d;") && !postgres.contains("INDEX c"),
            "{postgres}"
        );
        let text = "DROP INDEX a;\nALTER TABLE b; -- PostgreSQL alone\nDROP INDEX c;\n";
        assert_eq!(in_dialect(text, Kind::Postgres), text);
        let sqlite = in_dialect(text, Kind::Sqlite);
        assert!(
            sqlite.contains("DROP INDEX c;") && !sqlite.contains("TABLE b"),
            "{sqlite}"
        );
    }
}
