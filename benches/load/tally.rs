//! What a server says it answered: h2load sees HTTP statuses, which are 200 for
//! refused calls as well.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};

use crate::h2load::{CONNECTIONS, STREAMS};

/// Calls that are under way when a round ends: h2load hangs up on them.
const BROKEN_OFF_A_ROUND: u64 = (CONNECTIONS * STREAMS) as u64;

/// How such calls are counted: by whether the request had been read.
const BROKEN_OFF: [&str; 2] = ["CANCELLED", "UNKNOWN"];

/// Verdicts and other answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Verdicts by decision.
    pub verdicts: BTreeMap<String, u64>,
    /// Calls by gRPC status, `OK` among them.
    pub calls: BTreeMap<String, u64>,
    /// Verdicts for which the in-process limiter stood in for Redis.
    pub stood_in: u64,
    /// Quotas that refused a submission.
    pub refusals: u64,
    /// Lines that did not make it into the submission log.
    pub log_lines_dropped: u64,
    /// Comments that are being judged now.
    pub in_flight: u64,
    /// Records that are durable.
    pub recorded: u64,
    /// Of these, approvals that are not in rows yet.
    pub packed: u64,
}

impl Tally {
    /// Reads the page of `/metrics`.
    ///
    /// # Errors
    /// If a counter that is always there is not.
    pub fn read(page: &str) -> anyhow::Result<Self> {
        let one = |name: &str| {
            let found = samples(page, name).next();
            found.map(|(_, count)| count)
        };
        Ok(Self {
            verdicts: by_label(page, "moderato_submissions_total", "decision"),
            calls: by_label(page, "moderato_grpc_calls_total", "code"),
            stood_in: one("moderato_limiter_stand_in_answers_total").context("stand-ins")?,
            refusals: samples(page, "moderato_quota_answers_total")
                .filter(|(labels, _)| !labels.contains("outcome=\"allowed\""))
                .map(|(_, count)| count)
                .sum(),
            log_lines_dropped: one("moderato_submission_log_dropped_total").context("log lines")?,
            in_flight: one("moderato_in_flight").context("in flight")?,
            recorded: one("moderato_store_records_total").context("records")?,
            packed: one("moderato_store_packed").context("packed approvals")?,
        })
    }

    /// Calls that were answered with a verdict.
    pub fn judged(&self) -> u64 {
        self.verdicts.values().sum()
    }

    /// Proves that `answered` calls in `rounds` got verdicts by the model: as many
    /// verdicts as answers, none for a quota, no other status.
    ///
    /// # Errors
    /// Says what else there was.
    pub fn prove(&self, answered: u64, rounds: usize) -> anyhow::Result<()> {
        let judged = self.judged();
        ensure!(
            judged >= answered && self.refusals == 0,
            "h2load counts {answered} answers, /metrics {judged} verdicts, of which quotas \
             refused {}",
            self.refusals
        );
        let mut others = self.calls.clone();
        others.retain(|code, count| *count > 0 && code != "OK");
        let broken_off: u64 = BROKEN_OFF.iter().filter_map(|code| others.get(*code)).sum();
        let failed = others.values().sum::<u64>() - broken_off;
        ensure!(
            failed == 0 && broken_off <= BROKEN_OFF_A_ROUND * rounds as u64,
            "calls failed: {others:?}"
        );
        Ok(())
    }
}

fn by_label(page: &str, name: &str, label: &str) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for (labels, count) in samples(page, name) {
        let value = labels.split(',').find_map(|pair| {
            let value = pair.strip_prefix(label)?.strip_prefix("=\"")?;
            value.strip_suffix('"')
        });
        *counts
            .entry(value.unwrap_or_default().to_owned())
            .or_default() += count;
    }
    counts
}

/// The samples of one name: what stands between the braces, and the count.
fn samples<'a>(page: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, u64)> {
    page.lines().filter_map(move |line| {
        let (series, value) = line.strip_prefix(name)?.rsplit_once(' ')?;
        let labels = match series {
            "" => "",
            _ => series.strip_prefix('{')?.strip_suffix('}')?,
        };
        Some((labels, value.parse().ok()?))
    })
}
