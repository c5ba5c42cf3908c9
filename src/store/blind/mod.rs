//! Blind re-review: decisions drawn by chance to be looked at a second time.
//!
//! A sample is of one decision. It is open until somebody answers, and for as long as
//! that decision stands and the text is kept. Answers are append-only.

mod answer;
mod draw;
mod figures;
mod open;

use std::fmt;

use uuid::Uuid;

use super::comments::Actor;

pub use answer::{BlindAnswer, BlindAnswered, BlindObstacle};
pub use draw::{BlindDraw, BlindHasher, BlindShares};
pub use figures::{BlindCount, BlindDifference, BlindPair};
pub use open::BlindSample;

/// The id of a sample: a keyed hash, from which neither the comment nor what was decided
/// can be told. Written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlindId(Uuid);

/// Text that is no sample's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a blind sample: 32 hexadecimal digits")]
pub struct NotABlindId;

impl BlindId {
    const fn from_array(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Uuid::from_slice(bytes).ok().map(Self)
    }

    fn to_vec(self) -> Vec<u8> {
        self.0.as_bytes().to_vec()
    }
}

impl fmt::Display for BlindId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_simple(), formatter)
    }
}

impl std::str::FromStr for BlindId {
    type Err = NotABlindId;

    fn from_str(text: &str) -> Result<Self, NotABlindId> {
        if text.len() != 32 {
            return Err(NotABlindId);
        }
        Uuid::try_parse(text).map(Self).map_err(|_| NotABlindId)
    }
}

/// Who has claimed a sample, as it is stored.
fn claimant(actor: &Actor) -> String {
    format!("{} {}", actor.kind(), actor.name().unwrap_or_default())
}
