//! On a real Redis Cluster: sites spread over its nodes, counted exactly, through the
//! move of a slot and the loss of a master.

use std::time::{Duration, Instant};

use futures::future::join_all;
use moderato::rate_limit::{
    Charge, Credentials, InProcess, KeyHasher, QuotaKind, RateLimiter, Redis, Share, WithFallback,
};
use moderato::site::SiteId;

use crate::charge;
use crate::redis_cluster::RedisCluster;
use crate::redis_server::{PATIENCE, RedisServer};

const BUDGET: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);
/// Their slots, 12 of them, are on all three masters.
const SITES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

fn site(name: &str) -> SiteId {
    SiteId::new(name).unwrap()
}

fn reader(site: &SiteId, name: &str, quota: &str) -> Charge {
    Charge {
        key: KeyHasher::new([9; 32]).key(site, QuotaKind::Email, name.as_bytes()),
        ..charge(QuotaKind::Email, name, quota)
    }
}

#[tokio::test]
async fn every_site_is_counted_on_its_node() {
    let cluster = RedisCluster::start().await;
    let limiters = [(); 2].map(|()| Redis::open(&cluster.url(), PATIENCE).unwrap());
    let admitted = SITES.map(async |name| {
        let site = site(name);
        let attempts = (0..60).map(async |attempt: usize| {
            let charges = [
                reader(&site, "a@example.org", "25 per 365d"),
                reader(&site, &attempt.to_string(), "1 per 365d"),
            ];
            let limiter = &limiters[attempt % limiters.len()];
            limiter.charge(&site, &charges).await.unwrap().is_admitted()
        });
        let attempts = join_all(attempts).await;
        attempts.into_iter().filter(|admitted| *admitted).count()
    });
    assert_eq!(join_all(admitted).await, [25; SITES.len()]);
    let mut owners = Vec::new();
    let mut cluster = cluster;
    for name in SITES {
        owners.push(cluster.master_of(name).await.port());
    }
    owners.sort_unstable();
    owners.dedup();
    assert_eq!(owners.len(), 3, "the sites are on all masters");
}

/// Nodes that speak TLS with everybody and ask for a certificate, and know us as a user
/// who may do only what the README says.
#[tokio::test]
async fn a_cluster_is_counted_on_over_tls_by_a_user_who_may_only_count() {
    let cluster = RedisCluster::start_secured().await;
    let rights = [
        "~rl:*",
        "+evalsha",
        "+eval",
        "+time",
        "+mget",
        "+set",
        "+cluster|slots",
    ];
    cluster.grant("moderato", &rights).await;
    let open = |password: &str, credentials: &Credentials| {
        let url = cluster.url_with(&format!("moderato:{password}@"));
        Redis::open_with(&url, credentials, PATIENCE).unwrap()
    };
    let admitted = async |redis: &Redis, name: &str| {
        let site = site(name);
        let charges = [
            reader(&site, "a@example.org", "1 per 365d"),
            reader(&site, "b@example.org", "2 per 365d"),
        ];
        redis
            .charge(&site, &charges)
            .await
            .map(|admission| admission.is_admitted())
    };
    let redis = open("secret", &cluster.credentials());
    for name in SITES {
        assert!(admitted(&redis, name).await.unwrap(), "{name}");
        assert!(!admitted(&redis, name).await.unwrap(), "{name}");
    }
    let mut stranger = cluster.credentials();
    stranger.tls.client = None;
    for (redis, why) in [
        (open("wrong", &cluster.credentials()), "wrong password"),
        (open("secret", &stranger), "no certificate of ours"),
    ] {
        assert!(admitted(&redis, "a").await.is_err(), "{why}");
    }
    for left_out in 0..rights.len() {
        let mut granted = rights.to_vec();
        let left_out = granted.remove(left_out);
        cluster.grant("moderato", &granted).await;
        cluster.forget_scripts().await;
        let redis = open("secret", &cluster.credentials());
        let refused = admitted(&redis, "m").await;
        assert!(refused.is_err(), "without {left_out}: {refused:?}");
    }
}

/// The id of a node, as others call it.
async fn id(node: &RedisServer) -> String {
    node.command(&["CLUSTER", "MYID"]).await
}

