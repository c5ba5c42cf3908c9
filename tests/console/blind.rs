//! Second looks: what the page of one must not tell, and what comes of an answer.

use moderato::verdict::Decision;
use serde_json::Value;

use super::access::{Visitor, founded};
use super::newsroom::comment;
use super::served::moderato;

const SPAM: &str = "Buy cheap viagra and casino bonus now at http://win-casino.example/bonus";
const TWO_DAYS: i64 = 2 * 24 * 60;

/// What would tell how a comment was scored or decided on, or how to find that out.
fn telling(shown: &str, name: &str) -> Vec<String> {
    let id = name.rsplit('/').next().unwrap();
    let words = [
        id,
        name,
        "<mark",
        "<meter",
        "SPAM_SCORE",
        "log_odds",
        "m-",
        "rejected",
        "approved",
        "evidence",
        "reasons",
        "score",
        "/console/comments/",
        "/console/authors/",
        // Not even the page it was written on, where one sees whether it is published.
        "href=\"http",
    ];
    let found = words.into_iter().filter(|word| shown.contains(word));
    found.map(str::to_owned).collect()
}

/// The part of the page that is about the sample.
fn article(page: &str) -> &str {
    let article = page.split("<article").nth(1).unwrap_or_default();
    article.split("</article>").next().unwrap()
}

fn sample(page: &str) -> String {
    let sample = page.split("name=\"sample\" value=\"").nth(1).unwrap();
    sample.split('"').next().unwrap().to_owned()
}

async fn shown(who: &Visitor, path: &str) -> String {
    let answer = who.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn a_second_look_is_blind_in_the_console_and_on_the_terminal() {
    let (newsroom, admin) = founded("").await;
    let name = newsroom.keep("default", comment("Dara", SPAM), TWO_DAYS, Decision::Reject);
    let name = name.await;
    let bilal = admin.with_moderator("Bilal").await;
    let empty = shown(&bilal, "/console/blind").await;
    assert!(empty.contains("Nothing to look at"), "{empty}");
    assert_eq!(newsroom.draw(TWO_DAYS).await, 1);

    let page = shown(&bilal, "/console/blind").await;
    let seen = article(&page);
    assert!(
        seen.contains(SPAM) && seen.contains("Water prices"),
        "{seen}"
    );
    assert_eq!(telling(seen, &name), [""; 0]);
    // Nor does the rest of the page, but for words of the menu and of what it explains.
    assert!(!page.contains(name.rsplit('/').next().unwrap()) && !page.contains("<mark"));
    let terminal = moderato(&newsroom.served.folder)
        .args(["review", "--json", "blind", "next"])
        .output()
        .unwrap();
    assert!(terminal.stdout.is_empty(), "bilal has the only one");
    let sample = sample(&page);
    let next = format!("/console/blind?after={sample}");
    assert_eq!(
        article(&shown(&bilal, &next).await),
        article(&page),
        "no other"
    );

    let answer = [("sample", &*sample), ("action", "approve")];
    let answered = bilal.send("/console/blind", &answer).await;
    let to = answered.headers()["location"].to_str().unwrap().to_owned();
    let told = shown(&bilal, &to).await;
    assert!(told.contains("You would decide otherwise"), "{told}");
    assert!(told.contains(">reject</span>") && told.contains("Decide as I answered"));
    let again = bilal.send("/console/blind", &answer).await;
    let to = again.headers()["location"].to_str().unwrap().to_owned();
    assert!(shown(&bilal, &to).await.contains("not open any more"));

    let numbers = shown(&admin, "/console/numbers").await;
    assert!(
        numbers.contains("100.0 %") && numbers.contains("20.7 % to 100.0 %"),
        "{numbers}"
    );
    let report = moderato(&newsroom.served.folder)
        .args(["review", "--json", "sample-report"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["rejected_by_policy"]["otherwise"], 1);
    assert_eq!(report["approved"]["share"], Value::Null);

    // Only now, and as a decision like any other.
    let waits = shown(&admin, "/console/history").await;
    assert!(!waits.contains("Dara"), "{waits}");
    let named = [("sample", &*sample)];
    let applied = bilal.send("/console/blind/apply", &named).await;
    assert_eq!(applied.status(), 303);
    assert!(shown(&admin, "/console/history").await.contains("Dara"));
    let twice = bilal.send("/console/blind/apply", &named).await;
    assert_eq!(twice.status(), 404);
    let nonsense = bilal.send("/console/blind", &[("sample", "x"), ("action", "approve")]);
    assert_eq!(nonsense.await.status(), 422);
}

#[tokio::test]
async fn on_the_terminal_nothing_tells_either() {
    let (newsroom, _admin) = founded("").await;
    let name = newsroom.keep(
        "default",
        comment("Dara", SPAM),
        TWO_DAYS,
        Decision::Approve,
    );
    let name = name.await;
    newsroom.draw(TWO_DAYS).await;
    let run = |arguments: &[&str]| {
        let output = moderato(&newsroom.served.folder)
            .arg("review")
            .args(arguments)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let (_, json) = run(&["--json", "blind", "next"]);
    assert!(json.contains(SPAM));
    assert_eq!(telling(&json, &name), [""; 0]);
    let (_, plain) = run(&["blind", "next"]);
    assert!(plain.contains(SPAM));
    assert_eq!(telling(&plain, &name), [""; 0]);
    let line: Value = serde_json::from_str(&json).unwrap();
    let sample = line["sample"].as_str().unwrap();
    let (wrong, _) = run(&["blind", "answer", sample, "approve", "--reason", "spam"]);
    assert_eq!(wrong, Some(2));
    let (done, told) = run(&["blind", "answer", sample, "reject", "--reason", "spam"]);
    assert_eq!(done, Some(0));
    assert!(told.starts_with("policy decided approve"), "{told}");
    let (_, listed) = run(&["blind", "differences"]);
    assert!(listed.contains(&name), "{listed}");
    let (twice, _) = run(&["blind", "answer", sample, "reject"]);
    assert_eq!(twice, Some(2));
    assert_eq!(run(&["blind", "apply", sample]).0, Some(0));
    assert_eq!(run(&["blind", "next"]).1, "nothing is open to you\n");
}
