//! The rate limiters, in process and on a real Redis: one suite for both, and what
//! only Redis can do wrong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{certificates, proxy, redis_cluster, redis_server};

#[path = "rate_limit/cluster.rs"]
mod cluster;
#[path = "rate_limit/conformance.rs"]
mod conformance;
#[path = "rate_limit/exactness.rs"]
mod exactness;
#[path = "rate_limit/failover.rs"]
mod failover;
#[path = "rate_limit/faults.rs"]
mod faults;
#[path = "rate_limit/migration.rs"]
mod migration;
#[path = "rate_limit/reference.rs"]
mod reference;
#[path = "rate_limit/script.rs"]
mod script;
#[path = "rate_limit/secured.rs"]
mod secured;
#[path = "rate_limit/sentinels.rs"]
mod sentinels;

use moderato::rate_limit::{Charge, Cost, KeyHasher, QuotaKind};
use moderato::site::SiteId;

/// A charge on the default site for what `kind` calls `name`.
fn charge(kind: QuotaKind, name: &str, quota: &str) -> Charge {
    Charge {
        kind,
        key: KeyHasher::new([9; 32]).key(&SiteId::default(), kind, name.as_bytes()),
        quota: quota.parse().unwrap(),
        cost: Cost::ONE,
        shadow: false,
    }
}

fn email(quota: &str) -> Charge {
    charge(QuotaKind::Email, "a@example.org", quota)
}

fn page(quota: &str) -> Charge {
    charge(QuotaKind::Page, "front", quota)
}

fn costing(charge: Charge, cost: u32) -> Charge {
    Charge {
        cost: Cost::of(cost),
        ..charge
    }
}

fn shadow(charge: Charge) -> Charge {
    Charge {
        shadow: true,
        ..charge
    }
}
