//! The queue as moderators work through it.

use moderato::verdict::Decision;

use super::access::{Visitor, founded};
use super::browser;
use super::newsroom::{Newsroom, comment};

/// What stands in the queue of the scripts that follow.
async fn fill(newsroom: &Newsroom) {
    for (number, text) in [
        "Thank you for this report, well said.",
        "You are all idiots and I hate every one of you stupid people.",
        "یہ بہت اچھی خبر ہے، شکریہ۔ ہمارے علاقے میں پانی نہیں آتا۔",
        "Buy cheap viagra and casino bonus now at http://win-casino.example/bonus today!!!",
        "The council met on Tuesday. The minutes are not public yet; does anybody know why?",
        "ye log sirf vote lene aate hain, kaam koi nahi karta",
    ]
    .into_iter()
    .enumerate()
    {
        let names = [
            "Ayesha",
            "Bilal",
            "عائشہ خان",
            "Best Deals",
            "Celine",
            "Danish",
        ];
        let minutes = i64::try_from(300 - 40 * number).unwrap();
        newsroom.hold(comment(names[number], text), minutes).await;
    }
    for number in 0..12 {
        let text =
            format!("Earn 5000 dollars a week from home, message me on number {number} today");
        let name = format!("Worker {}", "x".repeat(number));
        newsroom.hold(comment(&name, &text), 60).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moderators_work_by_keys_by_mouse_and_without_a_script() {
    let newsroom = Newsroom::open("");
    fill(&newsroom).await;
    let link = newsroom.link.clone();
    browser::run("work.mjs", &newsroom.served, &link).await;
}

#[tokio::test]
async fn of_the_last_day_there_is_more_than_a_page() {
    let (newsroom, admin) = founded("").await;
    for number in 0..53 {
        let text = format!("Comment number {number} about the price of water");
        newsroom.hold(comment("Dara", &text), 20).await;
    }
    newsroom
        .hold(comment("Dara", "Days old"), 3 * 24 * 60)
        .await;
    let first = admin.get("/console?age=24h").await.text().await.unwrap();
    assert_eq!(first.matches("data-item=").count(), 50);
    let more = first.split("<p class=\"more\">").nth(1).unwrap();
    let more = more.split("href=\"").nth(1).unwrap();
    let more = more.split('"').next().unwrap();
    let more = more.replace("&amp;", "&").replace("&#38;", "&");
    let second = admin.get(&more).await;
    assert_eq!(second.status(), 200, "{more}");
    let second = second.text().await.unwrap();
    assert_eq!(second.matches("data-item=").count(), 3);
    assert!(!second.contains("rel=\"next\""));
}

#[tokio::test]
async fn what_the_policy_rejected_can_be_restored_and_that_taken_back() {
    let (newsroom, admin) = founded("").await;
    let text = "Buy cheap casino bonus now";
    let rejected = newsroom.keep("default", comment("Dara", text), 9, Decision::Reject);
    let rejected = rejected.await;
    let bilal = admin.with_moderator("Bilal").await;
    let page = format!("/console/{}", rejected.strip_prefix("sites/").unwrap());
    let page = page.replace("/default/comments/", "/comments/default/");
    // Whether who looks can decide, and take back.
    let offered = async |who: &Visitor| {
        let shown = who.get(&page).await.text().await.unwrap();
        assert!(shown.contains("Dara"), "{shown}");
        (
            shown.contains("value=\"approve\""),
            shown.contains("/console/undo"),
        )
    };
    assert_eq!(offered(&admin).await, (true, false));
    assert_eq!(offered(&bilal).await, (true, false));
    let named = ("comment", &*rejected);
    let approve = [named, ("action", "approve")];
    assert_eq!(admin.send("/console/decide", &approve).await.status(), 303);
    assert_eq!(offered(&admin).await, (false, true));
    assert_eq!(offered(&bilal).await, (false, false), "it is another's");
    assert_eq!(admin.send("/console/undo", &[named]).await.status(), 303);
    assert!(!offered(&admin).await.1, "it is taken back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_on_a_great_wave_is_taken_back_whole() {
    let newsroom = Newsroom::open("");
    for number in 0..1_010 {
        let text = format!("Earn 5000 dollars a week from home, message me on {number} today");
        newsroom.hold(comment("Worker", &text), 60).await;
    }
    let link = newsroom.link.clone();
    browser::run("great_wave.mjs", &newsroom.served, &link).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_taken_where_they_are_asked_for() {
    let Some(folder) = std::env::var_os("MODERATO_PICTURES") else {
        return;
    };
    let newsroom = Newsroom::open("");
    let link = newsroom.link.clone();
    browser::look(&folder, "look_empty.mjs", &newsroom.served, &link).await;
    fill(&newsroom).await;
    let long = "The water in our street comes for an hour in the morning. ".repeat(60);
    newsroom.hold(comment("Writes at length", &long), 400).await;
    for number in 0..180 {
        let text = format!("Comment number {number} about the price of water and of bread");
        newsroom
            .hold(
                comment(&format!("Reader {}", "i".repeat(number % 30)), &text),
                20,
            )
            .await;
    }
    browser::look(&folder, "look.mjs", &newsroom.served, &link).await;
}
