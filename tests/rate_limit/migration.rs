//! A slot of a cluster that moves to another node while readers submit: half-way its
//! keys are on both.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use moderato::rate_limit::{
    Charge, InProcess, KeyHasher, QuotaKind, RateLimiter, Redis, Share, WithFallback,
};
use moderato::site::SiteId;

use crate::redis_cluster::RedisCluster;
use crate::redis_server::{PATIENCE, RedisServer};
use crate::{charge, shadow};

const BUDGET: Duration = Duration::from_millis(250);
const CLIENTS: usize = 8;
const PAGE: &str = "1500 per 365d";
const READER: &str = "4 per 365d";

fn key_of(site: &SiteId, kind: QuotaKind, name: &str, quota: &str) -> Charge {
    Charge {
        key: KeyHasher::new([9; 32]).key(site, kind, name.as_bytes()),
        ..charge(kind, name, quota)
    }
}

/// A slot on its way from one master to another.
struct Move {
    cluster: RedisCluster,
    slot: String,
    from: u16,
    to: u16,
}

impl Move {
    async fn of(site: &SiteId, cluster: RedisCluster) -> Self {
        let mut cluster = cluster;
        let slot = cluster.slot(site.as_str()).await.to_string();
        let to = cluster.other_master(site.as_str()).await.port();
        let from = cluster.master_of(site.as_str()).await.port();
        Self {
            cluster,
            slot,
            from,
            to,
        }
    }

    async fn begin(&mut self) {
        let from = id(self.cluster.node_at(self.from)).await;
        let to = id(self.cluster.node_at(self.to)).await;
        for (port, state, other) in [(self.to, "IMPORTING", from), (self.from, "MIGRATING", to)] {
            let words = ["CLUSTER", "SETSLOT", &self.slot, state, &other];
            let node = self.cluster.node_at(port);
            let _: String = node.command(&words).await;
        }
    }

    /// The keys that have not moved yet, at most `most`.
    async fn keys(&mut self, most: usize) -> Vec<String> {
        let most = most.to_string();
        let words = ["CLUSTER", "GETKEYSINSLOT", &self.slot, &most];
        self.cluster.node_at(self.from).command(&words).await
    }

    async fn migrate(&mut self, key: &str) {
        let to = self.to.to_string();
        let words = ["MIGRATE", "127.0.0.1", &to, key, "0", "5000"];
        let _: String = self.cluster.node_at(self.from).command(&words).await;
    }

    async fn end(&mut self) {
        let to = id(self.cluster.node_at(self.to)).await;
        for port in [self.to, self.from] {
            let words = ["CLUSTER", "SETSLOT", &self.slot, "NODE", &to];
            let _: String = self.cluster.node_at(port).command(&words).await;
        }
    }
}

/// The id of a node, as others call it.
async fn id(node: &RedisServer) -> String {
    node.command(&["CLUSTER", "MYID"]).await
}

/// What readers who never pause got.
#[derive(Default)]
struct Seen {
    answers: AtomicUsize,
    admitted: AtomicUsize,
    degraded: AtomicUsize,
    longest_us: AtomicUsize,
    stop: AtomicBool,
}

impl Seen {
    async fn read(&self, limiter: &impl RateLimiter, site: &SiteId, client: usize) {
        let (mut attempt, mut own) = (0, 0);
        while !self.stop.load(Ordering::SeqCst) {
            // Each reader tries six times for four: keys known and new in one question.
            let name = format!("{client}-{}", attempt / 6);
            let charges = [
                key_of(site, QuotaKind::Email, &name, READER),
                key_of(site, QuotaKind::Page, "front", PAGE),
                shadow(key_of(site, QuotaKind::Site, "", "7 per 365d")),
            ];
            let asked = Instant::now();
            let admission = limiter.charge(site, &charges).await.unwrap();
            own = if attempt % 6 == 0 { 0 } else { own };
            own += usize::from(admission.is_admitted());
            assert!(own <= 4, "{own} of {READER}");
            let took = usize::try_from(asked.elapsed().as_micros()).unwrap();
            self.longest_us.fetch_max(took, Ordering::SeqCst);
            self.degraded
                .fetch_add(usize::from(admission.degraded), Ordering::SeqCst);
            self.admitted
                .fetch_add(usize::from(admission.is_admitted()), Ordering::SeqCst);
            self.answers.fetch_add(1, Ordering::SeqCst);
            attempt += 1;
        }
    }

    /// Waits for so many more answers.
    async fn more(&self, answers: usize) {
        let until = self.answers.load(Ordering::SeqCst) + answers;
        let enough = async {
            while self.answers.load(Ordering::SeqCst) < until {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, enough)
            .await
            .expect("answers");
    }
}

/// Quotas stay exact through all of it, nobody is counted elsewhere meanwhile, as a user
/// who may do only what the README says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slot_that_moves_under_traffic_is_counted_exactly() {
    let cluster = RedisCluster::start().await;
    let rights = [
        "~rl:*",
        "+evalsha",
        "+eval",
        "+time",
        "+mget",
        "+set",
        "+cluster|slots",
        "+asking",
    ];
    cluster.grant("moderato", &rights).await;
    let url = cluster.url_with("moderato:secret@");
    let site = SiteId::new("wandering").unwrap();
    let mut moving = Move::of(&site, cluster).await;
    let redis = Redis::open(&url, BUDGET).unwrap();
    let limiter = WithFallback::new(redis, InProcess::new(), Share::WHOLE);
    let seen = Seen::default();
    let readers = join_all((0..CLIENTS).map(|client| seen.read(&limiter, &site, client)));
    let operator = async {
        seen.more(200).await;
        let before = seen.degraded.load(Ordering::SeqCst);
        moving.begin().await;
        let mut moved = BTreeSet::new();
        // One by one, with readers between; new readers come all the time.
        for key in moving.keys(60).await {
            moving.migrate(&key).await;
            moved.insert(key);
            seen.more(CLIENTS).await;
        }
        assert!(moved.iter().any(|key| key.contains(":page:")));
        loop {
            let rest = moving.keys(100).await;
            if rest.is_empty() {
                break;
            }
            for key in rest {
                moving.migrate(&key).await;
            }
        }
        moving.end().await;
        let until = async {
            while seen.admitted.load(Ordering::SeqCst) < 1_500 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, until)
            .await
            .expect("the page's quota to be used up");
        seen.more(200).await;
        seen.stop.store(true, Ordering::SeqCst);
        before
    };
    let (_, before) = tokio::join!(readers, operator);
    let count = |number: &AtomicUsize| number.load(Ordering::SeqCst);
    println!(
        "{} answers, {} admitted, {} degraded while it moved, longest {:?}",
        count(&seen.answers),
        count(&seen.admitted),
        count(&seen.degraded) - before,
        Duration::from_micros(count(&seen.longest_us) as u64),
    );
    assert_eq!(count(&seen.degraded), before);
    assert_eq!(count(&seen.admitted), 1_500, "the page's quota, exactly");
}
