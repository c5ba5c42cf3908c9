//! A transaction that writes.
//!
//! Not sqlx's own: SQLite rolls a transaction back by itself when the disk is full,
//! and sqlx, which still counts it as open, then refuses every later one on that
//! connection. So a connection whose transaction did not end well is not used again.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection};

use super::error::StoreError;

/// An open transaction. Dropped without a commit it never was.
pub(super) struct Transaction {
    connection: PoolConnection<Any>,
    is_over: bool,
}

impl Transaction {
    /// Opens one by `statement`, such as `BEGIN`.
    pub(super) async fn begin(
        connection: PoolConnection<Any>,
        statement: &'static str,
    ) -> Result<Self, StoreError> {
        let mut transaction = Self {
            connection,
            is_over: false,
        };
        sqlx::raw_sql(statement).execute(&mut *transaction).await?;
        Ok(transaction)
    }

    /// Makes everything in it durable.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("COMMIT").execute(&mut *self).await?;
        self.is_over = true;
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.is_over {
            self.connection.close_on_drop();
        }
    }
}
