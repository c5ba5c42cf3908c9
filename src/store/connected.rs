//! A database whose tables are up to date.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell, OwnedMutexGuard};

use super::database::{ACQUIRE, Database};
use super::error::StoreError;
use super::migrations;

/// How long migrations may take before the connection counts as dead. A new index over
/// millions of comments takes minutes.
const MIGRATIONS: Duration = Duration::from_mins(30);
/// How long they may take before the log tells what is waited for.
const NOTABLE: Duration = Duration::from_secs(2);

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
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else {
            // Who comes second shares what the first finds: one after the other, each
            // would wait as long again for a database that is not there.
            let _ = tokio::time::timeout(ACQUIRE, self.turn.lock()).await;
            return if self.migrated.initialized() {
                Ok(&self.database)
            } else {
                Err(unavailable("the database has not been reached yet"))
            };
        };
        self.bring_up_to_date(turn).await?;
        Ok(&self.database)
    }

    /// Goes on although the caller may be dropped at its deadline: what a caller began
    /// anew each time, a large store would never end.
    async fn bring_up_to_date(&self, turn: OwnedMutexGuard<()>) -> Result<(), StoreError> {
        let (database, migrated) = (self.database.clone(), Arc::clone(&self.migrated));
        let work = tokio::spawn(async move {
            let _turn = turn;
            let run = || async {
                let mut run = std::pin::pin!(migrations::run(&database));
                if let Ok(done) = tokio::time::timeout(NOTABLE, &mut run).await {
                    return done;
                }
                tracing::info!("bringing the database up to date");
                let timely = tokio::time::timeout(MIGRATIONS, run).await;
                timely.unwrap_or_else(|_| Err(unavailable("the tables are being changed")))
            };
            migrated.get_or_try_init(run).await.copied()
        });
        let done = work.await;
        done.unwrap_or_else(|_| Err(unavailable("the change of its tables broke off")))
    }

    pub(super) async fn close(&self) {
        self.database.close().await;
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.to_owned())
}
