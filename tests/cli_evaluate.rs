//! `moderato evaluate` as an operator or a script runs it.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{cli, seed};

#[path = "cli_evaluate/study.rs"]
mod study;

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
    let in_force = serde_json::json!({"hold_at": 0.8, "reject_at": 0.98});
    assert_eq!(figures["in_force"]["spam"], in_force);
    assert_eq!(figures["reliability"]["spam"].as_array().unwrap().len(), 15);
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
fn bad_rows_are_counted_by_cause_or_refused() {
    let rows = format!("{ROWS}only one field\na,maybe,en\nb,2,en\n");
    let passed_over = run_with_input(&FROM_STANDARD_INPUT, &rows);
    assert_eq!(passed_over.status.code(), Some(0));
    let said = stdout(&passed_over);
    assert!(said.contains("4 rows, 3 bad rows"), "{said}");
    let left_out =
        "left out: 1 row with too many or too few fields, 2 rows with a value that is no label";
    assert!(said.contains(left_out), "{said}");
    assert!(stderr(&passed_over).contains("standard input:6: expected 3 fields"));
    assert!(stderr(&passed_over).contains("3 of 7 rows were left out"));

    let json = run_with_input(&[&FROM_STANDARD_INPUT[..], &["--json"]].concat(), &rows);
    let figures: Value = serde_json::from_str(&stdout(&json)).unwrap();
    let expected = serde_json::json!({"field_count": 1, "unknown_label": 2});
    assert_eq!(figures["bad_rows_by_cause"], expected);

    let strict = run_with_input(&[&FROM_STANDARD_INPUT[..], &["--strict"]].concat(), &rows);
    assert_eq!(strict.status.code(), Some(2));
    assert_eq!(stdout(&strict), "");
    for expected in [
        "input:6: ",
        "input:7: ",
        "input:8: ",
        "3 bad rows; --strict",
    ] {
        let said = stderr(&strict);
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
}

#[test]
fn duplicates_and_contradictions_are_counted() {
    let rows = format!("{ROWS}BUY cheap viagra and cialis online NOW,0,en\n");
    let output = run_with_input(&[&FROM_STANDARD_INPUT[..], &["--json"]].concat(), &rows);
    let figures: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(
        (&figures["rows"], &figures["bad_rows"]),
        (&5.into(), &0.into())
    );
    let expected = serde_json::json!({
        "duplicates": 1,
        "contradictions": {"spam": 1, "toxicity": 0},
        "not_looked_for": 0,
    });
    assert_eq!(figures["repeats"], expected);
    let table = stdout(&run_with_input(&FROM_STANDARD_INPUT, &rows));
    assert!(table.contains("duplicates, all counted: 1 rows"), "{table}");
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
fn the_report_is_one_private_page_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let report = ["--report", page.to_str().unwrap()];
    let output = run_with_input(&[&FROM_STANDARD_INPUT[..], &report].concat(), ROWS);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("AUC"));
    let html = fs::read_to_string(&page).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"));
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&page).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);

    let refused = run_with_input(
        &[&FROM_STANDARD_INPUT[..], &report].concat(),
        "text,stars\na,1\n",
    );
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&page).unwrap(), html);

    let rows = folder.path().join("rows.csv");
    fs::write(&rows, ROWS).unwrap();
    let swallowed = run(&[
        "evaluate",
        "models/seed",
        "--report",
        rows.to_str().unwrap(),
    ]);
    assert_eq!(swallowed.status.code(), Some(2));
    assert!(stderr(&swallowed).contains("expected a name that ends in .html"));
    assert_eq!(fs::read_to_string(&rows).unwrap(), ROWS);

    let nowhere = run(&[
        "evaluate",
        "models/seed",
        "--report",
        "no/such/folder/r.html",
    ]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(
        stderr(&nowhere).contains("--report no/such/folder/r.html: cannot write to its folder")
    );
}

#[test]
fn comments_are_in_the_page_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let rows = "text,spam\nOnline casino bonus xyzzy at casino-king.net,0\nplugh and quiet,1\n";
    let report = ["--report", page.to_str().unwrap()];
    let output = run_with_input(&[&FROM_STANDARD_INPUT[..], &report].concat(), rows);
    let html = fs::read_to_string(&page).unwrap();
    for word in ["xyzzy", "plugh"] {
        assert!(html.contains(word), "{word}");
        assert!(!stdout(&output).contains(word) && !stderr(&output).contains(word));
    }
}

const BUDGET: [&str; 4] = ["--hold-budget", "80/day", "--volume", "5000/day"];

#[test]
fn thresholds_are_proposed_as_toml_to_paste() {
    let evaluate = ["evaluate", "models/seed"];
    let more = [
        "--max-wrong-rejects",
        "1/50",
        "--prevalence",
        "spam=5%",
        "--prevalence",
        "toxicity=1/50",
    ];
    let output = run(&[&evaluate[..], &BUDGET, &more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let printed = stdout(&output);
    assert!(
        printed.contains("5% of comments assumed to be positive, as given"),
        "{printed}"
    );
    let toml = &printed[printed.find("[policy.spam]").unwrap()..];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moderato.toml");
    fs::write(&file, toml).unwrap();
    let checked = run(&["config", "--check", file.to_str().unwrap()]);
    assert_eq!(checked.status.code(), Some(0), "{}", stderr(&checked));

    let json = run(&[&evaluate[..], &BUDGET, &more, &["--json"]].concat());
    let figures: Value = serde_json::from_str(&stdout(&json)).unwrap();
    let thresholds = &figures["proposal"];
    assert!(thresholds["held"]["expected"].as_f64().unwrap() <= 80.0);
    let spam = &thresholds["heads"]["spam"];
    assert!(
        toml.contains(&format!("hold_at = {}", spam["hold_at"])),
        "{toml}"
    );
    assert_eq!(spam["prevalence_of_rows"], false);
}

#[test]
fn a_budget_that_cannot_be_met_is_said_and_fails() {
    let output = run_with_input(&[&FROM_STANDARD_INPUT[..], &BUDGET].concat(), ROWS);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("the budget cannot be met: spam: 2 civil rows"),
        "{said}"
    );
    assert!(
        stdout(&output).contains("reject_at = 1.0"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn what_is_no_budget_is_named() {
    for (flags, expected) in [
        (
            &["--hold-budget", "80", "--volume", "9/day"][..],
            "such as 80/day; found `80`",
        ),
        (&["--hold-budget", "80/day"], "--volume"),
        (
            &[&BUDGET[..], &["--max-wrong-rejects", "2"]].concat(),
            "such as 1/500",
        ),
        (
            &[&BUDGET[..], &["--prevalence", "ham=2%"]].concat(),
            "expected spam=SHARE",
        ),
        (&["--prevalence", "spam=2%"], "--hold-budget"),
    ] {
        let output = run(&[&["evaluate", "models/seed"][..], flags].concat());
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}
