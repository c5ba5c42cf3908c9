use proptest::prelude::*;

use super::*;
use crate::label::Label;

fn corpus(rows: &[(String, bool)]) -> Corpus {
    let samples = rows
        .iter()
        .enumerate()
        .map(|(n, (group, toxic))| LabelledSample {
            text: format!(
                "{} number {n}",
                if *toxic { "what a zorblat" } else { "how fine" }
            ),
            name: String::new(),
            url: String::new(),
            label: Label {
                spam: None,
                toxicity: Some(*toxic),
            },
            language: String::new(),
            group: group.clone(),
            source: "site".into(),
        });
    Corpus::from_samples(samples.collect()).0
}

#[test]
fn adapting_beats_base_and_scratch_where_one_word_decides() {
    let rows: Vec<_> = (0..120).map(|n| (String::new(), n % 3 == 0)).collect();
    let options = CurveOptions {
        sizes: vec![5, 40, 1_000],
        repeats: 2,
        ..CurveOptions::default()
    };
    let base = Artefact::base().unwrap();
    let keep = corpus(&rows[..30]);
    let mut told = Vec::new();
    let curve = learning_curve(&base, &corpus(&rows), &keep, &options, |n| told.push(n)).unwrap();
    assert_eq!(told, [1, 2]);
    let points = &curve.heads[&Head::Toxicity];
    assert_eq!(curve.heads.len(), 1);
    let sizes: Vec<_> = points.iter().map(|point| point.labels).collect();
    assert_eq!(sizes, [5, 40], "no point without the labels for it");
    assert_eq!((points[0].refused, points[1].refused), (2, 0));
    assert!(points[0].over_base.unwrap().mean.abs() < f64::EPSILON);
    let adapted = points[1].adapted.unwrap().mean;
    assert!(adapted > 0.99, "{adapted}");
    assert!(points[1].kept["site"].mean > -0.01);
    let printed = curve.to_string();
    for expected in ["base m-", "toxicity", "over scratch", "kept: ", "    40 "] {
        assert!(
            printed.contains(expected),
            "{expected} is not in\n{printed}"
        );
    }
}

#[test]
fn a_corpus_of_one_group_is_refused() {
    let rows: Vec<_> = (0..20).map(|n| ("thread".to_owned(), n % 2 == 0)).collect();
    let base = Artefact::base().unwrap();
    let outcome = learning_curve(
        &base,
        &corpus(&rows),
        &Corpus::default(),
        &CurveOptions::default(),
        |_| {},
    );
    let said = outcome.unwrap_err().to_string();
    assert!(said.contains("of one group"), "{said}");
}

#[test]
fn means_have_the_interval_of_student() {
    assert_eq!(Mean::of(&[]), None);
    assert_eq!(
        Mean::of(&[0.5]),
        Some(Mean {
            mean: 0.5,
            margin: None
        })
    );
    let mean = Mean::of(&[1.0, 2.0, 3.0]).unwrap();
    // Standard deviation 1, 4.303 of its share of the root of 3.
    assert!((mean.mean - 2.0).abs() < 1e-12);
    assert!((mean.margin.unwrap() - 4.303 / 3.0_f64.sqrt()).abs() < 1e-9);
}

proptest! {
    #[test]
    fn groups_are_on_one_side_and_no_row_is_lost(
        rows in prop::collection::vec(("[ab]?", any::<bool>()), 2..40),
        most in 1_usize..20,
        seed: u64,
    ) {
        let corpus = corpus(&rows);
        let Some(split) = Split::new(&corpus, Head::Toxicity, most, seed) else {
            return Ok(());
        };
        prop_assert_eq!(split.pool.len() + split.tested.len(), corpus.samples().len());
        prop_assert!(!split.pool.is_empty() && !split.tested.is_empty());
        for sample in split.pool.iter().filter(|sample| !sample.group.is_empty()) {
            prop_assert!(split.tested.iter().all(|other| other.group != sample.group));
        }
    }
}
