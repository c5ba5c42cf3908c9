//! Runs the real binary.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

/// The binary, with nothing of this machine's settings.
pub fn moderato(arguments: &[&str]) -> Command {
    let mut command = Command::new(crate::program::path());
    command.args(arguments);
    for variable in [
        "MODERATO_SERVER",
        "MODERATO_KEY",
        "NO_COLOR",
        "CLICOLOR_FORCE",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Runs it with nothing on standard input.
pub fn run(arguments: &[&str]) -> Output {
    run_with_input(arguments, "")
}

/// Runs it with `input` on standard input.
pub fn run_with_input(arguments: &[&str], input: &str) -> Output {
    let mut child = moderato(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // It may end without having read all.
        scope.spawn(move || stdin.write_all(input.as_bytes()).ok());
        child.wait_with_output().unwrap()
    })
}

/// What it said on standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it said on standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
