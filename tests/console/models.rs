//! The operator's loop in the console: train, see what would change, promote, roll back.

use std::fmt::Write as _;
use std::time::Duration;

use super::access::{Visitor, founded};
use super::browser;
use super::newsroom::{Newsroom, comment};
use super::served::moderato;

/// The model alone decides, and never holds.
const OPEN: &str = "[policy.spam]\nhold_at = 0.5\nreject_at = 0.5\n";

/// Labels that turn a word that no base knows into spam, or the other way round.
pub fn taught(spam_is_spam: bool) -> String {
    let mut rows = String::new();
    for number in 0..60 {
        let is_spam = number % 2 == 0;
        let said = if is_spam {
            "zorblat veeam"
        } else {
            "story of rain"
        };
        let text = format!("holdme: a {said} by the house number {number}");
        let label = is_spam == spam_is_spam;
        writeln!(rows, "{{\"text\": \"{text}\", \"spam\": {label}}}").unwrap();
    }
    rows
}

/// Imports labels from the command line, as an operator does.
pub fn import(newsroom: &Newsroom, rows: &str) {
    let folder = &newsroom.served.folder;
    std::fs::write(folder.path().join("rows.jsonl"), rows).unwrap();
    let import = ["labels", "import", "rows.jsonl"];
    let imported = moderato(folder).args(import).output().unwrap();
    assert!(imported.status.success(), "{imported:?}");
}

/// Comments of which a moderator decides on all: every other is spam.
async fn decided(newsroom: &Newsroom, admin: &Visitor) {
    for number in 0..24 {
        let (said, action) = if number % 2 == 0 {
            ("zorblat veeam", "spam")
        } else {
            ("story of rain", "approve")
        };
        let text = format!("holdme: a {said} by the house {number}");
        let held = newsroom.hold(comment("Bilal", &text), 60).await;
        let decision = [("comment", &*held), ("action", action)];
        assert_eq!(admin.send("/console/decide", &decision).await.status(), 303);
    }
}

