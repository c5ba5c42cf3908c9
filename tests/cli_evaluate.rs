//! `moderato evaluate` as an operator or a script runs it.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "support/cli.rs"]
mod cli;
#[path = "support/seed.rs"]
mod seed;

use std::fs;

use cli::{run, run_with_input, stderr, stdout};
use serde_json::Value;

const ROWS: &str = "\
text,spam,lang
Buy cheap viagra and cialis online now,1,en
Win a free prize: call 0300-5550123 today,1,en
I disagree with the minister about the schools,0,en
بہت اچھا مضمون ہے,0,ur
";

const FROM_STANDARD_INPUT: [&str; 4] = ["evaluate", "-", "--format", "csv"];

#[test]
fn json_has_the_promised_names_for_the_heads_that_are_labelled() {
    let output = run_with_input(&[&FROM_STANDARD_INPUT[..], &["--json"]].concat(), ROWS);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let figures: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let heads = figures["heads"].as_object().unwrap();
    assert_eq!(heads.keys().collect::<Vec<_>>(), ["spam"]);
    let spam = &heads["spam"];
    assert_eq!((&spam["n"], &spam["positives"]), (&4.into(), &2.into()));
    assert_eq!(spam["auc"], 1.0);
    for figure in [
        "recall_at_fpr_0.01",
        "recall_at_fpr_0.05",
        "ece",
        "rejected",
        "held",
    ] {
        assert!(spam[figure].is_number(), "{figure}: {spam}");
    }
}

#[test]
fn the_table_has_a_line_for_each_language_and_the_total() {
    let output = run_with_input(&FROM_STANDARD_INPUT, ROWS);
    let table = stdout(&output);
    for expected in ["4 rows, 0 bad rows", "en", "ur", "total", "AUC"] {
        assert!(table.contains(expected), "{expected} is not in\n{table}");
    }
}

#[test]
fn figures_do_not_depend_on_the_run() {
    let figures = || stdout(&run(&["evaluate", "models/seed", "--json"]));
    let first = figures();
    assert!(
        first.contains(&format!("\"rows\":{}", seed::rows())),
        "{first}"
    );
    assert_eq!(first, figures());
}

#[test]
fn bad_rows_are_counted_or_refused() {
    let rows = format!("{ROWS}only one field\n");
    let passed_over = run_with_input(&FROM_STANDARD_INPUT, &rows);
    assert_eq!(passed_over.status.code(), Some(0));
    assert!(stdout(&passed_over).contains("4 rows, 1 bad rows"));
    assert!(stderr(&passed_over).contains("standard input:6: expected 3 fields"));
    let strict = run_with_input(&[&FROM_STANDARD_INPUT[..], &["--strict"]].concat(), &rows);
    assert_eq!(strict.status.code(), Some(2));
    assert_eq!(stdout(&strict), "");
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no-model");
    fs::write(&file, "not a model").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, expected) in [
        (&["evaluate", "nowhere.csv"][..], "cannot open nowhere.csv"),
        (&["evaluate", file], "cannot tell the format of"),
        (
            &["evaluate", "models/seed", "--model", file],
            "not a Moderato artefact",
        ),
        (&["evaluate"], "<FILE>"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}

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
    assert_eq!(names, ["mixed", "spam", "toxicity", "web"]);
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
