//! `moderato erase` beside a running server.

use super::daemon::{Daemon, moderato};
use super::tables::Tables;
use super::{HOLDS, check, comment};

#[tokio::test]
async fn an_author_is_erased_while_the_server_runs() {
    let daemon = Daemon::start(HOLDS).await;
    let mut client = daemon.client().await;
    check(&mut client, comment(true, "")).await.unwrap();
    let mut other = comment(true, "");
    other.email = "other@example.org".into();
    check(&mut client, other).await.unwrap();

    let folder = daemon.folder();
    let erase = |arguments: &[&str]| {
        let mut command = moderato(folder.path());
        command.arg("erase").args(arguments).output().unwrap()
    };
    // The address as a person may type it.
    let erased = erase(&["--email", " Bilal@Example.org", "--json"]);
    assert!(erased.status.success(), "{erased:?}");
    let told: serde_json::Value = serde_json::from_slice(&erased.stdout).unwrap();
    let expected = serde_json::json!({"comments": 1, "held": 1, "labels": 0});
    assert_eq!(told, expected);
    for wrong in [&["--email", "no address"][..], &[]] {
        assert_eq!(erase(wrong).status.code(), Some(2), "{wrong:?}");
    }

    let file = folder.path().join("moderato-data/moderato.sqlite");
    let mut tables = Tables::open(&format!("sqlite://{}", file.display())).await;
    assert_eq!(tables.held().await.len(), 1);
    let lines = "SELECT COUNT(*) FROM audit WHERE action = 'erase'";
    assert_eq!(tables.count(lines).await, 1);
    // The server goes on writing.
    check(&mut client, comment(true, "")).await.unwrap();
    assert_eq!(tables.held().await.len(), 2);
}

#[tokio::test]
async fn nobody_hears_of_an_erased_comment_by_sending_it_again() {
    let daemon = Daemon::start(HOLDS).await;
    let mut client = daemon.client().await;
    let first = check(&mut client, comment(true, "s-1")).await.unwrap();
    let again = check(&mut client, comment(true, "s-1")).await.unwrap();
    assert_eq!(again.comment, first.comment, "a retry has the same answer");
    let erased = moderato(daemon.folder().path())
        .args(["erase", "--email", "bilal@example.org"])
        .output()
        .unwrap();
    assert!(erased.status.success(), "{erased:?}");
    // Memory answers for some seconds more.
    let forgotten = async {
        loop {
            let verdict = check(&mut client, comment(true, "s-1")).await.unwrap();
            if verdict.comment != first.comment {
                return verdict;
            }
        }
    };
    let patience = std::time::Duration::from_mins(1);
    let anew = tokio::time::timeout(patience, forgotten).await.unwrap();
    let file = daemon.folder().path().join("moderato-data/moderato.sqlite");
    let mut tables = Tables::open(&format!("sqlite://{}", file.display())).await;
    assert_eq!(
        tables.held().await,
        [(super::id_of(&anew), Some("s-1".to_owned()))],
        "it is a new comment"
    );
}
