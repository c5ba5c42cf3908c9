//! The figures as aligned text.

use std::fmt;

use super::{Evaluation, HeadFigures};
use crate::verdict::Head;

/// One line of a table.
type Line = [String; TITLES.len()];

const TITLES: [&str; 12] = [
    "source",
    "language",
    "rows",
    "positive",
    "AUC",
    "recall@1%",
    "recall@5%",
    "ECE",
    "rejected",
    "held",
    "civil rejected",
    "civil held",
];

/// Titles of text; all others are of numbers and stand to the right.
const TEXT_COLUMNS: usize = 2;

/// One table per head: a line for each source and language, and the total. `-` where a figure
/// needs a class that is not there.
impl fmt::Display for Evaluation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "model {}: {} rows, {} bad rows",
            printable(&self.model),
            self.rows,
            self.bad_rows
        )?;
        for (&head, total) in &self.heads {
            writeln!(formatter, "\n{head}")?;
            write_aligned(formatter, &self.lines(head, total))?;
            self.write_reliability(formatter, head)?;
        }
        Ok(())
    }
}

impl Evaluation {
    /// Bins with something in them: `score: rows, mean score, share that is positive`.
    fn write_reliability(&self, formatter: &mut fmt::Formatter<'_>, head: Head) -> fmt::Result {
        let bins = self.reliability.get(&head).into_iter().flatten();
        writeln!(
            formatter,
            "reliability ({head}): mean score, share positive, rows"
        )?;
        for bin in bins.filter(|bin| bin.n > 0) {
            writeln!(
                formatter,
                "  {}  {:>6}  {}",
                decimal(bin.mean_score),
                percent(bin.positive_share),
                bin.n
            )?;
        }
        Ok(())
    }

    fn lines(&self, head: Head, total: &HeadFigures) -> Vec<Line> {
        let sources = self.sources.iter().filter_map(|source| {
            let figures = source.heads.get(&head)?;
            Some(line(&source.source, &source.language, figures))
        });
        let titles = TITLES.map(str::to_owned);
        std::iter::once(titles)
            .chain(sources)
            .chain([line("total", "", total)])
            .collect()
    }
}

fn line(source: &str, language: &str, figures: &HeadFigures) -> Line {
    [
        printable(source),
        printable(language),
        figures.n.to_string(),
        figures.positives.to_string(),
        decimal(figures.auc),
        percent(figures.recall_at_fpr_0_01),
        percent(figures.recall_at_fpr_0_05),
        decimal(figures.ece),
        percent(figures.rejected),
        percent(figures.held),
        percent(figures.civil_rejected),
        percent(figures.civil_held),
    ]
}

fn decimal(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.3}"))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

/// File names and language tags come from outside: no control characters reach a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

fn write_aligned(formatter: &mut fmt::Formatter<'_>, lines: &[Line]) -> fmt::Result {
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; TITLES.len()] = std::array::from_fn(width);
    for line in lines {
        let cells = line.iter().zip(widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, width))| {
                if column < TEXT_COLUMNS {
                    format!("{cell:width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        writeln!(formatter, "{}", cells.join("  "))?;
    }
    Ok(())
}
