//! What is in force for each site.

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

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
    pub rules: Arc<RuleSet>,
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
            rules: Arc::new(rules),
            quotas,
        }
    }

    fn with_policy(&self, policy: Policy) -> Self {
        Self {
            policy_id: policy.id(&self.rules),
            fields: self.fields,
            policy,
            rules: Arc::clone(&self.rules),
            quotas: self.quotas.clone(),
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

    /// Names all policies and lists together: hexadecimal digits of a SHA-256.
    #[must_use]
    pub fn id(&self) -> String {
        let mut own: Vec<_> = self.sites.iter().collect();
        own.sort_by_key(|(site, _)| *site);
        let mut digest = Sha256::new_with_prefix(&self.shared.policy_id);
        for (site, rules) in own {
            digest.update(format!("\n{site} {}", rules.policy_id));
        }
        let digest: [u8; 32] = digest.finalize().into();
        let first = |id: u64, &byte: &u8| id << 8 | u64::from(byte);
        format!("{:016x}", digest[..8].iter().fold(0, first))
    }

    /// The same lists and quotas with other policies: `own` for the sites that have one,
    /// `shared` for all others.
    #[must_use]
    pub fn with_policies(&self, shared: &Policy, mut own: HashMap<SiteId, Policy>) -> Self {
        for site in self.sites.keys() {
            own.entry(site.clone()).or_insert_with(|| shared.clone());
        }
        let rules = own.into_iter().map(|(site, policy)| {
            let rules = self.get(&site).with_policy(policy);
            (site, rules)
        });
        Self {
            sites: rules.collect(),
            shared: self.shared.with_policy(shared.clone()),
        }
    }
}