/// Where an answer leads.
fn to(answer: &reqwest::Response) -> String {
    assert_eq!(answer.status(), 303, "{answer:?}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

async fn shown(who: &Visitor, path: &str) -> String {
    let answer = who.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// The page of an operation once it is over.
async fn over(who: &Visitor, path: &str) -> String {
    let over = async {
        loop {
            let answer = who.get(path).await;
            assert_eq!(answer.status(), 200, "{path}");
            if !answer.headers().contains_key("refresh") {
                return answer.text().await.unwrap();
            }
            let running = answer.text().await.unwrap();
            assert!(running.contains("loads itself anew"), "{running}");
        }
    };
    let over = tokio::time::timeout(Duration::from_mins(3), over);
    over.await.expect("it ends")
}

/// Trains by the button; the candidate's name.
async fn train(who: &Visitor) -> String {
    let begun = who.send("/console/models/train", &[]).await;
    let done = over(who, &to(&begun)).await;
    let model = done.split("/console/models/m-").nth(1);
    let main = || {
        done.split("<main")
            .nth(1)
            .and_then(|main| main.split("</main>").next())
    };
    let model = model.unwrap_or_else(|| panic!("{:?}", main()));
    format!("m-{}", &model[..16])
}

async fn replayed(who: &Visitor, model: &str) -> (String, String) {
    let fields = [("model", model), ("since", "30d"), ("site", "")];
    let path = to(&who.send("/console/models/replay", &fields).await);
    let done = over(who, &path).await;
    (path, done)
}

#[tokio::test]
async fn what_is_worse_is_seen_and_refused_and_promoted_only_with_a_reason() {
    let (newsroom, admin) = founded(OPEN).await;
    let none = shown(&admin, "/console/models").await;
    assert!(none.contains("There is no candidate yet") && none.contains("the base is live"));
    decided(&newsroom, &admin).await;
    import(&newsroom, &taught(false));
    let misled = train(&admin).await;
    let listed = shown(&admin, "/console/models").await;
    assert!(
        listed.contains(&misled) && listed.contains("AUC"),
        "{listed}"
    );

    let (path, report) = replayed(&admin, &misled).await;
    assert!(
        report.contains("<strong>24</strong> comments decided on again"),
        "{report}"
    );
    assert!(report.contains("12 new"), "{report}");
    // Either model's own evidence stands in the text.
    assert!(
        report.contains("new mistake") && report.contains("<mark class=\"spam"),
        "{report}"
    );
    let new = shown(&admin, &format!("{path}?show=new")).await;
    assert!(new.contains("people: ") || new.contains("new mistake"));
    assert!(!new.contains(">fixed mistake<"), "{new}");
    let none = shown(&admin, &format!("{path}?show=hold%E2%86%92reject")).await;
    assert!(!none.contains("<article"), "{none}");

    let page = format!("/console/models/{misled}");
    let model = shown(&admin, &page).await;
    assert!(
        model.contains("promotion.max_new_mistakes") && model.contains(&path),
        "{model}"
    );
    let promote = async |more: &[(&str, &str)]| {
        let fields = [&[("model", &*misled)], more].concat();
        admin.send("/console/models/promote", &fields).await
    };
    let refused = promote(&[("why", "it looks fine")]).await;
    assert_eq!(refused.status(), 409);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("new mistakes and") && refused.contains("past the bounds"));
    assert!(refused.contains("it looks fine"), "what was typed stays");
    let silent = promote(&[("override", "bounds")]).await;
    assert_eq!(silent.status(), 409);
    assert!(silent.text().await.unwrap().contains("takes a reason"));
    let base_is_live = shown(&admin, "/console/models").await;
    assert!(base_is_live.contains("the base is live"), "{base_is_live}");
    let done = promote(&[("override", "bounds"), ("why", "a <b>drill</b>")]).await;
    let live = shown(&admin, &to(&done)).await;
    assert!(
        live.contains("It is live") && live.contains("a &#60;b&#62;drill"),
        "{live}"
    );
    assert_eq!(promote(&[]).await.status(), 409, "it is live already");

    let back = admin
        .send("/console/models/roll-back", &[("why", "enough")])
        .await;
    assert!(shown(&admin, &to(&back)).await.contains("rolled back to"));
    let twice = admin.send("/console/models/roll-back", &[]).await;
    assert_eq!(twice.status(), 409, "there is nothing before the base");

    // The same on a share of the comments first.
    let past = [("override", "bounds"), ("why", "a trial")];
    let wrong = promote(&[&past[..], &[("share", "half")]].concat()).await;
    assert_eq!(wrong.status(), 422);
    let trial = promote(&[&past[..], &[("share", "5%")]].concat()).await;
    let trial = shown(&admin, &to(&trial)).await;
    assert!(trial.contains("canary on 5"), "{trial}");
    assert!(
        trial.contains("End the canary") && !trial.contains("Roll back to"),
        "{trial}"
    );
    let ended = admin.send("/console/models/end-canary", &[]).await;
    assert!(!shown(&admin, &to(&ended)).await.contains("canary on 5"));
    // Whoever rolls back from a page of before it began is told what was taken back.
    to(&promote(&[&past[..], &[("share", "5%")]].concat()).await);
    let back = admin.send("/console/models/roll-back", &[]).await;
    let back = shown(&admin, &to(&back)).await;
    assert!(back.contains("The canary has ended"), "{back}");
    let none = admin.send("/console/models/end-canary", &[]).await;
    assert_eq!(none.status(), 409);

    goes_on_trial(&newsroom, &admin, &misled).await;

    let explained = shown(&admin, "/console/models/explain?q=veeam").await;
    assert!(
        explained.contains(&misled) && explained.contains("zorblat"),
        "{explained}"
    );
    let diff = format!("/console/models/diff?before=base&after={misled}");
    let diff = shown(&admin, &diff).await;
    assert!(diff.contains("/console/models/explain?q="), "{diff}");

    is_no_choice_once_it_is_removed(&newsroom, &admin, &misled).await;
}

async fn goes_on_trial(newsroom: &Newsroom, admin: &Visitor, model: &str) {
    let none = shown(admin, "/console/models/trials").await;
    assert!(
        none.contains("None runs") && none.contains("No model was in shadow yet"),
        "{none}"
    );
    let put = async |share: &str, site: &str| {
        let fields = [
            ("model", model),
            ("share", share),
            ("site", site),
            ("why", "a <i>look</i>"),
        ];
        admin.send("/console/models/shadow", &fields).await
    };
    for (share, site, status) in [
        ("half", "", 422),
        ("100%", "No Site!", 404),
        ("100%", "elsewhere", 404),
    ] {
        assert_eq!(put(share, site).await.status(), status, "{share} {site}");
    }
    let trials = to(&put("100%", "").await);
    let begun = shown(admin, &trials).await;
    assert!(begun.contains(model) && begun.contains("100 % of the authors on all sites"));
    let judged = async {
        // Readers of their own: each has a quota.
        for reader in 0.. {
            newsroom.submit(
                reader,
                "zorblat veeam, as it is called by those who know it",
            );
            let page = shown(admin, &trials).await;
            if page.contains("it would have decided on otherwise") {
                return page;
            }
        }
        unreachable!("there are always more readers")
    };
    let judged = tokio::time::timeout(Duration::from_secs(30), judged).await;
    let judged = judged.expect("it judges what comes");
    assert!(judged.contains("Correlation"), "{judged}");

    let canary = [("model", model), ("override", "bounds"), ("why", "a trial")];
    let canary = [&canary[..], &[("share", "5%")]].concat();
    to(&admin.send("/console/models/promote", &canary).await);
    let both = shown(admin, &trials).await;
    assert!(both.contains("5 % of the authors since"), "{both}");
    assert!(both.contains("<th scope=\"row\">canary</th>"), "{both}");
    to(&admin.send("/console/models/end-canary", &[]).await);
    to(&admin.send("/console/models/end-shadow", &[]).await);
    let over = shown(admin, &trials).await;
    assert!(
        over.contains("None runs") && !over.contains("End the shadow"),
        "{over}"
    );
    let twice = admin.send("/console/models/end-shadow", &[]).await;
    assert_eq!(twice.status(), 409);
    let history = shown(admin, "/console/models").await;
    assert!(
        history.contains("put in shadow") && history.contains("a &#60;i&#62;look"),
        "{history}"
    );
}

async fn is_no_choice_once_it_is_removed(newsroom: &Newsroom, admin: &Visitor, misled: &str) {
    let removed = moderato(&newsroom.served.folder)
        .args(["models", "remove", misled, "--force"])
        .output();
    assert!(removed.unwrap().status.success());
    let listed = shown(admin, "/console/models").await;
    assert!(
        listed.contains(misled) && listed.contains(">removed</span>"),
        "{listed}"
    );
    let model = shown(admin, &format!("/console/models/{misled}")).await;
    assert!(model.contains("It was removed"), "{model}");
    for form in ["/promote\"", "/replay\"", "/diff?"] {
        assert!(!model.contains(form), "{form}: {model}");
    }
    let explained = shown(admin, "/console/models/explain?q=veeam").await;
    assert!(!explained.contains(misled), "{explained}");
    let choices = shown(admin, "/console/models/diff").await;
    assert!(!choices.contains(misled), "{choices}");
}

#[tokio::test]
async fn the_models_are_for_operators_and_nonsense_is_named() {
    let (_newsroom, admin) = founded("").await;
    let bilal = admin.with_moderator("Bilal").await;
    let queue = shown(&bilal, "/console").await;
    assert!(!queue.contains("/console/models"), "{queue}");
    assert!(shown(&admin, "/console").await.contains("/console/models"));
    let nobodys = format!("/console/operations/{}", "0".repeat(32));
    for path in [
        "/console/models",
        "/console/models/base",
        "/console/models/explain?q=x",
        "/console/models/diff?before=base&after=live",
        "/console/models/trials",
        &nobodys,
    ] {
        assert_eq!(bilal.get(path).await.status(), 403, "{path}");
    }
    for path in [
        "train",
        "replay",
        "promote",
        "roll-back",
        "shadow",
        "end-shadow",
        "end-canary",
    ] {
        let path = format!("/console/models/{path}");
        let fields = [("model", "base"), ("since", "7d")];
        assert_eq!(bilal.send(&path, &fields).await.status(), 403, "{path}");
    }
    assert_eq!(bilal.send(&nobodys, &[]).await.status(), 403);
    for (path, status) in [
        ("/console/models/m-0000000000000000", 404),
        ("/console/models/<script>", 404),
        ("/console/models/diff?before=x&after=base", 404),
        (&*nobodys, 404),
        ("/console/operations/x", 404),
    ] {
        assert_eq!(admin.get(path).await.status(), status, "{path}");
    }
    for (since, site, status) in [("a week", "", 422), ("7d", "No Site!", 404)] {
        let fields = [("model", "base"), ("since", since), ("site", site)];
        let answer = admin.send("/console/models/replay", &fields).await;
        assert_eq!(answer.status(), status, "{since} {site}");
    }
    // Of no history, nothing is said; without labels, nothing is trained.
    let (_, empty) = replayed(&admin, "base").await;
    assert!(empty.contains("No comments"), "{empty}");
    let begun = admin.send("/console/models/train", &[]).await;
    let failed = over(&admin, &to(&begun)).await;
    assert!(
        failed.contains("class=\"problem\"") && failed.contains("failed"),
        "{failed}"
    );
    let nothing = shown(&admin, "/console/models/diff?before=base&after=live").await;
    assert!(nothing.contains("No word moved"), "{nothing}");
    let none = shown(&admin, "/console/models/explain?q=%20").await;
    assert!(none.contains("What a word adds"), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_the_operators_pages_are_taken_where_they_are_asked_for() {
    let Some(folder) = std::env::var_os("MODERATO_PICTURES") else {
        return;
    };
    let (newsroom, admin) = founded(OPEN).await;
    let link = newsroom.link.clone();
    let look = async |stage: &str| {
        let script = format!("look_models.mjs:{stage}");
        browser::look(&folder, &script, &newsroom.served, &link).await;
    };
    look("empty").await;
    replayed(&admin, "base").await;
    look("nothing").await;
    decided(&newsroom, &admin).await;
    let two_days = 2 * 24 * 60;
    for number in 0..6 {
        let text = format!("Earn 5000 a week from home, message number {number} today");
        let decision = moderato::verdict::Decision::Reject;
        newsroom
            .keep("default", comment("Worker", &text), two_days, decision)
            .await;
    }
    newsroom.draw(two_days).await;
    import(&newsroom, &taught(false));
    let misled = train(&admin).await;
    replayed(&admin, &misled).await;
    look("full").await;
}
