//! Over TLS, as a user who may do little, in a database of its own.

use std::time::Duration;

use moderato::rate_limit::{Credentials, LimiterError, RateLimiter, Redis, TlsFiles};
use moderato::site::SiteId;

use crate::certificates::Certificates;
use crate::email;
use crate::redis_server::{PATIENCE, RedisServer, free_port};

/// A Redis that takes only clients with a certificate of our own authority.
struct Secured {
    redis: RedisServer,
    port: u16,
    certificates: Certificates,
}

impl Secured {
    async fn start() -> Self {
        let certificates = Certificates::make();
        let port = free_port();
        let mut arguments = certificates.of_server();
        arguments.extend(["--tls-port".to_owned(), port.to_string()]);
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        Self {
            redis: RedisServer::start_with(&arguments).await,
            port,
            certificates,
        }
    }

    fn url(&self, login: &str, path: &str) -> String {
        format!("rediss://{login}localhost:{}{path}", self.port)
    }

    async fn charge(&self, url: &str) -> Result<bool, LimiterError> {
        charge(url, &self.certificates.of_client()).await
    }
}

async fn charge(url: &str, credentials: &Credentials) -> Result<bool, LimiterError> {
    let limiter = Redis::open_with(url, credentials, PATIENCE)?;
    let admission = limiter
        .charge(&SiteId::default(), &[email("1 per 1h")])
        .await?;
    Ok(admission.is_admitted())
}

#[tokio::test]
async fn counts_over_tls_as_a_user_who_may_only_count() {
    let secured = Secured::start().await;
    // Word for word as the README says.
    let rights = [
        "~rl:*", "+evalsha", "+eval", "+time", "+mget", "+set", "+select",
    ];
    let user = ["ACL", "SETUSER", "moderato", "on", ">p/a:s@s"];
    let _: String = secured.redis.command(&[&user[..], &rights].concat()).await;
    let _: String = secured
        .redis
        .command(&["CONFIG", "SET", "requirepass", "other"])
        .await;
    let url = secured.url("moderato:p%2Fa%3As%40s@", "/3");
    assert!(secured.charge(&url).await.unwrap());
    assert!(!secured.charge(&url).await.unwrap());

    let wrong = secured.url("moderato:wrong@", "/3");
    let error = secured.charge(&wrong).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("auth"), "{error}");
}

/// Without any one of its rights a user counts nothing; to choose a database but the
/// first takes one more.
#[tokio::test]
async fn no_right_is_asked_for_in_vain() {
    let redis = RedisServer::start().await;
    let rights = ["~rl:*", "+evalsha", "+eval", "+time", "+mget", "+set"];
    let url = |path: &str| format!("redis://moderato:secret@{}{path}", redis.host());
    let none = Credentials::default();
    for left_out in 0..rights.len() {
        let _: String = redis.command(&["SCRIPT", "FLUSH"]).await;
        let mut granted = rights.to_vec();
        let left_out = granted.remove(left_out);
        grant(&redis, &granted).await;
        let refused = charge(&url(""), &none).await;
        assert!(refused.is_err(), "without {left_out}: {refused:?}");
    }
    grant(&redis, &rights).await;
    assert!(charge(&url(""), &none).await.unwrap());
    assert!(charge(&url("/3"), &none).await.is_err());
    grant(&redis, &[&rights[..], &["+select"]].concat()).await;
    assert!(charge(&url("/3"), &none).await.unwrap());
}

async fn grant(redis: &RedisServer, rights: &[&str]) {
    let user = ["ACL", "SETUSER", "moderato", "reset", "on", ">secret"];
    let _: String = redis.command(&[&user[..], rights].concat()).await;
}

#[tokio::test]
async fn counts_in_the_database_of_the_url() {
    let secured = Secured::start().await;
    let url = secured.url("", "/5");
    assert!(secured.charge(&url).await.unwrap());
    let keyspace: String = secured.redis.command(&["INFO", "keyspace"]).await;
    assert!(keyspace.contains("db5:keys=1,expires=1"), "{keyspace}");
    assert!(!keyspace.contains("db0"), "{keyspace}");
}

#[tokio::test]
async fn what_is_not_trusted_is_refused() {
    let secured = Secured::start().await;
    let url = secured.url("", "");
    secured.certificates.authority("stranger");
    let mut stranger = secured.certificates.of_client();
    stranger.tls.ca = Some(secured.certificates.file("stranger.pem"));
    let error = charge(&url, &stranger).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");

    let without = Credentials {
        tls: TlsFiles {
            client: None,
            ..secured.certificates.of_client().tls
        },
        sentinels: None,
    };
    assert!(charge(&url, &without).await.is_err());
    // A Redis behind TLS that is spoken to without it.
    let plain = url.replace("rediss", "redis");
    let nothing = Credentials::default();
    let asked = tokio::time::timeout(Duration::from_secs(5), charge(&plain, &nothing)).await;
    assert!(asked.is_ok_and(|answer| answer.is_err()));
}
