//! The seed corpus that comes with the project.

use std::fs;
use std::path::Path;

/// How many rows it has.
pub fn rows() -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/seed");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let corpora = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    corpora
        .map(|path| fs::read_to_string(path).unwrap().lines().count())
        .sum()
}
