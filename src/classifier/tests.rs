use proptest::prelude::*;

use super::*;
use crate::text::{FEATURE_VERSION, Typed};

fn artefact(texts: &[(&str, [i16; 2])]) -> Artefact {
    let entries = texts.iter().flat_map(|&(text, weights)| {
        let features = Features::extract(Typed {
            text,
            ..Typed::default()
        });
        features
            .tokens()
            .iter()
            .map(|t| WeightEntry {
                key: short_key(t.key),
                weights,
            })
            .collect::<Vec<_>>()
    });
    let head = |prior| HeadRecord {
        fit: HeadFit {
            length: [0.2, -0.1],
            above: 0.5,
            ..HeadFit::straight(prior, 0.01)
        },
        ..HeadRecord::default()
    };
    let header = Header {
        feature_version: FEATURE_VERSION,
        seed: 7,
        corpus_digest: String::new(),
        corpus: Vec::new(),
        heads: PerHead {
            spam: head(-2.0),
            toxicity: head(-1.0),
        },
        adaptations: Vec::new(),
    };
    Artefact::new(header, entries.collect()).unwrap()
}

fn sample() -> Artefact {
    artefact(&[
        ("buy pills", [900, -5]),
        ("idiot", [-100, 1_200]),
        ("thanks", [-700, -800]),
    ])
}

#[test]
fn artefacts_survive_the_way_through_bytes() {
    let artefact = sample();
    let bytes = artefact.to_bytes().unwrap();
    let read = Artefact::from_bytes(&bytes).unwrap();
    assert_eq!(read, artefact);
    assert!(read.id().as_str().starts_with("m-") && read.id().as_str().len() == 18);
}

#[test]
fn supports_go_with_their_entries_and_the_file_without_them_is_read_as_before() {
    let plain = sample();
    let of = |key: u32| Support::of_mean_square(f64::from(key % 7) / 1_000.0);
    let supported = sample().with_supports(of).unwrap();
    assert_ne!(supported.id(), plain.id());
    let bytes = supported.to_bytes().unwrap();
    assert_eq!(bytes[8], 2);
    assert_eq!(Artefact::from_bytes(&bytes).unwrap(), supported);
    for entry in plain.entries() {
        assert_eq!(plain.find(entry.key), Some((entry.weights, None)));
        let expected = Some((entry.weights, Some(of(entry.key))));
        assert_eq!(supported.find(entry.key), expected);
    }
    assert_eq!(plain.to_bytes().unwrap()[8], 1);
}

#[test]
fn damaged_and_foreign_artefacts_are_refused() {
    let bytes = sample().to_bytes().unwrap();
    let message = |bytes: &[u8]| Artefact::from_bytes(bytes).unwrap_err().to_string();
    assert!(message(b"PK\x03\x04").starts_with("not a Moderato artefact"));
    assert!(message(&bytes[..bytes.len() - 1]).contains("checksum"));
    assert!(message(&bytes[..12]).contains("cut off"));
    let mut other = bytes.clone();
    other[8] = 9;
    assert!(message(&other).contains("format 9, expected 1 to 2"));
    for at in [20, bytes.len() / 2, bytes.len() - 1] {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        assert!(message(&flipped).contains("checksum"));
    }
}

#[test]
fn features_of_another_version_are_refused() {
    let artefact = sample();
    let mut header = artefact.header().clone();
    header.feature_version += 1;
    let bytes = Artefact::new(header, artefact.entries().to_vec())
        .unwrap()
        .to_bytes()
        .unwrap();
    let error = Artefact::from_bytes(&bytes).unwrap_err();
    assert!(matches!(error, ArtefactError::Features { .. }), "{error}");
}

