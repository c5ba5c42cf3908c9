//! The review as it is installed: the real program, sites that ask, watch and are told,
//! a terminal.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{daemon, postgres_server};

#[path = "review/api_access.rs"]
mod api_access;
#[path = "review/api_deciding.rs"]
mod api_deciding;
#[path = "review/api_reading.rs"]
mod api_reading;
#[path = "review/api_refusals.rs"]
mod api_refusals;
#[path = "review/bad_input.rs"]
mod bad_input;
#[path = "review/installation.rs"]
mod installation;
#[path = "review/moderators.rs"]
mod moderators;
#[path = "review/replicas.rs"]
mod replicas;
#[path = "review/site.rs"]
mod site;
#[path = "review/terminal.rs"]
mod terminal;
#[path = "review/webhooks.rs"]
mod webhooks;
