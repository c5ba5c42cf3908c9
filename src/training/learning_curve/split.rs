//! Labels to learn from and rows to be judged on.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::label::LabelledSample;
use crate::training::corpus::Corpus;
use crate::verdict::Head;

/// A split of the rows that judge one head.
pub(super) struct Split<'a> {
    /// To learn from, in the order in which labels come in.
    pub(super) pool: Vec<&'a LabelledSample>,
    /// To be judged on.
    pub(super) tested: Vec<&'a LabelledSample>,
}

impl<'a> Split<'a> {
    /// A third of the rows, but not many more than `most`, is to be judged on, group by
    /// group. `None` if there are no two groups, a row without one being its own.
    pub(super) fn new(corpus: &'a Corpus, head: Head, most: usize, seed: u64) -> Option<Self> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let judged = corpus.samples().iter();
        let judged = judged.filter(|sample| sample.label.get(head).is_some());
        let mut groups = groups(judged);
        groups.shuffle(&mut random);
        let rows: usize = groups.iter().map(Vec::len).sum();
        let enough = (rows / 3).min(most).max(1);
        let (mut pool, mut tested) = (Vec::new(), Vec::new());
        let last = groups.len().saturating_sub(1);
        for (at, group) in groups.into_iter().enumerate() {
            if tested.len() < enough && at < last {
                tested.extend(group);
            } else {
                pool.extend(group);
            }
        }
        pool.shuffle(&mut random);
        (!tested.is_empty()).then_some(Self { pool, tested })
    }
}

fn groups<'a>(samples: impl Iterator<Item = &'a LabelledSample>) -> Vec<Vec<&'a LabelledSample>> {
    let mut named = BTreeMap::<&str, Vec<&LabelledSample>>::new();
    let mut groups = Vec::new();
    for sample in samples {
        if sample.group.is_empty() {
            groups.push(vec![sample]);
        } else {
            named.entry(&sample.group).or_default().push(sample);
        }
    }
    groups.extend(named.into_values());
    groups
}
