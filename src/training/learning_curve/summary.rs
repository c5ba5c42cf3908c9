//! Repeats to means with intervals.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Point, Tries};
use crate::verdict::Head;

/// A mean over repeats with its 95 % interval (Student's t). The repeats share rows, so
/// that the interval is somewhat too narrow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// Half the width of the interval; `None` of one repeat.
    pub margin: Option<f64>,
}

/// 97.5 % points of Student's t for 1 to 30 degrees of freedom.
const STUDENT: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];
/// That of the normal distribution.
const NORMAL: f64 = 1.960;

impl Mean {
    /// The mean of `values`; `None` of nothing.
    pub(super) fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let freedom = values.len().checked_sub(1)?;
        let margin = freedom.checked_sub(1).map(|at| {
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            let student = STUDENT.get(at).unwrap_or(&NORMAL);
            student * (squares / (count - 1.0) / count).sqrt()
        });
        Some(Self { mean, margin })
    }
}

/// A curve for each head.
pub(super) fn points(tries: BTreeMap<(Head, usize), Tries>) -> BTreeMap<Head, Vec<Point>> {
    let mut heads = BTreeMap::<Head, Vec<Point>>::new();
    for ((head, labels), tries) in tries {
        heads.entry(head).or_default().push(point(labels, &tries));
    }
    heads
}

fn point(labels: usize, tries: &Tries) -> Point {
    let kept = tries.kept.iter();
    Point {
        labels,
        refused: tries.refused,
        base: Mean::of(&tries.base),
        scratch: Mean::of(&tries.scratch),
        adapted: Mean::of(&tries.adapted),
        over_base: Mean::of(&tries.over_base),
        over_scratch: Mean::of(&tries.over_scratch),
        base_ece: Mean::of(&tries.base_ece),
        ece: Mean::of(&tries.ece),
        kept: kept
            .filter_map(|(source, changes)| Some((source.clone(), Mean::of(changes)?)))
            .collect(),
    }
}
