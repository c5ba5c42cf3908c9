//! How much of a reader's quotas one submission takes.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::{Deserialize, Serialize};

/// Thousandths of one.
const ONE: u32 = 1_000;
/// The largest cost that can be configured.
const MAX: u32 = 100;

/// How much of a quota is taken at once: 1 is what an ordinary comment takes.
/// Counted in whole thousandths, so that sums and products are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "f64")]
pub struct Cost(u32);

/// Why a number is no cost.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("expected a number from 0 to {MAX} with at most three decimals, found {0}")]
pub struct NotACost(f64);

impl Cost {
    /// Takes nothing.
    pub const NOTHING: Self = Self(0);
    /// What an ordinary comment takes.
    pub const ONE: Self = Self(ONE);

    /// So many ordinary comments at once; as many as can be counted if that is more.
    #[must_use]
    pub const fn of(count: u32) -> Self {
        Self(count.saturating_mul(ONE))
    }

    /// In thousandths of one.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }

    /// Both together; as much as can be counted if that is more.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    const fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The product, rounded up to a thousandth.
    fn by(self, factor: Self) -> Self {
        let millionths = u64::from(self.0) * u64::from(factor.0);
        Self(u32::try_from(millionths.div_ceil(u64::from(ONE))).unwrap_or(u32::MAX))
    }
}

/// In decimals, as it is written in a configuration.
impl fmt::Display for Cost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        f64::from(*self).fmt(formatter)
    }
}

/// What is known of a comment that makes it cost more or less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// Links in it, those to allowed domains left out.
    pub links: u32,
    /// Its spam score would have it held.
    pub spam: bool,
    /// The site vouches for its author.
    pub trusted: bool,
}

/// One layer of the `[limits.cost]` table. What it leaves out, the next layer says;
/// the last one is built in.
///
/// A comment takes 1, and `link` more for each link, and `spam` more if it reads like
/// spam; a trusted author's takes `trusted` times that; none takes more than `max`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CostSettings {
    /// What each link adds; built in: 0.5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Cost>,
    /// What a spam score of `policy.spam.hold_at` or more adds; built in: 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spam: Option<Cost>,
    /// What an author for whom the site vouches is charged of all that; built in:
    /// 0.5. With 0 their comments are counted by page and site alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted: Option<Cost>,
    /// The most that one comment takes; built in: 5.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Cost>,
}

impl CostSettings {
    /// The settings with every gap filled from `fallback`.
    #[must_use]
    pub fn or(&self, fallback: &Self) -> Self {
        Self {
            link: self.link.or(fallback.link),
            spam: self.spam.or(fallback.spam),
            trusted: self.trusted.or(fallback.trusted),
            max: self.max.or(fallback.max),
        }
    }

    /// The built-in settings; none is left out.
    #[must_use]
    pub fn built_in() -> Self {
        let Costs {
            link,
            spam,
            trusted,
            max,
        } = Costs::BUILT_IN;
        Self {
            link: Some(link),
            spam: Some(spam),
            trusted: Some(trusted),
            max: Some(max),
        }
    }
}

/// What comments cost on one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    link: Cost,
    spam: Cost,
    trusted: Cost,
    max: Cost,
}

impl Costs {
    const BUILT_IN: Self = Self {
        link: Cost(ONE / 2),
        spam: Cost::of(2),
        trusted: Cost(ONE / 2),
        max: Cost::of(5),
    };

    /// As `settings` say, and as built in where they say nothing.
    #[must_use]
    pub fn resolve(settings: CostSettings) -> Self {
        let built_in = Self::BUILT_IN;
        Self {
            link: settings.link.unwrap_or(built_in.link),
            spam: settings.spam.unwrap_or(built_in.spam),
            trusted: settings.trusted.unwrap_or(built_in.trusted),
            max: settings.max.unwrap_or(built_in.max),
        }
    }

    /// What a comment takes of its reader's quotas.
    #[must_use]
    pub fn of(self, weight: Weight) -> Cost {
        let spam = if weight.spam {
            self.spam
        } else {
            Cost::NOTHING
        };
        let cost = Cost::ONE.plus(self.link.times(weight.links)).plus(spam);
        let cost = if weight.trusted {
            cost.by(self.trusted)
        } else {
            cost
        };
        cost.min(self.max)
    }
}
