//! A new master under the same name among sentinels, which may ask for TLS and for a
//! login of their own.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use moderato::rate_limit::{
    Credentials, LimiterError, Login, Password, RateLimiter, Redis, WithFallback,
};
use moderato::site::SiteId;

use crate::certificates::Certificates;
use crate::failover::{BUDGET, PAUSE, follow_at, is_master, pair, until_degraded, with_stand_in};
use crate::page;
use crate::redis_server::{PATIENCE, RedisServer, free_port};

/// A sentinel that watches a master by itself.
struct Sentinel {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Sentinel {
    /// One that watches who listens on `master`; `settings` are lines of its
    /// configuration besides.
    fn start(master: u16, settings: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let config = format!(
            "port {port}\nsentinel monitor comments 127.0.0.1 {master} 1\n\
             sentinel down-after-milliseconds comments 300\n\
             sentinel failover-timeout comments 3000\n{settings}\n"
        );
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, config).unwrap();
        let process = Command::new("redis-server")
            .arg(file)
            .arg("--sentinel")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            process,
            port,
            _folder: folder,
        }
    }

    /// Waits until it knows the replica, which it asks its master for every ten seconds.
    async fn knows_a_replica(&self) {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let knows = async {
            loop {
                let mut command = redis::cmd("SENTINEL");
                command.arg("REPLICAS").arg("comments");
                if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                    && let Ok(replicas) = command
                        .query_async::<Vec<redis::Value>>(&mut connection)
                        .await
                    && !replicas.is_empty()
                {
                    return;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, knows)
            .await
            .expect("the sentinel to know the replica");
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Kills `old`, and waits until `limiter` counts in `new`.
async fn fails_over(limiter: &WithFallback<Redis>, old: &mut RedisServer, new: &RedisServer) {
    until_degraded(limiter, false).await;
    old.kill();
    let gone = Instant::now();
    until_degraded(limiter, true).await;
    let promoted = async {
        while !is_master(new).await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, promoted)
        .await
        .expect("the replica to be promoted");
    let promoted = Instant::now();
    until_degraded(limiter, false).await;
    println!(
        "promoted {:?} after the kill, counted {:?} after that",
        promoted - gone,
        promoted.elapsed()
    );
    // The sentinel names the new master only when it has finished with the others.
    assert!(promoted.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn sentinels_say_who_the_master_is_now() {
    let (mut old, new) = pair().await;
    let sentinel = Sentinel::start(old.port(), "");
    sentinel.knows_a_replica().await;
    // The first sentinel does not answer: the next is asked.
    let nobody = free_port();
    let url = format!(
        "redis-sentinel://127.0.0.1:{nobody},127.0.0.1:{}#comments",
        sentinel.port
    );
    let limiter = with_stand_in(Redis::open(&url, BUDGET).unwrap());
    fails_over(&limiter, &mut old, &new).await;
}

fn login(user: Option<&str>, password: &str) -> Login {
    Login {
        user: user.map(str::to_owned),
        password: Password::new(password),
    }
}

async fn counts(url: &str, sentinels: Option<Login>) -> Result<(), LimiterError> {
    let credentials = Credentials {
        sentinels,
        ..Credentials::default()
    };
    let limiter = Redis::open_with(url, &credentials, PATIENCE)?;
    let charges = [page("1000000 per 365d")];
    let answer = limiter.charge(&SiteId::default(), &charges).await;
    answer.map(drop)
}

/// The sentinels know us by another name and password than the master, and either lets
/// us do no more than the README says.
#[tokio::test]
async fn sentinels_may_ask_for_a_login_of_their_own() {
    let master = RedisServer::start().await;
    let rights = [
        "~rl:*", "+evalsha", "+eval", "+time", "+mget", "+set", "+role",
    ];
    let user = ["ACL", "SETUSER", "moderato", "on", ">masters"];
    let _: String = master.command(&[&user[..], &rights].concat()).await;
    // The master's default user stays, for the sentinel itself.
    let user = "user default off\nuser watcher on >sentinels +sentinel|masters +role";
    let sentinel = Sentinel::start(master.port(), user);
    let host = format!("127.0.0.1:{}", sentinel.port);
    let url = format!("redis-sentinel://moderato:masters@{host}#comments");
    let right = || Some(login(Some("watcher"), "sentinels"));
    let answers = async {
        while counts(&url, right()).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, answers)
        .await
        .expect("to be let in by both");
    for (wrong, why) in [
        (None, "the master's login is not the sentinels'"),
        (Some(login(Some("watcher"), "masters")), "wrong password"),
        (Some(login(None, "sentinels")), "the default user is off"),
    ] {
        assert!(counts(&url, wrong).await.is_err(), "{why}");
    }
    let wrong = format!("redis-sentinel://moderato:sentinels@{host}#comments");
    assert!(
        counts(&wrong, right()).await.is_err(),
        "the sentinels' password is not the master's"
    );
}

#[tokio::test]
async fn sentinels_may_ask_for_a_password_alone() {
    let master = RedisServer::start().await;
    let sentinel = Sentinel::start(master.port(), "requirepass sentinels");
    let url = format!("redis-sentinel://127.0.0.1:{}#comments", sentinel.port);
    let answers = async {
        while counts(&url, Some(login(None, "sentinels"))).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, answers)
        .await
        .expect("to be let in");
    assert!(counts(&url, None).await.is_err());
}

/// Everybody speaks TLS with everybody, both ways with a certificate.
#[tokio::test]
async fn a_failover_over_tls_is_followed() {
    let certificates = Certificates::make();
    let secured = |port: u16| {
        let mut arguments = certificates.of_server();
        arguments.extend(["--tls-port".to_owned(), port.to_string()]);
        arguments.extend(["--tls-replication", "yes"].map(str::to_owned));
        arguments
    };
    let start = async |port| {
        let arguments = secured(port);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        RedisServer::start_with(&arguments).await
    };
    let ports = [free_port(), free_port(), free_port()];
    let (mut old, new) = (start(ports[0]).await, start(ports[1]).await);
    follow_at(&new, ports[0]).await;

    let mut settings = secured(ports[2]).join(" ");
    settings = settings.replace(" --", "\n").replace("--", "");
    let sentinel = Sentinel::start(ports[0], &settings);
    sentinel.knows_a_replica().await;
    let url = format!("rediss-sentinel://127.0.0.1:{}#comments", ports[2]);
    let redis = Redis::open_with(&url, &certificates.of_client(), BUDGET).unwrap();
    fails_over(&with_stand_in(redis), &mut old, &new).await;

    let mut stranger = certificates.of_client();
    stranger.tls.client = None;
    let redis = Redis::open_with(&url, &stranger, PATIENCE).unwrap();
    let charges = [page("1000000 per 365d")];
    let refused = redis.charge(&SiteId::default(), &charges).await;
    assert!(refused.is_err(), "without a certificate of ours");
}
