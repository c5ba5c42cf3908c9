//! From the identifiers of a submission to what is counted.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use smallvec::SmallVec;

use super::address::{Standing, block};
use super::cost::Cost;
use super::key::{Key, KeyHasher};
use super::quota::Quota;
use super::settings::{QuotaKind, Quotas};
use crate::site::SiteId;

/// One of something for each charge of a submission, on the stack: a submission has
/// at most one charge of each kind.
pub type PerCharge<T> = SmallVec<[T; 8]>;

/// One count of one key against one quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What the key stands for.
    pub kind: QuotaKind,
    /// What is counted.
    pub key: Key,
    /// How much of it is let through.
    pub quota: Quota,
    /// How much of that is asked for.
    pub cost: Cost,
    /// Counted and reported, never enforced.
    pub shadow: bool,
}

impl Charge {
    /// What it takes of the quota, as the time in which that comes back.
    #[must_use]
    pub const fn takes(&self) -> Duration {
        Duration::from_micros(self.takes_us())
    }

    pub(super) const fn takes_us(&self) -> u64 {
        self.quota.taken_us(self.cost)
    }

    /// Of what it took so long `ago`, how much can not have come back by itself since,
    /// in microseconds. Without a charge a key's level is lower by that much at least,
    /// for levels draw nearer only while the lower one is empty, as fast as time goes.
    pub(super) fn not_yet_back_us(&self, ago: Duration) -> u64 {
        let ago_us = u64::try_from(ago.as_micros()).unwrap_or(u64::MAX);
        self.takes_us().saturating_sub(ago_us)
    }
}

/// Who submits, and where: the identifiers as parsed, as far as they are known.
#[derive(Clone, Copy, Default)]
pub struct Subject<'a> {
    /// The reader's address.
    pub address: Option<IpAddr>,
    /// The e-mail address, lower-cased by the caller.
    pub email: Option<&'a str>,
    /// The page's id.
    pub page: Option<&'a str>,
    /// The signed-in author's id.
    pub author: Option<&'a str>,
    /// Whether it counts for the whole site.
    pub site: bool,
}

impl fmt::Debug for Subject<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Subject").finish_non_exhaustive()
    }
}

impl<'a> Subject<'a> {
    /// What a quota of `kind` counts by; `None` if the subject has no such thing.
    /// `reader` is the address that stands for one reader.
    fn identifier(&self, kind: QuotaKind, reader: Option<IpAddr>) -> Option<Cow<'a, [u8]>> {
        let borrowed = |id: &'a str| Cow::Borrowed(id.as_bytes());
        match kind {
            QuotaKind::Address => match reader? {
                IpAddr::V4(address) => Some(Cow::Owned(address.octets().to_vec())),
                IpAddr::V6(_) => ipv6_block(reader, 64),
            },
            QuotaKind::Ipv6Block56 => ipv6_block(reader, 56),
            QuotaKind::Ipv6Block48 => ipv6_block(reader, 48),
            QuotaKind::Email => self.email.map(borrowed),
            QuotaKind::Author => self.author.map(borrowed),
            QuotaKind::Page => self.page.map(borrowed),
            QuotaKind::Site => self.site.then_some(Cow::Borrowed(&[])),
        }
    }
}

fn ipv6_block(reader: Option<IpAddr>, bits: u32) -> Option<Cow<'static, [u8]>> {
    match reader? {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(Cow::Owned(block(address, bits).to_vec())),
    }
}

impl Quotas {
    /// What a submission by `subject` to `site` counts against; one charge for each
    /// quota that is on and has something to count by, each with a key of its own.
    ///
    /// `cost` is what it takes of the reader's own quotas. Of those it shares with
    /// others, the page's and the site's, every submission takes one: links and spam
    /// must not use up what is everybody's. From an exempt address nothing is charged.
    #[must_use]
    pub fn charges(
        &self,
        hasher: &KeyHasher,
        site: &SiteId,
        subject: &Subject<'_>,
        cost: Cost,
    ) -> Vec<Charge> {
        let of_kind = |kind: QuotaKind| if kind.is_shared() { Cost::ONE } else { cost };
        let mut charges = self.charges_at(hasher, site, subject, of_kind);
        charges.retain(|charge| charge.cost != Cost::NOTHING);
        charges
    }

