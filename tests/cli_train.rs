//! `moderato train` as an operator runs it.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{cli, seed};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cli::{moderato, run, run_with_input, stderr, stdout};
use serde_json::Value;
use tempfile::TempDir;

/// The first `rows` rows of each file of the seed corpus.
fn small_corpus(rows: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["spam.jsonl", "toxicity.jsonl"] {
        let seed = fs::read_to_string(Path::new("models/seed").join(file)).unwrap();
        // Every third, so that all languages are there.
        let rows: Vec<_> = seed.lines().step_by(3).take(rows).collect();
        fs::write(folder.path().join(file), rows.join("\n")).unwrap();
    }
    folder
}

fn train(corpus: &Path, out: &Path, more: &[&str]) -> Output {
    let (corpus, out) = (corpus.to_str().unwrap(), out.to_str().unwrap());
    run(&[&["train", "--corpus", corpus, "--out", out][..], more].concat())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_seed_corpus_alone_gives_a_model_that_can_be_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("m.moderato");
    let trained = train(Path::new("models/seed"), &out, &["--json"]);
    assert_eq!(trained.status.code(), Some(0), "{}", stderr(&trained));
    let report: Value = serde_json::from_str(&stdout(&trained)).unwrap();
    assert_eq!(report["rows"], seed::rows());
    assert_eq!(report["bytes"], fs::metadata(&out).unwrap().len());
    let spam = &report["cross_validation"]["heads"]["spam"];
    // Advertisements of a few words beside civil comments in the same words: hard by themselves.
    assert!(spam["auc"].as_f64().unwrap() > 0.8, "{spam}");
    let model = ["--model", out.to_str().unwrap()];
    let evaluated = run(&[&["evaluate", "models/seed", "--json"][..], &model].concat());
    let figures: Value = serde_json::from_str(&stdout(&evaluated)).unwrap();
    assert_eq!(figures["model"], report["model"]);
    assert_eq!(figures["heads"]["spam"]["n"], seed::rows());
}

