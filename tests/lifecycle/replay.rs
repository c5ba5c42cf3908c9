//! `moderato replay`, and promotions held against it.

use std::path::Path;

use moderato::grpc::proto::{Author, CheckCommentRequest, Decision, Submission};
use serde_json::Value;

use super::candidates::{import, train};
use super::daemon::{Daemon, soon};
use super::promotion::OPEN;
use super::terminal::{json, refused, run, said};

/// Lists, links, a hidden field and a form that was filled in too fast.
const RULES: &str = "[rules.words]\nhold = [\"holdme\"]\nreject = [\"rejectme\"]\n\
    allow = [\"allowme\"]\n[rules.domains]\nhold = [\"held.example.com\"]\n";

/// Submissions of every kind that a verdict depends on.
fn submissions() -> Vec<Submission> {
    let texts = [
        "The road past the school was mended last week",
        "Please holdme here",
        "Never rejectme again",
        "A rejectme that is allowme",
        "See https://held.example.com/now",
        "https://a.example https://b.example https://c.example https://d.example",
        "You are a stupid idiot and everybody hates you, idiot",
        "Buy cheap viagra now! http://pills.example.net click here free money casino",
        "یہ خبر بہت اچھی ہے",
        "A zero \0 byte and some <b>markup</b> &amp; vіаgrа",
    ];
    let plain = texts.map(|text| Submission {
        name: "Bilal Khan".into(),
        email: "bilal@example.org".into(),
        text: text.into(),
        ..Submission::default()
    });
    let [road, hold, .., viagra] = [&plain[0], &plain[1], &plain[6], &plain[7]];
    let mut all = plain.to_vec();
    all.extend([
        Submission {
            form_duration_ms: Some(20),
            ..road.clone()
        },
        Submission {
            honeypot: "filled in".into(),
            ..road.clone()
        },
        Submission {
            author: Some(Author {
                trusted: true,
                ..Author::default()
            }),
            ..hold.clone()
        },
        Submission {
            url: "https://held.example.com".into(),
            locale: "ur".into(),
            ..viagra.clone()
        },
    ]);
    all
}

/// Has them judged and waits until all are kept; what is said of a replay of `live`.
async fn judged(daemon: &Daemon, submissions: &[Submission]) -> Value {
    let mut site = daemon.client().await;
    for submission in submissions {
        let submission = Some(submission.clone());
        let answer = site.check_comment(CheckCommentRequest { submission }).await;
        answer.unwrap();
    }
    let folder = daemon.folder();
    soon(async {
        loop {
            let replay = json(folder.path(), &["replay", "--candidate", "live"]).remove(0);
            if replay["comments"].as_u64() == Some(submissions.len() as u64) {
                return replay;
            }
        }
    })
    .await
}

#[tokio::test]
async fn replaying_what_is_live_changes_nothing() {
    let daemon = Daemon::start(&format!("{RULES}{OPEN}")).await;
    let replay = judged(&daemon, &submissions()).await;
    assert_eq!(replay["flips"], 0, "{replay}");
    assert_eq!(
        replay["drifted"], 0,
        "every verdict comes out as it was: {replay}"
    );
    for code in [
        "FORM_TOO_FAST",
        "HONEYPOT_FILLED",
        "TRUSTED_AUTHOR",
        "TOO_MANY_LINKS",
        "WORD_ALLOWED",
    ] {
        assert_eq!(replay["by_reason"][code]["comments"], 1, "{code}: {replay}");
    }
    // That is no accident: another policy shows.
    let folder = daemon.folder();
    let here = folder.path();
    std::fs::write(
        here.join("new.toml"),
        "[rules.words]\nhold = [\"school\"]\n",
    )
    .unwrap();
    let changed = &json(here, &["replay", "--policy", "new.toml"])[0];
    assert_eq!(changed["kinds"]["approve→hold"], 1, "{changed}");
    assert_eq!(changed["drifted"], 0);
    let flips = changed["flipped"].as_array().unwrap();
    let flip = flips.iter().find(|flip| flip["after"] == "hold").unwrap();
    assert!(
        flip["text"].as_str().unwrap().starts_with("The road"),
        "{flip}"
    );
    assert_eq!(flip["reasons"][1][0], "WORD_SUSPECT");
    let shown = said(here, &["replay", "--policy", "new.toml"]);
    assert!(
        shown.contains("approve→hold") && shown.contains("WORD_SUSPECT"),
        "{shown}"
    );
}

