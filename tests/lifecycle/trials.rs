//! `moderato models shadow`, `promote --canary`, `canary` and `remove`, beside running servers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use moderato::grpc::proto::{CheckCommentRequest, Decision, Submission, Verdict};
use serde_json::Value;
use sqlx::Connection as _;

use super::candidates::{import, rows, train};
use super::daemon::{Daemon, soon};
use super::postgres_server::PostgresServer;
use super::promotion::{LAX, OPEN, Site, check};
use super::replicas::{Variables, load, run};
use super::terminal::{json, refused, said};

const TEXT: &str = "The veeam offer of house";

/// Waits until a series has that value.
async fn until(daemon: &Daemon, series: &str) {
    soon(async {
        while !daemon
            .get("/metrics")
            .await
            .lines()
            .any(|line| line == series)
        {}
    })
    .await;
}

/// The status of the shadow, once it has judged so many comments.
async fn status(daemon: &Daemon, comments: u64) -> Value {
    let folder = daemon.folder();
    soon(async {
        loop {
            let status = json(folder.path(), &["models", "shadow", "--status"]).remove(0);
            if status["comments"].as_u64() == Some(comments) {
                return status;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_shadow_changes_no_verdict_and_is_kept_beside_each() {
    let daemon = Daemon::start(OPEN).await;
    let folder = daemon.folder();
    let here = folder.path();
    let mut site = daemon.client().await;
    let before = check(&mut site, TEXT).await.unwrap();
    import(here, &rows(0, 40));
    let model = train(here);
    let none = said(here, &["models", "shadow", "--status"]);
    assert!(none.contains("no model was in shadow yet"), "{none}");
    let begun = said(here, &["models", "shadow", &model[..10]]);
    assert!(
        begun.contains("judges 100 % in shadow on all sites"),
        "{begun}"
    );
    until(&daemon, "moderato_shadow_share 1.0").await;
    let beside = check(&mut site, TEXT).await.unwrap();
    assert_eq!(
        Verdict {
            comment: before.comment.clone(),
            ..beside
        },
        before
    );
    // A fault of the form is no comment, and has no shadow.
    let faulty = check(&mut site, "").await.unwrap();
    assert_eq!(faulty.decision(), Decision::Reject);
    let found = status(&daemon, 1).await;
    assert_eq!(
        (&found["model"], &found["otherwise"]),
        (&model.clone().into(), &1.into())
    );
    let cell = &found["matrix"][0];
    assert_eq!(
        (&cell["live"], &cell["comments"]),
        (&"approve".into(), &1.into())
    );
    let instead = cell["shadow"].as_str().unwrap();
    let scores = &found["scores"]["spam"];
    let [live, shadow] = ["live", "shadow"].map(|side| scores[side].as_f64().unwrap());
    let spam = before.scores.as_ref().unwrap().spam;
    assert!((live - spam).abs() < 1e-9 && shadow > live, "{found}");
    let shown = said(here, &["models", "shadow", "--status"]);
    assert!(
        shown.contains(&format!("approve  {instead:8}        1")),
        "{shown}"
    );
    let series =
        format!("moderato_shadow_verdicts_total{{live=\"approve\",shadow=\"{instead}\"}} 1");
    until(&daemon, &series).await;
    let listed = json(here, &["models", "list"]);
    assert_eq!(
        (&listed[0]["shadow_share"], &listed[0]["live"]),
        (&1.0.into(), &false.into())
    );

    said(here, &["models", "shadow", "--off", "--why", "seen enough"]);
    until(&daemon, "moderato_shadow_share 0.0").await;
    check(&mut site, TEXT).await.unwrap();
    assert!(status(&daemon, 1).await["until"].is_string());
    let history = json(here, &["models", "history"]);
    assert_eq!(
        (&history[0]["kind"], &history[0]["why"]),
        (&"end_shadow".into(), &"seen enough".into())
    );
}

#[tokio::test]
async fn what_cannot_be_tried_is_refused_and_the_live_model_keeps_serving() {
    let mut daemon = Daemon::start(OPEN).await;
    let folder = daemon.folder();
    let here = folder.path();
    import(here, &rows(0, 40));
    let model = train(here);
    for (arguments, expected) in [
        (&["models", "shadow"][..], "MODEL"),
        (&["models", "shadow", "m-00"], "there is no model m-00"),
        (&["models", "shadow", "base"], "live already"),
        (&["models", "shadow", "--off"], "no model runs in shadow"),
        (
            &["models", "shadow", &model, "--share", "2"],
            "above 0 and at most 1",
        ),
        (
            &["models", "shadow", &model, "--site", "sport"],
            "it has default",
        ),
        (&["models", "canary", "--stop"], "no canary runs"),
        (&["models", "canary", "--share", "5%"], "no canary runs"),
        (
            &["models", "promote", &model, "--canary", "100%"],
            "a share below 1",
        ),
        (
            &["models", "promote", &model, "--canary", "0"],
            "above 0 and at most 1",
        ),
        (&["models", "remove"], "MODEL"),
        (&["models", "remove", "m-00"], "there is no model m-00"),
    ] {
        let complained = refused(here, arguments);
        assert!(complained.contains(expected), "{arguments:?}: {complained}");
    }
    said(here, &["models", "shadow", &model]);
    let mut site = daemon.client().await;
    until(&daemon, "moderato_shadow_share 1.0").await;
    said(here, &["models", "shadow", "--off"]);
    until(&daemon, "moderato_shadow_share 0.0").await;

    // Behind the program's back, as no command would do it: damaged, then gone.
    for (number, damage) in [
        (3, "UPDATE model_artefacts SET artefact = zeroblob(1000)"),
        (4, "DELETE FROM model_artefacts"),
    ] {
        let database = here.join("moderato-data/moderato.sqlite");
        let sql = format!(
            "{damage}; INSERT INTO promotions (number, kind, promoted_at, actor_kind, canary, \
             canary_share, canary_since, shadow, shadow_share, shadow_since) VALUES ({number}, \
             'canary', 1, 'operator', '{model}', 500000, 1, '{model}', 1000000, 1);"
        );
        let url = format!("sqlite://{}", database.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let times = 2 * (number - 2);
        daemon
            .logged_times("a model on trial is refused", times)
            .await;
        until(&daemon, &format!("moderato_models_refused_total {times}")).await;
        let verdict = check(&mut site, TEXT).await.unwrap();
        assert_ne!(verdict.model, model);
    }
    said(here, &["models", "rollback"]);
    said(here, &["models", "shadow", "--off"]);
}

const AUTHORS: usize = 300;

/// Who judges the comments of each author.
async fn judges(site: &mut Site) -> BTreeMap<usize, String> {
    let mut judges = BTreeMap::new();
    for author in 0..AUTHORS {
        let submission = Some(Submission {
            name: "Bilal Khan".into(),
            email: format!("reader{author}@example.org"),
            text: TEXT.into(),
            ..Submission::default()
        });
        let request = CheckCommentRequest { submission };
        let answer = site.check_comment(request).await.unwrap();
        judges.insert(author, answer.into_inner().verdict.unwrap().model);
    }
    judges
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_judges_its_share_of_the_authors_the_same_on_every_replica() {
    let server = PostgresServer::start().await;
    let url = server.database("moderato").await;
    let secret = "ab".repeat(32);
    let variables = [
        ("MODERATO_DATABASE_URL", url.as_str()),
        ("MODERATO_HASH_KEY", secret.as_str()),
    ];
    let one = Daemon::start_with(&format!("{OPEN}{LAX}"), &variables).await;
    let mut other = Daemon::start_with(&format!("{OPEN}{LAX}"), &variables).await;
    std::fs::write(one.folder().path().join("rows.jsonl"), rows(0, 40)).unwrap();
    run(&one, &variables, &["labels", "import", "rows.jsonl"]);
    let trained = run(&one, &variables, &["train", "--from-labels"]);
    let (model, base) = (
        trained["model"].as_str().unwrap(),
        trained["base"].as_str().unwrap(),
    );
    let begun = run(
        &one,
        &variables,
        &["models", "promote", model, "--canary", "30%"],
    );
    assert_eq!(
        (&begun["kind"], &begun["canary"]["share"]),
        (&"canary".into(), &0.3.into())
    );
    for daemon in [&one, &other] {
        until(daemon, "moderato_canary_share 0.3").await;
    }
    let mut site = one.client().await;
    let first = judges(&mut site).await;
    let drawn = |judges: &BTreeMap<usize, String>| -> Vec<usize> {
        let by_canary = judges.iter().filter(|(_, judge)| *judge == model);
        by_canary.map(|(author, _)| *author).collect()
    };
    let few = drawn(&first);
    // Five standard deviations of 300 draws.
    assert!((50..130).contains(&few.len()), "{} of {AUTHORS}", few.len());
    assert!(first.values().all(|judge| judge == model || judge == base));
    assert_eq!(judges(&mut site).await, first, "at every retry");
    assert_eq!(
        judges(&mut other.client().await).await,
        first,
        "on every replica"
    );
    let counted: u64 = one
        .get("/metrics")
        .await
        .lines()
        .filter_map(|line| line.strip_prefix("moderato_verdicts_by_side_total{side=\"canary\""))
        .map(|rest| rest.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(counted, 2 * few.len() as u64);

    // A greater share holds the smaller one. One replica is killed in the midst.
    let folder = other.folder();
    other.signal("KILL");
    run(&one, &variables, &["models", "canary", "--share", "0.6"]);
    other.ended().await;
    until(&one, "moderato_canary_share 0.6").await;
    let many = judges(&mut site).await;
    assert!(few.iter().all(|author| many[author] == model));
    assert!(drawn(&many).len() > few.len());
    let again = Daemon::start_in(folder, &variables).await;
    let mut restarted = again.client().await;
    assert_eq!(judges(&mut restarted).await, many, "after a restart");

    taken_back_under_load(&one, &again, &variables).await;
    for site in [&mut site, &mut restarted] {
        assert!(drawn(&judges(site).await).is_empty());
    }
    // History is replayed whoever decided: nothing is drifted that either model gave.
    let replayed = run(&one, &variables, &["replay", "--candidate", model]);
    assert_eq!(replayed["drifted"], 0, "{replayed}");
    let removed = run(
        &one,
        &variables,
        &["models", "shadow", model, "--share", "0.5"],
    );
    assert_eq!(removed["shadow"]["share"], 0.5);
}

/// A canary's share is changed and it is rolled back while both are called: no call fails.
async fn taken_back_under_load(one: &Daemon, again: &Daemon, variables: &Variables<'_>) {
    let stop = Arc::new(AtomicBool::new(false));
    let (calls, failed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut loads = Vec::new();
    for daemon in [one, again] {
        let (stop, calls, failed) = (Arc::clone(&stop), Arc::clone(&calls), Arc::clone(&failed));
        loads.push(tokio::spawn(load(
            daemon.client().await,
            stop,
            calls,
            failed,
        )));
    }
    for share in ["0.1", "0.9"] {
        run(again, variables, &["models", "canary", "--share", share]);
        for daemon in [one, again] {
            until(daemon, &format!("moderato_canary_share {share}")).await;
        }
    }
    let back = run(again, variables, &["models", "rollback"]);
    assert_eq!(
        (&back["kind"], &back["canary"]),
        (&"end_canary".into(), &Value::Null)
    );
    for daemon in [one, again] {
        until(daemon, "moderato_canary_share 0.0").await;
    }
    stop.store(true, Ordering::Relaxed);
    for load in loads {
        load.await.unwrap();
    }
    let (calls, failed) = (
        calls.load(Ordering::Relaxed),
        failed.load(Ordering::Relaxed),
    );
    assert_eq!(failed, 0, "of {calls}");
    assert!(calls > 100, "{calls} calls are no load");
}

#[test]
fn an_old_candidate_is_removed_and_what_is_in_use_is_not() {
    let folder = super::daemon::folder(LAX);
    let here = folder.path();
    import(here, &rows(0, 40));
    let old = train(here);
    import(here, &rows(40, 60));
    let live = train(here);
    said(here, &["models", "promote", &live]);
    let (code, kept, _) = super::terminal::run(here, &["models", "remove", &live]);
    assert_eq!(
        (code, kept.trim_end()),
        (Some(1), &*format!("{live} kept: it is live"))
    );
    let young = said(here, &["models", "remove", "--older-than", "30d"]);
    assert_eq!(young, "");
    let removed = &json(here, &["models", "remove", &old])[0];
    assert_eq!(
        (&removed["model"], &removed["removed"]),
        (&old.clone().into(), &true.into())
    );
    let listed = said(here, &["models", "list"]);
    let of = |model: &str| listed.lines().find(|line| line.starts_with(model)).unwrap();
    assert!(
        of(&old).contains("removed") && of(&live).contains("live"),
        "{listed}"
    );
    for arguments in [
        &["models", "promote", &old][..],
        &["models", "shadow", &old],
        &["replay", "--candidate", &old],
        &["models", "export", &old, "--out", "out.moderato"],
    ] {
        let gone = refused(here, arguments);
        assert!(gone.contains("was removed at"), "{arguments:?}: {gone}");
    }
    // Nor is it asked what a word is worth, where it is not named.
    let explained = &json(here, &["models", "explain", "--token", "veeam"])[0];
    let worth = &explained["pieces"][0]["worth"];
    assert!(
        worth.get(&live).is_some() && worth.get(&old).is_none(),
        "{worth}"
    );
    said(here, &["models", "shadow", "base"]);
    said(here, &["models", "rollback"]);
}
