//! `moderato labels`.

use super::daemon::folder;
use super::terminal::{json, refused, said};

const ROWS: &str = "text,spam,toxic,language\n\
    \"Buy at https://pills.example.com, \"\"now\"\"\",1,,en\n\
    Well said,0,0,en\n\
    You fool,,1,en\n";

#[test]
fn an_export_reads_back_in_every_format() {
    let folder = folder("");
    let here = folder.path();
    std::fs::write(here.join("rows.csv"), ROWS).unwrap();
    let imported = json(here, &["labels", "import", "rows.csv"]);
    assert_eq!(imported[0]["labels"], 3);
    for format in ["jsonl", "csv", "tsv"] {
        let file = format!("out.{format}");
        said(here, &["labels", "export", "--out", &file]);
        let other = super::daemon::folder("");
        std::fs::copy(here.join(&file), other.path().join(&file)).unwrap();
        said(other.path(), &["labels", "import", &file, "--strict"]);
        let key = |label: &serde_json::Value| {
            ["text", "spam", "toxic"].map(|field| label[field].to_string())
        };
        let all = |folder| -> Vec<_> {
            let listed = json(folder, &["labels", "list"]);
            listed.iter().map(key).collect()
        };
        assert_eq!(all(other.path()), all(here), "{format}");
    }
}

#[test]
fn a_bad_batch_is_listed_and_taken_back() {
    let folder = folder("");
    let here = folder.path();
    std::fs::write(here.join("rows.csv"), ROWS).unwrap();
    let batch = json(here, &["labels", "import", "rows.csv"])[0]["batch"].clone();
    let batch = batch.as_str().unwrap();
    let listed = said(here, &["labels", "list", "--domain", "*.Example.com"]);
    assert!(listed.contains("import: spam  rows (batch"), "{listed}");
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let would = said(here, &["labels", "retract", "--batch", batch, "--dry-run"]);
    assert!(would.contains("3 labels would be retracted"), "{would}");
    let retract = [
        "labels",
        "retract",
        "--batch",
        batch,
        "--why",
        "a test file",
    ];
    let done = said(here, &retract);
    assert!(done.starts_with("3 labels retracted"), "{done}");
    assert!(said(here, &["labels", "export"]).is_empty());
    let listed = json(here, &["labels", "list", "--retracted"]);
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0]["retracted"]["why"], "a test file");
    assert_eq!(listed[0]["retracted"]["by"], "operator");
}

#[test]
fn what_looks_like_an_attack_waits_for_a_person() {
    let folder = folder("");
    let here = folder.path();
    super::candidates::import(here, &super::candidates::rows(0, 40));
    let civil = "The road past the school was mended last week";
    let attack = format!(
        "{{\"text\": \"{civil}\", \"spam\": false}}\n\
         {{\"text\": \"{civil} https://pills.example.com\", \"spam\": true}}\n"
    );
    super::candidates::import(here, &attack);
    let held_back = json(here, &["labels", "guard"]);
    assert_eq!(held_back.len(), 1, "{held_back:?}");
    assert!(
        held_back[0]["held_back"]
            .as_str()
            .unwrap()
            .contains("with a link added")
    );
    let trained = &json(here, &["train", "--from-labels"])[0];
    assert_eq!(
        (&trained["held_back"], &trained["labels"]["labels"]),
        (&1.into(), &41.into())
    );

    // Dropped, the model is the same; released, it learns from it.
    let id = held_back[0]["id"].as_str().unwrap();
    let release = [
        "labels",
        "release",
        "--site",
        "default",
        "--why",
        "looked at",
    ];
    let released = said(here, &release);
    assert!(released.starts_with("1 labels released"), "{released}");
    let again = said(here, &release);
    assert!(again.starts_with("0 labels released"), "{again}");
    assert!(said(here, &["labels", "guard"]).is_empty());
    let taught = &json(here, &["train", "--from-labels"])[0];
    assert_eq!(taught["labels"]["labels"], 42);
    assert_ne!(taught["model"], trained["model"]);
    said(here, &["labels", "retract", id]);
    let dropped = &json(here, &["train", "--from-labels"])[0];
    assert_eq!(
        (&dropped["model"], &dropped["is_new"]),
        (&trained["model"], &false.into())
    );
    let all = refused(here, &["labels", "release"]);
    assert!(all.contains("expected which labels"), "{all}");

    // What it did not hold back then is not exempt from it.
    let contradiction = format!("{{\"text\": \"{civil}\", \"spam\": true}}\n");
    super::candidates::import(here, &contradiction);
    assert_eq!(json(here, &["labels", "guard"]).len(), 2);
}

#[test]
fn what_cannot_be_meant_is_refused_in_words() {
    let folder = folder("");
    let here = folder.path();
    let complained = refused(here, &["labels", "retract"]);
    assert!(complained.contains("expected which labels"), "{complained}");
    let id = "0".repeat(32);
    let complained = refused(here, &["labels", "retract", &id]);
    assert!(complained.contains("there is no label"), "{complained}");
    let complained = refused(here, &["labels", "list", "--source", "rumour"]);
    assert!(
        complained.contains("expected moderator, report"),
        "{complained}"
    );
    let link = ["labels", "retract", "--domain", "https://spam.example.com/"];
    let complained = refused(here, &link);
    assert!(complained.contains("without scheme"), "{complained}");
    let complained = refused(here, &["labels", "import", "missing.csv"]);
    assert!(complained.contains("missing.csv"), "{complained}");
}