/// A slot moves to another master: half-way its keys are elsewhere (`ASK`), then all of
/// it (`MOVED`). What was counted before counts.
#[tokio::test]
async fn a_slot_that_moves_keeps_its_counts() {
    let mut cluster = RedisCluster::start().await;
    let redis = Redis::open(&cluster.url(), PATIENCE).unwrap();
    let site = site("wandering");
    let charges = [reader(&site, "a@example.org", "9 per 365d")];
    let admitted = async |attempts: usize| {
        let mut admitted = 0;
        for _ in 0..attempts {
            let admission = redis.charge(&site, &charges).await.unwrap();
            admitted += usize::from(admission.is_admitted());
        }
        admitted
    };
    assert_eq!(admitted(3).await, 3);

    let slot = cluster.slot(site.as_str()).await.to_string();
    let to = cluster.other_master(site.as_str()).await;
    let (to_id, to_port) = (id(to).await, to.port().to_string());
    let from = cluster.master_of(site.as_str()).await;
    let (from_id, from_port) = (id(from).await, from.port());
    let key: Vec<String> = from
        .command(&["CLUSTER", "GETKEYSINSLOT", &slot, "10"])
        .await;
    let importing: String = cluster
        .other_master(site.as_str())
        .await
        .command(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &from_id])
        .await;
    assert_eq!(importing, "OK");
    let from = cluster.master_of(site.as_str()).await;
    assert_eq!(from.port(), from_port);
    let _: String = from
        .command(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &to_id])
        .await;
    let moved: String = from
        .command(&["MIGRATE", "127.0.0.1", &to_port, &key[0], "0", "5000"])
        .await;
    assert_eq!(moved, "OK");
    assert_eq!(admitted(3).await, 3, "by ASK");

    for _ in 0..2 {
        let from = cluster.master_of(site.as_str()).await;
        let set = ["CLUSTER", "SETSLOT", &slot, "NODE", &to_id];
        let _: String = from.command(&set).await;
    }
    let to = cluster.node_at(to_port.parse().unwrap());
    let _: String = to
        .command(&["CLUSTER", "SETSLOT", &slot, "NODE", &to_id])
        .await;
    assert_eq!(admitted(10).await, 3, "by MOVED: nine in all");
}

/// How long sites were counted in the process after the loss of a node.
async fn lost_and_found(
    limiter: &WithFallback<Redis>,
    site: &SiteId,
    since: Instant,
) -> (Duration, Duration) {
    let charges = [reader(site, "a@example.org", "1000000 per 365d")];
    let mut longest = Duration::ZERO;
    let mut healed = None;
    // Until it has been well for a while.
    let well = async {
        loop {
            let asked = Instant::now();
            let admission = limiter.charge(site, &charges).await.unwrap();
            assert!(admission.is_admitted());
            longest = longest.max(asked.elapsed());
            if admission.degraded {
                healed = None;
            } else {
                let at = *healed.get_or_insert_with(|| since.elapsed());
                if since.elapsed() > at + 4 * SETTLED {
                    return at;
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let well = tokio::time::timeout(PATIENCE, well).await;
    (well.expect("Redis to count again"), longest)
}

/// Longer than the others take to notice that a node is lost.
const SETTLED: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_killed_master_takes_only_its_own_sites_with_it() {
    let mut cluster = RedisCluster::start().await;
    let redis = Redis::open(&cluster.url(), BUDGET).unwrap();
    let limiter = WithFallback::new(redis, InProcess::new(), Share::WHOLE);
    for name in SITES {
        let site = site(name);
        let charges = [reader(&site, "a@example.org", "1000000 per 365d")];
        let answers = async {
            while limiter.charge(&site, &charges).await.unwrap().degraded {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers)
            .await
            .expect("Redis to count");
    }
    // Not the first node, which tells where slots are.
    let mut lost = None;
    let mut found = Vec::new();
    for name in SITES {
        let port = cluster.master_of(name).await.port();
        let first = cluster.is_first(port);
        if !first && lost.is_none_or(|lost| lost == port) {
            lost = Some(port);
            found.push((name, true));
        } else {
            found.push((name, false));
        }
    }
    let lost = lost.expect("a site on another node than the first");
    cluster.node_at(lost).kill();
    let since = Instant::now();
    let outages = found.iter().map(async |(name, lost)| {
        let (healed, longest) = lost_and_found(&limiter, &site(name), since).await;
        (*lost, healed, longest)
    });
    for (lost, healed, longest) in join_all(outages).await {
        println!(
            "site on the lost node: {lost}; counted again after {healed:?}; longest wait {longest:?}"
        );
        if !lost {
            assert!(
                healed < Duration::from_secs(1),
                "{healed:?}: its node was well"
            );
        }
        assert!(longest < BUDGET + SETTLED, "{longest:?}");
    }
}
