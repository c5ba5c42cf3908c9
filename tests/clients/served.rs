//! The real binary, serving on free ports.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long the server may take to say where it listens.
const PATIENCE: Duration = Duration::from_secs(30);
const FILE: &str = "moderato.toml";

/// A `moderato serve` process, killed when dropped.
pub struct Served {
    process: Child,
    pub grpc: SocketAddr,
    folder: TempDir,
}

impl Served {
    /// Starts one with this configuration and waits until it listens.
    pub fn start(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), configuration).unwrap();
        let mut process = program(&folder)
            .arg("serve")
            .env("MODERATO_GRPC_LISTEN", "127.0.0.1:0")
            .env("MODERATO_HTTP_LISTEN", "127.0.0.1:0")
            .env("MODERATO_LOG", "info")
            .env_remove("MODERATO_REDIS_URL")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines(&mut process);
        let mut served = Self {
            process,
            grpc: ([127, 0, 0, 1], 0).into(),
            folder,
        };
        served.grpc = address(&lines);
        served
    }

    /// The program beside it, with its configuration and data.
    pub fn beside(&self) -> Command {
        program(&self.folder)
    }
}

fn program(folder: &TempDir) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_moderato"));
    program
        .env("MODERATO_CONFIG", folder.path().join(FILE))
        .env("MODERATO_DATA_DIR", folder.path().join("data"));
    program
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the process logs, read to its end so that it never waits for a reader.
fn lines(process: &mut Child) -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel();
    let log = BufReader::new(process.stderr.take().unwrap());
    thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            // Nobody listens once the address is known.
            let _ = sender.send(line);
        }
    });
    lines
}

/// The `grpc` address of the log's entry `listening`.
fn address(lines: &mpsc::Receiver<String>) -> SocketAddr {
    let mut logged = Vec::new();
    while let Ok(line) = lines.recv_timeout(PATIENCE) {
        let entry: Value = serde_json::from_str(&line).unwrap_or_default();
        if entry["message"] == "listening" {
            return entry["grpc"].as_str().unwrap().parse().unwrap();
        }
        logged.push(line);
    }
    panic!("moderato serve did not log where it listens; it logged {logged:#?}");
}
