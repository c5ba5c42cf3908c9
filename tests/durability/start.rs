//! Processes that start at the same moment on one file without tables.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::Duration;

use moderato::store::{Location, Store};
use sqlx::Connection as _;

use super::daemon::{folder, moderato, soon};

/// How many, and how often.
const PROCESSES: usize = 6;
const ROUNDS: usize = 4;

#[test]
fn many_processes_make_the_tables_of_one_fresh_file() {
    for round in 0..ROUNDS {
        let folder = folder("");
        let list = || {
            let mut command = moderato(folder.path());
            let command = command.args(["review", "list", "--json"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let processes: Vec<_> = (0..PROCESSES).map(|_| list()).collect();
        for output in processes.into_iter().map(Child::wait_with_output) {
            let output = output.unwrap();
            assert!(output.status.success(), "round {round}: {output:?}");
            assert!(output.stdout.is_empty(), "{output:?}");
        }
    }
}

/// A caller's deadline is seconds; the tables of a large store may take minutes, and would
/// never be done if each caller began anew.
#[tokio::test]
async fn what_a_caller_began_is_finished_without_it() {
    let folder = folder("");
    let path = folder.path().join("moderato.sqlite");
    let other = File::create(path.with_added_extension("migrating")).unwrap();
    other.lock().unwrap();
    let store = Store::open(&Location::File(path.clone())).unwrap();
    let caller = tokio::time::timeout(Duration::from_millis(50), store.prepare());
    caller.await.expect_err("somebody else has the tables");

    other.unlock().unwrap();
    let url = format!("sqlite://{}", path.display());
    soon(async {
        let made = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'comments'";
        loop {
            let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
            let count = sqlx::query_scalar(made).fetch_one(&mut connection).await;
            if count.unwrap_or(0_i64) == 1 {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}
