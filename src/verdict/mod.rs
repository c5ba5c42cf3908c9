//! What Moderato answers: decision, reasons, scores, evidence.

mod decision;
mod evidence;
mod head;
mod judged_by;
mod probability;
mod reason;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use decision::Decision;
pub use evidence::{Evidence, EvidenceKind};
pub use head::{Head, PerHead, Scores};
pub use judged_by::{JudgedBy, Side};
pub use probability::{NotAProbability, Probability};
pub use reason::{Field, Reason, ReasonCode, Span};

/// The answer to one submission.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// Resource name: `sites/{site}/comments/{comment}`.
    pub comment: String,
    /// What to do.
    pub decision: Decision,
    /// Why, most serious first; never empty on a hold or a reject.
    pub reasons: Vec<Reason>,
    /// `None` where the text was not judged: a field fault or a quota.
    pub scores: Option<Scores>,
    /// Strongest first; per head it adds up to the score's log-odds.
    pub evidence: Vec<Evidence>,
    /// Id of the model in force.
    pub model: String,
    /// Hash of the policy and rules in force.
    pub policy: String,
    /// A part was unreachable and its stand-in answered.
    pub degraded: bool,
    /// With `RATE_LIMITED`: how long until the same submission would pass.
    #[serde(
        rename = "retry_after_seconds",
        serialize_with = "seconds",
        deserialize_with = "from_seconds",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<Duration>,
}

#[expect(clippy::ref_option, reason = "serde fixes the signature")]
fn seconds<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|d| d.as_secs_f64()).serialize(serializer)
}

fn from_seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let seconds = Option::<f64>::deserialize(from)?;
    let duration = seconds.map(Duration::try_from_secs_f64).transpose();
    duration.map_err(serde::de::Error::custom)
}
