//! A database whose tables are up to date.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};

use super::database::{ACQUIRE, Database};
use super::error::StoreError;
use super::migrations;

/// How long migrations may take before the store counts as unreachable.
const MIGRATIONS: Duration = Duration::from_mins(1);

/// A database that is brought up to date when it is first reached, be it long after
/// the start.
#[derive(Clone, Debug)]
pub(super) struct Connected {
    database: Database,
    migrated: Arc<OnceCell<()>>,
    /// Held by the one who brings it up to date.
    turn: Arc<Mutex<()>>,
}

impl Connected {
    pub(super) fn new(database: Database) -> Self {
        Self {
            database,
            migrated: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// The database, ready for use.
    pub(super) async fn ready(&self) -> Result<&Database, StoreError> {
        if self.migrated.initialized() {
            return Ok(&self.database);
        }
        let Ok(_turn) = self.turn.try_lock() else {
            // Who comes second shares what the first finds: one after the other, each
            // would wait as long again for a database that is not there.
            let _ = tokio::time::timeout(ACQUIRE, self.turn.lock()).await;
            return if self.migrated.initialized() {
                Ok(&self.database)
            } else {
                let why = "the database has not been reached yet";
                Err(StoreError::Unavailable(why.to_owned()))
            };
        };
        let migrate = || async {
            let run = migrations::run(&self.database);
            tokio::time::timeout(MIGRATIONS, run)
                .await
                .unwrap_or_else(|_| {
                    Err(StoreError::Unavailable(
                        "the tables are being changed".to_owned(),
                    ))
                })
        };
        self.migrated.get_or_try_init(migrate).await?;
        Ok(&self.database)
    }

    pub(super) async fn close(&self) {
        self.database.close().await;
    }
}
