//! The load generator: h2load of nghttp2.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use tempfile::TempDir;

/// Connections, and calls that are under way on each.
pub const CONNECTIONS: usize = 8;
/// See [`CONNECTIONS`].
pub const STREAMS: usize = 8;

const PATH: &str = "moderato.v1.ModerationService/CheckComment";

/// The frame of an uncompressed gRPC message: a zero byte, then the length.
const FRAME_BYTES: usize = 5;

/// Whether it is there.
///
/// # Errors
/// If not; says how to install it.
pub fn is_installed() -> anyhow::Result<()> {
    let mut command = Command::new("h2load");
    match command.arg("--version").stdout(Stdio::null()).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "h2load, which makes the load, is not installed: run scripts/test-tools, \
             or `apt-get install nghttp2-client`"
        ),
        asked => ensure!(asked?.success(), "h2load --version failed"),
    }
    Ok(())
}

/// The same call over and over.
pub struct Load {
    folder: TempDir,
    length: Duration,
}

/// What the client saw of one round.
pub struct Seen {
    /// Calls that were answered.
    pub answered: u64,
    /// Calls answered a second.
    pub rate: f64,
    /// From a call to the end of its answer, in microseconds, the shortest first.
    pub latencies_us: Vec<u64>,
    /// Bytes of the messages that came back, frames left out.
    pub message_bytes: u64,
}

impl Load {
    /// Calls with the encoded `message`, in rounds of `length`.
    ///
    /// # Errors
    /// If its file cannot be written.
    pub fn new(message: &[u8], length: Duration) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut frame = fs::File::create(folder.path().join("frame"))?;
        frame.write_all(&[0])?;
        frame.write_all(&u32::try_from(message.len())?.to_be_bytes())?;
        frame.write_all(message)?;
        Ok(Self { folder, length })
    }

    /// How a person would have it done.
    pub fn command_line(length: Duration) -> String {
        format!(
            "h2load -t 1 -c {CONNECTIONS} -m {STREAMS} -D {}",
            length.as_secs()
        )
    }

    /// Calls the server at `url` for one round.
    ///
    /// # Errors
    /// If h2load fails, or a call got no answer. What gRPC says of a call that was
    /// answered h2load does not see.
    pub fn run(&self, url: &str) -> anyhow::Result<Seen> {
        let log = self.folder.path().join("log");
        // h2load appends to it.
        let _ = fs::remove_file(&log);
        let output = Command::new("h2load")
            .args([
                "-t",
                "1",
                "-c",
                &CONNECTIONS.to_string(),
                "-m",
                &STREAMS.to_string(),
            ])
            .args(["-D", &self.length.as_secs().to_string()])
            .args(["-H", "content-type: application/grpc", "-H", "te: trailers"])
            .arg("-d")
            .arg(self.folder.path().join("frame"))
            .arg(format!("--log-file={}", log.display()))
            .arg(format!("{url}/{PATH}"))
            .output()?;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "h2load failed: {told}");
        let summary = Summary::read(&told).with_context(|| format!("h2load says: {told}"))?;
        ensure!(summary.failed == 0, "calls without an answer: {told}");
        Ok(Seen {
            answered: summary.succeeded,
            rate: summary.rate,
            latencies_us: latencies(&fs::read_to_string(&log)?)?,
            message_bytes: summary.data_bytes - summary.succeeded * FRAME_BYTES as u64,
        })
    }
}

/// Of what h2load prints:
/// ```text
/// finished in 3.00s, 31204.33 req/s, 12.30MB/s
/// requests: 93613 total, 93677 started, 93613 done, 93613 succeeded, 0 failed, …
/// traffic: 36.90MB (38694213) total, 2.41MB (2527551) headers …, 33.22MB (34830000) data
/// ```
struct Summary {
    rate: f64,
    succeeded: u64,
    failed: u64,
    data_bytes: u64,
}

impl Summary {
    fn read(told: &str) -> Option<Self> {
        let line = |start| told.lines().find_map(|line: &str| line.strip_prefix(start));
        let part = |line: &str, end| {
            let part = line.split(", ").find_map(|part| part.strip_suffix(end));
            part.map(str::to_owned)
        };
        let requests = line("requests: ")?;
        let data = part(line("traffic: ")?, " data")?;
        let data = data.rsplit_once('(')?.1.strip_suffix(')')?;
        Some(Self {
            rate: part(line("finished in ")?, " req/s")?.parse().ok()?,
            succeeded: part(requests, " succeeded")?.parse().ok()?,
            failed: part(requests, " failed")?.parse().ok()?,
            data_bytes: data.parse().ok()?,
        })
    }
}

/// The third column of the log: microseconds.
fn latencies(log: &str) -> anyhow::Result<Vec<u64>> {
    let column = |line: &str| line.split('\t').nth(2).and_then(|us| us.parse().ok());
    let latencies: Option<Vec<u64>> = log.lines().map(column).collect();
    let mut latencies = latencies.context("expected three columns in h2load's log")?;
    ensure!(!latencies.is_empty(), "h2load's log is empty");
    latencies.sort_unstable();
    Ok(latencies)
}
