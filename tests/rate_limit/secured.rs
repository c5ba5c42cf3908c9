//! Over TLS, as a user who may do little, in a database of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use moderato::rate_limit::{LimiterError, RateLimiter, Redis, TlsFiles};
use moderato::site::SiteId;
use tempfile::TempDir;

use crate::email;
use crate::redis_server::{PATIENCE, RedisServer, free_port};

/// A Redis that takes only clients with a certificate of our own authority.
struct Secured {
    redis: RedisServer,
    port: u16,
    folder: TempDir,
}

impl Secured {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        authority(folder.path(), "ca");
        for name in ["redis", "client"] {
            certificate(folder.path(), name);
        }
        let port = free_port();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let redis = RedisServer::start_with(&[
            "--tls-port",
            &port.to_string(),
            "--tls-cert-file",
            &file("redis.pem"),
            "--tls-key-file",
            &file("redis.key"),
            "--tls-ca-cert-file",
            &file("ca.pem"),
            "--tls-auth-clients",
            "yes",
        ])
        .await;
        Self {
            redis,
            port,
            folder,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn files(&self) -> TlsFiles {
        TlsFiles {
            ca: Some(self.file("ca.pem")),
            client: Some((self.file("client.pem"), self.file("client.key"))),
        }
    }

    fn url(&self, login: &str, path: &str) -> String {
        format!("rediss://{login}localhost:{}{path}", self.port)
    }

    async fn charge(&self, url: &str, files: &TlsFiles) -> Result<bool, LimiterError> {
        let limiter = Redis::open_with_tls(url, files, PATIENCE)?;
        let admission = limiter
            .charge(&SiteId::default(), &[email("1 per 1h")])
            .await?;
        Ok(admission.is_admitted())
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let made = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("openssl, which scripts/test installs");
    assert!(made.status.success(), "openssl {arguments}: {made:?}");
}

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

fn authority(folder: &Path, name: &str) {
    let files = format!("-keyout {name}.key -out {name}.pem");
    openssl(
        folder,
        &format!("req -x509 {NEW_KEY} {files} -days 2 -subj /CN={name}"),
    );
}

/// A certificate of `ca`'s for this machine.
fn certificate(folder: &Path, name: &str) {
    let files = format!("-keyout {name}.key -out {name}.csr");
    openssl(folder, &format!("req {NEW_KEY} {files} -subj /CN={name}"));
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost").unwrap();
    let signer = "-CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names";
    openssl(
        folder,
        &format!("x509 -req -in {name}.csr -out {name}.pem {signer}"),
    );
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
    assert!(secured.charge(&url, &secured.files()).await.unwrap());
    assert!(!secured.charge(&url, &secured.files()).await.unwrap());

    let wrong = secured.url("moderato:wrong@", "/3");
    let error = secured.charge(&wrong, &secured.files()).await.unwrap_err();
    assert!(error.to_string().to_lowercase().contains("auth"), "{error}");
}

#[tokio::test]
async fn counts_in_the_database_of_the_url() {
    let secured = Secured::start().await;
    let url = secured.url("", "/5");
    assert!(secured.charge(&url, &secured.files()).await.unwrap());
    let keyspace: String = secured.redis.command(&["INFO", "keyspace"]).await;
    assert!(keyspace.contains("db5:keys=1,expires=1"), "{keyspace}");
    assert!(!keyspace.contains("db0"), "{keyspace}");
}

#[tokio::test]
async fn what_is_not_trusted_is_refused() {
    let secured = Secured::start().await;
    let url = secured.url("", "");
    authority(secured.folder.path(), "stranger");
    let stranger = TlsFiles {
        ca: Some(secured.file("stranger.pem")),
        ..secured.files()
    };
    let error = secured.charge(&url, &stranger).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");

    let without = TlsFiles {
        client: None,
        ..secured.files()
    };
    assert!(secured.charge(&url, &without).await.is_err());
    // A Redis behind TLS that is spoken to without it.
    let plain = url.replace("rediss", "redis");
    let no_files = TlsFiles::default();
    let asked = secured.charge(&plain, &no_files);
    let asked = tokio::time::timeout(Duration::from_secs(5), asked).await;
    assert!(asked.is_ok_and(|answer| answer.is_err()));
}
