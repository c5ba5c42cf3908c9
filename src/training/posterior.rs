//! The most probable weights, given labels and a Gaussian prior.
//!
//! Logistic regression whose weights are not drawn towards nought but towards what
//! was believed before: a comment's log-odds are `offset + x · w`, `w` has mean nought
//! and a variance for each column, and `offset` is the belief. The maximum is unique;
//! it is found by Newton's method, each step by preconditioned conjugate gradients
//! (Lin, Weng, Keerthi 2008), and depends neither on a seed nor on an order.

/// Steps of Newton's method; it takes about six.
const STEPS: usize = 40;
/// Conjugate directions for one step.
const DIRECTIONS: usize = 60;
/// Size of the gradient, of what it was at first, at which to stop.
const TOLERANCE: f64 = 1e-4;

/// One row to learn from.
pub(super) struct Row {
    /// Cells in ascending order of their columns.
    pub(super) cells: Vec<(u32, f32)>,
    /// Log-odds believed before.
    pub(super) offset: f64,
    pub(super) positive: bool,
    pub(super) weight: f64,
}

impl Row {
    /// What `weights` add to the offset.
    pub(super) fn dot(&self, weights: &[f64]) -> f64 {
        let cells = self.cells.iter();
        cells
            .map(|&(column, value)| f64::from(value) * weights[column as usize])
            .sum()
    }
}

/// The weights of the maximum; `precisions`, one for each column, are the inverses of
/// the variances and above nought. The search begins at `start`, or at the belief.
pub(super) fn maximum(rows: &[&Row], precisions: &[f64], start: Option<&[f64]>) -> Vec<f64> {
    let problem = Problem { rows, precisions };
    let belief = vec![0.0; precisions.len()];
    let enough = TOLERANCE * norm(&problem.at(&belief).gradient);
    let mut weights = start.map_or(belief, <[f64]>::to_vec);
    for _ in 0..STEPS {
        let at = problem.at(&weights);
        if norm(&at.gradient) <= enough {
            break;
        }
        let step = problem.step(&at);
        weights = problem.along(&weights, &at, &step);
    }
    weights
}

struct Problem<'a> {
    rows: &'a [&'a Row],
    precisions: &'a [f64],
}

/// Gradient and curvature at a point.
struct At {
    gradient: Vec<f64>,
    curvatures: Vec<f64>,
}

