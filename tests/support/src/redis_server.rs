//! A real Redis on a free port, killed when dropped.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, FromRedisValue};

/// How long anything may take before the test has failed.
pub const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// One `redis-server` process without persistence.
pub struct RedisServer {
    process: Child,
    port: u16,
    arguments: Vec<String>,
}

impl RedisServer {
    /// Starts one and waits until it answers.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with more `arguments` and waits until it answers.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let arguments: Vec<_> = arguments.iter().map(|&word| word.to_owned()).collect();
        // Somebody else may take the port between its choice and its use.
        for _ in 0..10 {
            let port = free_port();
            let mut server = Self {
                process: spawn(port, &arguments),
                port,
                arguments: arguments.clone(),
            };
            if server.answers().await {
                return server;
            }
        }
        panic!("redis-server could not be started on any of ten free ports");
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, as a host in a URL.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it listens, as a URL.
    pub fn url(&self) -> String {
        format!("redis://{}", self.host())
    }

    /// The same URL with a password.
    pub fn url_with_password(&self, password: &str) -> String {
        format!("redis://:{password}@127.0.0.1:{}", self.port)
    }

    /// A connection of the test's own.
    pub async fn connection(&self) -> MultiplexedConnection {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let client = Client::open(self.url()).unwrap();
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .unwrap()
    }

    /// What it answers to a command, over a connection of the test's own.
    pub async fn command<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::cmd(words[0]);
        command.arg(&words[1..]);
        let mut connection = self.connection().await;
        let answer = command.query_async(&mut connection).await;
        answer.unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }

    /// How often a command was called since its counts were reset.
    pub async fn calls(&self, command: &str) -> u64 {
        let start = format!("cmdstat_{command}:calls=");
        self.info("commandstats", &start).await.unwrap_or(0)
    }

    /// Connections it has taken since it started.
    pub async fn connections(&self) -> u64 {
        let taken = self.info("stats", "total_connections_received:").await;
        taken.expect("a count")
    }

    /// Bytes of memory it has in use.
    pub async fn memory(&self) -> u64 {
        let used = self.info("memory", "used_memory:").await;
        used.expect("a count")
    }

    /// How many keys it holds.
    pub async fn keys(&self) -> u64 {
        self.command(&["DBSIZE"]).await
    }

    /// The number that follows `start` in a line of INFO.
    async fn info(&self, section: &str, start: &str) -> Option<u64> {
        let info: String = self.command(&["INFO", section]).await;
        let rest = info.lines().find_map(|line| line.strip_prefix(start))?;
        rest.split(',').next()?.parse().ok()
    }

    /// Kills it (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Starts a killed one again on the same port, empty, and waits until it answers.
    pub async fn restart(&mut self) {
        self.process = spawn(self.port, &self.arguments);
        assert!(self.answers().await, "redis-server did not come back");
    }

    /// Stops it where it stands (SIGSTOP): it keeps its connections and says nothing.
    pub async fn stop(&self) {
        self.signal("-STOP");
        tokio::time::timeout(PATIENCE, async {
            while self.state() != Some('T') {
                tokio::time::sleep(PAUSE).await;
            }
        })
        .await
        .expect("redis-server to stop");
    }

    /// Lets a stopped one go on (SIGCONT).
    pub fn cont(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success(), "kill {signal}");
    }

    /// The process state of proc(5): `T` is stopped.
    fn state(&self) -> Option<char> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        stat.rsplit_once(") ")?.1.chars().next()
    }

    /// Waits for an answer to PING; false if the process has ended.
    async fn answers(&mut self) -> bool {
        let client = Client::open(self.url()).unwrap();
        let answer = async {
            loop {
                if self.process.try_wait().unwrap().is_some() {
                    return false;
                }
                if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                    && redis::cmd("PING").exec_async(&mut connection).await.is_ok()
                {
                    return true;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, answer)
            .await
            .expect("redis-server to answer PING")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port that nobody has at the moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

fn spawn(port: u16, arguments: &[String]) -> Child {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(["--save", "", "--appendonly", "no"])
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| match error.kind() {
            ErrorKind::NotFound => panic!(
                "redis-server is not installed: run scripts/test, which installs what the tests need"
            ),
            _ => panic!("redis-server could not be started: {error}"),
        })
}
