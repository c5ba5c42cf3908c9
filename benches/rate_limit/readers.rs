//! Who submits: readers who are told apart, on a few pages of one site.

use std::net::Ipv4Addr;

use moderato::rate_limit::{Charge, Cost, KeyHasher, Quotas, Subject};
use moderato::site::SiteId;

/// Makes the charges of submissions.
pub struct Readers {
    hasher: KeyHasher,
    quotas: Quotas,
    site: SiteId,
}

impl Readers {
    /// Readers on the default site, with quotas that refuse none.
    pub fn new() -> Self {
        let wide = Some("10000 per 1s, burst 1000000".parse().unwrap());
        let settings = moderato::rate_limit::QuotaSettings {
            per_page: wide,
            per_site: wide,
            ..Default::default()
        };
        Self {
            hasher: KeyHasher::new([7; 32]),
            quotas: Quotas::resolve(&[&settings]),
            site: SiteId::default(),
        }
    }

    /// The site they read.
    pub const fn site(&self) -> &SiteId {
        &self.site
    }

    /// What a submission by reader `number` is charged to: address, e-mail, page, site.
    pub fn charges(&self, number: u64) -> Vec<Charge> {
        let [.., a, b, c] = number.to_be_bytes();
        let subject = Subject {
            address: Some(Ipv4Addr::from([11, a, b, c]).into()),
            email: Some(&format!("reader-{number}@example.org")),
            page: Some(&format!("story-{}", number % 50)),
            author: None,
            site: true,
        };
        self.quotas
            .charges(&self.hasher, &self.site, &subject, Cost::ONE)
    }
}