impl Problem<'_> {
    /// As far along `step` as the loss falls in proportion (Armijo's rule).
    fn along(&self, weights: &[f64], at: &At, step: &[f64]) -> Vec<f64> {
        let loss = self.loss(weights);
        let slope = dot(&at.gradient, step);
        let mut length = 1.0;
        loop {
            let tried: Vec<f64> = weights
                .iter()
                .zip(step)
                .map(|(weight, step)| weight + length * step)
                .collect();
            if self.loss(&tried) <= loss + 1e-4 * length * slope || length < 1e-6 {
                return tried;
            }
            length /= 2.0;
        }
    }

    fn loss(&self, weights: &[f64]) -> f64 {
        let prior: f64 = weights
            .iter()
            .zip(self.precisions)
            .map(|(weight, precision)| weight * weight * precision / 2.0)
            .sum();
        let rows = self.rows.iter().map(|row| {
            let margin = row.offset + row.dot(weights);
            let margin = if row.positive { margin } else { -margin };
            // ln(1 + exp(-margin)), safe at both ends.
            row.weight * ((-margin.abs()).exp().ln_1p() + (-margin).max(0.0))
        });
        prior + rows.sum::<f64>()
    }

    fn at(&self, weights: &[f64]) -> At {
        let mut gradient: Vec<f64> = weights
            .iter()
            .zip(self.precisions)
            .map(|(weight, precision)| weight * precision)
            .collect();
        let curvatures = self
            .rows
            .iter()
            .map(|row| {
                let odds = row.offset + row.dot(weights);
                let probability = 1.0 / (1.0 + (-odds).exp());
                let error = row.weight * (probability - f64::from(u8::from(row.positive)));
                for &(column, value) in &row.cells {
                    gradient[column as usize] += error * f64::from(value);
                }
                row.weight * probability * (1.0 - probability)
            })
            .collect();
        At {
            gradient,
            curvatures,
        }
    }

    /// The curvature at a point, applied to `direction`.
    fn curve(&self, at: &At, direction: &[f64]) -> Vec<f64> {
        let mut curved: Vec<f64> = direction
            .iter()
            .zip(self.precisions)
            .map(|(direction, precision)| direction * precision)
            .collect();
        for (row, curvature) in self.rows.iter().zip(&at.curvatures) {
            let along = curvature * row.dot(direction);
            for &(column, value) in &row.cells {
                curved[column as usize] += along * f64::from(value);
            }
        }
        curved
    }

    /// Newton's step, to a tenth.
    fn step(&self, at: &At) -> Vec<f64> {
        let mut diagonal = self.precisions.to_vec();
        for (row, curvature) in self.rows.iter().zip(&at.curvatures) {
            for &(column, value) in &row.cells {
                diagonal[column as usize] += curvature * f64::from(value * value);
            }
        }
        let precondition = |residual: &[f64]| -> Vec<f64> {
            residual.iter().zip(&diagonal).map(|(r, d)| r / d).collect()
        };
        let mut step = vec![0.0; diagonal.len()];
        let mut residual: Vec<f64> = at.gradient.iter().map(|g| -g).collect();
        let enough = 0.1 * norm(&residual);
        let mut conditioned = precondition(&residual);
        let mut direction = conditioned.clone();
        let mut energy = dot(&residual, &conditioned);
        for _ in 0..DIRECTIONS {
            let curved = self.curve(at, &direction);
            let length = energy / dot(&direction, &curved);
            for (step, direction) in step.iter_mut().zip(&direction) {
                *step += length * direction;
            }
            for (residual, curved) in residual.iter_mut().zip(&curved) {
                *residual -= length * curved;
            }
            if norm(&residual) <= enough {
                break;
            }
            conditioned = precondition(&residual);
            let next = dot(&residual, &conditioned);
            for (direction, conditioned) in direction.iter_mut().zip(&conditioned) {
                *direction = conditioned + next / energy * *direction;
            }
            energy = next;
        }
        step
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(cells: &[(u32, f32)], offset: f64, positive: bool) -> Row {
        Row {
            cells: cells.to_vec(),
            offset,
            positive,
            weight: 1.0,
        }
    }

    #[test]
    fn no_row_changes_no_belief_and_a_row_that_agrees_hardly_does() {
        assert_eq!(maximum(&[], &[1.0, 1.0], None), [0.0, 0.0]);
        let agrees = row(&[(0, 1.0)], 9.0, true);
        let differs = row(&[(0, 1.0)], 9.0, false);
        let weight = |row| maximum(&[row], &[1.0], None)[0];
        assert!(
            (0.0..1e-3).contains(&weight(&agrees)),
            "{}",
            weight(&agrees)
        );
        assert!(
            (-1.0..-0.99).contains(&weight(&differs)),
            "{}",
            weight(&differs)
        );
    }

    #[test]
    fn a_greater_precision_moves_less() {
        let rows = [row(&[(0, 1.0)], 0.0, true), row(&[(1, 1.0)], 0.0, true)];
        let rows: Vec<&Row> = rows.iter().collect();
        let weights = maximum(&rows, &[0.1, 10.0], None);
        assert!(weights[0] > 10.0 * weights[1], "{weights:?}");
    }

    proptest! {
        #[test]
        fn no_weights_nearby_are_more_probable(
            rows in prop::collection::vec(
                (prop::collection::vec((0_u32..4, -2.0..2.0_f32), 0..4), -3.0..3.0_f64, any::<bool>()),
                1..12,
            ),
            start in prop::collection::vec(-3.0..3.0_f64, 4),
        ) {
            let rows: Vec<Row> = rows.iter().map(|(cells, offset, positive)| row(cells, *offset, *positive)).collect();
            let rows: Vec<&Row> = rows.iter().collect();
            let precisions = [0.1, 1.0, 2.0, 5.0];
            let found = maximum(&rows, &precisions, None);
            let problem = Problem { rows: &rows, precisions: &precisions };
            let best = problem.loss(&found);
            for column in 0..4 {
                for change in [-0.05, 0.05] {
                    let mut other = found.clone();
                    other[column] += change;
                    prop_assert!(problem.loss(&other) >= best);
                }
            }
            let again = maximum(&rows, &precisions, Some(&start));
            prop_assert!((problem.loss(&again) - best).abs() < 1e-3);
        }
    }
}
