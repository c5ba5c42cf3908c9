//! The real program, started on free ports in a folder of its own, killed when
//! dropped.

use std::future::Future;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use moderato::grpc::proto::moderation_service_client::ModerationServiceClient;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tonic::transport::Channel;

/// How long anything may take before the test has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A configuration of the test's own that names its file.
pub const FILE: &str = "moderato.toml";

/// Waits for `event`, and fails where it does not come.
pub async fn soon<T>(event: impl Future<Output = T>) -> T {
    let event = tokio::time::timeout(PATIENCE, event);
    event.await.expect("what was waited for did not come")
}

/// The program in `folder`, with none of this process's own settings.
pub fn moderato(folder: &Path) -> Command {
    let mut command = Command::new(crate::program::path());
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("MODERATO_") {
            command.env_remove(name);
        }
    }
    command
}

/// A folder with `config` in it.
pub fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), config).unwrap();
    folder
}

/// What `moderato serve` says of a configuration that it does not take.
pub fn refused(config: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = folder(config);
    let output: Output = moderato(folder.path())
        .arg("serve")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), told)
}

/// `moderato serve` at work.
pub struct Daemon {
    pub grpc: SocketAddr,
    pub http: SocketAddr,
    folder: Arc<TempDir>,
    process: u32,
    log: watch::Receiver<Vec<String>>,
    submissions: watch::Receiver<Vec<String>>,
    ended: oneshot::Receiver<ExitStatus>,
}

impl Daemon {
    /// Starts one with `config` in its folder and waits until it listens.
    pub async fn start(config: &str) -> Self {
        Self::start_with(config, &[]).await
    }

    /// Starts one with `config` and environment variables.
    pub async fn start_with(config: &str, variables: &[(&str, &str)]) -> Self {
        Self::start_in(Arc::new(folder(config)), variables).await
    }

    /// Starts one in a folder that may hold what an earlier one left.
    pub async fn start_in(folder: Arc<TempDir>, variables: &[(&str, &str)]) -> Self {
        let mut process = moderato(folder.path())
            .arg("serve")
            .env("MODERATO_GRPC_LISTEN", "127.0.0.1:0")
            .env("MODERATO_HTTP_LISTEN", "127.0.0.1:0")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = lines(process.stderr.take().unwrap());
        let submissions = lines(process.stdout.take().unwrap());
        let id = process.id();
        let (tell, ended) = oneshot::channel();
        std::thread::spawn(move || tell.send(process.wait().unwrap()));
        let listening = line(&mut log, "\"listening\"").await;
        let entry: serde_json::Value = serde_json::from_str(&listening).unwrap();
        let address = |key: &str| {
            let address: SocketAddr = entry[key].as_str().unwrap().parse().unwrap();
            SocketAddr::new([127, 0, 0, 1].into(), address.port())
        };
        Self {
            grpc: address("grpc"),
            http: address("http"),
            folder,
            process: id,
            log,
            submissions,
            ended,
        }
    }

    /// Its folder, for another that goes on from there.
    pub fn folder(&self) -> Arc<TempDir> {
        Arc::clone(&self.folder)
    }

    pub async fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(format!("http://{}", self.grpc)).unwrap();
        endpoint.connect().await.unwrap()
    }

    pub async fn client(&self) -> ModerationServiceClient<Channel> {
        ModerationServiceClient::new(self.channel().await)
    }

    /// The program in the daemon's folder, with its configuration and its secret.
    pub fn beside(&self) -> Command {
        moderato(self.folder.path())
    }

    /// Puts `content` in place of a file in its folder, at once as editors do.
    pub fn write(&self, name: &str, content: &str) {
        let draft = self.folder.path().join("draft");
        std::fs::write(&draft, content).unwrap();
        std::fs::rename(draft, self.folder.path().join(name)).unwrap();
    }

    /// Waits for a line of its log that holds `part`.
    pub async fn logged(&mut self, part: &str) -> String {
        line(&mut self.log, part).await
    }

    /// Waits until its log has `count` lines that hold `part`.
    pub async fn logged_times(&mut self, part: &str, count: usize) {
        let enough =
            |lines: &Vec<String>| lines.iter().filter(|line| line.contains(part)).count() >= count;
        soon(self.log.wait_for(enough)).await.unwrap();
    }

    /// Waits for a line of its submission log that holds `part`.
    pub async fn submission(&mut self, part: &str) -> String {
        line(&mut self.submissions, part).await
    }

    /// Everything it has written until now.
    pub fn written(&self) -> String {
        [
            self.log.borrow().join("\n"),
            self.submissions.borrow().join("\n"),
        ]
        .join("\n")
    }

    /// Sends it a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let id = self.process.to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &id])
            .status()
            .unwrap();
        assert!(sent.success(), "kill -s {name}");
    }

    /// Waits until it has ended.
    pub async fn ended(&mut self) -> ExitStatus {
        soon(&mut self.ended).await.unwrap()
    }

    /// Status line, headers and body of what the HTTP door answers.
    pub async fn get(&self, path: &str) -> String {
        let answer = async {
            let mut connection = TcpStream::connect(self.http).await?;
            let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
            connection.write_all(request.as_bytes()).await?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        soon(answer).await.unwrap()
    }

    /// Waits until the metrics say that `series` has `value`; says what they had instead.
    pub async fn measures(&self, series: &str, value: u64) {
        let line = format!("\n{series} {value}\n");
        let begun = Instant::now();
        loop {
            let page = self.get("/metrics").await;
            if page.contains(&line) {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "waited for {line:?}, and got {:?}",
                page.lines().find(|told| told.starts_with(series))
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Once it has ended, its number may be another process's.
        if matches!(
            self.ended.try_recv(),
            Err(oneshot::error::TryRecvError::Empty)
        ) {
            let id = self.process.to_string();
            let _ = Command::new("kill").args(["-s", "KILL", &id]).status();
        }
    }
}

/// The lines of `output` as they come.
fn lines(output: impl Read + Send + 'static) -> watch::Receiver<Vec<String>> {
    let (written, lines) = watch::channel(Vec::new());
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            written.send_modify(|lines| lines.push(line));
        }
    });
    lines
}

async fn line(lines: &mut watch::Receiver<Vec<String>>, part: &str) -> String {
    let find = |lines: &[String]| lines.iter().find(|line| line.contains(part)).cloned();
    let told = soon(lines.wait_for(|lines| find(lines).is_some()))
        .await
        .ok()
        .and_then(|l| find(&l));
    told.unwrap_or_else(|| panic!("it ended without saying {part}: {:?}", lines.borrow()))
}
