//! A Redis that goes away under a running server, and comes back.

use moderato::grpc::proto::{Decision, Verdict};

use super::daemon::{Daemon, soon};
use super::redis_server::RedisServer;
use super::{Client, check, civil};

/// Asks until the verdict is degraded, or is not.
async fn until(client: &mut Client, degraded: bool) -> Verdict {
    soon(async {
        loop {
            let verdict = check(client, civil()).await;
            if verdict.degraded == degraded {
                return verdict;
            }
        }
    })
    .await
}

#[tokio::test]
async fn while_redis_is_gone_verdicts_are_degraded_and_no_worse() {
    let mut redis = RedisServer::start().await;
    // One quota that is counted and never used up, so that only Redis matters.
    let config = "[limits]\nper_address = \"off\"\nper_email = \"off\"\n\
                  per_site = \"1000000 per 1h\"";
    let url = redis.url();
    let mut daemon = Daemon::start_with(config, &[("MODERATO_REDIS_URL", &url)]).await;
    let mut client = daemon.client().await;
    until(&mut client, false).await;

    redis.kill();
    let verdict = until(&mut client, true).await;
    assert_eq!(verdict.decision(), Decision::Approve);
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_limiter_degraded 1\n"), "{page}");
    daemon.logged("limits are counted in this process").await;

    redis.restart().await;
    until(&mut client, false).await;
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_limiter_degraded 0\n"), "{page}");
}