#[test]
fn an_artefact_whose_scores_do_not_grow_with_its_weights_is_refused() {
    let read = |change: fn(&mut HeadFit)| {
        let artefact = sample();
        let mut header = artefact.header().clone();
        change(&mut header.heads.toxicity.fit);
        let artefact = Artefact::new(header, artefact.entries().to_vec()).unwrap();
        Artefact::from_bytes(&artefact.to_bytes().unwrap())
    };
    assert!(read(|fit| fit.gain = 0.0).is_ok());
    let falling: [fn(&mut HeadFit); 3] = [
        |fit| fit.gain = -0.01,
        |fit| fit.above = -0.5,
        |fit| fit.above = 0.0,
    ];
    for change in falling {
        let error = read(change).unwrap_err().to_string();
        assert!(error.contains("fall as weights grow"), "{error}");
    }
    // JSON has no such numbers, so these do not even read as a header.
    let endless: [fn(&mut HeadFit); 3] = [
        |fit| fit.prior = f64::NAN,
        |fit| fit.length[1] = f64::INFINITY,
        |fit| fit.knee = f64::NAN,
    ];
    for change in endless {
        assert!(read(change).is_err());
    }
}

#[test]
fn saving_replaces_a_file_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.moderato");
    std::fs::write(&path, "old").unwrap();
    sample().save(&path).unwrap();
    assert_eq!(Artefact::load(&path).unwrap(), sample());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let missing = Artefact::load(&folder.path().join("none")).unwrap_err();
    assert!(missing.to_string().contains("none"));
}

#[test]
fn words_the_model_knows_move_the_score() {
    let classifier = Classifier::new(sample());
    let score = |text| {
        let features = Features::extract(Typed {
            text,
            ..Typed::default()
        });
        classifier.score(&features).scores()
    };
    assert!(score("buy pills").spam > score("hello there").spam);
    assert!(score("you idiot").toxicity > score("you friend").toxicity);
    assert!(score("thanks").toxicity < score("hello").toxicity);
}

#[test]
fn words_it_does_not_know_never_add_up_to_a_certainty() {
    let pieces = artefact(&[("blorkable snorkable dworkable", [0, 40])]);
    let known: std::collections::BTreeSet<u32> = ["blorkable", "snorkable", "dworkable"]
        .into_iter()
        .flat_map(|text| {
            let features = Features::extract(Typed {
                text,
                ..Typed::default()
            });
            let mut keys = Vec::new();
            features.ngrams(&features.tokens()[0], |key| keys.push(short_key(key)));
            keys
        })
        .collect();
    let entries = known
        .into_iter()
        .map(|key| WeightEntry {
            key,
            weights: [0, 40],
        })
        .collect();
    let classifier = Classifier::new(Artefact::new(pieces.header().clone(), entries).unwrap());
    let score = |words: usize| {
        let text: String = (0..words)
            .map(|n| ["x", &n.to_string(), "orkable "].concat())
            .collect();
        let features = Features::extract(Typed {
            text: &text,
            name: "",
        });
        classifier.score(&features).log_odds(Head::Toxicity)
    };
    assert!(
        score(1_000) < score(20) + 0.5,
        "{} {}",
        score(20),
        score(1_000)
    );
}

#[test]
fn evidence_does_not_repeat_an_endless_token() {
    let text = ["x".repeat(39), "㌀".repeat(1_000)].concat();
    let classifier = Classifier::new(sample());
    let features = Features::extract(Typed {
        text: &text,
        name: "",
    });
    let shown = classifier.score(&features).explain(9);
    assert!(shown.iter().all(|e| e.token.chars().count() <= 65));
}

proptest! {
    #[test]
    fn evidence_sums_to_the_score(text in "((buy|pills|idiot|thanks|you|[a-z]{1,9}|😀|https://x.com/a)[ !.]){0,40}", most in 0_usize..12) {
        let classifier = Classifier::new(sample());
        let features = Features::extract(Typed { text: &text, ..Typed::default() });
        let scored = classifier.score(&features);
        let evidence = scored.explain(most);
        for head in Head::ALL {
            let sum: f64 = evidence.iter().filter(|e| e.head == head).map(|e| e.log_odds).sum();
            prop_assert!((sum - scored.log_odds(head)).abs() < 1e-9);
            let listed = evidence.iter().filter(|e| e.head == head && e.span.is_some()).count();
            prop_assert!(listed <= most);
        }
    }

    #[test]
    fn scores_are_finite_for_any_text(text in any::<String>(), name in any::<String>()) {
        let classifier = Classifier::new(sample());
        let features = Features::extract(Typed { text: &text, name: &name });
        for head in Head::ALL {
            prop_assert!(classifier.score(&features).log_odds(head).is_finite());
        }
    }
}