    /// As [`charges`](Self::charges), for what is no comment: of each kind of quota it
    /// takes what `cost` says. What takes nothing is asked, too.
    #[must_use]
    pub fn charges_at(
        &self,
        hasher: &KeyHasher,
        site: &SiteId,
        subject: &Subject<'_>,
        cost: impl Fn(QuotaKind) -> Cost,
    ) -> Vec<Charge> {
        let reader = match subject.address.map(|address| self.standing(address)) {
            Some(Standing::Exempt) => return Vec::new(),
            Some(Standing::Reader(address)) => Some(address),
            Some(Standing::Shared | Standing::Private) | None => None,
        };
        let charge = |kind: QuotaKind| {
            let limit = self.get(kind)?;
            let identifier = subject.identifier(kind, reader)?;
            Some(Charge {
                kind,
                key: hasher.key(site, kind, &identifier),
                quota: limit.quota,
                cost: cost(kind),
                shadow: limit.shadow,
            })
        };
        QuotaKind::ALL.into_iter().filter_map(charge).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::settings::QuotaSettings;

    fn charges(address: Option<&str>, email: &str) -> Vec<Charge> {
        let subject = Subject {
            address: address.map(|text| text.parse().unwrap()),
            email: Some(email),
            site: true,
            ..Subject::default()
        };
        let hasher = KeyHasher::new([1; 32]);
        Quotas::default().charges(&hasher, &SiteId::default(), &subject, Cost::ONE)
    }

    fn key(kind: QuotaKind, address: &str) -> Option<Key> {
        let charges = charges(Some(address), "a@example.org");
        charges
            .iter()
            .find(|charge| charge.kind == kind)
            .map(|charge| charge.key)
    }

    #[test]
    fn counts_only_what_the_submission_has() {
        let kinds = |address| -> Vec<_> {
            charges(address, "a@example.org")
                .iter()
                .map(|charge| charge.kind)
                .collect()
        };
        assert_eq!(kinds(None), [QuotaKind::Email, QuotaKind::Site]);
        assert_eq!(
            kinds(Some("192.0.2.7")),
            [QuotaKind::Address, QuotaKind::Email, QuotaKind::Site]
        );
        assert_eq!(kinds(Some("2001:db8::7")).len(), 5);
    }

    #[test]
    fn a_quota_that_is_off_is_not_charged_and_shadow_is_passed_on() {
        let settings = QuotaSettings {
            per_email: Some("off".parse().unwrap()),
            shadow: Some(vec![QuotaKind::Page]),
            ..QuotaSettings::default()
        };
        let subject = Subject {
            email: Some("a@example.org"),
            page: Some("p"),
            author: Some("u"),
            site: true,
            ..Subject::default()
        };
        let charges = Quotas::resolve(&[&settings]).charges(
            &KeyHasher::new([1; 32]),
            &SiteId::default(),
            &subject,
            Cost::ONE,
        );
        let shadows: Vec<_> = charges
            .iter()
            .map(|charge| (charge.kind, charge.shadow))
            .collect();
        assert_eq!(
            shadows,
            [
                (QuotaKind::Author, false),
                (QuotaKind::Page, true),
                (QuotaKind::Site, false)
            ]
        );
    }

    #[test]
    fn what_is_everybodys_is_charged_one_whatever_a_comment_costs() {
        let subject = Subject {
            address: Some([192, 0, 2, 7].into()),
            email: Some("a@example.org"),
            page: Some("p"),
            author: Some("u"),
            site: true,
        };
        let costs = |cost| -> Vec<_> {
            let hasher = KeyHasher::new([1; 32]);
            Quotas::default()
                .charges(&hasher, &SiteId::default(), &subject, cost)
                .iter()
                .map(|charge| (charge.kind, charge.cost.to_string()))
                .collect()
        };
        let one = |kind| (kind, "1".to_owned());
        let shared = [one(QuotaKind::Page), one(QuotaKind::Site)];
        assert_eq!(costs(Cost::NOTHING), shared, "the rest is not counted");
        let three = |kind| (kind, "3".to_owned());
        let own = [QuotaKind::Address, QuotaKind::Email, QuotaKind::Author].map(three);
        assert_eq!(costs(Cost::of(3)), [&own[..], &shared].concat());
    }

    #[test]
    fn neighbours_share_the_blocks_they_are_in() {
        let here = "2001:db8:1:200::1";
        for (other, same_address, same_56, same_48) in [
            ("2001:db8:1:200:ffff::2", true, true, true),
            ("2001:db8:1:2ff::1", false, true, true),
            ("2001:db8:1:300::1", false, false, true),
            ("2001:db8:2:200::1", false, false, false),
        ] {
            let same = |kind| key(kind, here) == key(kind, other);
            assert_eq!(same(QuotaKind::Address), same_address, "{other}");
            assert_eq!(same(QuotaKind::Ipv6Block56), same_56, "{other}");
            assert_eq!(same(QuotaKind::Ipv6Block48), same_48, "{other}");
        }
    }

    #[test]
    fn ipv4_counts_the_same_however_it_is_wrapped() {
        let plain = key(QuotaKind::Address, "192.0.2.7");
        assert_eq!(plain, key(QuotaKind::Address, "::ffff:192.0.2.7"));
        assert_eq!(plain, key(QuotaKind::Address, "64:ff9b::c000:207"));
        assert_ne!(plain, key(QuotaKind::Address, "64:ff9b::c000:208"));
        assert_eq!(key(QuotaKind::Ipv6Block48, "64:ff9b::c000:207"), None);
    }

    #[test]
    fn exempt_addresses_charge_nothing_and_shared_ones_all_but_the_address() {
        let settings = QuotaSettings {
            exempt: Some(vec!["192.0.2.0/24".parse().unwrap()]),
            shared: Some(vec!["2001:db8::/32".parse().unwrap()]),
            ..QuotaSettings::default()
        };
        let quotas = Quotas::resolve(&[&settings]);
        for (address, charged) in [
            ("192.0.2.7", &[][..]),
            ("::ffff:192.0.2.7", &[]),
            ("2001:db8::7", &[QuotaKind::Email, QuotaKind::Site]),
            ("10.1.2.3", &[QuotaKind::Email, QuotaKind::Site]),
            (
                "198.51.100.7",
                &[QuotaKind::Address, QuotaKind::Email, QuotaKind::Site],
            ),
        ] {
            let subject = Subject {
                address: Some(address.parse().unwrap()),
                email: Some("a@example.org"),
                site: true,
                ..Subject::default()
            };
            let hasher = KeyHasher::new([1; 32]);
            let charges = quotas.charges(&hasher, &SiteId::default(), &subject, Cost::ONE);
            let kinds: Vec<_> = charges.iter().map(|charge| charge.kind).collect();
            assert_eq!(kinds, charged, "{address}");
        }
    }

    #[test]
    fn debug_prints_do_not_tell_who_it_is() {
        let subject = Subject {
            address: Some([192, 0, 2, 7].into()),
            email: Some("a@example.org"),
            ..Subject::default()
        };
        assert_eq!(format!("{subject:?}"), "Subject { .. }");
        assert!(!format!("{:?}", charges(Some("192.0.2.7"), "a@example.org")).contains("192"));
    }
}
