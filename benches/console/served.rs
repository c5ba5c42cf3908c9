//! The real program on what was filled.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// One, killed when dropped.
pub struct Served {
    /// Where the console is.
    pub http: SocketAddr,
    /// The path of the link that makes the first admin.
    pub welcome: String,
    process: Child,
}

impl Served {
    /// Starts it in `folder`, on its own file or on the PostgreSQL of `url`.
    ///
    /// # Errors
    /// If it does not say where it listens.
    pub fn start(folder: &Path, url: Option<&str>, sites: &[&str]) -> anyhow::Result<Self> {
        let mut config =
            String::from("listen = { grpc = \"127.0.0.1:0\", http = \"127.0.0.1:0\" }\n");
        if let Some(url) = url {
            writeln!(config, "database_url = {url:?}")?;
        }
        for (number, site) in sites.iter().enumerate() {
            // Any hash does: nobody calls over gRPC here.
            writeln!(config, "[sites.{site}]\nkeys = [\"{:064x}\"]", number + 1)?;
        }
        std::fs::write(folder.join("moderato.toml"), config)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("MODERATO_") {
                command.env_remove(variable);
            }
        }
        let mut process = command
            .arg("serve")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start moderato")?;
        let log = process.stderr.take().context("stderr is piped")?;
        let mut lines = BufReader::new(log).lines();
        let mut entry = |key: &str| {
            for line in lines.by_ref() {
                let line = line?;
                let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
                if let Some(value) = entry[key].as_str() {
                    return anyhow::Ok(value.to_owned());
                }
                eprintln!("moderato: {line}");
            }
            anyhow::bail!("moderato ended without saying {key}")
        };
        let http = entry("http")?.parse()?;
        let link = entry("url")?;
        let path = link.find("/console").map(|at| link[at..].to_owned());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("moderato: {line}");
            }
        });
        Ok(Self {
            http,
            welcome: path.context("expected a link into the console")?,
            process,
        })
    }

    /// Its memory in RAM now, in megabytes, and the CPU time of all its threads so far,
    /// in seconds.
    ///
    /// # Errors
    /// If it has ended.
    pub fn used(&self) -> anyhow::Result<(u64, f64)> {
        let of = |file| std::fs::read_to_string(format!("/proc/{}/{file}", self.process.id()));
        let status = of("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        let kilobytes: u64 = kilobytes.context("/proc/PID/status: expected VmRSS in kB")?;
        // The first number of each thread's file is nanoseconds on a core.
        let mut on_core = 0.0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            // A thread may end meanwhile.
            let file = std::fs::read_to_string(thread?.path().join("schedstat"));
            let first = file.unwrap_or_default();
            let first = first
                .split(' ')
                .next()
                .and_then(|text| text.parse::<f64>().ok());
            on_core += first.unwrap_or_default() / 1e9;
        }
        Ok((kilobytes / 1_024, on_core))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended of itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
