//! What is in force for each site.

use std::collections::HashMap;

use crate::comment::FieldLimits;
use crate::policy::Policy;
use crate::rate_limit::Quotas;
use crate::rules::RuleSet;
use crate::site::SiteId;

/// Everything that decides for one site.
pub struct SiteRules {
    /// Limits of the fields.
    pub fields: FieldLimits,
    /// Thresholds and switches.
    pub policy: Policy,
    /// Word and domain lists.
    pub rules: RuleSet,
    /// Rate limits.
    pub quotas: Quotas,
    /// Hash of policy and rules, as verdicts carry it.
    pub policy_id: String,
}

impl SiteRules {
    /// The rules of a site.
    #[must_use]
    pub fn new(fields: FieldLimits, policy: Policy, rules: RuleSet, quotas: Quotas) -> Self {
        Self {
            policy_id: policy.id(&rules),
            fields,
            policy,
            rules,
            quotas,
        }
    }
}

/// The rules of every site.
pub struct SiteTable {
    shared: SiteRules,
    sites: HashMap<SiteId, SiteRules>,
}

impl SiteTable {
    /// `sites` with rules of their own, and `shared` for all others.
    #[must_use]
    pub const fn new(shared: SiteRules, sites: HashMap<SiteId, SiteRules>) -> Self {
        Self { shared, sites }
    }

    /// The rules of `site`.
    #[must_use]
    pub fn get(&self, site: &SiteId) -> &SiteRules {
        self.sites.get(site).unwrap_or(&self.shared)
    }
}
