//! The tables, brought up to date at start.
//!
//! Each file is written once for both databases. What differs is put in here:
//! PostgreSQL calls bytes `BYTEA`, and has no `WITHOUT ROWID`.

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
        "label_releases",
        include_str!("migrations/0008_label_releases.sql"),
    ),
];

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
        Kind::Postgres => text
            .replace(" BLOB", " BYTEA")
            .replace(" WITHOUT ROWID", "")
            .into(),
    }
}
