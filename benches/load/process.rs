//! A server under load, as its operating system sees it.

use std::fs;
use std::net::SocketAddr;
use std::process::Child;

use anyhow::Context as _;

/// Units of CPU time in a second: `USER_HZ`, 100 on every Linux that Rust targets.
const TICKS_A_SECOND: f64 = 100.0;

/// A server in a process of its own, killed when dropped.
pub struct Process {
    /// Where it answers gRPC.
    pub grpc: SocketAddr,
    child: Child,
}

impl Process {
    /// The process `child`, which answers gRPC at `grpc`.
    pub const fn new(child: Child, grpc: SocketAddr) -> Self {
        Self { grpc, child }
    }

    /// Where it answers gRPC, as clients want it.
    pub fn grpc_url(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// Seconds of CPU time of all its threads until now, in the kernel too; good to
    /// 10 ms.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let stat = self.proc("stat")?;
        // proc(5): the second field is the name in brackets and may hold anything;
        // `utime` and `stime` are the 14th and 15th.
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' '));
        let ticks = fields.and_then(|fields| {
            let times: Vec<f64> = fields.skip(11).take(2).flat_map(str::parse).collect();
            (times.len() == 2).then(|| times.iter().sum::<f64>())
        });
        let ticks = ticks.with_context(|| format!("/proc/{}/stat: {stat}", self.child.id()))?;
        Ok(ticks / TICKS_A_SECOND)
    }

    /// Its memory in RAM now, in bytes.
    ///
    /// # Errors
    /// If the process has ended.
    pub fn resident(&self) -> anyhow::Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        let kilobytes: u64 = kilobytes.context("/proc/PID/status: expected VmRSS in kB")?;
        Ok(kilobytes * 1024)
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.child.id());
        fs::read_to_string(&path).with_context(|| format!("{path}: has the server ended?"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended of itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
