//! The sites (tenants) one Moderato serves.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A site's id: 1 to 63 characters of `a-z`, `0-9` and `-`, starting with a
/// letter or digit. Safe inside resource names, Redis keys and metrics labels.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SiteId(Box<str>);

/// Text that is no site id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a site id of 1 to 63 characters a-z, 0-9 and '-', starting with a letter or digit; found {0:?}"
)]
pub struct NotASiteId(String);

impl SiteId {
    /// Takes a site id.
    ///
    /// # Errors
    /// If `id` does not have the form above.
    pub fn new(id: &str) -> Result<Self, NotASiteId> {
        let well_formed = (1..=63).contains(&id.len())
            && !id.starts_with('-')
            && id
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if well_formed {
            Ok(Self(id.into()))
        } else {
            Err(NotASiteId(id.to_owned()))
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The sites that somebody may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SiteAccess {
    /// Every one, those to come included.
    #[default]
    All,
    /// These; of none, nothing.
    Only(Arc<BTreeSet<SiteId>>),
}

impl SiteAccess {
    /// These sites alone.
    pub fn only(sites: impl IntoIterator<Item = SiteId>) -> Self {
        Self::Only(Arc::new(sites.into_iter().collect()))
    }

    /// Whether `site` is one of them.
    #[must_use]
    pub fn allows(&self, site: &SiteId) -> bool {
        match self {
            Self::All => true,
            Self::Only(sites) => sites.contains(site),
        }
    }
}

/// The ids, a blank between two; nothing: every site.
impl fmt::Display for SiteAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Only(sites) = self else {
            return Ok(());
        };
        for (index, site) in sites.iter().enumerate() {
            let joint = if index == 0 { "" } else { " " };
            write!(formatter, "{joint}{site}")?;
        }
        Ok(())
    }
}

/// The one site of an installation that has configured none.
impl Default for SiteId {
    fn default() -> Self {
        Self("default".into())
    }
}

impl TryFrom<String> for SiteId {
    type Error = NotASiteId;

    fn try_from(id: String) -> Result<Self, NotASiteId> {
        Self::new(&id)
    }
}

impl From<SiteId> for String {
    fn from(id: SiteId) -> Self {
        id.0.into()
    }
}

impl fmt::Debug for SiteId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Display for SiteId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_is_to_all_or_to_those_named() {
        let [daily, weekly] = ["daily", "weekly"].map(|id| SiteId::new(id).unwrap());
        let only = SiteAccess::only([weekly.clone(), daily.clone()]);
        assert!(only.allows(&daily) && !only.allows(&SiteId::default()));
        assert!(SiteAccess::All.allows(&weekly));
        assert!(!SiteAccess::only([]).allows(&daily));
        assert_eq!(only.to_string(), "daily weekly");
        assert_eq!(SiteAccess::All.to_string(), "");
    }

    #[test]
    fn takes_ids_that_are_safe_in_names_and_keys() {
        assert!(SiteId::new("daily-times").is_ok());
        for bad in ["", "-a", "Daily", "a/b", "a{b}", "a b", &"x".repeat(64)] {
            assert!(SiteId::new(bad).is_err(), "{bad:?}");
        }
    }
}
