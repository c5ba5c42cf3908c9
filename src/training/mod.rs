//! From labelled samples to a model, and how good it is.

pub mod corpus;
pub mod metrics;
pub mod report;
pub mod split;
