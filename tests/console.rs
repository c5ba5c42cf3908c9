//! The moderators' console as it is used: the real program, asked by HTTP and by a real
//! Chromium. With `MODERATO_PICTURES=FOLDER` it leaves pictures of every page there.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, in its helpers too"
)]

#[path = "console/access.rs"]
mod access;
#[path = "console/blind.rs"]
mod blind;
#[path = "console/browser.rs"]
mod browser;
#[path = "console/hostile.rs"]
mod hostile;
#[path = "console/models.rs"]
mod models;
#[path = "console/newsroom.rs"]
mod newsroom;
#[path = "console/queue.rs"]
mod queue;
#[path = "console/served.rs"]
mod served;
#[path = "console/sites.rs"]
mod sites;
