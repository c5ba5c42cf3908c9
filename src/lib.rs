//! Moderato decides what happens to a reader's comment: approve, hold or reject,
//! with reasons a person can read.
//!
//! A site hands over a [`comment::Submission`]; [`pipeline`] takes it the one way
//! there is. [`comment`] parses it and finds every fault at once, [`rate_limit`]
//! counts it, [`text`] turns it into features, [`classifier`] scores them on two
//! heads and can say why, [`rules`] match the operator's lists, [`policy`] weighs all
//! that into a [`verdict`]. [`grpc`] and [`http`] are the doors, [`server`] the house
//! around them. [`training`] makes the model from [`label`]led samples with the same
//! [`text`] features that serving reads.
//!
//! | module | knows | is known by |
//! |---|---|---|
//! | [`verdict`], [`label`], [`site`], [`comment`] | each other | everything |
//! | [`text`] | the words above | rules, classifier, training, pipeline |
//! | [`classifier`] | text | training, pipeline, server |
//! | [`count`] | nothing of ours: counts as people write them | any |
//! | [`plot`] | count: charts as SVG | training, http |
//! | [`training`] | classifier, text, plot; the only user of `linfa` | the binary |
//! | [`rules`], [`policy`] | text; no clock, no I/O | pipeline, config |
//! | [`rate_limit`] | site; the only user of `redis` | pipeline, config, server |
//! | [`store`] | the words above; the only user of `sqlx` | server |
//! | [`pipeline`] | traits and the above; neither Redis nor configuration | grpc, server |
//! | [`lifecycle`] | store, training: labels and what is learned from them | grpc, server |
//! | [`grpc`], [`http`], [`telemetry`] | pipeline; never each other | server |
//! | [`config`], [`server`] | everything | the binary |
//!
//! `tests/architecture.rs` holds the imports to this.

#![forbid(unsafe_code)]
pub mod accounts;
pub mod classifier;
pub mod comment;
pub mod config;
pub mod count;
pub mod grpc;
pub mod http;
pub mod interval;
pub mod label;
pub mod lifecycle;
pub mod moderator;
pub mod pipeline;
pub mod plot;
pub mod policy;
pub mod rate_limit;
pub mod review;
pub mod rules;
pub mod server;
pub mod site;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod training;
pub mod verdict;
pub mod webhook;
