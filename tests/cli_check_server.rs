//! `moderato check` against a server.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::cli;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use cli::{moderato, run_with_input, stderr, stdout};
use moderato::classifier::{Artefact, Classifier};
use moderato::comment::FieldLimits;
use moderato::config::Config;
use moderato::grpc::auth::{KeyHash, KeyTable, SiteKeys};
use moderato::pipeline::{Parts as PipelineParts, Pipeline, SiteRules, SiteTable};
use moderato::policy::{Policy, PolicySettings};
use moderato::rate_limit::{InProcess, KeyHasher, QuotaSettings, Quotas};
use moderato::rules::RuleSet;
use moderato::server::assembly;
use moderato::server::{self, Listeners, Parts, ServerOptions};
use moderato::site::SiteId;
use moderato::store::{Location, NoStore, PersonHasher, Store};
use moderato::telemetry::{Metrics, SubmissionLog};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// A server in a thread of this process, until it is dropped.
struct Server {
    address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Server {
    fn start(keys: SiteKeys, quotas: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = || server::bind("test", ([127, 0, 0, 1], 0).into());
        let listeners = runtime.block_on(async {
            Listeners {
                grpc: listener().await.unwrap(),
                http: listener().await.unwrap(),
            }
        });
        let address = listeners.grpc.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let parts = {
            // A store wants a runtime, though it is never asked.
            let _inside = runtime.enter();
            parts(keys, quotas)
        };
        thread::spawn(move || {
            let shutdown = async {
                stopped.await.ok();
            };
            runtime.block_on(server::run(
                parts,
                ServerOptions::default(),
                listeners,
                shutdown,
            ))
        });
        Self {
            address,
            _stop: stop,
        }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn parts(keys: SiteKeys, quotas: &str) -> Parts {
    let metrics = Arc::new(Metrics::new());
    let (submission_log, _) = SubmissionLog::start(std::io::sink(), Arc::clone(&metrics)).unwrap();
    let quotas: QuotaSettings = toml::from_str(quotas).unwrap();
    let policy = Policy::resolve(&[&PolicySettings::default()]).unwrap();
    let rules = SiteRules::new(
        FieldLimits::default(),
        policy,
        RuleSet::default(),
        Quotas::resolve(&[&quotas]),
    );
    let pipeline = Pipeline::new(PipelineParts {
        classifier: Arc::new(Classifier::new(Artefact::base().unwrap())),
        limiter: Arc::new(InProcess::new()),
        hasher: KeyHasher::new([7; 32]),
        people: PersonHasher::new([7; 32]),
        store: Arc::new(NoStore),
        sites: SiteTable::new(rules, HashMap::new()),
        new_id: uuid::Uuid::now_v7,
        now: jiff::Timestamp::now,
        remember: Duration::from_mins(1),
    });
    // A store that is never asked.
    let nowhere = Location::Postgres("postgres://nobody@127.0.0.1:1/none".to_owned());
    let store = Store::open(&nowhere).unwrap();
    let pipeline = Arc::new(pipeline);
    let operations = assembly::operations(&Config::default(), store.clone(), Arc::clone(&pipeline));
    Parts {
        operations: operations.unwrap(),
        accounts: assembly::accounts(&Config::default(), store.clone()).unwrap(),
        review: assembly::review(&Config::default(), store),
        pipeline,
        keys: Arc::new(keys),
        metrics,
        submission_log,
        console: None,
    }
}

/// Answers without the names of the comments, which differ from run to run.
fn answers(lines: &str) -> Vec<Value> {
    let unnamed = |line: &str| {
        let mut answer: Value = serde_json::from_str(line).unwrap();
        answer.as_object_mut().unwrap().remove("comment").unwrap();
        answer
    };
    lines.lines().map(unnamed).collect()
}

#[test]
fn a_server_answers_as_the_program_itself_does() {
    let server = Server::start(SiteKeys::default(), "");
    let asked = cli::run(&["check", "--samples", "--server", &server.url()]);
    assert_eq!(asked.status.code(), Some(0), "{}", stderr(&asked));
    let local = cli::run(&["check", "--samples", "--local"]);
    assert_eq!(answers(&stdout(&asked)), answers(&stdout(&local)));
}

#[test]
fn a_stream_keeps_its_order_and_goes_on_after_a_bad_line() {
    let server = Server::start(SiteKeys::default(), "");
    let line = |n: usize| match n {
        7 => "no json".to_owned(),
        9 => r#"{"text": "x", "submission_id": "not an id"}"#.to_owned(),
        _ => format!(r#"{{"name": "A", "email": "a@example.org", "text": "Comment {n}."}}"#),
    };
    let input: Vec<_> = (1..=300).map(line).collect();
    let output = run_with_input(&["check", "--server", &server.url()], &input.join("\n"));
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<_> = answers(&stdout(&output))
        .iter()
        .map(|answer| answer["line"].as_u64().unwrap())
        .collect();
    let judged: Vec<_> = (1..=300).filter(|n| ![7, 9].contains(n)).collect();
    assert_eq!(lines, judged);
    let said = stderr(&output);
    assert!(said.contains("line 7: expected a JSON object"), "{said}");
    assert!(
        said.contains("line 9: submission.submission_id: "),
        "{said}"
    );
}

#[test]
fn one_comment_is_charged_and_a_stream_only_if_asked() {
    let server = Server::start(SiteKeys::default(), "per_site = \"1 per 1h\"");
    let url = server.url();
    let one = ["check", "--server", &url, "--text", "x"];
    let full = [&one[..], &["--name", "A", "--email", "a@example.org"]].concat();
    let line = "{\"name\": \"A\", \"email\": \"a@example.org\", \"text\": \"x\"}\n";
    let code = |answer: &Value| answer["reasons"][0]["code"].as_str().map(str::to_owned);
    let limited = Some("RATE_LIMITED".to_owned());

    let first = answers(&stdout(&cli::run(&full)));
    assert_ne!(code(&first[0]), limited);
    let second = answers(&stdout(&cli::run(&full)));
    assert_eq!(code(&second[0]), limited);
    assert!(second[0]["retry_after_seconds"].as_f64().unwrap() > 3_000.0);
    let stream = ["check", "--server", &url];
    let scanned = answers(&stdout(&run_with_input(&stream, line)));
    assert_ne!(code(&scanned[0]), limited);
    let enforced = [&stream[..], &["--enforce-limits"]].concat();
    let enforced = answers(&stdout(&run_with_input(&enforced, line)));
    assert_eq!(code(&enforced[0]), limited);
}

#[test]
fn a_site_gives_its_key() {
    let site = SiteId::new("times").unwrap();
    let table = KeyTable::new([(site, KeyHash::of("the key of times"))]).unwrap();
    let server = Server::start(SiteKeys::new(table), "");
    let arguments = ["check", "--server", &server.url(), "--text", "x"];
    let refused = cli::run(&arguments);
    assert_eq!(refused.status.code(), Some(1));
    let said = stderr(&refused);
    assert!(said.contains("--key or MODERATO_KEY"), "{said}");

    let answered = moderato(&arguments)
        .env("MODERATO_KEY", "the key of times")
        .output()
        .unwrap();
    assert_eq!(answered.status.code(), Some(0), "{}", stderr(&answered));
    assert!(stdout(&answered).contains("sites/times/comments/"));
}
