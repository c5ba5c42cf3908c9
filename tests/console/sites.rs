//! Moderators who are limited to some sites.

use moderato::grpc::auth::KeyHash;
use reqwest::StatusCode;

use super::access::{Visitor, founded};
use super::newsroom::{Newsroom, comment};

const DAILY: &str = "The council meets on Monday about the water";
const WEEKLY: &str = "My grandmother baked this cake for decades";

async fn two_sites() -> (Newsroom, Visitor, [String; 2]) {
    let site = |name| format!("[sites.{name}]\nkeys = [\"{}\"]\n", KeyHash::of(name));
    let config = [site("daily"), site("weekly")].concat();
    let (newsroom, admin) = founded(&config).await;
    let daily = newsroom.hold_on("daily", comment("Dara", DAILY), 9);
    let daily = daily.await;
    let weekly = newsroom.hold_on("weekly", comment("Wasim", WEEKLY), 5);
    let weekly = weekly.await;
    (newsroom, admin, [daily, weekly])
}

/// Where the console shows a comment.
fn page(name: &str) -> String {
    let (site, id) = name
        .strip_prefix("sites/")
        .and_then(|name| name.split_once("/comments/"))
        .unwrap();
    format!("/console/comments/{site}/{id}")
}

#[tokio::test]
async fn no_page_shows_a_moderator_another_site() {
    let (_newsroom, admin, [daily, weekly]) = two_sites().await;
    let added = admin.send(
        "/console/moderators",
        &[("name", "Bilal"), ("role", "moderator")],
    );
    let added = added.await.text().await.unwrap();
    let link = added.split("/console/welcome/").nth(1).unwrap();
    let link = format!("/console/welcome/{}", link.split('"').next().unwrap());
    let limit = async |sites| {
        let limited = [("name", "Bilal"), ("action", "sites"), ("sites", sites)];
        admin.send("/console/moderators/change", &limited).await
    };
    assert_eq!(limit("daily").await.status(), StatusCode::SEE_OTHER);
    let list = admin.get("/console/moderators").await.text().await.unwrap();
    assert!(list.contains("name=\"sites\" value=\"daily\""), "{list}");
    assert!(list.contains("limited to daily"), "{list}");
    assert_eq!(limit("Not a site!").await.status(), 422);

    let bilal = Visitor::welcome(&admin.base, &link, "").await;
    // Both were decided on, so that history has both.
    for name in [&daily, &weekly] {
        let decision = [("comment", &**name), ("action", "spam")];
        assert_eq!(admin.send("/console/decide", &decision).await.status(), 303);
    }
    let history = bilal.get("/console/history").await.text().await.unwrap();
    assert!(
        history.contains("Monday") && !history.contains("grandmother"),
        "{history}"
    );
    for name in [&daily, &weekly] {
        let undone = [("comment", &**name)];
        assert_eq!(admin.send("/console/undo", &undone).await.status(), 303);
    }
    for path in [
        "/console",
        "/console/authors",
        "/console/waves",
        "/console/history",
        "/console/blind",
        "/console/numbers",
    ] {
        let answer = bilal.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let shown = answer.text().await.unwrap();
        assert!(
            !shown.contains("grandmother") && !shown.contains("Wasim"),
            "{path}"
        );
        assert!(!shown.contains("weekly"), "{path} names the other site");
        if ["/console", "/console/authors"].contains(&path) {
            assert!(shown.contains("Dara"), "{path}");
        }
    }
    let counts = bilal.get("/console/counts").await.text().await.unwrap();
    assert!(counts.contains("\"number\":1"), "{counts}");
    for path in [
        "/console?site=weekly",
        "/console/waves?site=weekly",
        "/console/history?site=weekly",
    ] {
        let answer = bilal.get(path).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(bilal.get(&page(&daily)).await.status(), 200);
    assert_eq!(bilal.get(&page(&weekly)).await.status(), 404);
    assert_eq!(
        bilal
            .get(&format!("{}/panel", page(&weekly)))
            .await
            .status(),
        404
    );
    assert_eq!(
        bilal
            .send(&page(&weekly), &[("action", "note"), ("text", "x")])
            .await
            .status(),
        404
    );
    // What is decided on there is not.
    let decision = [("comment", &*weekly), ("action", "approve")];
    bilal.send("/console/decide", &decision).await;
    let shown = admin.get("/console").await.text().await.unwrap();
    assert!(shown.contains("grandmother"), "it waits as before");

    assert_eq!(limit("").await.status(), StatusCode::SEE_OTHER);
    let shown = bilal.get("/console").await.text().await.unwrap();
    assert!(shown.contains("grandmother") && shown.contains("Monday"));
}
