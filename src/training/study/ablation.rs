//! What each part of the method is worth: parts are added one by one.

use serde::Serialize;

use super::DRAWS;
use super::ground::{FeatureSet, Ground, Method, Trial};
use crate::label::LabelledSample;
use crate::training::TrainError;
use crate::training::metrics::{
    AucDifference, Outcome, Paired, Ranking, Reliability, auc_difference,
};
use crate::verdict::{Head, PerHead, Probability};

/// The method up to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Naive Bayes on words, `linfa-bayes` alone.
    NaiveBayes,
    /// Pairs of words and character n-grams.
    Ngrams,
    /// Links and structural signals.
    Signals,
    /// The seed corpus.
    Seed,
    /// Re-weighting, weights of sources and unverified ham.
    Reweighting,
    /// Scores become probabilities.
    Calibration,
}

impl Part {
    /// All, in the order in which they are added.
    pub const ALL: [Self; 6] = [
        Self::NaiveBayes,
        Self::Ngrams,
        Self::Signals,
        Self::Seed,
        Self::Reweighting,
        Self::Calibration,
    ];

    /// How the tables call the method up to this part.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::NaiveBayes => "plain naive Bayes",
            Self::Ngrams => "+ n-grams",
            Self::Signals => "+ signals",
            Self::Seed => "+ seed",
            Self::Reweighting => "+ re-weighting",
            Self::Calibration => "+ calibration",
        }
    }

    fn features(self) -> FeatureSet {
        match self {
            Self::NaiveBayes => FeatureSet::Words,
            Self::Ngrams => FeatureSet::Pieces,
            _ => FeatureSet::All,
        }
    }

    fn method(self) -> Method {
        if self >= Self::Reweighting {
            Method::Full
        } else {
            Method::NaiveBayes
        }
    }
}

/// One set judged by the method up to a part.
#[derive(Clone, Debug, Serialize)]
pub struct AblationRow {
    /// The head.
    pub head: Head,
    /// Name of the set.
    pub set: String,
    /// The method.
    pub part: Part,
    /// Rows judged.
    pub n: usize,
    /// Area under the ROC curve.
    pub auc: Option<f64>,
    /// Recall at 1 % false positives.
    pub recall_at_1: Option<f64>,
    /// Expected calibration error.
    pub ece: Option<f64>,
    /// Change of AUC by the part, with its interval.
    pub change: Option<AucDifference>,
}

/// An ablation study, sorted by head and set.
#[derive(Clone, Debug, Serialize)]
pub struct Ablation {
    /// A row for each set and part.
    pub rows: Vec<AblationRow>,
}

/// Whether a row may be learned from.
type Learned<'a> = Box<dyn Fn(&LabelledSample) -> bool + 'a>;

/// Rows of one set with who may teach their model.
struct Set<'a> {
    name: String,
    head: Head,
    trials: Vec<(Vec<usize>, Learned<'a>)>,
}

/// Tries the method up to each part on every source of the rows to try on, on each group of
/// `grouped` left out, and on the seed corpus, whose sources `is_seed` names: each of its groups
/// (a kind of text) judged by a model that has not seen the kind.
///
/// # Errors
/// If a fit lacks a class.
pub fn ablation(
    ground: &mut Ground,
    grouped: &str,
    is_seed: impl Fn(&str) -> bool,
    mut on_set: impl FnMut(&str, Part),
) -> Result<Ablation, TrainError> {
    ground.lay_out_pieces();
    let ground = &*ground;
    let calibrations = PerHead {
        spam: ground.calibration(Head::Spam)?,
        toxicity: ground.calibration(Head::Toxicity)?,
    };
    let mut rows = Vec::new();
    for set in sets(ground, grouped, &is_seed) {
        let mut before: Option<Vec<f64>> = None;
        for part in Part::ALL {
            on_set(&set.name, part);
            let (tested, scores) = match &before {
                Some(scores) if part == Part::Calibration => {
                    let calibration = calibrations.get(set.head);
                    let tested = set.tested();
                    let rows = tested.iter().zip(scores);
                    let scores = rows.map(|(&row, &s)| calibration.log_odds(s, ground.length(row)));
                    let scores = scores.collect();
                    (tested, scores)
                }
                _ => set.scores(ground, part, &is_seed)?,
            };
            let judged: Vec<bool> = tested
                .iter()
                .map(|&row| ground.is_positive(row, set.head))
                .collect();
            rows.push(set.row(part, &scores, before.as_deref(), &judged));
            before = Some(scores);
        }
    }
    Ok(Ablation { rows })
}

