//! The committed base model is what the model card says: built by the command it
//! gives, as good as the table it shows.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CARD: &str = include_str!("../models/MODEL_CARD.md");

/// The folder of public corpora, which is not part of the project.
fn corpora() -> Option<PathBuf> {
    let default = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("MODERATO_SHARED_DIR").map_or_else(default, PathBuf::from);
    let data = shared.join("data");
    if data.is_dir() {
        return Some(data);
    }
    // Straight to standard error: the harness hides what a passing test prints.
    let said = "base_model: skipped, the corpora are not here (MODERATO_SHARED_DIR names the folder that holds data/)";
    let mut stderr = std::io::stderr();
    writeln!(stderr, "{said}").unwrap();
    None
}

/// The words of the command in the card that starts with `moderato <subcommand>`.
fn command_of_card(subcommand: &str) -> Vec<String> {
    let start = format!("moderato {subcommand} ");
    let from = CARD
        .find(&start)
        .unwrap_or_else(|| panic!("the card gives `{start}…`"));
    let block = CARD[from..].split("```").next().unwrap();
    let words = block
        .split_whitespace()
        .filter(|word| *word != "\\")
        .skip(1);
    words.map(str::to_owned).collect()
}

fn moderato(words: &[String]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words);
    // The policy that the card speaks of is the default one.
    command.env("MODERATO_CONFIG", "/dev/null");
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

fn replaced(words: Vec<String>, from: &str, to: &Path) -> Vec<String> {
    let to = to.to_str().unwrap();
    assert!(
        words.iter().any(|word| word.starts_with(from)),
        "{from} in {words:?}"
    );
    words
        .into_iter()
        .map(|word| word.replace(from, to))
        .collect()
}

#[test]
fn rebuilding_gives_the_committed_bytes() {
    let Some(data) = corpora() else { return };
    let folder = tempfile::tempdir().unwrap();
    let rebuilt = folder.path().join("base.moderato");
    let words = replaced(command_of_card("train"), "../shared/data", &data);
    moderato(&replaced(words, "models/base.moderato", &rebuilt));
    let same = std::fs::read(&rebuilt).unwrap() == moderato::classifier::BASE;
    assert!(
        same,
        "rebuild models/base.moderato by the command in models/MODEL_CARD.md"
    );
}

#[test]
fn the_card_shows_what_evaluate_prints() {
    let Some(data) = corpora() else { return };
    let words = replaced(command_of_card("evaluate"), "../shared/data", &data);
    let printed = String::from_utf8(moderato(&words).stdout).unwrap();
    let missing: Vec<_> = printed
        .lines()
        .filter(|line| !CARD.contains(line.trim_end()))
        .collect();
    assert!(
        missing.is_empty(),
        "not in models/MODEL_CARD.md:\n{}",
        missing.join("\n")
    );
}

#[test]
fn the_base_model_fits_its_bounds_and_names_itself_in_the_card() {
    let artefact = moderato::classifier::Artefact::base().unwrap();
    assert!(moderato::classifier::BASE.len() <= 8 << 20);
    assert!(
        CARD.contains(artefact.id().as_str()),
        "{} is not in the card",
        artefact.id()
    );
}
