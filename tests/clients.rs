//! The real binary and real clients in other languages, and the README's first
//! calls as they stand there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by a panic"
)]

#[path = "clients/environment.rs"]
mod environment;
#[path = "clients/first_call.rs"]
mod first_call;
#[path = "clients/served.rs"]
mod served;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use environment::Environment;
use moderato::grpc::auth::KeyHash;
use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use moderato::grpc::proto::{CheckCommentRequest, Decision, Submission};
use served::Served;

const KEY: &str = "a-key-for-tests";
/// The address in the README's snippets.
const DEFAULT_ADDRESS: &str = "127.0.0.1:50051";

/// One site with a key. Every check is by the same reader, so their quota is off.
fn with_key() -> String {
    let hash = KeyHash::of(KEY);
    format!("[limits]\nper_email = \"off\"\n\n[sites.daily]\nkeys = [\"{hash}\"]\n")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `command`, and fails with all it said unless it ends well.
fn run(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test says what is missing"));
    let said = String::from_utf8_lossy(&stdout).into_owned();
    let complained = String::from_utf8_lossy(&stderr);
    assert!(
        status.success(),
        "{command:?}: {status}\n{said}\n{complained}"
    );
    said
}

#[test]
fn a_python_client_learns_the_service_by_reflection() {
    let served = Served::start(&with_key());
    let script = root().join("tests/clients/python/check.py");
    let mut python = Environment::new().python();
    let said = run(python.arg(script).arg(served.grpc.to_string()).arg(KEY));
    assert_eq!(said.matches("ok: ").count(), 10, "{said}");
}

/// Quotas of which one client can use up all but the last.
const QUOTAS: &str = "[limits]\nper_address = \"3 per 1h\"\nper_email = \"10 per 10m, burst 5\"\n\
                      per_page = \"1 per 1h\"\nshadow = [\"per_page\"]\n\
                      per_site = \"600 per 10m, burst 500\"\n";

#[test]
fn envoys_own_client_shares_the_quotas() {
    let hash = KeyHash::of(KEY);
    let served = Served::start(&format!("{QUOTAS}\n[sites.daily]\nkeys = [\"{hash}\"]\n"));
    let script = root().join("tests/clients/python/gateway.py");
    let mut python = Environment::new().python();
    let said = run(python.arg(script).arg(served.grpc.to_string()).arg(KEY));
    assert_eq!(said.matches("ok: ").count(), 9, "{said}");
}

#[test]
fn a_node_client_learns_the_service_by_reflection() {
    let served = Served::start(&with_key());
    let script = root().join("tests/clients/node/check.mjs");
    let mut node = Environment::new().node();
    let said = run(node.arg(script).arg(served.grpc.to_string()).arg(KEY));
    assert_eq!(said.matches("ok: ").count(), 10, "{said}");
}

#[tokio::test]
async fn the_first_call_in_rust_is_answered_and_is_the_readmes() {
    let served = Served::start("");
    let verdict = first_call::check(format!("http://{}", served.grpc))
        .await
        .unwrap();
    assert_eq!(verdict.decision(), Decision::Approve);
    assert_eq!(snippet("rust"), include_str!("clients/first_call.rs"));
}

#[test]
fn the_readmes_first_call_in_python_is_answered() {
    let served = Served::start("");
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("first_call.py");
    fs::write(&script, snippet_for(&served, "python")).unwrap();
    let mut python = Environment::new().python();
    let said = run(python.arg(script).current_dir(root()));
    assert_eq!(said, "DECISION_APPROVE []\n");
}

#[test]
fn the_readmes_first_call_in_node_is_answered() {
    let served = Served::start("");
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("first_call.mjs");
    fs::write(&script, snippet_for(&served, "js")).unwrap();
    let environment = Environment::new();
    // Modules are looked for beside the script.
    let beside = folder.path().join("node_modules");
    std::os::unix::fs::symlink(environment.node_modules(), beside).unwrap();
    let said = run(environment.node().arg(script).current_dir(root()));
    assert_eq!(said, "DECISION_APPROVE []\n");
}

/// Holds whatever has the word `holdme` in it.
/// Holds by a word alone, whatever the model thinks.
const HOLDS: &str = "[policy.spam]\nhold_at = 0.9999\nreject_at = 0.9999\n\
                     [rules.words]\nhold = [\"holdme\"]\n\n";

/// Makes somebody who moderates. Their API token.
fn token(served: &Served) -> String {
    token_of(served, "moderator")
}

fn token_of(served: &Served, role: &str) -> String {
    let add = ["moderators", "add", "ayesha", "--role", role];
    run(served.beside().args(add));
    let token = ["moderators", "token", "ayesha", "--label", "tool"];
    run(served.beside().args(token)).trim().to_owned()
}

#[test]
fn a_python_tool_learns_the_review_by_reflection() {
    let served = Served::start(&format!("{HOLDS}{}", with_key()));
    let script = root().join("tests/clients/python/review.py");
    let mut python = Environment::new().python();
    let said = run(python
        .arg(script)
        .args([&served.grpc.to_string(), KEY, &token(&served)]));
    assert_eq!(said.matches("ok: ").count(), 3, "{said}");
}

/// However much more is held or rejected by it, a model is promoted.
const LAX: &str = "[promotion]\nmax_more_held = 1.0\nmax_more_rejected = 1.0\nmax_auc_loss = 1.0\n";

#[test]
fn a_python_tool_runs_the_operators_loop_by_reflection() {
    let served = Served::start(&format!("{LAX}{}", with_key()));
    let script = root().join("tests/clients/python/models.py");
    let token = token_of(&served, "operator");
    let mut python = Environment::new().python();
    let said = run(python
        .arg(script)
        .args([&served.grpc.to_string(), KEY, &token]));
    assert_eq!(said.matches("ok: ").count(), 3, "{said}");
}

#[test]
fn the_readmes_operators_loop_trains_replays_and_promotes() {
    let served = Served::start(LAX);
    let folder = tempfile::tempdir().unwrap();
    let row = |number: usize| {
        let (word, spam) = [("veeam offer", true), ("story", false)][number % 2];
        let house = ["one", "two", "three", "four", "five", "six", "seven"];
        let (tens, ones) = (house[number / 7 % 7], house[number % 7]);
        format!("{{\"text\": \"the {word} of house {tens} and {ones}\", \"spam\": {spam}}}\n")
    };
    let rows = folder.path().join("rows.jsonl");
    fs::write(&rows, (0..40).map(row).collect::<String>()).unwrap();
    run(served.beside().args(["labels", "import"]).arg(rows));
    let script = folder.path().join("loop.py");
    fs::write(&script, snippet_for(&served, "python models")).unwrap();
    let mut python = Environment::new().python();
    python.env("MODERATO_TOKEN", token_of(&served, "operator"));
    let said = run(python.arg(script).current_dir(root()));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(
        lines[0],
        "0 of 0 would be decided otherwise: 0 mistakes fixed, 0 new"
    );
    assert!(lines[1].starts_with("live: models/m-"), "{said}");
}

#[tokio::test]
async fn the_readmes_first_tool_of_ones_own_works_through_what_waits() {
    let served = Served::start(HOLDS);
    let mut site = ModerationServiceClient::connect(format!("http://{}", served.grpc))
        .await
        .unwrap();
    for text in ["A casino bonus, holdme.", "The road was mended, holdme."] {
        let submission = Some(Submission {
            name: "Bilal".to_owned(),
            email: "bilal@example.org".to_owned(),
            text: text.to_owned(),
            ..Submission::default()
        });
        site.check_comment(CheckCommentRequest { submission })
            .await
            .unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("first_tool.py");
    fs::write(&script, snippet_for(&served, "python review")).unwrap();
    let mut python = Environment::new().python();
    python.env("MODERATO_TOKEN", token(&served));
    let said = run(python.arg(script).current_dir(root()));
    assert_eq!(
        said,
        "Bilal: A casino bonus, holdme. ['WORD_SUSPECT']\nDECISION_REJECT\n"
    );
}

/// The README's one piece of code in `language`, as it stands there.
fn snippet(language: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    let mut pieces = readme.split(&fence).skip(1);
    let (Some(piece), None) = (pieces.next(), pieces.next()) else {
        panic!("README.md: expected one piece of code between ```{language} and ```");
    };
    piece.split("```").next().unwrap().to_owned()
}

/// The same, with `served` for the default server.
fn snippet_for(served: &Served, language: &str) -> String {
    let snippet = snippet(language);
    assert!(
        snippet.contains(DEFAULT_ADDRESS),
        "README.md: the {language} code calls {DEFAULT_ADDRESS}"
    );
    snippet.replace(DEFAULT_ADDRESS, &served.grpc.to_string())
}
