//! Rows that go in together: one statement for many, since each statement costs a
//! trip to the database.

use std::sync::{Arc, OnceLock};

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::database::Kind;
use super::error::StoreError;

/// How many rows go into one statement. Few sizes, so that each is prepared once.
const SIZES: [usize; 3] = [64, 8, 1];

/// An `INSERT` of any number of rows. Its statements are made when they are first used.
pub(super) struct Insert {
    table: &'static str,
    columns: &'static [&'static str],
    ending: &'static str,
    statements: [[OnceLock<Arc<str>>; SIZES.len()]; Kind::ALL.len()],
}

pub(super) type Bound = Query<'static, Any, AnyArguments>;

impl Insert {
    /// Into `table (columns)`; `ending` follows the rows, as `ON CONFLICT DO NOTHING`, and
    /// has no parameters.
    pub(super) const fn new(
        table: &'static str,
        columns: &'static [&'static str],
        ending: &'static str,
    ) -> Self {
        // SQLite takes no more parameters; PostgreSQL takes twice as many.
        assert!(SIZES[0] * columns.len() <= 32_766);
        Self {
            table,
            columns,
            ending,
            statements: [const { [const { OnceLock::new() }; SIZES.len()] }; Kind::ALL.len()],
        }
    }

    /// The text of a statement for `rows` rows.
    fn text(&self, kind: Kind, rows: usize) -> String {
        let row = |row: usize| {
            let first = row * self.columns.len() + 1;
            let numbers = first..first + self.columns.len();
            let parameters = numbers.map(|number| kind.parameter(number));
            format!("({})", parameters.collect::<Vec<_>>().join(", "))
        };
        let values = (0..rows).map(row).collect::<Vec<_>>().join(", ");
        let (table, names, ending) = (self.table, self.columns.join(", "), self.ending);
        format!("INSERT INTO {table} ({names}) VALUES {values} {ending}")
    }

    /// The statements for `rows`, bound by `bind`, which binds one row's columns in order.
    fn chunks<'r, R>(
        &self,
        connection: &AnyConnection,
        mut rows: &'r [R],
        bind: impl Fn(Bound, &'r R) -> Bound,
    ) -> Vec<Bound> {
        let kind = Kind::of(connection);
        let mut bound = Vec::new();
        for (size, statement) in SIZES.into_iter().zip(&self.statements[kind as usize]) {
            while rows.len() >= size {
                let (now, rest) = rows.split_at(size);
                let text = statement.get_or_init(|| self.text(kind, size).into());
                let query = sqlx::query(AssertSqlSafe(Arc::clone(text)));
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
        for query in self.chunks(connection, rows, bind) {
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
        for query in self.chunks(connection, rows, bind) {
            returned.extend(query.fetch_all(&mut *connection).await?);
        }
        Ok(returned)
    }
}
