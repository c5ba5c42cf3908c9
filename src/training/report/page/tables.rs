//! The tables of one head.

use std::collections::BTreeMap;

use super::{InForce, Words, decimal, percent};
use crate::count::grouped;
use crate::training::metrics::Ranking;
use crate::training::report::{Tally, Telling};
use crate::verdict::{Head, PerHead};

/// Features listed in each direction.
const FEATURES: usize = 25;

/// Log-odds of toxicity from which a feature is not shown unasked.
const ABUSIVE: f64 = 0.7;

/// A table whose first column names the rows.
pub(super) struct Table {
    pub(super) titles: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

fn table<const N: usize>(titles: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Table {
    Table {
        titles: titles.map(str::to_owned).to_vec(),
        rows: rows.map(Vec::from).collect(),
    }
}

/// What each of some thresholds gives, those in force among them.
pub(super) fn thresholds(ranking: &Ranking, in_force: InForce, words: Words) -> Table {
    let InForce { hold_at, reject_at } = in_force;
    let mut tried = vec![
        0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, hold_at,
        reject_at,
    ];
    tried.sort_unstable_by(f64::total_cmp);
    tried.dedup();
    let note = |at: f64| match at {
        _ if at.total_cmp(&hold_at).is_eq() => " hold",
        _ if at.total_cmp(&reject_at).is_eq() => " reject",
        _ => "",
    };
    let rows = tried.into_iter().map(|at| {
        let counts = ranking.at_threshold(at);
        let flagged = counts.true_positives + counts.false_positives;
        [
            format!("{at}{}", note(at)),
            grouped(flagged),
            percent(counts.precision()),
            percent(counts.recall()),
            percent(counts.false_positive_rate()),
        ]
    });
    let titles = [
        "Threshold",
        "Rows flagged",
        "Right of these",
        &format!("Of {} found", words.yes),
        &format!("Of {} flagged", words.no),
    ];
    table(titles, rows)
}

/// The bins of the reliability diagram.
pub(super) fn bins(tally: &Tally, words: Words) -> Table {
    let bins = tally.reliability.bins.iter();
    let rows = bins.map(|bin| {
        [
            format!("{:.2}–{:.2}", bin.lower, bin.upper),
            grouped(bin.count),
            decimal(bin.mean_score()),
            decimal(bin.positive_share()),
        ]
    });
    let share = format!("Share that is {}", words.yes);
    table(["Score", "Rows", "Mean score", &share], rows)
}

/// The figures of parts of the rows, such as the rows of one source.
pub(super) fn parts(title: &str, parts: BTreeMap<String, PerHead<Tally>>, head: Head) -> Table {
    let judged = parts.into_iter().filter_map(|(name, tallies)| {
        let tally = tallies.get(head);
        (tally.rows() > 0).then(|| (name, tally.figures()))
    });
    let rows = judged.map(|(name, figures)| {
        let name = if name.is_empty() {
            "(none given)".to_owned()
        } else {
            name
        };
        [
            name,
            grouped(figures.n),
            grouped(figures.positives),
            decimal(figures.auc),
            percent(figures.recall_at_fpr_0_01),
            decimal(figures.ece),
            percent(figures.held),
            percent(figures.rejected),
            percent(figures.civil_held),
            percent(figures.civil_rejected),
        ]
    });
    let no = Words::of(head).no;
    let titles = [
        title,
        "Rows",
        &format!("Of these {}", Words::of(head).yes),
        "AUC",
        "Recall at 1 %",
        "ECE",
        "Held",
        "Rejected",
        &format!("Held of {no}"),
        &format!("Rejected of {no}"),
    ];
    table(titles, rows)
}

/// The strongest features in one direction.
pub(super) struct FeatureTable {
    pub(super) rows: Vec<FeatureRow>,
    pub(super) wanted: usize,
    pub(super) unknown: usize,
}

pub(super) struct FeatureRow {
    pub(super) form: String,
    /// It speaks for toxicity, and stands in a list that people do not open for that.
    pub(super) masked: bool,
    pub(super) kind: &'static str,
    pub(super) log_odds: String,
    /// Length of its bar, of 100.
    pub(super) bar: String,
    pub(super) met: String,
    pub(super) positive: String,
}

impl FeatureTable {
    pub(super) fn new(
        telling: &Telling,
        head: Head,
        speaks_for: bool,
        units: PerHead<f64>,
    ) -> Self {
        let unit = *units.get(head);
        let strongest = telling.strongest(head, speaks_for, FEATURES, unit);
        let most = strongest.met.first().map_or(1.0, |(most, _)| most.abs());
        let rows = strongest.met.iter().map(|(log_odds, feature)| {
            let [no, yes] = *feature.judged.get(head);
            let met = no + yes;
            FeatureRow {
                form: feature.form.clone(),
                masked: head != Head::Toxicity
                    && feature.weight(Head::Toxicity) * units.toxicity > ABUSIVE,
                kind: feature.kind.in_words(),
                log_odds: format!("{log_odds:+.2}"),
                bar: format!("{:.1}", log_odds.abs() / most * 100.0),
                met: grouped(met),
                positive: percent((met > 0).then(|| yes as f64 / met as f64)),
            }
        });
        Self {
            rows: rows.collect(),
            wanted: strongest.wanted,
            unknown: strongest.unknown,
        }
    }
}
