//! Interim.
use crate::label::LabelledSample;
/// Folds.
pub fn folds(c: &[LabelledSample], k: usize, seed: u64) -> Vec<usize> {
    c.iter()
        .map(|s| {
            let key = if s.group.is_empty() {
                &s.text
            } else {
                &s.group
            };
            (rapidhash::v3::rapidhash_v3_seeded(
                key.as_bytes(),
                &rapidhash::v3::RapidSecrets::seed(seed),
            ) % k as u64) as usize
        })
        .collect()
}
