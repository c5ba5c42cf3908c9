//! The real program on free ports, in a folder of its own, killed when dropped.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub struct Served {
    pub http: String,
    pub grpc: String,
    pub folder: TempDir,
    log: std::io::Lines<BufReader<ChildStderr>>,
    process: Child,
}

/// The program in `folder`, with none of this process's own settings.
pub fn moderato(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
    command.current_dir(folder.path()).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MODERATO_") {
            command.env_remove(name);
        }
    }
    command
}

impl Served {
    /// Starts one with `config` and waits until it listens.
    pub fn start(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("moderato.toml"), config).unwrap();
        let mut process = moderato(&folder)
            .arg("serve")
            .env("MODERATO_GRPC_LISTEN", "127.0.0.1:0")
            .env("MODERATO_HTTP_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = entry(&mut log, "listening");
        Self {
            http: listening["http"].as_str().unwrap().to_owned(),
            grpc: listening["grpc"].as_str().unwrap().to_owned(),
            folder,
            log,
            process,
        }
    }

    /// Waits for an entry of its log whose message begins so.
    pub fn logged(&mut self, message: &str) -> Value {
        entry(&mut self.log, message)
    }
}

fn entry(log: &mut std::io::Lines<BufReader<ChildStderr>>, message: &str) -> Value {
    let entries = log.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut said = entries.filter(|entry| {
        let said = entry["message"].as_str();
        said.is_some_and(|said| said.starts_with(message))
    });
    said.next()
        .unwrap_or_else(|| panic!("it ended without saying {message}"))
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
