//! What an operator has said outright: words and domains to reject, to hold, to allow.
//!
//! Words are matched whole, on the normalised text, so look-alike letters and
//! invisible characters do not get past a list. Domains are matched with all
//! that lies under them. All words of all lists are looked for in one pass whose
//! cost grows with the text alone, however long the lists are.
//!
//! [`RuleSettings`] is what the configuration holds; [`RuleSettings::load`] reads
//! the files it names; [`RuleSet::compile`] makes the matcher;
//! [`RuleSet::apply`] finds the hits. What a hit is worth is the policy's to say.
//!
//! # Precedence
//!
//! - Of one phrase or domain on several lists, `allow` wins over `reject`, and
//!   `reject` over `hold`. A repeated entry counts once, as first written.
//! - A match that lies inside an allowed phrase is no hit: with `breast` held
//!   and `breast cancer` allowed, `breast cancer` is not a reason to hold.
//! - Of several domains that cover a host, the longest wins: with `example.com`
//!   rejected and `news.example.com` allowed, `a.news.example.com` is allowed.

mod boundaries;
mod domains;
mod entries;
mod error;
mod hits;
mod set;
mod settings;
mod words;

#[cfg(test)]
mod tests;

pub use entries::{Origin, RuleEntries};
pub use error::RulesError;
pub use hits::{HitKind, MAX_HITS_PER_KIND, RuleHit, RuleHits};
pub use set::{Passage, RuleSet};
pub use settings::{ListSettings, RuleSettings};

/// The list an entry stands on, in order of precedence: an entry that stands on
/// several counts on the first of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Allow,
    Reject,
    Hold,
}

impl List {
    const ALL: [Self; 3] = [Self::Allow, Self::Reject, Self::Hold];

    const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Reject => "reject",
            Self::Hold => "hold",
        }
    }
}