#[test]
fn the_same_corpus_and_seed_give_the_same_bytes() {
    let corpus = small_corpus(150);
    let folder = tempfile::tempdir().unwrap();
    let [first, again, other] = ["1", "2", "3"].map(|name| folder.path().join(name));
    for (out, seed) in [(&first, "42"), (&again, "42"), (&other, "7")] {
        let output = train(corpus.path(), out, &["--seed", seed]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    assert_eq!(fs::read(&first).unwrap(), fs::read(&again).unwrap());
    assert_ne!(fs::read(&first).unwrap(), fs::read(&other).unwrap());
}

#[test]
fn the_report_shows_sources_languages_and_both_heads() {
    let corpus = small_corpus(150);
    let out = corpus.path().join("model");
    let output = train(corpus.path(), &out, &["--folds", "2"]);
    let report = stdout(&output);
    for expected in [
        "model m-",
        "spam      roman-ur",
        "toxicity  ur",
        "AUC",
        "recall@1%",
        "ECE",
    ] {
        assert!(report.contains(expected), "{expected} is not in\n{report}");
    }
}

#[test]
fn bad_rows_are_named_counted_and_never_quoted() {
    let corpus = small_corpus(150);
    let bad = corpus.path().join("more.jsonl");
    let rows =
        "{\"text\": \"secret words\", \"spam\": \"perhaps\"}\n{\"text\": \"secr\n".repeat(30);
    fs::write(&bad, rows).unwrap();
    let out = corpus.path().join("model");
    let passed_over = train(corpus.path(), &out, &["--json"]);
    assert_eq!(
        passed_over.status.code(),
        Some(0),
        "{}",
        stderr(&passed_over)
    );
    let report: Value = serde_json::from_str(&stdout(&passed_over)).unwrap();
    assert_eq!(report["bad_rows"], 60);
    let said = stderr(&passed_over);
    assert!(
        said.contains("more.jsonl:1: column `spam`: expected"),
        "{said}"
    );
    assert!(
        said.contains("more.jsonl:2: expected a JSON object"),
        "{said}"
    );
    assert!(
        said.contains("and 10 more bad rows") && !said.contains("secr"),
        "{said}"
    );

    let strict = train(corpus.path(), &out, &["--strict"]);
    assert_eq!(strict.status.code(), Some(2));
    assert!(
        stderr(&strict).contains("more.jsonl:1: "),
        "{}",
        stderr(&strict)
    );
}

#[test]
fn what_fails_leaves_the_old_model_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("model");
    fs::write(&out, "old").unwrap();
    let one_class = "{\"text\": \"one\", \"spam\": 1}\n{\"text\": \"two\", \"spam\": 1}\n";
    let out_flag = out.to_str().unwrap();
    let arguments = [
        "train", "--corpus", "-", "--format", "jsonl", "--out", out_flag,
    ];
    for (input, expected) in [(one_class, "needs both"), ("", "found none")] {
        let output = run_with_input(&arguments, input);
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert_eq!(fs::read(&out).unwrap(), b"old");
    }
    assert_eq!(files(folder.path()), [out]);
}

#[test]
fn what_is_killed_leaves_the_old_model_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("model");
    fs::write(&out, "old").unwrap();
    let out_flag = out.to_str().unwrap();
    let mut training = moderato(&[
        "train", "--corpus", "-", "--format", "jsonl", "--out", out_flag,
    ])
    .stdin(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut said = BufReader::new(training.stderr.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "reading standard input");
    training.kill().unwrap();
    training.wait().unwrap();
    assert_eq!(fs::read(&out).unwrap(), b"old");
    assert_eq!(files(folder.path()), [out]);
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    for (out, expected) in [
        (fifo.clone(), "found a device, pipe or socket"),
        (
            folder.path().join("nowhere/model"),
            "cannot write to its folder",
        ),
        (folder.path().to_owned(), "expected a file, found a folder"),
    ] {
        let output = train(Path::new("models/seed"), &out, &[]);
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(said.contains("--out ") && said.contains(expected), "{said}");
        assert!(!said.contains("reading"), "{said}");
    }
    assert!(fs::metadata(&fifo).unwrap().file_type().is_fifo());
}

#[test]
fn weights_are_for_sources_that_are_there() {
    let corpus = small_corpus(150);
    let out = corpus.path().join("model");
    let unknown = train(corpus.path(), &out, &["--weight", "nothing=2"]);
    assert_eq!(unknown.status.code(), Some(2));
    let said = stderr(&unknown);
    assert!(
        said.contains("--weight nothing: no such source; found spam, toxicity"),
        "{said}"
    );
    let all_out = ["--weight", "spam=0", "--weight", "toxicity=0"];
    let none = train(corpus.path(), &out, &all_out);
    assert!(stderr(&none).contains("leaves no row"), "{}", stderr(&none));
    let wrong = train(corpus.path(), &out, &["--weight", "spam"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(!out.exists());
}

#[test]
fn columns_are_named_by_flags() {
    let rows = "body,what\nBuy now,spam\n";
    let arguments = [
        "train",
        "--corpus",
        "-",
        "--format",
        "csv",
        "--out",
        "/tmp/never",
    ];
    let named = ["--text-column", "boddy", "--label-column", "what"];
    let output = run_with_input(&[&arguments[..], &named].concat(), rows);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("standard input: no column `boddy` as --text-column says"),
        "{said}"
    );
    let no_format = run(&["train", "--corpus", "-", "--out", "/tmp/never"]);
    assert_eq!(no_format.status.code(), Some(2));
    assert!(stderr(&no_format).contains("--format"));
}

#[test]
fn more_texts_than_memory_is_allowed_for_are_refused() {
    let corpus = small_corpus(30);
    let out = corpus.path().join("model");
    let refused = train(corpus.path(), &out, &["--max-texts", "40"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = stderr(&refused);
    let expected = "expected at most 40 distinct texts, found more in 60 rows";
    assert!(said.contains(expected), "{said}");
    assert!(!out.exists());
}

/// Rows of one word that no model knows.
fn site(rows: usize) -> String {
    let row = |n| {
        let (said, toxic) = if n % 3 == 0 {
            ("a zorblat", 1)
        } else {
            ("fine", 0)
        };
        format!("{{\"text\": \"the bridge is {said} {n}\", \"toxic\": {toxic}}}")
    };
    (0..rows).map(row).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_base_is_adapted_and_the_report_says_to_what() {
    let folder = tempfile::tempdir().unwrap();
    let [site_file, mine, again] =
        ["site.jsonl", "mine", "again"].map(|name| folder.path().join(name));
    fs::write(&site_file, site(60)).unwrap();
    for out in [&mine, &again] {
        let output = train(
            &site_file,
            out,
            &["--base", "models/base.moderato", "--json"],
        );
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let heads = &report["adaptation"]["heads"];
        assert_eq!(heads["toxicity"]["labels"], 60);
        assert_eq!(heads["spam"]["unchanged"], "no labels");
    }
    let bytes = fs::read(&mine).unwrap();
    assert_eq!(bytes, fs::read(&again).unwrap());
    let built_in = train(&site_file, &again, &["--base", "built-in"]);
    let said = stdout(&built_in);
    assert!(
        said.contains("adapted to 60 labels, 20 of them positive"),
        "{said}"
    );
    assert_eq!(
        bytes,
        fs::read(&again).unwrap(),
        "the built-in base is that file"
    );
    let onwards = train(&site_file, &again, &["--base", mine.to_str().unwrap()]);
    assert_eq!(onwards.status.code(), Some(0), "{}", stderr(&onwards));
}

#[test]
fn labels_that_are_too_few_for_a_base_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let [site_file, out] = ["site.jsonl", "mine"].map(|name| folder.path().join(name));
    fs::write(&site_file, site(5)).unwrap();
    let few = train(&site_file, &out, &["--base", "built-in"]);
    assert_eq!(few.status.code(), Some(2));
    assert!(
        stderr(&few).contains("5 labels, at least 10 are needed"),
        "{}",
        stderr(&few)
    );
    let missing = train(&site_file, &out, &["--base", "nowhere"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(
        stderr(&missing).contains("--base nowhere"),
        "{}",
        stderr(&missing)
    );
    assert!(!out.exists());
}

#[test]
fn a_learning_curve_is_printed_and_no_model_written() {
    let folder = tempfile::tempdir().unwrap();
    let site_file = folder.path().join("site.jsonl");
    fs::write(&site_file, site(90)).unwrap();
    let site_file = site_file.to_str().unwrap();
    let curve = [
        "train",
        "--base",
        "built-in",
        "--corpus",
        site_file,
        "--learning-curve",
        "--sizes",
        "10,40",
        "--repeats",
        "2",
    ];
    let keep = ["--keep", "models/seed/toxicity.jsonl"];
    let output = run(&[&curve[..], &keep].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let printed = stdout(&output);
    for expected in ["2 repeats", "scratch", "adapted", "kept: ", "±"] {
        assert!(
            printed.contains(expected),
            "{expected} is not in\n{printed}"
        );
    }
    let json = run(&[&curve[..], &["--json"]].concat());
    let curve: Value = serde_json::from_str(&stdout(&json)).unwrap();
    assert_eq!(curve["heads"]["toxicity"][1]["labels"], 40);
    assert_eq!(files(folder.path()).len(), 1);
    for (wrong, expected) in [
        (
            &["train", "--corpus", site_file, "--learning-curve"][..],
            "--base",
        ),
        (&["train", "--corpus", site_file], "--out"),
    ] {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
    }
}
