//! Webhooks, to a real HTTP server that verifies them by other means.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use moderato::grpc::proto::Decision;
use moderato::webhook::Secret;
use serde_json::Value;
use tokio::sync::mpsc;

use super::daemon::{Daemon, soon};
use super::installation::{HOLDS, hold, resolve, run};

/// A site's receiver: `receiver.py`, which checks each signature with Python's `hmac`.
struct Receiver {
    process: Child,
    address: String,
    received: mpsc::UnboundedReceiver<Value>,
}

impl Receiver {
    /// Starts one that knows `secret` and answers with these statuses in turn, the
    /// last for ever; 0 is no answer.
    async fn start(secret: &str, statuses: &str) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/review/receiver.py");
        let mut process = Command::new("python3")
            .args([script, secret, statuses])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is not installed: run scripts/test, which installs what tests need");
        let output = BufReader::new(process.stdout.take().unwrap());
        let (tell, mut received) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap());
            }
        });
        let listening: Value = soon(received.recv()).await.unwrap();
        Self {
            process,
            address: format!("http://127.0.0.1:{}/hook", listening["port"]),
            received,
        }
    }

    /// The next message, whose signature is good.
    async fn next(&mut self) -> Value {
        let message = soon(self.received.recv()).await.expect("a message");
        assert_eq!(message["verified"], true, "{message}");
        message
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn webhook(url: &str, secrets: &[&str], allow_private: bool) -> String {
    let secrets = secrets
        .iter()
        .map(|secret| format!("{secret:?}"))
        .collect::<Vec<_>>();
    format!(
        "{HOLDS}[sites.default.webhook]\nurl = \"{url}\"\nsecrets = [{}]\n\
         allow_private = {allow_private}\n",
        secrets.join(", "),
    )
}

fn secret(byte: u8) -> String {
    Secret::new(&[byte; 32]).unwrap().to_text()
}

#[tokio::test]
async fn a_decision_is_delivered_signed_and_again_after_a_failure() {
    let (old, new) = (secret(1), secret(2));
    // The receiver knows the old secret alone, as while one is renewed.
    let mut receiver = Receiver::start(&old, "500,204").await;
    let daemon = Daemon::start(&webhook(&receiver.address, &[&new, &old], true)).await;
    let name = hold(&mut daemon.client().await, "The road was mended", "s-1").await;
    resolve(&daemon, std::slice::from_ref(&name), Decision::Reject);
    let mut first = receiver.next().await;
    while first["body"]["type"] != "comment.resolved" {
        first = receiver.next().await;
    }
    let data = &first["body"]["data"];
    assert_eq!(data["comment"], name.as_str());
    assert_eq!(data["state"], "rejected");
    assert_eq!(data["reject_reason"], "spam");
    assert_eq!(data["submission_id"], "s-1");
    assert!(
        !first.to_string().contains("mended"),
        "no text is sent: {first}"
    );
    if first["status"] == 500 {
        let again = receiver.next().await;
        assert_eq!(again["id"], first["id"]);
        assert_eq!(again["body"], first["body"]);
        assert_eq!(again["status"], 204);
    }
    let page = daemon.get("/metrics").await;
    assert!(page.contains("moderato_webhook_attempts_total"), "{page}");
}

#[tokio::test]
async fn who_is_gone_or_never_answers_holds_up_nobody() {
    let secret = secret(1);
    let mut receiver = Receiver::start(&secret, "0,410").await;
    let mut daemon = Daemon::start(&webhook(&receiver.address, &[&secret], true)).await;
    let mut site = daemon.client().await;
    let names = [
        hold(&mut site, "The road was mended", "s-1").await,
        hold(&mut site, "The bridge was closed", "s-2").await,
    ];
    resolve(&daemon, &names[..1], Decision::Approve);
    receiver.next().await;
    // The first is still being sent, and this is answered all the same.
    resolve(&daemon, &names[1..], Decision::Approve);
    daemon.logged("webhook given up").await;
    // All that was told but the first: the second hold, and both decisions.
    let dead = "moderato_webhook_deliveries{site=\"default\",state=\"dead\"}";
    daemon.measures(dead, 3).await;
    let (_, dead, _) = run(&daemon, &["webhooks", "list", "--json"]);
    let dead: Value = serde_json::from_str(dead.lines().next().unwrap()).unwrap();
    assert_eq!(dead["last_status"], 410);
    let event = dead["event"].to_string();
    let again = ["webhooks", "redeliver", "--site", "default", &event];
    let (code, said, complained) = run(&daemon, &again);
    assert_eq!(code, Some(0), "{complained}");
    assert!(said.contains("1 to be sent again"), "{said}");
    let unknown = ["webhooks", "redeliver", "--site", "default", "999"];
    let (code, _, complained) = run(&daemon, &unknown);
    assert_eq!(code, Some(2));
    assert!(complained.contains("event: 999"), "{complained}");
}

#[tokio::test]
async fn a_private_address_is_refused_unless_allowed() {
    let secret = secret(1);
    for (url, told) in [
        ("https://127.0.0.1:1/", "127.0.0.1 is a private address"),
        ("http://www.example.org/", "expected https://"),
    ] {
        let (code, complained) = super::daemon::refused(&webhook(url, &[&secret], false), &[]);
        assert_eq!(code, Some(2), "{complained}");
        assert!(complained.contains("sites.default.webhook"), "{complained}");
        assert!(complained.contains(told), "{complained}");
        assert!(!complained.contains(&secret), "{complained}");
    }
    // A name that leads to this machine passes the file, and not the sender.
    let mut daemon = Daemon::start(&webhook("https://localhost:1/", &[&secret], false)).await;
    let name = hold(&mut daemon.client().await, "The road was mended", "s-1").await;
    resolve(&daemon, &[name], Decision::Approve);
    let failed = daemon.logged("webhook failed").await;
    assert!(failed.contains("private address"), "{failed}");
}

#[tokio::test]
async fn a_webhook_comes_by_a_reload() {
    let secret = secret(1);
    let mut receiver = Receiver::start(&secret, "204").await;
    let mut daemon = Daemon::start(HOLDS).await;
    let mut site = daemon.client().await;
    let old = hold(&mut site, "The road was mended", "s-1").await;
    resolve(&daemon, std::slice::from_ref(&old), Decision::Approve);
    let changed = webhook(&receiver.address, &[&secret], true);
    daemon.write(super::daemon::FILE, &changed);
    daemon.logged("the changed configuration is in force").await;
    daemon.logged("webhook begins").await;
    let new = hold(&mut site, "The bridge was closed", "s-2").await;
    resolve(&daemon, std::slice::from_ref(&new), Decision::Approve);
    let first = receiver.next().await;
    assert_eq!(
        first["body"]["data"]["comment"],
        new.as_str(),
        "not what was before it"
    );
}
