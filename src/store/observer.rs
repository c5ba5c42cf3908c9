//! Who is told how the store does.

use std::fmt;
use std::time::Duration;

use super::error::StoreError;

/// Is told how the writing of records goes. Called by the writer, so it must not
/// wait.
pub trait Observer: fmt::Debug + Send + Sync {
    /// A group of `records` became durable, after `took`.
    fn wrote(&self, records: usize, took: Duration);
    /// A group could not be written.
    fn failed(&self, error: &StoreError);
    /// The store was found to take writes, or not, with nothing to keep.
    fn probed(&self, outcome: Result<(), &StoreError>);
    /// So many approvals are packed and wait to be made rows of.
    fn packed(&self, records: u64);
    /// Packed approvals could not be made rows of: none is lost, and it is tried again.
    fn not_unpacked(&self, error: &StoreError);
    /// So many verdicts were given whose records could not be kept.
    fn lost(&self, records: usize);
}

/// Nobody.
#[derive(Debug)]
pub struct Nobody;

impl Observer for Nobody {
    fn wrote(&self, _: usize, _: Duration) {}
    fn failed(&self, _: &StoreError) {}
    fn probed(&self, _: Result<(), &StoreError>) {}
    fn packed(&self, _: u64) {}
    fn not_unpacked(&self, _: &StoreError) {}
    fn lost(&self, _: usize) {}
}