/// Comments of which moderators decide on some: spam with a word that no base knows,
/// and what is fine.
async fn newsroom(daemon: &Daemon) -> Vec<String> {
    let mut site = daemon.client().await;
    let mut names = Vec::new();
    for number in 0..24 {
        let spam = number % 2 == 0;
        let said = if spam {
            "zorblat veeam"
        } else {
            "story of rain"
        };
        let submission = Some(Submission {
            name: "Bilal Khan".into(),
            email: "bilal@example.org".into(),
            text: format!("holdme: a {said} by the house {number}"),
            ..Submission::default()
        });
        let answer = site.check_comment(CheckCommentRequest { submission }).await;
        let verdict = answer.unwrap().into_inner().verdict.unwrap();
        assert_eq!(verdict.decision(), Decision::Hold);
        names.push(verdict.comment);
    }
    names
}

fn resolve(here: &Path, names: &[String]) {
    let every_other = |first: usize| names.iter().skip(first).step_by(2).map(String::as_str);
    let reject: Vec<_> = ["review", "reject", "--reason", "spam"]
        .into_iter()
        .chain(every_other(0))
        .collect();
    said(here, &reject);
    let approve: Vec<_> = ["review", "approve"]
        .into_iter()
        .chain(every_other(1))
        .collect();
    said(here, &approve);
}

#[tokio::test]
async fn a_candidate_that_makes_new_mistakes_is_not_promoted_without_a_reason() {
    let daemon = Daemon::start(&format!("{RULES}{OPEN}")).await;
    let folder = daemon.folder();
    let here = folder.path();
    let names = newsroom(&daemon).await;
    resolve(here, &names);
    // Nothing is held by a word any more: the model alone decides, and never holds.
    let policy = "[policy.spam]\nhold_at = 0.5\nreject_at = 0.5\n";
    std::fs::write(here.join("open.toml"), format!("{policy}{OPEN}")).unwrap();
    let taught = |spam_is_spam: bool| -> String {
        let row = |number: usize| {
            let is_spam = number.is_multiple_of(2);
            let said = if is_spam {
                "zorblat veeam"
            } else {
                "story of rain"
            };
            let label = is_spam == spam_is_spam;
            let text = format!("holdme: a {said} by the house number {number}");
            format!("{{\"text\": \"{text}\", \"spam\": {label}}}\n")
        };
        (0..60).map(row).collect()
    };
    let poison = taught(false);
    let batch = import(here, &poison);
    let misled = train(here);
    let with_policy = |model: &str| {
        let replay = ["--config", "open.toml", "--candidate", model];
        json(here, &[&["replay"], &replay[..]].concat()).remove(0)
    };
    let replay = with_policy(&misled);
    let (new, ruled) = (replay["new_mistakes"].as_u64().unwrap(), &replay["ruled"]);
    assert_eq!(ruled, 24);
    assert!(new > 0, "{replay}");
    assert_eq!(replay["flipped"][0]["mistake"], "new", "they come first");

    let promote = ["models", "--config", "open.toml", "promote", &misled];
    let (code, _, complained) = run(here, &promote);
    assert_eq!(code, Some(1));
    assert!(
        complained.contains("promotion.max_new_mistakes is"),
        "{complained}"
    );
    assert_eq!(json(here, &["models", "show", "live"])[0]["origin"], "base");
    let silent = refused(here, &[&promote[..], &["--override-bounds"]].concat());
    assert!(silent.contains("--why"), "{silent}");
    let overridden = [&promote[..], &["--override-bounds", "--why", "a drill"]].concat();
    said(here, &overridden);
    let history = &json(here, &["models", "history"])[0];
    assert_eq!(history["why"], "a drill");
    assert!(!history["checks"]["worse"].as_array().unwrap().is_empty());
    assert_eq!(history["checks"]["replay"]["new_mistakes"], new);
    said(here, &["models", "rollback"]);

    // Unlearned, it is no worse.
    said(here, &["labels", "retract", "--batch", &batch]);
    import(here, &taught(true));
    let healed = train(here);
    let replay = with_policy(&healed);
    assert_eq!(replay["new_mistakes"], 0, "{replay}");
    said(here, &["models", "promote", &healed]);
}

#[tokio::test]
async fn what_cannot_be_replayed_is_said() {
    let folder = super::daemon::folder("");
    let here = folder.path();
    let nothing = refused(here, &["replay"]);
    assert!(nothing.contains("--candidate"), "{nothing}");
    let unknown = refused(here, &["replay", "--candidate", "m-00"]);
    assert!(unknown.contains("there is no model m-00"), "{unknown}");
    let period = refused(
        here,
        &["replay", "--candidate", "base", "--since", "a week"],
    );
    assert!(period.contains("expected a time such as"), "{period}");
    let empty = said(here, &["replay", "--candidate", "base"]);
    assert!(empty.contains("0 comments since"), "{empty}");
}
