//! Charts of bars.

use crate::count::grouped;
use crate::plot::{Axis, Bar, Chart, Mark, Scale, Series, Tick};

/// Share of a bar's place that stays free on each side.
const GAP: f64 = 0.12;
/// Most names under the bars.
const NAMES: usize = 7;

/// What the bars stand for.
pub(super) struct Bars<'a> {
    /// Unlike that of any other chart on the page.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// What is on the axis from left to right.
    pub(super) across: &'static str,
    /// What is counted.
    pub(super) up: &'static str,
    pub(super) names: &'a [String],
    pub(super) under: Under,
    pub(super) parts: Vec<Part>,
    pub(super) values: Values,
}

/// Where the values are for who sees no bars.
#[derive(Clone, Copy)]
pub(super) enum Values {
    /// In a table on the same page.
    InTable,
    /// In the description, as they are few and stand nowhere else.
    Told,
}

/// How bars are named below the axis.
#[derive(Clone, Copy)]
pub(super) enum Under {
    /// Some of the dates, without their years, each below its bar.
    Dates,
    /// All of their names, each below its bar; what is too long for that is cut in its
    /// middle, so that names that begin alike can be told apart.
    Names,
    /// The bars are the tenths between 0 % and 100 %.
    Tenths,
}

/// One part of each bar.
pub(super) struct Part {
    pub(super) series: Series,
    pub(super) name: &'static str,
    pub(super) values: Vec<f64>,
}

impl Part {
    fn value(&self, at: usize) -> f64 {
        self.values.get(at).copied().unwrap_or(0.0)
    }
}

impl Bars<'_> {
    /// The bars, the parts of each on top of one another, as SVG; nothing where all are 0.
    pub(super) fn svg(self) -> Option<String> {
        let sum = |at| self.parts.iter().map(|part| part.value(at)).sum::<f64>();
        let (highest, most) = (0..self.names.len())
            .map(|at| (at, sum(at)))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .filter(|(_, most)| *most > 0.0)?;
        let description = format!(
            "{} bars, {} to {}; the highest is {} with {}. {}",
            self.names.len(),
            self.names.first()?,
            self.names.last()?,
            self.names[highest],
            number(most),
            match self.values {
                Values::InTable => "The table below has all values.".to_owned(),
                Values::Told => self.told(),
            }
        );
        let marks = (0..self.parts.len()).map(|at| self.mark(at));
        let chart = Chart {
            id: self.id.to_owned(),
            title: self.title.to_owned(),
            description,
            x: Axis {
                label: self.across.to_owned(),
                scale: Scale::Linear {
                    from: 0.0,
                    to: self.names.len() as f64,
                },
                ticks: self.ticks(),
            },
            y: Axis::count(self.up, most),
            marks: marks.collect(),
        };
        Some(chart.svg())
    }

    /// All values in words.
    fn told(&self) -> String {
        let bar = |(at, name): (usize, &String)| {
            let parts = self.parts.iter();
            let parts = parts.map(|part| format!("{} {}", number(part.value(at)), part.name));
            format!("{name}: {}", parts.collect::<Vec<_>>().join(", "))
        };
        let bars: Vec<_> = self.names.iter().enumerate().map(bar).collect();
        format!("{}.", bars.join("; "))
    }

    fn mark(&self, part: usize) -> Mark {
        let (below, this) = (&self.parts[..part], &self.parts[part]);
        let bars = self.names.iter().enumerate().map(|(at, name)| Bar {
            from: at as f64 + GAP,
            to: (at + 1) as f64 - GAP,
            base: below.iter().map(|part| part.value(at)).sum(),
            height: this.value(at),
            tip: format!("{name}: {} {}", number(this.value(at)), this.name),
        });
        Mark::Bars {
            series: this.series,
            name: this.name.to_owned(),
            bars: bars.filter(|bar| bar.height > 0.0).collect(),
        }
    }

    fn ticks(&self) -> Vec<Tick> {
        match self.under {
            Under::Tenths => (0..=5)
                .map(|fifth| Tick {
                    at: f64::from(fifth) * 2.0,
                    label: format!("{} %", fifth * 20),
                })
                .collect(),
            Under::Names => {
                let named = self.names.iter().enumerate();
                let tick = |(at, name): (usize, &String)| Tick {
                    at: at as f64 + 0.5,
                    label: cut(name),
                };
                named.map(tick).collect()
            }
            Under::Dates => {
                let every = self.names.len().div_ceil(NAMES).max(1);
                let named = self.names.iter().enumerate().step_by(every);
                let tick = |(at, date): (usize, &String)| Tick {
                    at: at as f64 + 0.5,
                    label: date.get(5..).unwrap_or(date).to_owned(),
                };
                named.map(tick).collect()
            }
        }
    }
}

