//! `moderato train --from-labels` and `moderato models`.

use std::path::Path;

use super::daemon::folder;
use super::terminal::{json, said};

/// Rows in which a word that no base knows is spam.
pub fn rows(from: usize, to: usize) -> String {
    let row = |number: usize| {
        let spam = number.is_multiple_of(2);
        let text = if spam {
            "the veeam offer of house"
        } else {
            "the story of house"
        };
        format!("{{\"text\": \"{text} number {number}\", \"spam\": {spam}}}\n")
    };
    (from..to).map(row).collect()
}

/// Imports rows; their batch.
pub fn import(here: &Path, rows: &str) -> String {
    std::fs::write(here.join("rows.jsonl"), rows).unwrap();
    let imported = json(here, &["labels", "import", "rows.jsonl"]);
    imported[0]["batch"].as_str().unwrap().to_owned()
}

/// Trains from the labels; the candidate's name.
pub fn train(here: &Path) -> String {
    let trained = json(here, &["train", "--from-labels"]);
    trained[0]["model"].as_str().unwrap().to_owned()
}

fn exported(here: &Path, model: &str) -> Vec<u8> {
    said(
        here,
        &["models", "export", model, "--out", "model.moderato"],
    );
    std::fs::read(here.join("model.moderato")).unwrap()
}

#[test]
fn a_candidate_is_registered_with_where_it_comes_from_and_is_not_live() {
    let folder = folder("");
    let here = folder.path();
    import(here, &rows(0, 40));
    let trained = &json(here, &["train", "--from-labels"])[0];
    let model = trained["model"].as_str().unwrap();
    assert_eq!(trained["is_new"], true);
    let spam = &trained["held_out"]["spam"];
    assert_eq!(
        (&spam["labels"], &spam["positives"]),
        (&40.into(), &20.into())
    );
    let figure = |name: &str| spam[name].as_f64().unwrap();
    assert!(figure("log_loss") < figure("base_log_loss"), "{spam}");
    assert!(figure("auc") >= figure("base_auc"), "{spam}");
    assert_eq!(trained["held_out"]["toxicity"]["unchanged"], "no labels");

    let listed = json(here, &["models", "list"]);
    assert_eq!(
        (&listed[0]["model"], &listed[0]["live"]),
        (&trained["model"], &false.into())
    );
    assert_eq!(
        (&listed[1]["origin"], &listed[1]["live"]),
        (&"base".into(), &true.into())
    );
    let shown = &json(here, &["models", "show", &model[..8]])[0];
    assert_eq!(shown["labels"]["labels"], 40);
    assert_eq!(shown["labels"]["by_source"]["rows"], 40);
    assert_eq!(shown["base"], listed[1]["model"]);
    assert_eq!(shown["by"], "operator");
    let base = listed[1]["model"].as_str().unwrap();
    let shown_base = &json(here, &["models", "show", base])[0];
    assert_eq!(
        (&shown_base["model"], &shown_base["origin"]),
        (&listed[1]["model"], &"base".into())
    );

    // The same again is the same.
    assert_eq!(json(here, &["train", "--from-labels"])[0]["is_new"], false);
    assert_eq!(json(here, &["models", "list"]).len(), 2);

    // It says why, and what moved.
    let explained = &json(here, &["models", "explain", "--token", "Veeam"])[0];
    let worth = &explained["pieces"][0]["worth"];
    let spam = |model: &str| worth[model]["log_odds"]["spam"].as_f64().unwrap();
    assert_eq!(explained["pieces"][0]["token"], "veeam");
    assert!(
        spam(model) > spam(shown["base"].as_str().unwrap()) + 0.2,
        "{worth}"
    );
    assert_eq!(explained["taught"]["yes"]["spam"], 20);
    assert_eq!(explained["taught"]["no"]["spam"], 0);
    assert_eq!(explained["taught"]["labels"].as_array().unwrap().len(), 20);
    let moved = &json(here, &["models", "diff", "base", model, "--most", "5"])[0]["moved"];
    let tokens: Vec<_> = moved
        .as_array()
        .unwrap()
        .iter()
        .map(|moved| &moved["token"])
        .collect();
    assert!(
        tokens
            .iter()
            .any(|token| token.as_str().unwrap().contains("veeam")),
        "{tokens:?}"
    );
    let plain = said(here, &["models", "explain", "--token", "veeam"]);
    assert!(
        plain.contains("labels that hold it: 20 spam, 0 not"),
        "{plain}"
    );

    // It travels.
    let bytes = exported(here, model);
    let other = super::daemon::folder("");
    std::fs::write(other.path().join("in.moderato"), &bytes).unwrap();
    let imported = &json(other.path(), &["models", "import", "in.moderato"])[0];
    assert_eq!(
        (&imported["model"], &imported["is_new"]),
        (&trained["model"], &true.into())
    );
    assert_eq!(exported(other.path(), model), bytes);
}

#[test]
fn after_a_retraction_the_model_is_byte_for_byte_the_one_that_never_saw_the_labels() {
    let (clean, poisoned) = (folder(""), folder(""));
    let (clean, poisoned) = (clean.path(), poisoned.path());
    import(clean, &rows(0, 20));
    import(clean, &rows(20, 40));
    let never = train(clean);

    import(poisoned, &rows(0, 20));
    let poison = (0..30)
        .map(|number| format!("{{\"text\": \"a story without harm {number}\", \"spam\": true}}\n"));
    let batch = import(poisoned, &poison.collect::<String>());
    import(poisoned, &rows(20, 40));
    let misled = train(poisoned);
    assert_ne!(misled, never);
    said(poisoned, &["labels", "retract", "--batch", &batch]);
    let healed = train(poisoned);
    assert_eq!(healed, never);
    assert_eq!(exported(poisoned, &healed), exported(clean, &never));
}
