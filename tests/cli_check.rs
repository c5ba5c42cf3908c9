//! `moderato check` as a person or a script runs it.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use cli::{run, run_with_input, stderr, stdout};
use moderato_test_support::cli;
use serde_json::Value;

fn answers(output: &std::process::Output) -> Vec<Value> {
    let lines = stdout(output);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn samples_show_every_decision() {
    let output = run(&["check", "--local", "--samples"]);
    assert_eq!(output.status.code(), Some(0));
    let answers = answers(&output);
    assert_eq!(answers.len(), 12);
    for decision in ["approve", "hold", "reject"] {
        assert!(
            answers.iter().any(|answer| answer["decision"] == decision),
            "no sample is answered with {decision}"
        );
    }
    let missing = answers.last().unwrap();
    assert_eq!(missing["scores"], Value::Null);
    let reasons = missing["reasons"].as_array().unwrap().iter();
    let fields: Vec<_> = reasons.map(|reason| &reason["field"]).collect();
    assert_eq!(fields, ["name", "email"]);
}

#[test]
fn an_answer_has_the_promised_shape() {
    let comment = r#"{"name": "A", "email": "a@example.org", "text": "Buy viagra now",
        "page": {"id": "7"}, "author": {"approved_comments": 2}, "form_duration_ms": 9000}"#
        .replace('\n', " ");
    let output = run_with_input(&["check", "--local", "--json"], &comment);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let [answer] = &answers(&output)[..] else {
        panic!("expected one answer");
    };
    assert_eq!(answer["line"], 1);
    assert!(answer["model"].as_str().unwrap().starts_with("m-"));
    let log_odds = |head: &str| -> f64 {
        let pieces = answer["evidence"].as_array().unwrap().iter();
        let of_head = pieces.filter(|piece| piece["head"] == head);
        of_head
            .map(|piece| piece["log_odds"].as_f64().unwrap())
            .sum()
    };
    for head in ["spam", "toxicity"] {
        let score = answer["scores"][head].as_f64().unwrap();
        let from_evidence = 1.0 / (1.0 + (-log_odds(head)).exp());
        assert!((score - from_evidence).abs() < 1e-9, "{head}");
    }
}

#[test]
fn bad_lines_are_named_and_the_others_judged_in_order() {
    let good = r#"{"name": "A", "email": "a@example.org", "text": "A civil sentence."}"#;
    let input = format!(
        "{good}\n{{\"name\": 5}}\n\n{{\"textt\": \"secret\"}}\n[1]\n{good}\n{{\"text\": \"sec\n"
    );
    let output = run_with_input(&["check", "--local", "--json"], &input);
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<_> = answers(&output)
        .iter()
        .map(|answer| answer["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [1, 6]);
    let said = stderr(&output);
    for expected in [
        "line 2: field `name`: expected a string, found a number",
        "line 4: unknown field `textt`, expected one of `name`, `email`, `text`",
        "line 5: expected a JSON object, found an array",
        "line 7: expected a JSON object, found broken JSON",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    assert!(!said.contains("sec"), "{said}");
}

#[test]
fn strict_stops_at_the_first_bad_line() {
    let good = r#"{"name": "A", "email": "a@example.org", "text": "A civil sentence."}"#;
    let input = format!("{good}\nno json\n{good}\n");
    let output = run_with_input(&["check", "--local", "--strict"], &input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(answers(&output).len(), 1);
    assert!(stderr(&output).contains("line 2: "));
}

#[test]
fn many_lines_keep_their_order() {
    let line = |n: usize| {
        format!(r#"{{"name": "A", "email": "a@example.org", "text": "Comment number {n}."}}"#)
    };
    let input: Vec<_> = (0..1500).map(line).collect();
    let output = run_with_input(&["check", "--local"], &input.join("\n"));
    let numbers: Vec<_> = answers(&output)
        .iter()
        .map(|answer| answer["line"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers, (1..=1500).collect::<Vec<_>>());
}

#[test]
fn an_id_used_twice_for_different_comments_is_bad_input() {
    let line = |text: &str| {
        format!(
            r#"{{"name": "A", "email": "a@example.org", "text": "{text}", "submission_id": "s"}}"#
        )
    };
    let input = format!("{}\n{}\n", line("One."), line("Two."));
    let output = run_with_input(&["check", "--local"], &input);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("line 2: submission_id: it was used before"));
}

#[test]
fn one_comment_by_flags_is_shown_for_people() {
    let arguments = [
        "check",
        "--local",
        "--readable",
        "--name",
        "A",
        "--email",
        "a@example.org",
        "--text",
        "- You are a stupid idiot.",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0));
    let page = stdout(&output);
    assert!(page.starts_with("REJECT   spam "), "{page}");
    assert!(page.contains("Reads like abuse"), "{page}");
    assert!(page.contains("‹stupid› ‹idiot›"), "{page}");
    assert!(page.contains("toxicity +"), "{page}");
}

#[test]
fn no_escape_reaches_the_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}You idiot\u{9b}31m \u{202e}\u{1b}[2Jnow\r";
    let line = serde_json::json!({
        "name": hostile, "email": hostile, "text": hostile, "url": hostile,
    });
    let unknown = serde_json::json!({ hostile: 1 });
    let arguments = ["check", "--local", "--readable"];
    let output = run_with_input(&arguments, &format!("{line}\n{unknown}\n"));
    let by_flag = run(&[&arguments[..], &["--text", hostile]].concat());
    for shown in [stdout(&output), stderr(&output), stdout(&by_flag)] {
        assert!(!shown.is_empty());
        assert!(
            shown.chars().all(|c| c == '\n' || !c.is_control()),
            "{shown:?}"
        );
        assert!(!shown.contains('\u{202e}'), "{shown:?}");
    }
}

#[test]
fn a_server_that_is_not_there_is_said_and_how_to_start_one() {
    let arguments = ["check", "--server", "http://127.0.0.1:1", "--text", "x"];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(
        said.contains("no server answers at http://127.0.0.1:1") && said.contains("moderato serve"),
        "{said}"
    );
}

#[test]
fn flags_that_cannot_be_meant_are_refused() {
    for (arguments, expected) in [
        (
            &["check", "--server", "localhost"][..],
            "expected an address such as",
        ),
        (&["check", "--name", "A"], "--text"),
        (
            &["check", "--samples", "--text", "x"],
            "cannot be used with",
        ),
        (
            &["check", "--local", "--model", "nowhere", "--samples"],
            "nowhere",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}
