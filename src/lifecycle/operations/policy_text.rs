//! A policy that might be, as text.

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;

use serde::Deserialize;

use crate::pipeline::SiteTable;
use crate::policy::{Policy, PolicyError, PolicySettings};
use crate::site::SiteId;

/// Longest text, in bytes.
const LONGEST: usize = 64 << 10;

/// Text that is no policy.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotAPolicy {
    /// It is too long.
    #[error("expected at most {LONGEST} bytes, found {0}")]
    TooLong(usize),
    /// It cannot be read; says where.
    #[error("expected [policy] and [sites.<id>.policy] as a configuration file has them: {0}")]
    Unreadable(String),
    /// It contradicts itself.
    #[error(transparent)]
    Contradictory(#[from] PolicyError),
}

/// Policies of all sites and of some.
#[derive(Debug)]
pub(super) struct PolicyText {
    shared: Policy,
    own: HashMap<SiteId, Policy>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Tables {
    policy: PolicySettings,
    sites: BTreeMap<SiteId, SiteTables>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteTables {
    policy: PolicySettings,
}

impl FromStr for PolicyText {
    type Err = NotAPolicy;

    fn from_str(text: &str) -> Result<Self, NotAPolicy> {
        if text.len() > LONGEST {
            return Err(NotAPolicy::TooLong(text.len()));
        }
        let tables: Tables = toml::from_str(text)
            .map_err(|error| NotAPolicy::Unreadable(error.to_string().trim_end().to_owned()))?;
        let own = tables.sites.into_iter().map(|(site, own)| {
            let policy = Policy::resolve(&[&own.policy, &tables.policy])?;
            Ok::<_, NotAPolicy>((site, policy))
        });
        Ok(Self {
            own: own.collect::<Result<_, _>>()?,
            shared: Policy::resolve(&[&tables.policy])?,
        })
    }
}

impl PolicyText {
    /// `in_force` with these policies.
    pub(super) fn over(self, in_force: &SiteTable) -> SiteTable {
        in_force.with_policies(&self.shared, self.own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_and_nothing_else() {
        let text = "[policy.spam]\nhold_at = 0.5\n[sites.daily.policy]\nmax_links = 1\n";
        let policies: PolicyText = text.parse().unwrap();
        let daily = &policies.own[&SiteId::new("daily").unwrap()];
        assert_ne!(*daily, policies.shared);
        for (wrong, told) in [
            ("[rules]\nwords = \"/etc/passwd\"", "unknown field `rules`"),
            ("[policy]\nmax_link = 1", "unknown field `max_link`"),
            ("[sites.daily.limits]", "unknown field `limits`"),
            ("policy", "TOML"),
            ("[policy.spam]\nhold_at = 0.9\nreject_at = 0.1", "hold_at"),
        ] {
            let error = wrong.parse::<PolicyText>().unwrap_err().to_string();
            assert!(error.contains(told), "{wrong}: {error}");
        }
        let long = "#".repeat(LONGEST + 1);
        assert_eq!(
            long.parse::<PolicyText>().unwrap_err(),
            NotAPolicy::TooLong(LONGEST + 1)
        );
    }
}
