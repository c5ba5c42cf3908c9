//! Rows that go in together: one statement for many, since each statement costs a
//! trip to the database.

use std::sync::Arc;

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::error::StoreError;

/// How many rows go into one statement. Few sizes, so that each is prepared once; and
/// small ones, since SQLite looks up the name of each `$n` among all of a statement's,
/// which takes time with the square of their number.
const SIZES: [usize; 2] = [4, 1];

/// An `INSERT` of any number of rows.
pub(super) struct Insert {
    columns: usize,
    statements: [(usize, Arc<str>); SIZES.len()],
}

pub(super) type Bound = Query<'static, Any, AnyArguments>;

impl Insert {
    /// Into `table (columns)`; `ending` follows the rows, as `ON CONFLICT DO NOTHING`.
    pub(super) fn new(table: &str, columns: &[&str], ending: &str) -> Self {
        let statement = |rows: usize| {
            let row = |row: usize| {
                let first = row * columns.len() + 1;
                let parameters = (first..first + columns.len()).map(|number| format!("${number}"));
                format!("({})", parameters.collect::<Vec<_>>().join(", "))
            };
            let values = (0..rows).map(row).collect::<Vec<_>>().join(", ");
            let names = columns.join(", ");
            format!("INSERT INTO {table} ({names}) VALUES {values} {ending}")
        };
        Self {
            columns: columns.len(),
            statements: SIZES.map(|rows| (rows, Arc::from(statement(rows)))),
        }
    }

    /// The statements for `rows`, each with how many of them it takes, bound by `bind`,
    /// which binds one row's columns in order.
    fn chunks<'r, R>(&self, mut rows: &'r [R], bind: impl Fn(Bound, &'r R) -> Bound) -> Vec<Bound> {
        let mut bound = Vec::new();
        for (size, statement) in &self.statements {
            while rows.len() >= *size {
                let (now, rest) = rows.split_at(*size);
                let query = sqlx::query(AssertSqlSafe(Arc::clone(statement)));
                bound.push(now.iter().fold(query, &bind));
                rows = rest;
            }
        }
        bound
    }

    /// Inserts `rows`.
    pub(super) async fn run<'r, R>(
        &self,
        connection: &mut AnyConnection,
        rows: &'r [R],
        bind: impl Fn(Bound, &'r R) -> Bound,
    ) -> Result<(), StoreError> {
        debug_assert!(SIZES[0] * self.columns < 32_766);
        for query in self.chunks(rows, bind) {
            query.execute(&mut *connection).await?;
        }
        Ok(())
    }

    /// Inserts `rows` and returns what the ending's `RETURNING` gives.
    pub(super) async fn returning<'r, R>(
        &self,
        connection: &mut AnyConnection,
        rows: &'r [R],
        bind: impl Fn(Bound, &'r R) -> Bound,
    ) -> Result<Vec<sqlx::any::AnyRow>, StoreError> {
        let mut returned = Vec::new();
        for query in self.chunks(rows, bind) {
            returned.extend(query.fetch_all(&mut *connection).await?);
        }
        Ok(returned)
    }
}
