//! What a replay found, as tables and a chart.

use std::collections::BTreeMap;

use crate::http::console::chart::{Bars, Part, Under, Values};
use crate::lifecycle::{Replay, ReplayFigures};
use crate::plot::Series;
use crate::verdict::Decision;

/// Groups of one kind that are shown: the largest.
const GROUPS: usize = 30;
/// Sites that the chart has room for.
const CHARTED: usize = 3;

/// What would change.
pub(super) struct Report {
    pub(super) before: String,
    pub(super) after: String,
    pub(super) since: String,
    pub(super) figures: ReplayFigures,
    pub(super) held: String,
    pub(super) rejected: String,
    pub(super) mistakes: String,
    /// What is decided now, each with what would be.
    pub(super) matrix: Vec<MatrixRow>,
    /// Held and rejected by site, as SVG; nothing where neither is.
    pub(super) volume: Option<String>,
    pub(super) groups: Vec<Group>,
    /// Verdicts that come out otherwise by the very model and policy that gave them.
    pub(super) drifted: u64,
    /// Flips that are kept one by one.
    pub(super) kept: usize,
}

pub(super) struct MatrixRow {
    pub(super) before: &'static str,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) comments: u64,
    /// The kind of flip, to be shown alone; nothing where nothing changes.
    pub(super) kind: Option<String>,
}

pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) rows: Vec<GroupRow>,
    pub(super) left_out: usize,
}

pub(super) struct GroupRow {
    pub(super) name: String,
    pub(super) figures: ReplayFigures,
}

/// By how much a count changes.
fn change(before: u64, after: u64) -> String {
    if after >= before {
        format!("+{}", after - before)
    } else {
        format!("−{}", before - after)
    }
}

impl Report {
    pub(super) fn new(replay: &Replay) -> Self {
        let figures = replay.figures;
        Self {
            before: replay.before.clone(),
            after: replay.after.clone(),
            // To the second; below that it is noise.
            since: replay
                .since
                .split('.')
                .next()
                .unwrap_or_default()
                .replace('T', " "),
            held: change(figures.held_before, figures.held_after),
            rejected: change(figures.rejected_before, figures.rejected_after),
            mistakes: change(figures.mistakes_before, figures.mistakes_after),
            matrix: matrix(replay),
            volume: volume(&replay.groups.by_site),
            groups: vec![
                group("Site", &replay.groups.by_site),
                group("Language", &replay.groups.by_language),
                group("Reason", &replay.groups.by_reason),
            ],
            figures,
            drifted: replay.drifted,
            kept: replay.flipped.len(),
        }
    }
}

fn matrix(replay: &Replay) -> Vec<MatrixRow> {
    let figures = &replay.figures;
    let kind = |before: Decision, after: Decision| format!("{before}→{after}");
    let flips = |before, after| replay.kinds.get(&kind(before, after)).copied();
    let row = |before: Decision| {
        let all = match before {
            Decision::Hold => figures.held_before,
            Decision::Reject => figures.rejected_before,
            Decision::Approve => figures
                .comments
                .saturating_sub(figures.held_before + figures.rejected_before),
        };
        let left = Decision::ALL
            .into_iter()
            .filter_map(|after| flips(before, after));
        let same = all.saturating_sub(left.sum());
        let cell = |after: Decision| Cell {
            comments: if after == before {
                same
            } else {
                flips(before, after).unwrap_or_default()
            },
            kind: (after != before)
                .then(|| kind(before, after))
                .filter(|kind| replay.kinds.contains_key(kind)),
        };
        MatrixRow {
            before: before.name(),
            cells: Decision::ALL.map(cell).into(),
        }
    };
    Decision::ALL.map(row).into()
}

/// Held and rejected on each site, now and then, as SVG.
fn volume(by_site: &BTreeMap<String, ReplayFigures>) -> Option<String> {
    let mut sites: Vec<_> = by_site.iter().collect();
    sites.sort_by_key(|(_, figures)| std::cmp::Reverse(figures.comments));
    sites.truncate(CHARTED);
    let names: Vec<_> = sites
        .iter()
        .flat_map(|(site, _)| [format!("{site} now"), format!("{site} then")])
        .collect();
    let part = |series, name, of: fn(&ReplayFigures) -> [u64; 2]| Part {
        series,
        name,
        values: sites
            .iter()
            .flat_map(|(_, figures)| of(figures))
            .map(|count| count as f64)
            .collect(),
    };
    let bars = Bars {
        id: "volume",
        title: "Held and rejected, by site",
        across: "site",
        up: "comments",
        names: &names,
        under: Under::Names,
        parts: vec![
            part(Series::Second, "held", |figures| {
                [figures.held_before, figures.held_after]
            }),
            part(Series::Third, "rejected", |figures| {
                [figures.rejected_before, figures.rejected_after]
            }),
        ],
        values: Values::InTable,
    };
    bars.svg()
}

fn group(title: &'static str, of: &BTreeMap<String, ReplayFigures>) -> Group {
    let mut rows: Vec<_> = of
        .iter()
        .map(|(name, figures)| GroupRow {
            name: if name.is_empty() {
                "not known".to_owned()
            } else {
                name.clone()
            },
            figures: *figures,
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.figures.comments));
    let left_out = rows.len().saturating_sub(GROUPS);
    rows.truncate(GROUPS);
    Group {
        title,
        rows,
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::Groups;

    #[test]
    fn the_matrix_adds_up_to_what_is_decided_now() {
        let replay = Replay {
            before: String::new(),
            after: String::new(),
            since: String::new(),
            figures: ReplayFigures {
                comments: 100,
                flips: 12,
                held_before: 20,
                rejected_before: 10,
                ..ReplayFigures::default()
            },
            drifted: 0,
            kinds: [("approve→hold", 5), ("hold→approve", 4), ("hold→reject", 3)]
                .map(|(kind, count)| (kind.to_owned(), count))
                .into(),
            groups: Groups::default(),
            flipped: Vec::new(),
        };
        let counts = matrix(&replay).into_iter().map(|row| {
            let cells = row.cells.iter().map(|cell| cell.comments);
            cells.collect::<Vec<_>>()
        });
        let counts: Vec<_> = counts.collect();
        assert_eq!(counts, [[65, 5, 0], [4, 13, 3], [0, 0, 10]]);
        assert_eq!([change(3, 5), change(5, 3)], ["+2", "−2"]);
    }
}
