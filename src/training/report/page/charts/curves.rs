//! How well scores rank, and whether they say the truth.

use super::{Charts, Rates};
use crate::count::grouped;
use crate::plot::{Axis, Mark, Point, Series};
use crate::training::report::page::{Figure, decimal, percent};

impl Charts<'_> {
    pub(super) fn roc(&self) -> Figure {
        let counts = self
            .ranking
            .thresholds()
            .map(|(_, counts)| Rates::from(counts));
        let curve = counts.map(|rates| (rates.wrong, rates.recall));
        let marks = vec![
            Mark::Guide {
                name: "a coin".to_owned(),
                points: [(0.0, 0.0), (1.0, 1.0)],
            },
            Mark::Line {
                series: Series::First,
                name: "this model".to_owned(),
                points: std::iter::once((0.0, 0.0)).chain(curve).collect(),
            },
            self.operating_points(|rates| (rates.wrong, rates.recall)),
        ];
        let axes = [
            Axis::share(&format!("share of {} flagged", self.words.no)),
            Axis::share(&format!("share of {} found", self.words.yes)),
        ];
        let says = format!(
            "The area under the curve is {}.",
            decimal(self.ranking.auc())
        );
        let chart = self.chart("roc", "ROC curve", axes, marks);
        Self::figure(
            "ROC curve",
            chart,
            says,
            "The nearer to the upper left corner, the better.",
        )
    }

    pub(super) fn precision_recall(&self) -> Figure {
        let counts = self
            .ranking
            .thresholds()
            .map(|(_, counts)| Rates::from(counts));
        let curve = counts.filter_map(|rates| Some((rates.recall, rates.precision?)));
        let (positives, negatives) = (self.ranking.positives(), self.ranking.negatives());
        let base = positives as f64 / (positives + negatives).max(1) as f64;
        let marks = vec![
            Mark::Guide {
                name: "flagging at random".to_owned(),
                points: [(0.0, base), (1.0, base)],
            },
            Mark::Line {
                series: Series::First,
                name: "this model".to_owned(),
                points: curve.collect(),
            },
            self.operating_points(|rates| (rates.recall, rates.precision.unwrap_or(0.0))),
        ];
        let axes = [
            Axis::share(&format!("share of {} found", self.words.yes)),
            Axis::share("share of the flagged that is right"),
        ];
        let at_hold = Rates::from(self.ranking.at_threshold(self.in_force.hold_at));
        let says = format!(
            "Of what scores {} or more, {} is {}; in these rows {} is.",
            self.in_force.hold_at,
            percent(at_hold.precision),
            self.words.yes,
            percent(Some(base))
        );
        let chart = self.chart("pr", "Precision and recall", axes, marks);
        Self::figure(
            "Precision and recall",
            chart,
            says,
            "A site with a smaller share of it gets less precision from the same scores.",
        )
    }

    pub(super) fn reliability(&self) -> Figure {
        let bins = &self.tally.reliability.bins;
        let most = bins.iter().map(|bin| bin.count).max().unwrap_or(0).max(1);
        let points = bins.iter().filter_map(|bin| {
            let (x, y) = (bin.mean_score()?, bin.positive_share()?);
            Some(Point {
                x,
                y,
                weight: bin.count as f64 / most as f64,
                name: String::new(),
                tip: format!(
                    "{} rows, mean score {x:.3}, of which {} {}",
                    grouped(bin.count),
                    percent(Some(y)),
                    self.words.yes
                ),
            })
        });
        let points: Vec<Point> = points.collect();
        let marks = vec![
            Mark::Guide {
                name: "perfect".to_owned(),
                points: [(0.0, 0.0), (1.0, 1.0)],
            },
            Mark::Line {
                series: Series::First,
                name: "this model".to_owned(),
                points: points.iter().map(|point| (point.x, point.y)).collect(),
            },
            Mark::Points {
                series: Series::First,
                name: "more rows, larger".to_owned(),
                points,
            },
        ];
        let axes = [
            Axis::share("score"),
            Axis::share(&format!("share that is {}", self.words.yes)),
        ];
        let error = decimal(self.tally.reliability.expected_error());
        let says = format!("The expected calibration error is {error}.");
        let chart = self.chart("reliability", "Reliability", axes, marks);
        Self::figure(
            "Reliability",
            chart,
            says,
            "On the line, a score of 0.8 is right eight times in ten. Below the line scores are too high, above it too low.",
        )
    }
}
