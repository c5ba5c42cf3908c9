//! The curve as aligned text.

use std::collections::BTreeSet;
use std::fmt;

use super::{LearningCurve, Mean, Point};

const TITLES: [&str; 9] = [
    "labels",
    "refused",
    "base",
    "scratch",
    "adapted",
    "over base",
    "over scratch",
    "base ECE",
    "ECE",
];

/// For each head a table of AUC on unseen rows of the corpus, and one of what became of
/// the rows to be kept.
impl fmt::Display for LearningCurve {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "base {}, {} repeats; AUC on rows of the corpus not learned from, with 95% intervals",
            self.base, self.repeats
        )?;
        for (head, points) in &self.heads {
            writeln!(formatter, "\n{head}")?;
            let mut lines = vec![TITLES.map(str::to_owned).to_vec()];
            lines.extend(points.iter().map(line));
            write_aligned(formatter, &lines)?;
            write_kept(formatter, points)?;
        }
        Ok(())
    }
}

fn line(point: &Point) -> Vec<String> {
    vec![
        point.labels.to_string(),
        point.refused.to_string(),
        plain(point.base),
        plain(point.scratch),
        plain(point.adapted),
        change(point.over_base),
        change(point.over_scratch),
        plain(point.base_ece),
        plain(point.ece),
    ]
}

fn write_kept(formatter: &mut fmt::Formatter<'_>, points: &[Point]) -> fmt::Result {
    let sources: BTreeSet<&String> = points.iter().flat_map(|point| point.kept.keys()).collect();
    if sources.is_empty() {
        return Ok(());
    }
    writeln!(
        formatter,
        "\nkept: AUC of the adapted model less the base's"
    )?;
    let titles = std::iter::once("labels".to_owned()).chain(sources.iter().map(|s| printable(s)));
    let mut lines = vec![titles.collect::<Vec<_>>()];
    lines.extend(points.iter().map(|point| {
        let changes = sources
            .iter()
            .map(|&source| change(point.kept.get(source).copied()));
        std::iter::once(point.labels.to_string())
            .chain(changes)
            .collect()
    }));
    write_aligned(formatter, &lines)
}

fn plain(mean: Option<Mean>) -> String {
    mean.map_or_else(|| "-".to_owned(), |mean| format!("{:.3}", mean.mean))
}

fn change(mean: Option<Mean>) -> String {
    match mean {
        None => "-".to_owned(),
        Some(Mean { mean, margin: None }) => format!("{mean:+.3}"),
        Some(Mean {
            mean,
            margin: Some(margin),
        }) => format!("{mean:+.3} ±{margin:.3}"),
    }
}

/// File names come from outside: no control characters reach a terminal.
fn printable(text: &str) -> String {
    let safe = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    text.chars().map(safe).collect()
}

fn write_aligned(formatter: &mut fmt::Formatter<'_>, lines: &[Vec<String>]) -> fmt::Result {
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    for line in lines {
        let cells = line.iter().enumerate();
        let cells: Vec<String> = cells
            .map(|(at, cell)| format!("{cell:>0$}", width(at)))
            .collect();
        writeln!(formatter, "{}", cells.join("  "))?;
    }
    Ok(())
}
