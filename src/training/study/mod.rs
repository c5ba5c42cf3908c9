//! Studies of the method: what each part of it is worth, how far what it learned carries, and
//! what disguise and mention of a group do to its scores.

mod ablation;
mod evasion;
mod fairness;
mod ground;
mod hold_out;
mod table;
mod words;

pub use ablation::{Ablation, AblationRow, Part, ablation};
pub use evasion::{Attack, Disguise, EvasionRow, Evasions};
pub use fairness::{Fairness, IDENTITY_TERMS, TermRow};
pub use ground::Ground;
pub use hold_out::{By, HeldOut, HoldOut, hold_out};
pub use table::{EvasionTable, FairnessTable};
pub use words::WordCounts;

/// Draws of a paired bootstrap: enough for two decimals of an interval's ends.
const DRAWS: usize = 400;
