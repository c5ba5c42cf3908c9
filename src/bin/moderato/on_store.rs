//! Work on the database that the configuration names.

use moderato::config::Config;
use moderato::server::assembly;
use moderato::store::Store;
use tokio::runtime::{Builder, Handle};

use crate::exit::OrWrongInput as _;

/// What `work` gives, on the store of `config`, which is closed whatever comes of it.
pub fn on_store<T>(
    config: &Config,
    work: impl AsyncFnOnce(Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = assembly::store(config).or_wrong_input()?;
        let done = work(store.clone()).await;
        store.close().await;
        done
    })
}

/// Waits for `answer` where code within [`on_store`] is not asynchronous, such as what a
/// reader of files is given.
pub fn wait_for<T>(answer: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| Handle::current().block_on(answer))
}
