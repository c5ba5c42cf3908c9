//! The operator's loop with the real program: label, train, promote, roll back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "lifecycle/bad_input.rs"]
mod bad_input;
#[path = "lifecycle/candidates.rs"]
mod candidates;
#[path = "support/daemon.rs"]
#[allow(dead_code, reason = "each test file uses another part of it")]
mod daemon;
#[path = "lifecycle/labels.rs"]
mod labels;
#[path = "support/postgres_server.rs"]
mod postgres_server;
#[path = "lifecycle/promotion.rs"]
mod promotion;
#[path = "lifecycle/replay.rs"]
mod replay;
#[path = "lifecycle/replicas.rs"]
mod replicas;
#[path = "support/small_disk.rs"]
mod small_disk;
#[path = "lifecycle/terminal.rs"]
mod terminal;
