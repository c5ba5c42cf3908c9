//! The operator's loop with the real program: label, train, promote, roll back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

use moderato_test_support::{daemon, postgres_server, small_disk};

#[path = "lifecycle/api.rs"]
mod api;
#[path = "lifecycle/api_places.rs"]
mod api_places;
#[path = "lifecycle/api_refusals.rs"]
mod api_refusals;
#[path = "lifecycle/api_replicas.rs"]
mod api_replicas;
#[path = "lifecycle/bad_input.rs"]
mod bad_input;
#[path = "lifecycle/candidates.rs"]
mod candidates;
#[path = "lifecycle/closed_output.rs"]
mod closed_output;
#[path = "lifecycle/labels.rs"]
mod labels;
#[path = "lifecycle/promotion.rs"]
mod promotion;
#[path = "lifecycle/replay.rs"]
mod replay;
#[path = "lifecycle/replicas.rs"]
mod replicas;
#[path = "lifecycle/terminal.rs"]
mod terminal;
#[path = "lifecycle/trials.rs"]
mod trials;
