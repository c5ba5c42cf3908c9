//! How often somebody may try to sign in.

use std::net::IpAddr;

use super::error::AccountError;
use crate::rate_limit::{
    Admission, Charge, Clock, Cost, InProcess, KeyHasher, MonotonicClock, Quota, QuotaError,
    QuotaKind,
};
use crate::site::SiteId;

/// Attempts for one name from one address, from one address, and for one name from
/// anywhere. The last is wide, so that nobody can lock a moderator out for long.
const QUOTAS: [(QuotaKind, &str); 3] = [
    (QuotaKind::Author, "10 per 10m, burst 5"),
    (QuotaKind::Address, "60 per 10m, burst 20"),
    (QuotaKind::Site, "100 per 1h, burst 50"),
];

/// Tokens from one address that nobody has.
const UNKNOWN_TOKENS: &str = "60 per 10m, burst 20";

/// Keys held at once; a few hundred kilobytes.
const KEYS: usize = 16_384;

/// Counts attempts to sign in, in this process: with several replicas an attempt may
/// be made on each.
pub struct Throttle<C = MonotonicClock> {
    limiter: InProcess<C>,
    hasher: KeyHasher,
    quotas: [(QuotaKind, Quota); 3],
    token_quota: (QuotaKind, Quota),
}

impl Throttle {
    /// A throttle on the machine's monotonic clock.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        Ok(Self::with(MonotonicClock::start(), secret))
    }
}

impl<C: Clock> Throttle<C> {
    /// A throttle on `clock`; names and addresses are kept as hashes under `secret`.
    pub fn with(clock: C, secret: [u8; 32]) -> Self {
        Self {
            limiter: InProcess::with(clock, KEYS),
            hasher: KeyHasher::new(secret),
            quotas: QUOTAS.map(|(kind, text)| (kind, constant(text.parse()))),
            token_quota: (QuotaKind::Address, constant(UNKNOWN_TOKENS.parse())),
        }
    }

    /// Whether another token may be tried from `address`.
    ///
    /// # Errors
    /// If too many that nobody has came from there.
    pub(super) fn may_present(&self, address: IpAddr) -> Result<(), AccountError> {
        let (_, quota) = self.token_quota;
        let looked_at = self.tokens(address, Cost::NOTHING);
        match looked_at.remaining.first() {
            Some(left) if left.count == 0 => {
                let room = quota.refill().saturating_sub(left.whole_after);
                Err(AccountError::TooManyAttempts {
                    retry_after: quota.interval().saturating_sub(room),
                })
            }
            _ => Ok(()),
        }
    }

    /// Counts a token that nobody has, from `address`. By the address alone: what was
    /// presented is somebody's guess or mistake, and names nobody.
    pub(super) fn presented_unknown(&self, address: IpAddr) {
        // Whether it was one too many, the next will be told.
        self.tokens(address, Cost::ONE);
    }

    fn tokens(&self, address: IpAddr, cost: Cost) -> Admission {
        let (kind, quota) = self.token_quota;
        let counted = [b"token\0", &*network(address)].concat();
        self.limiter.decide(&[Charge {
            kind,
            key: self.hasher.key(&SiteId::default(), kind, &counted),
            quota,
            cost,
            shadow: false,
        }])
    }

    /// Counts an attempt to sign in as `name` (as typed) from `address`.
    ///
    /// # Errors
    /// If there have been too many.
    pub(super) fn attempt(&self, name: &str, address: IpAddr) -> Result<(), AccountError> {
        let name = name.trim().to_lowercase();
        let address = network(address);
        let charges = self.quotas.map(|(kind, quota)| {
            let counted = match kind {
                QuotaKind::Address => address.clone(),
                QuotaKind::Author => [&*address, b"\0", name.as_bytes()].concat(),
                _ => name.as_bytes().to_vec(),
            };
            Charge {
                kind,
                key: self.hasher.key(&SiteId::default(), kind, &counted),
                quota,
                cost: Cost::ONE,
                shadow: false,
            }
        });
        match self.limiter.decide(&charges).refusal() {
            None => Ok(()),
            Some(refusal) => Err(AccountError::TooManyAttempts {
                retry_after: refusal.retry_after,
            }),
        }
    }
}

#[expect(
    clippy::expect_used,
    reason = "a constant; every test of this file reads it"
)]
fn constant(quota: Result<Quota, QuotaError>) -> Quota {
    quota.expect("a quota that reads well")
}

/// What counts as one address: an IPv4 address, or the /64 that one household has.
fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..8].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::rate_limit::ManualClock;

    fn tries(throttle: &Throttle<ManualClock>, name: &str, address: &str) -> usize {
        let address = address.parse().unwrap();
        (0..1000)
            .take_while(|_| throttle.attempt(name, address).is_ok())
            .count()
    }

    #[test]
    fn unknown_tokens_are_counted_by_address_and_apart_from_signing_in() {
        let clock = ManualClock::default();
        let throttle = Throttle::with(clock.clone(), [7; 32]);
        let [here, there] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse().unwrap());
        let presented = (0..99).take_while(|_| {
            let may = throttle.may_present(here).is_ok();
            throttle.presented_unknown(here);
            may
        });
        assert_eq!(presented.count(), 20);
        let Err(AccountError::TooManyAttempts { retry_after }) = throttle.may_present(here) else {
            panic!("expected a wait");
        };
        assert_eq!(retry_after, Duration::from_secs(10));
        assert!(throttle.may_present(there).is_ok(), "another address");
        assert!(throttle.attempt("ayesha", here).is_ok(), "signing in");
        clock.advance(retry_after);
        assert!(throttle.may_present(here).is_ok());
    }

    #[test]
    fn counts_by_name_and_address_together_and_apart() {
        let clock = ManualClock::default();
        let throttle = Throttle::with(clock.clone(), [7; 32]);
        assert_eq!(tries(&throttle, "ayesha", "192.0.2.1"), 5);
        assert_eq!(
            tries(&throttle, " AYESHA", "::ffff:192.0.2.1"),
            0,
            "the same"
        );
        assert_eq!(
            tries(&throttle, "ayesha", "192.0.2.2"),
            5,
            "another address"
        );
        let names: usize = (0..9)
            .map(|n| tries(&throttle, &format!("n{n}"), "192.0.2.1"))
            .sum();
        assert_eq!(names, 15, "what is left to the address");
        let addresses = (0..99).map(|n| tries(&throttle, "ayesha", &format!("2001:db8:0:{n}::1")));
        assert_eq!(addresses.sum::<usize>(), 40, "what is left to the name");
        clock.advance(Duration::from_mins(1));
        assert_eq!(tries(&throttle, "ayesha", "192.0.2.1"), 1);
    }
}
