//! What is drawn on a chart.

/// Which of the chart's series a mark belongs to; each has its colour and its dash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Series {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
}

impl Series {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::First => "s1",
            Self::Second => "s2",
            Self::Third => "s3",
        }
    }
}

/// One thing drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line through points in the axes' values.
    Line {
        /// Its series.
        series: Series,
        /// Its name in the legend.
        name: String,
        /// Where it goes.
        points: Vec<(f64, f64)>,
    },
    /// Bars side by side, or on those of another series.
    Bars {
        /// Their series.
        series: Series,
        /// Their name in the legend.
        name: String,
        /// The bars.
        bars: Vec<Bar>,
    },
    /// Single points.
    Points {
        /// Their series.
        series: Series,
        /// Their name in the legend.
        name: String,
        /// The points.
        points: Vec<Point>,
    },
    /// A faint line to compare with, such as what chance would give.
    Guide {
        /// Its name in the legend.
        name: String,
        /// Where it starts and ends.
        points: [(f64, f64); 2],
    },
    /// A vertical line with its name beside it.
    Threshold {
        /// Where it stands.
        x: f64,
        /// Its name.
        name: String,
    },
}

/// One bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Where it starts on the first axis.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Where it stands on the second axis; 0 unless it stands on another bar.
    pub base: f64,
    /// How far it goes from there, up or down.
    pub height: f64,
    /// What it says when pointed at.
    pub tip: String,
}

/// One point.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// On the first axis.
    pub x: f64,
    /// On the second axis.
    pub y: f64,
    /// How much stands behind it, between 0 and 1: the larger, the larger it is drawn.
    pub weight: f64,
    /// What stands beside it; may be empty.
    pub name: String,
    /// What it says when pointed at.
    pub tip: String,
}
