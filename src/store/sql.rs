//! Conditions of a query that is put together as it is asked.

use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AssertSqlSafe};

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

/// SQL text with the values of its parameters. Only this program's own text goes into
/// the text; whatever comes from outside is a parameter.
#[derive(Clone, Debug, Default)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(super) fn new(text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds text.
    pub(super) fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a parameter.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
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

    /// The query, ready to be run.
    pub(super) fn query(self) -> Query<'static, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text));
        self.values
            .into_iter()
            .fold(query, |query, value| match value {
                Value::Int(value) => query.bind(value),
                Value::Real(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
                Value::Bytes(value) => query.bind(value),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_in_order() {
        let mut sql = Sql::new("a = ");
        sql.bind(1_i64).push(" AND b").is_in(["x", "y"]);
        assert_eq!(sql.text, "a = $1 AND b IN ($2, $3)");
        assert_eq!(sql.values.len(), 3);
        let mut sql = Sql::new("b");
        sql.is_in(Vec::<i64>::new());
        assert_eq!(sql.text, "b IN (NULL)");
    }
}
