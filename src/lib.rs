//! Moderato decides what happens to a reader's comment.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod classifier;
pub mod comment;
pub mod config;
pub mod grpc;
pub mod http;
pub mod label;
pub mod pipeline;
pub mod policy;
pub mod rate_limit;
pub mod rules;
pub mod server;
pub mod site;
pub mod telemetry;
pub mod text;
pub mod training;
pub mod verdict;
