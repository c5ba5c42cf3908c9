//! A small page.

use super::*;
use crate::classifier::{Artefact, Classifier};
use crate::label::{Label, LabelledSample};
use crate::text::{Features, Typed};
use crate::training::corpus::Fingerprint;
use crate::training::report::ScoredRow;
use crate::verdict::{Decision, Probability, Scores};

/// A page over rows of text, label on toxicity, and score.
fn page(rows: &[(&str, bool, f64)]) -> String {
    let classifier = Classifier::new(Artefact::base().unwrap());
    let mut telling = Telling::new(&classifier);
    let mut mistakes = Mistakes::new(5, PerHead::from_fn(|_| 0.8));
    let mut rows_scored = ScoredRows::default();
    for &(text, toxic, score) in rows {
        let label = Label {
            spam: None,
            toxicity: Some(toxic),
        };
        let sample = LabelledSample {
            text: text.into(),
            name: "Name Of A Person".into(),
            url: String::new(),
            label,
            language: "ur".into(),
            group: String::new(),
            source: "a<b".into(),
        };
        let features = Features::extract(Typed {
            text,
            ..Typed::default()
        });
        let scores = Scores {
            spam: Probability::new(0.0).unwrap(),
            toxicity: Probability::new(score).unwrap(),
        };
        let fingerprint = Fingerprint::of(text, features.normalised());
        mistakes.add(&sample, fingerprint, &scores, || {
            classifier.score(&features).explain(5)
        });
        telling.add(telling.find(&features), label, features.size());
        rows_scored.push(ScoredRow {
            source: sample.source,
            language: sample.language,
            label,
            scores,
            decision: Decision::Approve,
        });
    }
    let page = Page {
        evaluation: &rows_scored.evaluate("m-1".into(), 0),
        scored: &rows_scored,
        in_force: PerHead::from_fn(|_| InForce {
            hold_at: 0.8,
            reject_at: 0.99,
        }),
        units: PerHead::from_fn(|head| classifier.unit(head, 50)),
        mistakes: &mistakes,
        telling: &telling,
        notes: vec!["left out: 1 rows".into()],
    };
    page.html().unwrap()
}

#[test]
fn shows_what_was_measured_and_loads_nothing() {
    let html = page(&[
        ("a civil remark", false, 0.1),
        ("آپ بالکل غلط ہیں", false, 0.9),
        ("you idiot", true, 0.995),
        ("so very subtle", true, 0.3),
    ]);
    for expected in [
        "<code>m-1</code>",
        "left out: 1 rows",
        "ROC curve",
        "Precision and recall",
        "Reliability",
        "hold 0.8",
        "reject 0.99",
        "a&#60;b",
        "subtle",
        "may be abusive: open to read",
        "dir=\"auto\"",
    ] {
        assert!(html.contains(expected), "{expected} is not in the page");
    }
    for unwanted in [
        "Name Of A Person",
        "<script",
        "http:",
        "https:",
        "url(",
        "id=\"spam\"",
    ] {
        assert!(!html.contains(unwanted), "{unwanted} is in the page");
    }
    assert!(html.contains("default-src 'none'; style-src 'sha256-"));
}

#[test]
fn one_class_has_no_curves_and_nothing_has_no_heads() {
    let html = page(&[("a civil remark", false, 0.1)]);
    assert!(!html.contains("ROC curve") && html.contains("Scores by class"));
    assert!(!html.contains("NaN"));
    assert!(!page(&[]).contains("<section"));
}
