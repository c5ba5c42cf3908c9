//! A real PostgreSQL in a folder of its own, on a free port, killed when dropped.
//!
//! PostgreSQL refuses to run as root, so as root it runs as the user `postgres` of
//! Debian's package.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, Connection as _};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);

/// One `postgres` process.
pub struct PostgresServer {
    folder: TempDir,
    process: Child,
    port: u16,
}

impl PostgresServer {
    /// Makes a cluster, starts it and waits until it answers.
    pub async fn start() -> Self {
        Self::start_in(&std::env::temp_dir()).await
    }

    /// The same, with its folder in `place`.
    pub async fn start_in(place: &Path) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("moderato-pg-")
            .tempdir_in(place)
            .unwrap();
        if is_root() {
            let given = Command::new("chown")
                .arg("postgres")
                .arg(folder.path())
                .status();
            assert!(given.unwrap().success(), "chown postgres");
        }
        let data = folder.path().join("data");
        let made = as_postgres("initdb")
            .args([
                "--auth=trust",
                "--username=moderato",
                "--encoding=UTF8",
                "--no-locale",
            ])
            .args(["--no-sync", "--pgdata"])
            .arg(&data)
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "initdb");
        let port = free_port();
        let mut server = Self {
            process: spawn(&data, port),
            folder,
            port,
        };
        server.answers().await;
        server
    }

    /// The URL of a database in it that is made where it is missing.
    pub async fn database(&self, name: &str) -> String {
        let mut connection = self.connect("postgres").await.unwrap();
        let create = format!("CREATE DATABASE {name}");
        let created = sqlx::query(sqlx::AssertSqlSafe(create))
            .execute(&mut connection)
            .await;
        if let Err(error) = created {
            let exists = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code)
                == Some("42P04".into());
            assert!(exists, "{error}");
        }
        self.url(name)
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://moderato@127.0.0.1:{}/{database}", self.port)
    }

    /// A connection of the test's own.
    pub async fn connect(&self, database: &str) -> sqlx::Result<sqlx::PgConnection> {
        let options: sqlx::postgres::PgConnectOptions = self.url(database).parse().unwrap();
        options.connect().await
    }

    /// Kills it (SIGQUIT: at once, as a crash does).
    pub fn kill(&mut self) {
        self.signal("QUIT");
        self.process.wait().unwrap();
    }

    /// Stops every one of its processes where it stands, or lets them go on.
    pub fn signal_all(&self, signal: &str) {
        let id = self.postmaster();
        let children = Command::new("ps")
            .args(["-o", "pid=", "--ppid", &id])
            .output()
            .unwrap();
        let children = String::from_utf8(children.stdout).unwrap();
        for id in children.split_whitespace().chain([id.as_str()]) {
            let _ = Command::new("kill").args(["-s", signal, id]).status();
        }
    }

    /// Starts a killed one again on the same port, with what it held.
    pub async fn restart(&mut self) {
        self.process = spawn(&self.folder.path().join("data"), self.port);
        self.answers().await;
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args(["-s", signal, &self.postmaster()])
            .status();
        assert!(sent.unwrap().success(), "kill {signal}");
    }

    /// The number of the process that leads the others; ours may only have started it.
    fn postmaster(&self) -> String {
        let file = self.folder.path().join("data/postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().next().unwrap().trim().to_owned()
    }

    async fn answers(&mut self) {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("postgres ended: {status}");
            }
            if let Ok(connection) = self.connect("postgres").await {
                connection.close().await.unwrap();
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
        panic!("postgres does not answer");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // It may have been killed already, and then its number may be another's.
        if matches!(self.process.try_wait(), Ok(None)) {
            self.signal("CONT");
            self.signal("QUIT");
            let _ = self.process.wait();
        }
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

/// A program of PostgreSQL, as a user it runs for.
fn as_postgres(program: &str) -> Command {
    let program = installed(program);
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
            "--",
        ])
        .arg(program);
    command
}

/// Debian keeps the programs of each version off the path.
fn installed(program: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect(
        "postgresql is not installed: run scripts/test, which installs what the tests need",
    );
    let mut found: Vec<_> = versions
        .map(|version| version.unwrap().path().join("bin").join(program))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop().expect("postgresql without its programs")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

fn spawn(data: &Path, port: u16) -> Child {
    as_postgres("postgres")
        .arg("-D")
        .arg(data)
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args([
            "-c",
            "unix_socket_directories=",
            "-c",
            "shared_buffers=16MB",
        ])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}
