//! The charts of one head.

mod curves;
mod scores;

use super::{Figure, InForce, Words, percent};
use crate::plot::{Axis, Chart, Mark, Point, Series};
use crate::training::metrics::{Counts, Ranking};
use crate::training::report::Tally;
use crate::verdict::Head;

pub(super) struct Charts<'a> {
    pub(super) head: Head,
    pub(super) words: Words,
    pub(super) tally: &'a Tally,
    pub(super) ranking: &'a Ranking,
    pub(super) in_force: InForce,
}

/// The rates at one threshold.
struct Rates {
    volume: f64,
    wrong: f64,
    recall: f64,
    precision: Option<f64>,
}

impl From<Counts> for Rates {
    fn from(counts: Counts) -> Self {
        let flagged = counts.true_positives + counts.false_positives;
        let all = flagged + counts.true_negatives + counts.false_negatives;
        Self {
            volume: flagged as f64 / all.max(1) as f64,
            wrong: counts.false_positive_rate().unwrap_or(0.0),
            recall: counts.recall().unwrap_or(0.0),
            precision: counts.precision(),
        }
    }
}

impl Charts<'_> {
    pub(super) fn all(&self) -> Vec<Figure> {
        let mut figures = vec![self.histogram(), self.volume()];
        if self.ranking.positives() > 0 && self.ranking.negatives() > 0 {
            figures.extend([self.roc(), self.precision_recall()]);
        }
        figures.push(self.reliability());
        figures
    }

    fn chart(&self, name: &str, title: &str, axes: [Axis; 2], marks: Vec<Mark>) -> Chart {
        let [x, y] = axes;
        Chart {
            id: format!("{}-{name}", self.head.name()),
            title: format!("{title}, {}", self.words.title.to_lowercase()),
            description: String::new(),
            x,
            y,
            marks,
        }
    }

    fn figure(title: &str, mut chart: Chart, says: String, how_to_read: &str) -> Figure {
        chart.description = says;
        Figure {
            title: title.to_owned(),
            svg: chart.svg(),
            caption: format!("{} {how_to_read}", chart.description),
        }
    }

    fn thresholds(&self) -> [Mark; 2] {
        let InForce { hold_at, reject_at } = self.in_force;
        [("hold", hold_at), ("reject", reject_at)].map(|(name, x)| Mark::Threshold {
            x,
            name: format!("{name} {x}"),
        })
    }

    /// What the thresholds in force give, as points of a curve.
    fn operating_points(&self, place: impl Fn(&Rates) -> (f64, f64)) -> Mark {
        let InForce { hold_at, reject_at } = self.in_force;
        let points = [("hold", hold_at), ("reject", reject_at)].map(|(name, threshold)| {
            let rates = Rates::from(self.ranking.at_threshold(threshold));
            let (x, y) = place(&rates);
            let tip = format!(
                "{name} at {threshold}: {} found",
                percent(Some(rates.recall))
            );
            Point {
                x,
                y,
                weight: 0.1,
                name: format!("{name} {threshold}"),
                tip,
            }
        });
        Mark::Points {
            series: Series::Second,
            name: "hold, reject".to_owned(),
            points: points.to_vec(),
        }
    }
}
