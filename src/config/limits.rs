//! Rate limits that are allowed but hardly meant.

use super::Config;
use crate::rate_limit::{Network, QuotaKind, QuotaSetting, QuotaSettings, Quotas};

/// Blocks of addresses, each with one that lies in it.
const NESTED: [(QuotaKind, QuotaKind); 2] = [
    (QuotaKind::Ipv6Block56, QuotaKind::Address),
    (QuotaKind::Ipv6Block48, QuotaKind::Ipv6Block56),
];

/// A sentence for each, about the limits of all sites and of each that has its own.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    let mut warnings = of_table("limits", &[&config.limits]);
    for (site, own) in &config.sites {
        if own.limits != QuotaSettings::default() {
            let table = format!("sites.{site}.limits");
            warnings.extend(of_table(&table, &[&own.limits, &config.limits]));
        }
    }
    warnings
}

/// About what `layers` say, of which `table` is the first.
fn of_table(table: &str, layers: &[&QuotaSettings]) -> Vec<String> {
    let own = layers[0];
    let quotas = Quotas::resolve(layers);
    let mut warnings = Vec::new();
    for kind in own.shadow.iter().flatten() {
        if quotas.get(*kind).is_none() {
            warnings.push(format!(
                "{table}.shadow names per_{kind}, which is off, so it counts nothing"
            ));
        }
    }
    for (key, networks) in [("exempt", &own.exempt), ("shared", &own.shared)] {
        if networks.iter().flatten().any(Network::is_everything) {
            warnings.push(format!(
                "{table}.{key} holds every address there is, so none is counted"
            ));
        }
    }
    for (block, inner) in NESTED {
        let is_set = [block, inner]
            .iter()
            .any(|kind| matches!(own.get(*kind), Some(QuotaSetting::On(_))));
        if is_set && is_narrower(&quotas, block, inner) {
            warnings.push(format!(
                "{table}: per_{block} lets less through than per_{inner}, which lies in it: \
                 one reader on IPv6 can use up what is for the whole block"
            ));
        }
    }
    warnings
}

/// Whether `block` has a smaller burst or a lower rate than `inner`.
fn is_narrower(quotas: &Quotas, block: QuotaKind, inner: QuotaKind) -> bool {
    let (Some(block), Some(inner)) = (quotas.get(block), quotas.get(inner)) else {
        return false;
    };
    let (block, inner) = (block.quota, inner.quota);
    block.burst() < inner.burst() || block.interval() > inner.interval()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings_of(toml: &str) -> Vec<String> {
        warnings(&toml::from_str(toml).unwrap())
    }

    #[test]
    fn what_is_hardly_meant_is_named_with_its_table() {
        for (toml, expected) in [
            (
                "[limits]\nper_page = \"off\"\nshadow = [\"per_page\"]",
                "limits.shadow names per_page, which is off",
            ),
            (
                "[sites.times.limits]\nexempt = [\"0.0.0.0/0\"]",
                "sites.times.limits.exempt holds every address",
            ),
            (
                "[limits]\nper_address = \"100 per 1m\"",
                "limits: per_ipv6_56 lets less through than per_address",
            ),
            (
                "[limits]\nper_ipv6_48 = \"60 per 10m\"",
                "limits: per_ipv6_48 lets less through than per_ipv6_56",
            ),
        ] {
            let told = warnings_of(toml);
            assert_eq!(told.len(), 1, "{toml}: {told:?}");
            assert!(told[0].starts_with(expected), "{toml}: {told:?}");
        }
    }

    #[test]
    fn what_can_be_meant_is_not_warned_of() {
        for toml in [
            "",
            "[limits]\nper_address = \"5 per 1m, burst 3\"\nshadow = [\"per_address\"]",
            "[limits]\nper_address = \"100 per 1m\"\nper_ipv6_56 = \"off\"\nper_ipv6_48 = \"off\"",
            "[sites.times.limits]\nper_email = \"off\"\nexempt = [\"10.0.0.0/8\"]",
        ] {
            assert!(warnings_of(toml).is_empty(), "{toml}");
        }
    }
}
