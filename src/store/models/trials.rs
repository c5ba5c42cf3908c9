//! Models on trial: a canary that judges a share of the comments, a shadow that judges for
//! the record alone.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::site::SiteAccess;
use crate::store::error::StoreError;
use crate::store::values::{Columns, micros, unexpected};

/// How many parts make a whole.
const WHOLE: u32 = 1_000_000;

/// The share of the authors whose comments a model on trial judges: from a millionth to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrialShare(u32);

/// What is no share of a trial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a share above 0 and at most 1, such as 0.05 or 5%; found {0:?}")]
pub struct NotATrialShare(String);

impl TrialShare {
    /// Every author.
    pub const ALL: Self = Self(WHOLE);

    /// The number, above 0 and at most 1.
    #[must_use]
    pub fn get(self) -> f64 {
        f64::from(self.0) / f64::from(WHOLE)
    }

    /// Whether it is less than everybody.
    #[must_use]
    pub fn is_part(self) -> bool {
        self != Self::ALL
    }

    fn from_parts(parts: i64) -> Option<Self> {
        let parts = u32::try_from(parts).ok()?;
        (1..=WHOLE).contains(&parts).then_some(Self(parts))
    }
}

impl TryFrom<f64> for TrialShare {
    type Error = NotATrialShare;

    #[expect(clippy::cast_possible_truncation, reason = "rounded, and saturating")]
    fn try_from(share: f64) -> Result<Self, NotATrialShare> {
        let parts = (share * f64::from(WHOLE)).round() as i64;
        Self::from_parts(parts).ok_or_else(|| NotATrialShare(share.to_string()))
    }
}

impl FromStr for TrialShare {
    type Err = NotATrialShare;

    fn from_str(text: &str) -> Result<Self, NotATrialShare> {
        let (number, whole) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 100.0),
            None => (text, 1.0),
        };
        let share = number.parse::<f64>().ok().map(|number| number / whole);
        let share = share.and_then(|share| Self::try_from(share).ok());
        share.ok_or_else(|| NotATrialShare(text.to_owned()))
    }
}

/// As the number.
impl Serialize for TrialShare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.get())
    }
}

/// In percent.
impl fmt::Display for TrialShare {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} %", f64::from(self.0) / 1e4)
    }
}

/// A model that judges a share of the comments, and is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanaryTrial {
    /// Which; `None`: the one that the configuration names.
    pub model: Option<String>,
    /// Of whose comments.
    pub share: TrialShare,
    /// Since when.
    pub since: Timestamp,
}

/// A model that judges what the live one judges, for the record alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowTrial {
    /// Which; `None`: the one that the configuration names.
    pub model: Option<String>,
    /// Of whose comments.
    pub share: TrialShare,
    /// On which sites.
    pub sites: SiteAccess,
    /// Since when.
    pub since: Timestamp,
}

/// The columns of the trials, as they are bound and read.
#[derive(Default)]
pub(super) struct TrialColumns {
    pub(super) share: Option<i64>,
    pub(super) model: Option<String>,
    pub(super) since: Option<i64>,
}

impl TrialColumns {
    pub(super) fn of(model: Option<&String>, share: TrialShare, since: Timestamp) -> Self {
        Self {
            share: Some(share.0.into()),
            model: model.cloned(),
            since: Some(micros(since)),
        }
    }
}

pub(super) fn canary(row: &Columns<'_>) -> Result<Option<CanaryTrial>, StoreError> {
    share(row, "canary_share")?
        .map(|share| {
            Ok(CanaryTrial {
                model: row.get("canary")?,
                share,
                since: row.time("canary_since")?,
            })
        })
        .transpose()
}

pub(super) fn shadow(row: &Columns<'_>) -> Result<Option<ShadowTrial>, StoreError> {
    share(row, "shadow_share")?
        .map(|share| {
            Ok(ShadowTrial {
                model: row.get("shadow")?,
                share,
                sites: row.site_access("shadow_sites")?,
                since: row.time("shadow_since")?,
            })
        })
        .transpose()
}

fn share(row: &Columns<'_>, column: &str) -> Result<Option<TrialShare>, StoreError> {
    let parts: Option<i64> = row.get(column)?;
    let share = |parts| TrialShare::from_parts(parts).ok_or_else(|| unexpected(column, &parts));
    parts.map(share).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_written_as_a_number_or_in_percent() {
        for (text, number, shown) in [
            ("5%", 0.05, "5 %"),
            ("0.05", 0.05, "5 %"),
            ("1", 1.0, "100 %"),
            ("100 %", 1.0, "100 %"),
            ("0.01%", 0.0001, "0.01 %"),
        ] {
            let share: TrialShare = text.parse().unwrap();
            assert!((share.get() - number).abs() < 1e-9, "{text}");
            assert_eq!(share.to_string(), shown);
        }
        for wrong in [
            "", "0", "-1%", "101%", "5", "five", "NaN", "inf", "1e-9", "%",
        ] {
            let refused = wrong.parse::<TrialShare>().unwrap_err();
            assert!(refused.to_string().contains("5%"), "{wrong}: {refused}");
        }
    }
}
