//! What a server costs before anybody calls it.

use std::time::Duration;

use crate::rounds::median;
use crate::served::{Moderato, Quotas};

/// How many are started, one after the other.
const STARTS: usize = 5;

/// A server without callers.
pub struct Idle {
    /// From start to ready, of each start, the shortest first.
    pub ready_after: Vec<Duration>,
    /// Bytes of memory once ready: the median.
    pub resident: u64,
}

/// Starts Moderato some times on embedded defaults, each time in a new folder.
///
/// # Errors
/// If it does not start.
pub fn measure() -> anyhow::Result<Idle> {
    let mut ready_after = Vec::new();
    let mut resident = Vec::new();
    for _ in 0..STARTS {
        let moderato = Moderato::start("moderato", &Quotas::InProcess)?;
        ready_after.push(moderato.ready_after);
        resident.push(moderato.process.resident()? as f64);
    }
    ready_after.sort_unstable();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bytes"
    )]
    let resident = median(&resident) as u64;
    Ok(Idle {
        ready_after,
        resident,
    })
}
