//! The operator's loop with the real program: label, train, promote, roll back.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "support/daemon.rs"]
#[allow(dead_code, reason = "each test file uses another part of it")]
mod daemon;
#[path = "lifecycle/labels.rs"]
mod labels;
#[path = "lifecycle/terminal.rs"]
mod terminal;
