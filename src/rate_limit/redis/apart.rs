//! Counting key by key, while a slot of a cluster moves to another node.
//!
//! Keys move one by one, and a new key is made at the node they move to. A script that
//! needs keys of both nodes is answered `TRYAGAIN` until the last has moved, which takes
//! minutes for a large slot; a script of one key runs where that key is. So each charge
//! is asked by itself, and what a submission was charged before another quota refused
//! it is given back. No quota lets more through than it holds; one that is nearly used
//! up may refuse somebody for the moment until another's charge is given back.

use std::time::Duration;

use futures::future::try_join_all;
use tokio::time::Instant;

use super::connector::Connection;
use super::script::Batch;
use crate::rate_limit::{Charge, LimiterError};
use crate::site::SiteId;

/// As [`Batch::ask`] for these submissions.
pub(super) async fn ask(
    connection: &Connection,
    site: &SiteId,
    submissions: &[&[Charge]],
) -> Result<Vec<i64>, LimiterError> {
    let answers = submissions
        .iter()
        .map(|charges| submission(connection, site, charges));
    Ok(try_join_all(answers).await?.concat())
}

/// Gives back what `charges` took so long `ago`.
pub(super) async fn refund(
    connection: &Connection,
    site: &SiteId,
    charges: &[Charge],
    ago: Duration,
) -> Result<(), LimiterError> {
    let refunds = charges.iter().map(async |charge| {
        let alone = std::slice::from_ref(charge);
        Batch::refund(site, alone, ago).ask(connection).await
    });
    try_join_all(refunds).await.map(drop)
}

async fn submission(
    connection: &Connection,
    site: &SiteId,
    charges: &[Charge],
) -> Result<Vec<i64>, LimiterError> {
    let asked = Instant::now();
    let answers = charges.iter().map(async |charge| {
        let alone = std::slice::from_ref(charge);
        Batch::new(site, &[alone]).ask(connection).await
    });
    let overruns_us = try_join_all(answers).await?.concat();
    let passes = |(_, overrun_us): &(&Charge, &i64)| **overrun_us <= 0;
    let answered = || charges.iter().zip(&overruns_us);
    let is_admitted = answered().all(|answer| answer.0.shadow || passes(&answer));
    if !is_admitted {
        let taken = answered().filter(passes).map(|(charge, _)| *charge);
        let taken: Vec<_> = taken.collect();
        refund(connection, site, &taken, asked.elapsed()).await?;
    }
    Ok(overruns_us)
}
