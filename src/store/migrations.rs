//! The tables, brought up to date at start.
//!
//! Each file is written once for both databases. What differs is put in here:
//! PostgreSQL calls bytes `BYTEA`, has no `WITHOUT ROWID`, and skips what is for SQLite alone.

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AnyPool, AssertSqlSafe, SqlSafeStr as _};

use super::database::Kind;
use super::error::StoreError;

/// Every file, oldest first. Never change one that was released: add another.
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
    (10, "queue", include_str!("migrations/0010_queue.sql")),
];

/// What follows a statement that PostgreSQL does not get.
const SQLITE_ALONE: &str = " -- SQLite alone";

/// Makes or changes the tables until they are this version's. Replicas that start
/// together wait for each other.
pub(super) async fn run(pool: &AnyPool, kind: Kind) -> Result<(), StoreError> {
    Migrator::with_migrations(migrations(kind))
        .run(pool)
        .await
        .map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(source) => source.into(),
            other => StoreError::Migration(other.to_string()),
        })
}

fn migrations(kind: Kind) -> Vec<Migration> {
    let migration = |&(version, name, text): &(i64, &'static str, &'static str)| {
        let sql = AssertSqlSafe(in_dialect(text, kind).into_owned()).into_sql_str();
        let kind = MigrationType::Simple;
        Migration::new(version, Cow::Borrowed(name), kind, sql, false)
    };
    FILES.iter().map(migration).collect()
}

fn in_dialect(text: &'static str, kind: Kind) -> Cow<'static, str> {
    match kind {
        Kind::Sqlite => Cow::Borrowed(text),
        Kind::Postgres => {
            let statements = text.split_inclusive(';').collect::<Vec<_>>();
            let for_both = |at: &usize| {
                let after = statements.get(at + 1).copied().unwrap_or_default();
                !after.starts_with(SQLITE_ALONE)
            };
            let kept: String = (0..statements.len())
                .filter(for_both)
                .map(|at| statements[at])
                .collect();
            kept.replace(" BLOB", " BYTEA")
                .replace(" WITHOUT ROWID", "")
                .into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_sqlite_alone_is_left_out_for_postgres() {
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
    }
}