/// Letters of a name below its bar; bars are narrow.
const LETTERS: usize = 14;

/// A name without its middle, if it is too long to stand below its bar.
fn cut(name: &str) -> String {
    let letters: Vec<_> = name.chars().collect();
    if letters.len() <= LETTERS {
        return name.to_owned();
    }
    let (head, tail) = (LETTERS / 2 - 1, LETTERS / 2);
    let (head, tail) = (&letters[..head], &letters[letters.len() - tail..]);
    head.iter().chain(&['…']).chain(tail).collect()
}

/// With one digit after the point, if it is not whole.
fn number(value: f64) -> String {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts and minutes, which fit"
    )]
    let whole = value as u64;
    if value.fract().abs() < 0.05 {
        grouped(whole)
    } else {
        format!("{value:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(values: [[f64; 2]; 2]) -> Option<String> {
        let names = ["2026-11-23", "2026-11-24"].map(str::to_owned);
        let part = |series, name, values: [f64; 2]| Part {
            series,
            name,
            values: values.into(),
        };
        let [first, second] = values;
        Bars {
            id: "c",
            title: "Comments",
            across: "day",
            up: "comments",
            names: &names,
            under: Under::Dates,
            parts: vec![
                part(Series::First, "approved", first),
                part(Series::Third, "rejected", second),
            ],
            values: Values::InTable,
        }
        .svg()
    }

    #[test]
    fn parts_stand_on_one_another_and_are_told_of() {
        let svg = bars([[3.0, 0.0], [4.0, 1_009.5]]).unwrap();
        assert_eq!(svg.matches("<rect").count(), 3);
        for told in [
            "2 bars, 2026-11-23 to 2026-11-24; the highest is 2026-11-24 with 1009.5.",
            "<title>2026-11-23: 4 rejected</title>",
            ">11-24</text>",
            ">1,000</text>",
        ] {
            assert!(svg.contains(told), "{told}: {svg}");
        }
        assert_eq!(bars([[0.0; 2]; 2]), None);
    }

    #[test]
    fn long_names_are_cut_below_their_bars_alone() {
        let names = ["news-of-the-north now", "news-of-the-south now", "west now"];
        let names = names.map(str::to_owned);
        let bars = Bars {
            id: "c",
            title: "Held",
            across: "site",
            up: "comments",
            names: &names,
            under: Under::Names,
            parts: vec![Part {
                series: Series::First,
                name: "held",
                values: vec![1.0, 2.0, 3.0],
            }],
            values: Values::Told,
        };
        let svg = bars.svg().unwrap();
        for told in [
            ">news-o…rth now</text>",
            ">news-o…uth now</text>",
            ">west now</text>",
            "<title>news-of-the-south now: 2 held</title>",
            "news-of-the-north now: 1 held; news-of-the-south now: 2 held; west now: 3 held.",
        ] {
            assert!(svg.contains(told), "{told}: {svg}");
        }
    }

    #[test]
    fn numbers_are_whole_where_they_can_be() {
        assert_eq!(
            [0.0, 3.0, 2.5, 4_321.0].map(number),
            ["0", "3", "2.5", "4,321"]
        );
    }
}
