//! Two servers on one PostgreSQL.

use super::daemon::Daemon;
use super::postgres_server::PostgresServer;
use super::tables::Tables;
use super::{HOLDS, check, comment};

const SECRET: &str = "0707070707070707070707070707070707070707070707070707070707070707";

#[tokio::test]
async fn replicas_give_one_submission_one_verdict_and_keep_it_once() {
    let postgres = PostgresServer::start().await;
    let url = postgres.database("moderato").await;
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", SECRET),
    ];
    // At the same time, so that both find a database without tables.
    let (one, other) = tokio::join!(
        Daemon::start_with(HOLDS, &variables),
        Daemon::start_with(HOLDS, &variables)
    );
    let mut clients = [one.client().await, other.client().await];
    for round in 0..40 {
        let id = format!("s-{round}");
        let [first, second] = &mut clients;
        let (here, there) = tokio::join!(
            check(first, comment(true, &id)),
            check(second, comment(true, &id))
        );
        assert_eq!(here.unwrap(), there.unwrap());
    }
    let mut tables = Tables::open(&url).await;
    assert_eq!(tables.held().await.len(), 40);
}
