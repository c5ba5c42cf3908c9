//! What an operator types.

use std::path::Path;

use serde_json::Value;

use super::daemon::moderato;

/// Runs the program in `folder`: exit code, standard output, standard error.
pub fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = moderato(folder).args(arguments).output().unwrap();
    let [said, complained] =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), said, complained)
}

/// What it says, where all goes well.
pub fn said(folder: &Path, arguments: &[&str]) -> String {
    let (code, said, complained) = run(folder, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {complained}");
    said
}

/// The JSON lines it says.
pub fn json(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let said = said(folder, &[arguments, &["--json"]].concat());
    let lines = said.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// What it complains of, where it refuses with exit code 2.
pub fn refused(folder: &Path, arguments: &[&str]) -> String {
    let (code, _, complained) = run(folder, arguments);
    assert_eq!(code, Some(2), "{arguments:?}: {complained}");
    complained
}
