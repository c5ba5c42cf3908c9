//! Domains, each covering the hosts under it.

use std::collections::HashMap;
use std::sync::Arc;

use super::entries::{RuleEntries, Subject};
use super::{List, RulesError};
use crate::text;

/// Longest name that DNS knows (RFC 1035, section 2.3.4).
pub(super) const MAX_DOMAIN_BYTES: usize = 253;

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
            let name = domain(&entry.text).ok_or_else(|| RulesError::NotADomain {
                origin: entry.origin.clone(),
                entry: entry.text.to_string(),
            })?;
            by_name.entry(name).or_insert_with(|| ListedDomain {
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
            if candidate.len() <= MAX_DOMAIN_BYTES
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

/// The domain that `entry` names, in the normalised form in which links come.
/// `*.example.com` and `.example.com` mean `example.com`.
fn domain(entry: &str) -> Option<Box<str>> {
    // Inside a link, where no letters are squeezed: `.xxx` is not `.xx`.
    const LINK: &str = "http://a.";
    let entry = entry.trim();
    let entry = entry.strip_prefix('*').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry);
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    if entry.len() > MAX_DOMAIN_BYTES {
        return None;
    }
    let normalised = text::normalise(&format!("{LINK}{entry}"));
    let name = normalised.text().strip_prefix(LINK)?;
    let well_formed = name.len() <= MAX_DOMAIN_BYTES
        && name
            .split('.')
            .all(|label| !label.is_empty() && label.chars().all(is_label_char));
    well_formed.then(|| name.into())
}

/// International names come as typed, not in Punycode, so any script may stand.
fn is_label_char(c: char) -> bool {
    c == '-' || c == '_' || c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_domains_and_nothing_else() {
        for (entry, name) in [
            ("Example.COM", "example.com"),
            ("*.example.com", "example.com"),
            (".xyz", "xyz"),
            (".xxx", "xxx"),
            ("aaa.com", "aaa.com"),
            ("bbc.co.uk.", "bbc.co.uk"),
        ] {
            assert_eq!(domain(entry).as_deref(), Some(name), "{entry}");
        }
        for bad in [
            "",
            " ",
            ".",
            "*",
            "https://example.com",
            "example.com/path",
            "example.com:80",
            "a..b",
            "a b.com",
            "me@example.com",
            &"x".repeat(300),
        ] {
            assert_eq!(domain(bad), None, "{bad}");
        }
    }
}
