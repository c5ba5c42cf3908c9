//! What several test files and benchmarks share: the real program, and the real servers
//! that it needs, each on a free port, ended when dropped. What goes wrong panics, as
//! it is a test that has failed.
#![allow(
    clippy::expect_used,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on has failed"
)]

pub mod certificates;
pub mod cli;
pub mod daemon;
pub mod postgres_server;
pub mod program;
pub mod proxy;
pub mod redis_cluster;
pub mod redis_server;
pub mod seed;
pub mod shell;
pub mod small_disk;
