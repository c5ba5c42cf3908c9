//! Quotas as a site, its operator and its gateway see them, on real ports.

use std::process::Output;

use serde_json::Value;

use super::daemon::{Daemon, folder, moderato};
use super::redis_server::RedisServer;
use super::{Client, Submission, check, civil, codes};

const EMAIL: &str = "bilal@example.org";
const QUOTAS: &str = "[limits]\nper_email = \"2 per 2h\"\nper_page = \"off\"\n";

/// What `moderato limits` says beside a daemon that counts in `redis`.
fn limits(daemon: &Daemon, redis: &str, arguments: &[&str]) -> Output {
    let mut command = daemon.beside();
    command.env("MODERATO_REDIS_URL", redis).arg("limits");
    command.args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Exit code and standard error.
fn failure(output: Output) -> (Option<i32>, String) {
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[tokio::test]
async fn one_reader_is_looked_up_and_set_back_while_it_serves() {
    let mut redis = RedisServer::start().await;
    let url = redis.url();
    let daemon = Daemon::start_with(QUOTAS, &[("MODERATO_REDIS_URL", &url)]).await;
    let mut client = daemon.client().await;
    let show = ["show", "--email", EMAIL, "--address", "192.0.2.7", "--json"];
    let left = |name: &str| -> u64 {
        let told: Value = serde_json::from_str(&out(&limits(&daemon, &url, &show))).unwrap();
        let mut quotas = told.as_array().unwrap().iter();
        let quota = quotas.find(|quota| quota["quota"] == name).unwrap();
        quota["left"].as_u64().unwrap()
    };
    for expected in [2, 1] {
        assert_eq!(left("per_email"), expected);
        assert!(check(&mut client, civil()).await.retry_after.is_none());
    }
    assert_eq!((left("per_email"), left("per_address")), (0, 28));
    assert!(check(&mut client, civil()).await.retry_after.is_some());
    let table = out(&limits(
        &daemon,
        &url,
        &["show", "--email", "Bilal@Example.org"],
    ));
    assert!(
        table.contains("2 per 2h") && table.contains("next in 1h00m"),
        "{table}"
    );
    assert!(!table.to_lowercase().contains(EMAIL), "{table}");

    let reset = out(&limits(&daemon, &url, &["reset", "--email", EMAIL]));
    assert_eq!(reset, "per_email: reset\n");
    assert_eq!((left("per_email"), left("per_address")), (2, 28));
    assert!(check(&mut client, civil()).await.retry_after.is_none());

    redis.kill();
    let (code, told) = failure(limits(&daemon, &url, &show));
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("nothing is known of these quotas: "),
        "{told}"
    );
}

#[test]
fn what_cannot_be_looked_up_is_refused_and_says_why() {
    let redis = "[redis]\nurl = \"redis://127.0.0.1:1\"\n";
    let email = ["show", "--email", EMAIL];
    let cases: [(&str, &[&str], &str); 6] = [
        (
            "",
            &email,
            "redis.url: expected the Redis that the servers share",
        ),
        (redis, &email, "cannot read the secret for counting"),
        (redis, &["show", "--email", "bilal"], "--email"),
        (redis, &["show"], "--address <ADDRESS>"),
        (
            redis,
            &["show", "--email", EMAIL, "--site", "times"],
            "--site: expected one of: default",
        ),
        (
            "hash_key_file = \"key\"\nlimits.per_email = \"off\"\nredis.url = \"redis://127.0.0.1:1\"",
            &email,
            "the quotas of what is asked for are off",
        ),
    ];
    for (config, arguments, expected) in cases {
        let folder = folder(config);
        std::fs::write(folder.path().join("key"), "0b".repeat(32)).unwrap();
        let mut command = moderato(folder.path());
        let output = command.arg("limits").args(arguments).output().unwrap();
        let (code, told) = failure(output);
        assert_eq!(code, Some(2), "{arguments:?}\n{told}");
        assert!(told.contains(expected), "{arguments:?}\n{told}");
    }
}

async fn refused(client: &mut Client, submission: Submission) -> bool {
    check(client, submission.clone()).await;
    check(client, submission).await.retry_after.is_some()
}

#[tokio::test]
async fn whose_address_is_counted_is_the_operators_to_say() {
    let config = "[limits]\nper_address = \"1 per 1h\"\nper_email = \"off\"\n\
                  exempt = [\"192.0.2.0/24\"]\nshared = [\"2001:db8::/32\"]\n\
                  nat64 = [\"64:ff9b:1::/96\"]\n";
    let daemon = Daemon::start(config).await;
    let mut client = daemon.client().await;
    for (address, is_counted) in [
        ("192.0.2.7", false),
        ("::ffff:192.0.2.7", false),
        ("64:ff9b:1::192.0.2.7", false),
        ("2001:db8::7", false),
        ("10.1.2.3", false),
        ("198.51.100.7", true),
        ("64:ff9b:1::203.0.113.7", true),
    ] {
        let submission = Submission {
            ip_address: address.into(),
            ..civil()
        };
        assert_eq!(
            refused(&mut client, submission).await,
            is_counted,
            "{address}"
        );
    }
    let own_proxy = Submission {
        ip_address: "10.1.2.3".into(),
        ..civil()
    };
    let verdict = check(&mut client, own_proxy).await;
    assert_eq!(codes(&verdict), ["FIELD_IGNORED"]);
    let written = [daemon.written(), daemon.get("/metrics").await].join("\n");
    assert!(!written.contains("198.51.100.7") && !written.contains("10.1.2.3"));
}

#[tokio::test]
async fn a_reader_who_must_wait_is_told_so_in_urdu_and_the_quota_shows_in_the_metrics() {
    let config = "[limits]\nper_email = \"1 per 1h\"\nper_address = \"1 per 1h\"\n\
                  shadow = [\"per_address\"]\n";
    let mut daemon = Daemon::start(config).await;
    let mut client = daemon.client().await;
    let in_urdu = || Submission {
        locale: "ur-PK".into(),
        ..civil()
    };
    check(&mut client, in_urdu()).await;
    let verdict = check(&mut client, in_urdu()).await;
    assert_eq!(codes(&verdict), ["RATE_LIMITED", "RATE_LIMIT_SHADOW"]);
    assert!(verdict.reasons[0].message.contains("60 منٹ"), "{verdict:?}");
    daemon.submission("RATE_LIMIT_SHADOW").await;
    let page = daemon.get("/metrics").await;
    for line in [
        "quota=\"email\",outcome=\"allowed\",degraded=\"false\"} 1",
        "quota=\"email\",outcome=\"refused\",degraded=\"false\"} 1",
        "quota=\"address\",outcome=\"shadow_refused\",degraded=\"false\"} 1",
    ] {
        assert!(page.contains(line), "{line}\n{page}");
    }
}
