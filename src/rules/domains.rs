//! Domains, each covering the hosts under it.

use std::collections::HashMap;
use std::sync::Arc;

use super::entries::{RuleEntries, Subject};
use super::{List, RulesError};
use crate::text::Domain;

/// The listed domains.
#[derive(Default)]
pub(super) struct DomainTable {
    by_name: HashMap<Box<str>, ListedDomain>,
}

/// One listed domain.
pub(super) struct ListedDomain {
    pub list: List,
    /// As the operator wrote it.
    pub entry: Arc<str>,
}

impl DomainTable {
    pub fn compile(entries: &RuleEntries) -> Result<Self, RulesError> {
        let mut by_name = HashMap::new();
        for entry in entries.ranked(Subject::Domain) {
            let name: Domain = entry.text.parse().map_err(|_| RulesError::NotADomain {
                origin: entry.origin.clone(),
                entry: entry.text.to_string(),
            })?;
            by_name.entry(name.into()).or_insert_with(|| ListedDomain {
                list: entry.list,
                entry: Arc::clone(&entry.text),
            });
        }
        Ok(Self { by_name })
    }

    /// The longest listed domain that is `host` or a parent of it. Costs one
    /// look-up for each label of a possible name, however long `host` is.
    pub fn find(&self, host: &str) -> Option<&ListedDomain> {
        let host = host.trim_end_matches('.');
        let mut name = Some(host);
        while let Some(candidate) = name {
            if candidate.len() <= Domain::MAX_BYTES
                && let Some(listed) = self.by_name.get(candidate)
            {
                return Some(listed);
            }
            name = candidate.split_once('.').map(|(_, parent)| parent);
        }
        None
    }

    /// Every domain with its list, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (List, &str)> {
        self.by_name
            .iter()
            .map(|(name, listed)| (listed.list, &**name))
    }
}
