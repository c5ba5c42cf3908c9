//! Bars, as SVG that needs no style or script of its own.

/// Size of a chart's inside, in its own units.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 180.0;
/// Share of a bar's place that it fills.
const FILL: f64 = 0.76;
/// Most labels under the bars.
const LABELS: usize = 10;

/// One kind of thing that is counted.
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
    pub(super) values: Vec<f64>,
}

/// Bars with the parts of each on top of one another.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) labels: Vec<Label>,
    pub(super) lines: Vec<Line>,
    pub(super) legend: Vec<(&'static str, &'static str)>,
    /// Nothing is there to see.
    pub(super) is_empty: bool,
}

/// A part of a bar.
pub(super) struct Bar {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) width: String,
    pub(super) height: String,
    pub(super) class: &'static str,
    pub(super) title: String,
}

/// A word under the bars.
pub(super) struct Label {
    pub(super) x: String,
    pub(super) text: String,
}

/// A line across, with its value.
pub(super) struct Line {
    pub(super) y: String,
    pub(super) text: String,
}

impl Chart {
    /// A bar for each of `names`, with the values of each series on top of one another.
    pub(super) fn stacked(names: &[String], series: &[Series]) -> Self {
        let value = |series: &Series, at: usize| series.values.get(at).copied().unwrap_or(0.0);
        let sum = |at| series.iter().map(|series| value(series, at)).sum::<f64>();
        let highest = (0..names.len()).map(sum).fold(0.0, f64::max);
        let top = round_up(highest);
        let place = WIDTH / names.len().max(1) as f64;
        let (x, width) = (
            |at: usize| place * (at as f64 + (1.0 - FILL) / 2.0),
            place * FILL,
        );
        let mut bars = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let mut below = 0.0;
            for series in series.iter().filter(|series| value(series, at) > 0.0) {
                let value = value(series, at);
                below += value;
                bars.push(Bar {
                    x: number(x(at)),
                    y: number(HEIGHT - below / top * HEIGHT),
                    width: number(width),
                    height: number(value / top * HEIGHT),
                    class: series.class,
                    title: format!("{name}: {} {}", number(value), series.name),
                });
            }
        }
        let every = names.len().div_ceil(LABELS).max(1);
        let labelled = names.iter().enumerate().step_by(every);
        let labels = labelled.map(|(at, text)| Label {
            x: number(x(at) + width / 2.0),
            text: short(text).to_owned(),
        });
        let lines = [0.0, 0.5, 1.0].map(|share| Line {
            y: number(HEIGHT - share * HEIGHT),
            text: number(top * share),
        });
        Self {
            bars,
            labels: labels.collect(),
            lines: lines.into(),
            legend: series
                .iter()
                .map(|series| (series.class, series.name))
                .collect(),
            is_empty: highest <= 0.0,
        }
    }
}

/// A date without its year; what is no date, whole.
fn short(text: &str) -> &str {
    let year = |text: &str| text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('-') {
        Some((first, day)) if year(first) => day,
        _ => text,
    }
}

/// The least of 1, 2, 5, 10, 20, … that is not below `highest`.
fn round_up(highest: f64) -> f64 {
    let mut top = 1.0;
    for step in [2.0, 2.5, 2.0].into_iter().cycle().take(60) {
        if top >= highest {
            break;
        }
        top *= step;
    }
    top
}

/// With one digit after the point, if it is not whole.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_on_one_another_under_a_round_top() {
        let names = ["a", "b"].map(str::to_owned);
        let series = |class, values: [f64; 2]| Series {
            name: class,
            class,
            values: values.into(),
        };
        let chart = Chart::stacked(&names, &[series("x", [3.0, 0.0]), series("y", [4.0, 9.0])]);
        let parts: Vec<_> = chart
            .bars
            .iter()
            .map(|bar| (&*bar.y, &*bar.height, bar.class))
            .collect();
        assert_eq!(
            parts,
            [("126", "54", "x"), ("54", "72", "y"), ("18", "162", "y")]
        );
        assert_eq!(chart.lines[2].text, "10");
        assert_eq!(chart.bars[0].title, "a: 3 x");
        assert!(Chart::stacked(&names, &[series("x", [0.0, 0.0])]).is_empty);
    }

    #[test]
    fn only_dates_are_shortened() {
        let short = ["2026-11-24", "20–30 %", "20-30 %"].map(short);
        assert_eq!(short, ["11-24", "20–30 %", "20-30 %"]);
    }

    #[test]
    fn tops_are_round() {
        let tops =
            [0.0, 1.0, 1.5, 3.0, 7.0, 11.0, 49.0, 501.0].map(|value| number(round_up(value)));
        assert_eq!(tops, ["1", "1", "2", "5", "10", "20", "50", "1000"]);
    }
}
