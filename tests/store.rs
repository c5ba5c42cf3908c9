//! The store over both its databases: one suite, a real file of SQLite and a real
//! PostgreSQL that the tests start.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::postgres_server;

#[path = "store/accounts.rs"]
mod accounts;
#[path = "store/conformance.rs"]
mod conformance;
#[path = "store/forgetting.rs"]
mod forgetting;
#[path = "store/kept.rs"]
mod kept;
#[path = "store/labels.rs"]
mod labels;
#[path = "store/models.rs"]
mod models;
#[path = "store/operations.rs"]
mod operations;
#[path = "store/packed.rs"]
mod packed;
#[path = "store/records.rs"]
mod records;
#[path = "store/review/mod.rs"]
mod review;
#[path = "store/stores.rs"]
mod stores;
#[path = "store/trials.rs"]
mod trials;
