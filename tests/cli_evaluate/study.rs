//! `moderato study`.

use std::fs;

use serde_json::Value;

use crate::cli::{run, stderr, stdout};

#[test]
fn a_study_prints_a_line_for_each_thing_it_compares() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("named.jsonl");
    let rows = r#"{"text": "my gay neighbour baked us a cake", "toxic": 0}
{"text": "you are a stupid gay idiot", "toxic": 1}
"#;
    fs::write(&file, rows).unwrap();
    let file = file.to_str().unwrap();
    let fairness = stdout(&run(&["study", "fairness", file]));
    assert!(fairness.contains("gay"), "{fairness}");
    let evasion = stdout(&run(&["study", "evasion", file, "--json"]));
    let rows: Vec<Value> = serde_json::from_str(&evasion).unwrap();
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row["plain"] == 1.0), "{evasion}");
}

#[test]
fn a_hold_out_judges_each_source_and_all_together() {
    let arguments = "study hold-out --corpus models/seed --by source --score spam --json";
    let output = run(&arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let figures: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let names = figures["rows"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["mixed", "short", "spam", "toxicity", "web"]);
    assert!(figures["pooled"]["gain"]["difference"].is_number());
}

#[test]
fn an_ablation_has_a_row_for_each_part_and_set() {
    let folder = tempfile::tempdir().unwrap();
    let rows = fs::read_to_string("models/seed/spam.jsonl").unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    let paths =
        ["learned", "seed", "judged"].map(|name| folder.path().join(format!("{name}.jsonl")));
    for (path, start) in paths.iter().zip(0..) {
        let part: Vec<&str> = rows.iter().copied().skip(start).step_by(3).collect();
        fs::write(path, part.join("\n")).unwrap();
    }
    let [learned, seed, judged] = paths.each_ref().map(|path| path.to_str().unwrap());
    let toxic = "models/seed/toxicity.jsonl";
    let arguments = [
        "study",
        "ablation",
        "--corpus",
        learned,
        toxic,
        "--seed-corpus",
        seed,
        "--evaluate",
        judged,
        "--json",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let figures: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let rows = figures["rows"].as_array().unwrap();
    let parts = |set: &str| rows.iter().filter(|row| row["set"] == set).count();
    assert_eq!(
        (parts("judged"), parts("seed by kind")),
        (12, 6),
        "{figures}"
    );
}
