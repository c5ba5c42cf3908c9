//! Studies as aligned text.

use std::fmt;

use super::{Ablation, EvasionRow, HeldOut, HoldOut, TermRow};
use crate::training::metrics::AucDifference;

impl fmt::Display for Ablation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = "head|set|method|rows|AUC|recall@1%|ECE|change in AUC";
        let lines = self.rows.iter().map(|row| {
            vec![
                row.head.to_string(),
                row.set.clone(),
                row.part.title().to_owned(),
                row.n.to_string(),
                decimal(row.auc),
                percent(row.recall_at_1),
                decimal(row.ece),
                interval(row.change),
            ]
        });
        write_aligned(formatter, titles, 3, lines)
    }
}

impl fmt::Display for HoldOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = "left out|rows|positive|naive Bayes AUC|AUC|recall@1%|gain in AUC";
        let lines = self.rows.iter().chain(&self.pooled).map(|row: &HeldOut| {
            vec![
                row.name.clone(),
                row.n.to_string(),
                row.positives.to_string(),
                decimal(row.naive_bayes_auc),
                decimal(row.auc),
                percent(row.recall_at_1),
                interval(row.gain),
            ]
        });
        write_aligned(formatter, titles, 1, lines)
    }
}

/// Rows of an evasion study as they are printed.
pub struct EvasionTable<'a>(pub &'a [EvasionRow]);

impl fmt::Display for EvasionTable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.iter().map(|row| {
            vec![
                row.head.to_string(),
                row.source.clone(),
                row.disguise.title().to_owned(),
                decimal(Some(row.plain)),
                decimal(Some(row.disguised)),
                format!("{:+.3}", row.disguised - row.plain),
            ]
        });
        write_aligned(
            formatter,
            "head|source|disguise|AUC|disguised|change",
            3,
            lines,
        )
    }
}

/// Rows of a fairness study as they are printed.
pub struct FairnessTable<'a>(pub &'a [TermRow]);

impl fmt::Display for FairnessTable<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.0.iter().map(|row| {
            vec![
                row.term.to_owned(),
                row.rows.to_string(),
                percent(Some(row.false_positive_rate)),
                format!("{:+.3}", row.gap),
            ]
        });
        write_aligned(formatter, "term|civil rows|held or rejected|gap", 1, lines)
    }
}

fn decimal(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.3}"))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "-".to_owned(), |share| format!("{:.1}%", share * 100.0))
}

fn interval(change: Option<AucDifference>) -> String {
    change.map_or_else(
        || "-".to_owned(),
        |change| {
            format!(
                "{:+.3} [{:+.3}, {:+.3}]",
                change.difference, change.low, change.high
            )
        },
    )
}

/// Writes a table whose `titles` are separated by `|`; its first `text` columns stand to the left,
/// the others, of figures, to the right.
fn write_aligned(
    formatter: &mut fmt::Formatter<'_>,
    titles: &str,
    text: usize,
    lines: impl Iterator<Item = Vec<String>>,
) -> fmt::Result {
    let titles: Vec<String> = titles.split('|').map(str::to_owned).collect();
    let lines: Vec<Vec<String>> = std::iter::once(titles).chain(lines).collect();
    let columns = lines[0].len();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    for line in &lines {
        let cells = line.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, &width))| {
                if column < text {
                    format!("{cell:width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        writeln!(formatter, "{}", cells.join("  ").trim_end())?;
    }
    Ok(())
}
