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
    let listed = said(here, &["labels", "list", "--domain", "example.com"]);
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
    let complained = refused(here, &["labels", "import", "missing.csv"]);
    assert!(complained.contains("missing.csv"), "{complained}");
}
