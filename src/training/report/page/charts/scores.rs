//! How scores are spread, and what a threshold makes of them.

use super::{Charts, Rates};
use crate::count::grouped;
use crate::plot::{Axis, Bar, Mark, Scale, Series};
use crate::training::report::page::{Figure, Words, percent};

/// Log-odds at the ends of a stretched axis: one in a thousand.
const FURTHEST: f64 = 7.0;

/// Bars of the histogram.
const BARS: usize = 40;

impl Charts<'_> {
    pub(super) fn histogram(&self) -> Figure {
        let scale = Scale::LogOdds { furthest: FURTHEST };
        let mut bars = [[0_u64; BARS]; 2];
        for (score, cell) in self.tally.scores.cells() {
            let bar = bar_of(scale.place(score));
            bars[0][bar] += cell.negatives;
            bars[1][bar] += cell.positives;
        }
        let edge = |at: usize| {
            let log_odds = (2.0 * at as f64 / BARS as f64 - 1.0) * FURTHEST;
            1.0 / (1.0 + (-log_odds).exp())
        };
        let series = |counts: &[u64; BARS], all: u64, sign: f64, name: &str| -> Vec<Bar> {
            let filled = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            filled
                .map(|(at, &count)| Bar {
                    from: edge(at),
                    to: edge(at + 1),
                    base: 0.0,
                    height: sign * count as f64 / all.max(1) as f64,
                    tip: format!(
                        "{} {name}, scores {:.3} to {:.3}",
                        grouped(count),
                        edge(at),
                        edge(at + 1)
                    ),
                })
                .collect()
        };
        let Words { yes, no, .. } = self.words;
        let up = series(&bars[1], self.ranking.positives(), 1.0, yes);
        let down = series(&bars[0], self.ranking.negatives(), -1.0, no);
        let most = up.iter().chain(&down).map(|bar| bar.height.abs());
        let most = most.fold(0.0, f64::max).max(0.01);
        let [hold, reject] = self.thresholds();
        let marks = vec![
            Mark::Bars {
                series: Series::Second,
                name: format!("{yes} (up)"),
                bars: up,
            },
            Mark::Bars {
                series: Series::First,
                name: format!("{no} (down)"),
                bars: down,
            },
            hold,
            reject,
        ];
        let axes = [
            Axis::log_odds("score", FURTHEST),
            Axis::both_ways("share of the class", most),
        ];
        let at_hold = Rates::from(self.ranking.at_threshold(self.in_force.hold_at));
        let says = format!(
            "{} of {yes} and {} of {no} rows score {} or more, and are held or rejected.",
            percent(Some(at_hold.recall)),
            percent(Some(at_hold.wrong)),
            self.in_force.hold_at
        );
        let chart = self.chart("scores", "Scores by class", axes, marks);
        Self::figure(
            "Scores by class",
            chart,
            says,
            "The less the two overlap, the better. The scale is stretched at both ends.",
        )
    }

    pub(super) fn volume(&self) -> Figure {
        let rates: Vec<(f64, Rates)> = self
            .ranking
            .thresholds()
            .filter(|(threshold, _)| (threshold / (1.0 - threshold)).ln().abs() <= FURTHEST)
            .map(|(threshold, counts)| (threshold, counts.into()))
            .collect();
        let line = |series, name: String, of: &dyn Fn(&Rates) -> f64| Mark::Line {
            series,
            name,
            points: rates.iter().map(|(at, rates)| (*at, of(rates))).collect(),
        };
        let Words { yes, no, .. } = self.words;
        let [hold, reject] = self.thresholds();
        let marks = vec![
            line(Series::First, "flagged, of all".to_owned(), &|r| r.volume),
            line(Series::Second, format!("{yes} missed"), &|r| 1.0 - r.recall),
            line(Series::Third, format!("{no} flagged"), &|r| r.wrong),
            hold,
            reject,
        ];
        let axes = [
            Axis::log_odds("threshold", FURTHEST),
            Axis::share("share of rows"),
        ];
        let [at_hold, at_reject] = [self.in_force.hold_at, self.in_force.reject_at]
            .map(|at| Rates::from(self.ranking.at_threshold(at)));
        let says = format!(
            "At {} the filter flags {} of all rows, among them {} of the {no} ones, and misses {} of the {yes} ones; \
             at {} it rejects {} of the {no} ones.",
            self.in_force.hold_at,
            percent(Some(at_hold.volume)),
            percent(Some(at_hold.wrong)),
            percent(Some(1.0 - at_hold.recall)),
            self.in_force.reject_at,
            percent(Some(at_reject.wrong)),
        );
        let chart = self.chart("volume", "What a threshold costs", axes, marks);
        Self::figure(
            "What a threshold costs",
            chart,
            says,
            "Further right holds less and misses more.",
        )
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place is between 0 and 1"
)]
fn bar_of(place: f64) -> usize {
    ((place * BARS as f64) as usize).min(BARS - 1)
}
