//! Comments that attack who reads them.

use std::fmt::Write as _;

use moderato::comment::Submission;
use moderato::verdict::Decision;

use super::browser;
use super::models::import;
use super::newsroom::{Newsroom, comment};

const TWO_DAYS: i64 = 2 * 24 * 60;

/// Ways to run a script or send a request from where text is shown. `window.pwned` marks what
/// must never run; every address is of a name that must never be asked.
const PAYLOADS: &str = include_str!("payloads.txt");

fn hostile(number: usize, payload: &str) -> Submission {
    let mut submission = comment(payload, payload);
    submission.email = format!("h{number}@example.org");
    submission.url = format!("https://evil.invalid/{payload}").replace(char::is_whitespace, "");
    payload.clone_into(&mut submission.page.title);
    payload.clone_into(&mut submission.page.url);
    payload.clone_into(&mut submission.page.id);
    payload.clone_into(&mut submission.user_agent);
    submission.text = format!("{payload}\nbuy cheap pills {payload}");
    submission
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_in_a_comment_runs_asks_or_breaks_a_page() {
    let newsroom = Newsroom::open("");
    let payloads: Vec<_> = PAYLOADS.lines().filter(|line| !line.is_empty()).collect();
    assert!(payloads.len() >= 60, "{}", payloads.len());
    for (number, payload) in payloads.iter().enumerate() {
        let payload = payload
            .replace("\\n", "\n")
            .replace("\\t", "\t")
            .replace("\\0", "\0")
            .replace("\\u202e", "\u{202e}");
        newsroom.hold(hostile(number, &payload), 90).await;
        let drawn = hostile(number, &payload);
        newsroom
            .keep("default", drawn, TWO_DAYS, Decision::Reject)
            .await;
    }
    newsroom.draw(TWO_DAYS).await;
    // Labels that make a model which decides otherwise on these very texts.
    let mut rows = String::new();
    for (number, payload) in payloads.iter().enumerate() {
        let label = number % 2 == 0;
        let text = serde_json::json!({
            "text": format!("{payload}\nbuy cheap pills {payload} {number}"),
            "name": payload, "spam": label, "toxicity": !label,
        });
        writeln!(rows, "{text}").unwrap();
    }
    import(&newsroom, &rows);
    let long = "A".repeat(20_000);
    let mut wide = comment("Longwinded", &format!("{long} {}", "ﷺ".repeat(2_000)));
    wide.page.title = "X".repeat(3_000);
    wide.user_agent = "M".repeat(3_000);
    newsroom.hold(wide, 80).await;
    for (number, text) in [
        "\u{200b} \u{3164}",
        "🙂",
        &"پانی".repeat(900),
        &"line\n".repeat(200),
    ]
    .into_iter()
    .enumerate()
    {
        let mut odd = comment(&"W".repeat(50 * number), text);
        odd.page.title = "دقیقہ ".repeat(90);
        newsroom.hold(odd, 70).await;
    }
    let link = newsroom.link.clone();
    browser::run("hostile.mjs", &newsroom.served, &link).await;
}
