//! A store of each kind.

use std::future::Future;

use moderato::store::{Location, Store};
use tempfile::TempDir;

use super::postgres_server::PostgresServer;

/// A fresh store in a file of its own.
pub fn sqlite() -> (Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("moderato.sqlite"));
    (Store::open(&location).unwrap(), folder)
}

/// Runs `test` on a fresh store of each kind.
pub async fn on_both<F: Future<Output = ()>>(test: impl Fn(Store) -> F) {
    let (store, _folder) = sqlite();
    // A busy machine may take longer to make the tables than a record may take.
    store.prepare().await.unwrap();
    test(store).await;
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let store = Store::open(&Location::Postgres(url)).unwrap();
    store.prepare().await.unwrap();
    test(store.clone()).await;
    store.close().await;
}
