//! The real program at work: `moderato serve` on free ports, in a folder of its own,
//! its submission log thrown away.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{ChildStderr, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use moderato::rate_limit::QuotaKind;
use tempfile::TempDir;

use crate::process::Process;

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(10);

/// Between two looks at a server that is not ready.
const PAUSE: Duration = Duration::from_micros(500);

/// As wide as a quota can be: every call of a run has the same reader.
const WIDE: &str = "10000 per 1s, burst 1000000";

/// What calls are counted against.
pub enum Quotas {
    /// Nothing.
    Off,
    /// All default kinds, so wide that they refuse nothing.
    InProcess,
    /// The same, in the Redis of this URL.
    Redis(String),
}

/// A server.
pub struct Moderato {
    /// What the report calls it.
    pub name: &'static str,
    /// Its process.
    pub process: Process,
    /// From the start of the process to its being ready.
    pub ready_after: Duration,
    http: SocketAddr,
    _folder: TempDir,
}

impl Moderato {
    /// Starts one that counts by `quotas`, and waits until it is ready.
    ///
    /// # Errors
    /// If it does not become so.
    pub fn start(name: &'static str, quotas: &Quotas) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("moderato.toml"), config(quotas))?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("MODERATO_") {
                command.env_remove(variable);
            }
        }
        let start = Instant::now();
        let mut child = command
            .arg("serve")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start moderato")?;
        let log = child.stderr.take().context("stderr is piped")?;
        let (grpc, http) = listening(log)?;
        let moderato = Self {
            name,
            process: Process::new(child, grpc),
            ready_after: ready(http, start)?,
            http,
            _folder: folder,
        };
        Ok(moderato)
    }

    /// The page of its counters.
    ///
    /// # Errors
    /// If it does not answer.
    pub fn metrics(&self) -> anyhow::Result<String> {
        let answer = get(self.http, "/metrics")?;
        ensure!(answer.starts_with("HTTP/1.1 200"), "/metrics: {answer}");
        Ok(answer)
    }
}

fn config(quotas: &Quotas) -> String {
    let mut config = String::from("listen = { grpc = \"127.0.0.1:0\", http = \"127.0.0.1:0\" }\n");
    if let Quotas::Redis(url) = quotas {
        let _ = writeln!(config, "redis.url = {url:?}");
    }
    for kind in QuotaKind::ALL {
        let quota = if matches!(quotas, Quotas::Off) {
            "off"
        } else {
            WIDE
        };
        let _ = writeln!(config, "limits.per_{} = {quota:?}", kind.name());
    }
    config
}

/// Where it says that it listens: gRPC, HTTP. What else it says goes to our own
/// standard error from then on.
fn listening(log: ChildStderr) -> anyhow::Result<(SocketAddr, SocketAddr)> {
    let mut lines = BufReader::new(log).lines();
    // Warnings may come first.
    let line = loop {
        let line = lines.next().context("moderato ended at once")??;
        if line.contains("\"listening\"") {
            break line;
        }
        eprintln!("moderato: {line}");
    };
    let entry: serde_json::Value =
        serde_json::from_str(&line).with_context(|| format!("moderato says: {line}"))?;
    let address = |door: &str| {
        let address = entry[door].as_str().and_then(|text| text.parse().ok());
        address.with_context(|| format!("expected the address of {door} in {line}"))
    };
    let addresses = (address("grpc")?, address("http")?);
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            eprintln!("moderato: {line}");
        }
    });
    Ok(addresses)
}

/// Waits until `/readyz` says yes; how long that is after `start`.
fn ready(http: SocketAddr, start: Instant) -> anyhow::Result<Duration> {
    while start.elapsed() < PATIENCE {
        if get(http, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            return Ok(start.elapsed());
        }
        thread::sleep(PAUSE);
    }
    anyhow::bail!("moderato was not ready after {PATIENCE:?}")
}

/// Status line, headers and body.
fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(address)?;
    write!(
        connection,
        "GET {path} HTTP/1.1\r\nhost: load\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
