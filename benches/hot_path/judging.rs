//! From text to scores and evidence.

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use moderato::classifier::{Artefact, Classifier};
use moderato::text::{Features, normalise};

use crate::{Case, typed};

/// Evidence for each head, as the pipeline asks for.
const EVIDENCE: usize = 6;

static CLASSIFIER: LazyLock<Classifier> =
    LazyLock::new(|| Classifier::new(Artefact::base().unwrap()));

#[divan::bench(args = Case::each())]
fn normalise_text(bencher: Bencher, case: Case) {
    bencher.counter(case.count()).bench(|| {
        for sample in case.samples() {
            black_box(normalise(black_box(sample.text)));
        }
    });
}

/// Normalises as well.
#[divan::bench(args = Case::each())]
fn extract_features(bencher: Bencher, case: Case) {
    bencher.counter(case.count()).bench(|| {
        for sample in case.samples() {
            black_box(Features::extract(black_box(typed(sample))));
        }
    });
}

/// Of features that are there already.
#[divan::bench(args = Case::each())]
fn score(bencher: Bencher, case: Case) {
    let classifier = &*CLASSIFIER;
    let features = features(case);
    bencher.counter(case.count()).bench(|| {
        for features in &features {
            black_box(classifier.score(black_box(features)).scores());
        }
    });
}

/// Of features that are there already.
#[divan::bench(args = Case::each())]
fn score_and_explain(bencher: Bencher, case: Case) {
    let classifier = &*CLASSIFIER;
    let features = features(case);
    bencher.counter(case.count()).bench(|| {
        for features in &features {
            let scored = classifier.score(black_box(features));
            black_box(scored.scores());
            black_box(scored.explain(EVIDENCE));
        }
    });
}

/// What the budget for scoring is about: both scores of a text as it was typed.
#[divan::bench(args = Case::each())]
fn text_to_scores(bencher: Bencher, case: Case) {
    let classifier = &*CLASSIFIER;
    bencher.counter(case.count()).bench(|| {
        for sample in case.samples() {
            let features = Features::extract(black_box(typed(sample)));
            black_box(classifier.score(&features).scores());
        }
    });
}

fn features(case: Case) -> Vec<Features> {
    let samples = case.samples().iter();
    samples
        .map(|sample| Features::extract(typed(sample)))
        .collect()
}
