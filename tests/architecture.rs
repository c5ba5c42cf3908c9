//! Holds the sources to the house rules: who may import whom, and how long a
//! file may grow. See ARCHITECTURE.md for the reasons.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by a panic"
)]

#[path = "architecture/imports.rs"]
mod imports;
#[path = "architecture/laws.rs"]
mod laws;
#[path = "architecture/sabotage.rs"]
mod sabotage;
#[path = "architecture/tokens.rs"]
mod tokens;

use std::fs;
use std::path::{Path, PathBuf};

use imports::imports;
use laws::{LAYERS, RESERVED, TOO_LONG};
use tokens::tokens;

/// One file under `src/`.
struct Source {
    /// Its path from `src/`, such as `grpc/auth.rs`.
    path: String,
    code: String,
}

impl Source {
    fn new(path: &str, code: &str) -> Self {
        Self {
            path: path.to_owned(),
            code: code.to_owned(),
        }
    }

    /// The file's module path: `["grpc", "auth"]` of `grpc/auth.rs`, `["grpc"]` of
    /// `grpc/mod.rs`.
    fn module(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".rs");
        path.trim_end_matches("/mod").split('/').collect()
    }

    /// Whether the file is only compiled for its module's unit tests.
    fn is_test(&self) -> bool {
        let is_tests = |name: &&str| *name == "tests" || name.ends_with("_tests");
        self.module().iter().any(is_tests)
    }
}

#[test]
fn modules_import_only_what_they_may() {
    none(
        "imports against the house rules",
        &offences(forbidden_imports),
    );
}

#[test]
fn words_stay_in_their_modules() {
    none("words outside their modules", &offences(misplaced_words));
}

#[test]
fn files_stay_short() {
    let long: Vec<_> = sources()
        .iter()
        .map(|source| (source.code.lines().count(), &source.path))
        .filter(|(lines, _)| *lines >= TOO_LONG)
        .map(|(lines, path)| format!("src/{path}: {lines} lines"))
        .collect();
    none(&format!("files of {TOO_LONG} lines and more"), &long);
}

fn none(what: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{what}:\n{}", offences.join("\n"));
}

/// What `look` finds in every file the program is built from.
fn offences(look: fn(&Source) -> Vec<String>) -> Vec<String> {
    let sources = sources();
    assert!(
        sources.len() > 50,
        "expected the sources, found {}",
        sources.len()
    );
    sources
        .iter()
        .filter(|source| !source.is_test())
        .flat_map(look)
        .collect()
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    collect(&root, &mut paths);
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
        Source::new(name, &fs::read_to_string(path).unwrap())
    };
    paths.iter().map(read).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn forbidden_imports(source: &Source) -> Vec<String> {
    let path = source.module();
    let own = path[0];
    if own == "lib" {
        return Vec::new();
    }
    let Some(layer) = LAYERS.iter().find(|layer| layer.module == own) else {
        return vec![format!(
            "src/{}: no layer for `{own}` in tests/architecture/laws.rs",
            source.path
        )];
    };
    let is_module = |name: &str| LAYERS.iter().any(|layer| layer.module == name);
    imports(&tokens(&source.code), &path)
        .iter()
        .filter(|import| is_module(&import.module) && import.module != own)
        .filter(|import| !layer.may_import.allows(&import.module))
        .map(|import| {
            format!(
                "src/{}:{}: `{own}` imports `{}`",
                source.path, import.line, import.module
            )
        })
        .collect()
}

fn misplaced_words(source: &Source) -> Vec<String> {
    let path = source.module();
    let tokens = tokens(&source.code);
    let mut offences = Vec::new();
    for reserved in RESERVED
        .iter()
        .filter(|reserved| !reserved.only_in.allows(path[0]))
    {
        let used = tokens
            .iter()
            .filter(|token| reserved.words.contains(&token.text));
        offences.extend(used.map(|token| {
            format!(
                "src/{}:{}: `{}`; {}",
                source.path, token.line, token.text, reserved.why
            )
        }));
    }
    offences
}
