//! Processes that start at the same moment on one file without tables.

use std::process::{Child, Stdio};

use super::daemon::{folder, moderato};

/// How many, and how often.
const PROCESSES: usize = 6;
const ROUNDS: usize = 4;

#[test]
fn many_processes_make_the_tables_of_one_fresh_file() {
    for round in 0..ROUNDS {
        let folder = folder("");
        let list = || {
            let mut command = moderato(folder.path());
            let command = command.args(["review", "list", "--json"]);
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let processes: Vec<_> = (0..PROCESSES).map(|_| list()).collect();
        for output in processes.into_iter().map(Child::wait_with_output) {
            let output = output.unwrap();
            assert!(output.status.success(), "round {round}: {output:?}");
            assert!(output.stdout.is_empty(), "{output:?}");
        }
    }
}
