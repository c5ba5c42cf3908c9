//! An evaluation as one page that stands alone: no network, no script, all charts and styles in it.
//!
//! Comments are hostile: askama escapes whatever goes into the page, a content security policy
//! keeps it from loading or running anything, and `tests/fuzz.rs` tries to break out of it.

mod charts;
mod comment;
mod mistake;
mod tables;

#[cfg(test)]
mod tests;

use askama::Template;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::{Evaluation, HeadFigures, Mistakes, ScoredRows, Tally, Telling};
use crate::count::grouped;
use crate::plot;
use crate::training::metrics::Ranking;
use crate::verdict::{Head, PerHead};
use mistake::MistakeView;
use tables::{FeatureTable, Table};

/// Scores from which a head's comments are held and rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct InForce {
    /// Held from here.
    pub hold_at: f64,
    /// Rejected from here.
    pub reject_at: f64,
}

/// What goes into the page.
pub struct Page<'a> {
    /// The figures.
    pub evaluation: &'a Evaluation,
    /// The rows behind them.
    pub scored: &'a ScoredRows,
    /// The thresholds of the policy in force.
    pub in_force: PerHead<InForce>,
    /// What one unit of weight adds to the log-odds of a comment of usual length.
    pub units: PerHead<f64>,
    /// The rows the model is most wrong about.
    pub mistakes: &'a Mistakes,
    /// The features that tell most.
    pub telling: &'a Telling,
    /// What was left out, what came twice: a sentence each.
    pub notes: Vec<String>,
}

impl Page<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// If the template cannot be filled in.
    pub fn html(&self) -> Result<String, askama::Error> {
        let style = format!("{}{}", include_str!("page.css"), plot::STYLE);
        let heads = self.evaluation.heads.iter();
        let view = PageView {
            style_hash: BASE64_STANDARD.encode(Sha256::digest(&style)),
            style,
            model: &self.evaluation.model,
            rows: grouped(self.evaluation.rows),
            notes: &self.notes,
            heads: heads
                .map(|(&head, figures)| self.head(head, figures))
                .collect(),
        };
        view.render()
    }

    fn head(&self, head: Head, figures: &HeadFigures) -> HeadView {
        let tally = self.scored.tally(head);
        let ranking = Ranking::of_counts(&tally.scores);
        let in_force = *self.in_force.get(head);
        let words = Words::of(head);
        let charts = charts::Charts {
            head,
            words,
            tally: &tally,
            ranking: &ranking,
            in_force,
        };
        let lists = self.mistakes.of(head);
        let mistakes = |list: &[super::Mistake]| {
            let views = list.iter().map(|mistake| MistakeView::new(mistake, head));
            views.collect()
        };
        HeadView {
            id: head.name(),
            masks_features: head == Head::Toxicity,
            words,
            cards: cards(figures, words),
            in_force: [in_force.hold_at, in_force.reject_at],
            figures: charts.all(),
            thresholds: tables::thresholds(&ranking, in_force, words),
            bins: tables::bins(&tally, words),
            sources: tables::parts("Source", self.scored.by_source(), head),
            languages: tables::parts("Language", self.scored.by_language(), head),
            speaks_for: FeatureTable::new(self.telling, head, true, self.units),
            speaks_against: FeatureTable::new(self.telling, head, false, self.units),
            usual_size: self.telling.usual_size(),
            false_positives: mistakes(&lists.false_positives),
            false_negatives: mistakes(&lists.false_negatives),
            rows: tally_rows(&tally),
        }
    }
}

fn tally_rows(tally: &Tally) -> String {
    grouped(tally.rows())
}

/// What the classes of a head are called.
#[derive(Clone, Copy)]
struct Words {
    title: &'static str,
    yes: &'static str,
    no: &'static str,
}

impl Words {
    const fn of(head: Head) -> Self {
        match head {
            Head::Spam => Self {
                title: "Spam",
                yes: "spam",
                no: "not spam",
            },
            Head::Toxicity => Self {
                title: "Toxicity",
                yes: "toxic",
                no: "civil",
            },
        }
    }
}

#[derive(Template)]
#[template(path = "report.html")]
struct PageView<'a> {
    style: String,
    style_hash: String,
    model: &'a str,
    rows: String,
    notes: &'a [String],
    heads: Vec<HeadView>,
}

struct HeadView {
    id: &'static str,
    /// The features that speak for it are no sight for everybody.
    masks_features: bool,
    words: Words,
    rows: String,
    cards: Vec<Card>,
    in_force: [f64; 2],
    figures: Vec<Figure>,
    thresholds: Table,
    bins: Table,
    sources: Table,
    languages: Table,
    speaks_for: FeatureTable,
    speaks_against: FeatureTable,
    usual_size: u32,
    false_positives: Vec<MistakeView>,
    false_negatives: Vec<MistakeView>,
}

/// A figure that is read first.
struct Card {
    value: String,
    label: String,
    note: &'static str,
}

/// A chart with what it says.
struct Figure {
    title: String,
    svg: String,
    caption: String,
}

fn cards(figures: &HeadFigures, words: Words) -> Vec<Card> {
    let Words { yes, no, .. } = words;
    let card = |value, label: String, note| Card { value, label, note };
    vec![
        card(
            decimal(figures.auc),
            "AUC".to_owned(),
            "the chance that it ranks a pair rightly; 1 is perfect, 0.5 is a coin",
        ),
        card(
            percent(figures.recall_at_fpr_0_01),
            format!("of {yes} rows found"),
            "at the threshold that flags 1 % of the others",
        ),
        card(
            decimal(figures.ece),
            "calibration error".to_owned(),
            "mean distance of score and truth; 0 is perfect",
        ),
        card(
            percent(figures.held),
            "held".to_owned(),
            "of these rows, on account of either head",
        ),
        card(
            percent(figures.rejected),
            "rejected".to_owned(),
            "of these rows, on account of either head",
        ),
        card(
            percent(figures.civil_rejected),
            format!("of {no} rows rejected"),
            "on account of either head",
        ),
    ]
}

fn decimal(figure: Option<f64>) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.3}"))
}

fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || "–".to_owned(),
        |share| format!("{:.1}\u{a0}%", share * 100.0),
    )
}