fn sets<'a>(
    ground: &'a Ground,
    grouped: &'a str,
    is_seed: &'a dyn Fn(&str) -> bool,
) -> Vec<Set<'a>> {
    let mut sets = Vec::new();
    for source in ground.test_sources() {
        for head in Head::ALL {
            let tested = ground.rows(head, true, |sample| sample.source == source);
            if !tested.is_empty() {
                let learned: Learned<'a> = Box::new(|_| true);
                sets.push(Set {
                    name: source.to_owned(),
                    head,
                    trials: vec![(tested, learned)],
                });
            }
        }
    }
    let by_group = |wanted: &dyn Fn(&LabelledSample) -> bool| {
        let rows = ground.rows(Head::Spam, false, wanted);
        let mut groups: Vec<&str> = rows
            .iter()
            .map(|&row| ground.sample(row).group.as_str())
            .collect();
        groups.sort_unstable();
        groups.dedup();
        (rows, groups)
    };
    let (rows, groups) = by_group(&|sample| sample.source == grouped);
    let trials = groups.into_iter().map(|group| {
        let tested = rows
            .iter()
            .copied()
            .filter(|&row| ground.sample(row).group == group);
        let learned: Learned<'a> = Box::new(move |sample| sample.group != group);
        (tested.collect(), learned)
    });
    let trials: Vec<_> = trials.collect();
    if !trials.is_empty() {
        sets.push(Set {
            name: format!("{grouped} by group"),
            head: Head::Spam,
            trials,
        });
    }
    let (rows, groups) = by_group(&|sample| is_seed(&sample.source));
    let trials: Vec<_> = (0..SEED_FOLDS)
        .map(|fold| {
            let out: Vec<&str> = groups
                .iter()
                .copied()
                .skip(fold)
                .step_by(SEED_FOLDS)
                .collect();
            let tested = rows
                .iter()
                .copied()
                .filter(|&row| out.contains(&ground.sample(row).group.as_str()));
            let tested: Vec<usize> = tested.collect();
            let learned: Learned<'a> = Box::new(move |sample| {
                !is_seed(&sample.source) || !out.contains(&sample.group.as_str())
            });
            (tested, learned)
        })
        .filter(|(tested, _)| !tested.is_empty())
        .collect();
    if !trials.is_empty() {
        sets.push(Set {
            name: "seed by kind".to_owned(),
            head: Head::Spam,
            trials,
        });
    }
    sets
}

/// Parts into which the kinds of seed text are dealt.
const SEED_FOLDS: usize = 4;

impl Set<'_> {
    fn tested(&self) -> Vec<usize> {
        self.trials
            .iter()
            .flat_map(|(tested, _)| tested)
            .copied()
            .collect()
    }

    fn scores(
        &self,
        ground: &Ground,
        part: Part,
        is_seed: &dyn Fn(&str) -> bool,
    ) -> Result<(Vec<usize>, Vec<f64>), TrainError> {
        let mut scores = Vec::new();
        for (tested, learned) in &self.trials {
            let with_seed = part >= Part::Seed;
            scores.extend(ground.scores(&Trial {
                head: self.head,
                features: part.features(),
                method: part.method(),
                learned: &|sample| learned(sample) && (with_seed || !is_seed(&sample.source)),
                tested,
            })?);
        }
        Ok((self.tested(), scores))
    }

    fn row(
        &self,
        part: Part,
        scores: &[f64],
        before: Option<&[f64]>,
        judged: &[bool],
    ) -> AblationRow {
        let rows = scores.iter().zip(judged);
        let outcomes: Vec<Outcome> = rows
            .map(|(&score, &positive)| (Probability::from_log_odds(score).get(), positive))
            .collect();
        let by_score: Vec<Outcome> = scores.iter().copied().zip(judged.iter().copied()).collect();
        let ranking = Ranking::new(&by_score);
        let change = before.and_then(|before| {
            let pairs = before.iter().zip(scores).zip(judged);
            let paired: Vec<Paired> = pairs
                .map(|((&first, &second), &positive)| Paired {
                    first,
                    second,
                    positive,
                })
                .collect();
            auc_difference(&paired, DRAWS, 1)
        });
        AblationRow {
            head: self.head,
            set: self.name.clone(),
            part,
            n: scores.len(),
            auc: ranking.auc(),
            recall_at_1: ranking
                .at_false_positive_rate(0.01)
                .map(|point| point.recall),
            ece: Reliability::new(&outcomes).expected_error(),
            change,
        }
    }
}
