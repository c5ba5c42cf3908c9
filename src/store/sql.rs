//! Conditions of a query that is put together as it is asked.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

use super::database::Kind;
use super::error::StoreError;
use super::ids::CommentId;

/// The most wide rows that are asked for by id at once: as they come from the driver they
/// take much memory.
pub(super) const CHUNK: usize = 500;

/// A value to bind.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

/// A part of a statement.
#[derive(Clone, Debug)]
enum Part {
    Text(&'static str),
    Value(Value),
}

/// SQL text with the values of its parameters. Only this program's own text goes into
/// the text; whatever comes from outside is a parameter.
#[derive(Clone, Debug, Default)]
pub(super) struct Sql(Vec<Part>);

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self(vec![Part::Text(text)])
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.0.push(Part::Text(text));
        self
    }

    /// Adds a parameter.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.0.push(Part::Value(value.into()));
        self
    }

    /// Adds a parameter where nothing around it tells PostgreSQL its type.
    pub(super) fn typed(&mut self, value: impl Into<Value>) -> &mut Self {
        let value = value.into();
        let name = match value {
            Value::Int(_) => "BIGINT",
            Value::Real(_) => "DOUBLE PRECISION",
            Value::Text(_) | Value::Bytes(_) => "TEXT",
        };
        self.push("CAST(")
            .bind(value)
            .push(" AS ")
            .push(name)
            .push(")")
    }

    /// Adds ` IN (...)` with these; of none, what is never true.
    pub(super) fn is_in<V: Into<Value>>(
        &mut self,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.push(" IN (");
        let mut none = true;
        for value in values {
            if !none {
                self.push(", ");
            }
            none = false;
            self.bind(value);
        }
        if none {
            self.push("NULL");
        }
        self.push(")")
    }

    /// Adds ` IN (...)` with these comments, any number of them. They are one parameter, as
    /// neither database takes many.
    pub(super) fn is_among(&mut self, ids: &[CommentId]) -> &mut Self {
        let bytes = ids.iter().flat_map(|id| id.to_bytes()).collect::<Vec<_>>();
        self.push(" IN (WITH RECURSIVE named(place) AS (SELECT 1 UNION ALL")
            .push(" SELECT place + 16 FROM named WHERE place + 16 < ")
            .typed(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
            .push(") SELECT substr(")
            .bind(&*bytes)
            .push(", place, 16) FROM named)")
    }

    /// Runs it and gives all rows.
    pub(super) async fn fetch_all(
        self,
        connection: &mut AnyConnection,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let query = self.query(Kind::of(connection));
        Ok(query.fetch_all(connection).await?)
    }

    /// Runs it and gives the first row, if there is one.
    pub(super) async fn fetch_optional(
        self,
        connection: &mut AnyConnection,
    ) -> Result<Option<AnyRow>, StoreError> {
        let query = self.query(Kind::of(connection));
        Ok(query.fetch_optional(connection).await?)
    }

    /// Runs it and gives the one row.
    pub(super) async fn fetch_one(
        self,
        connection: &mut AnyConnection,
    ) -> Result<AnyRow, StoreError> {
        let query = self.query(Kind::of(connection));
        Ok(query.fetch_one(connection).await?)
    }

    /// Runs it. How many rows it changed.
    pub(super) async fn execute(self, connection: &mut AnyConnection) -> Result<u64, StoreError> {
        let query = self.query(Kind::of(connection));
        Ok(query.execute(connection).await?.rows_affected())
    }

    fn query(self, kind: Kind) -> Query<'static, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text(kind)));
        self.0.into_iter().fold(query, |query, part| match part {
            Part::Text(_) => query,
            Part::Value(Value::Int(value)) => query.bind(value),
            Part::Value(Value::Real(value)) => query.bind(value),
            Part::Value(Value::Text(value)) => query.bind(value),
            Part::Value(Value::Bytes(value)) => query.bind(value),
        })
    }

    /// The text, as `kind` names parameters.
    fn text(&self, kind: Kind) -> String {
        let mut text = String::new();
        let mut number = 0;
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Value(_) => {
                    number += 1;
                    text.push_str(&kind.parameter(number));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_named_in_order_as_each_database_has_them() {
        let mut sql = Sql::new("a = ");
        sql.bind(1_i64).push(" AND b").is_in(["x", "y"]);
        assert_eq!(sql.text(Kind::Postgres), "a = $1 AND b IN ($2, $3)");
        assert_eq!(sql.text(Kind::Sqlite), "a = ? AND b IN (?, ?)");
        let mut sql = Sql::new("b");
        sql.is_in(Vec::<i64>::new());
        assert_eq!(sql.text(Kind::Postgres), "b IN (NULL)");
    }
}
