use super::*;
use crate::label::Label;
use crate::training::corpus::{Format, ReadOptions, Reader};

fn sample(text: String, spam: Option<bool>, toxicity: Option<bool>) -> LabelledSample {
    LabelledSample {
        text,
        name: String::new(),
        url: String::new(),
        label: Label { spam, toxicity },
        language: String::new(),
        group: String::new(),
        source: "site".into(),
    }
}

const SUBJECTS: [&str; 7] = [
    "the school",
    "our mayor",
    "this bridge",
    "the budget",
    "your team",
    "the weather",
    "that film",
];

/// Comments in which a word that no base knows is an insult.
fn site(count: usize) -> Corpus {
    let samples = (0..count).map(|n| {
        let toxic = n % 3 == 0;
        let said = if toxic { "a zorblat of" } else { "a story of" };
        let subject = SUBJECTS[n % SUBJECTS.len()];
        sample(format!("{subject} is {said} number {n}"), None, Some(toxic))
    });
    Corpus::from_samples(samples.collect()).0
}

fn base() -> Artefact {
    Artefact::base().unwrap()
}

fn adapted(corpus: &Corpus) -> Adapted {
    adapt(&base(), corpus, &AdaptOptions::default()).unwrap()
}

fn log_odds(model: &Classifier, text: &str, head: Head) -> f64 {
    let features = features_of(&sample(text.to_owned(), None, None));
    model.score(&features).log_odds(head)
}

/// Rows of the seed corpus, which every base was trained on.
fn seed() -> Vec<LabelledSample> {
    let mut samples = Vec::new();
    let mut reader = Reader::new(ReadOptions::default(), |sample| samples.push(sample));
    let rows = include_bytes!("../../../models/seed/toxicity.jsonl");
    reader
        .read_from(&rows[..], Format::JsonLines, "seed")
        .unwrap();
    reader.finish().unwrap();
    samples
}

fn auc(model: &Classifier, samples: &[LabelledSample], head: Head) -> f64 {
    let judged = samples
        .iter()
        .filter_map(|s| Some((s, (*s.label.get(head))?)));
    Ranking::new(&outcomes(model, judged, head)).auc().unwrap()
}

#[test]
fn a_word_of_the_site_is_learned_and_the_rest_stays() {
    let adapted = adapted(&site(60));
    let [before, after] = [base(), adapted.artefact].map(Classifier::new);
    let change =
        |text| log_odds(&after, text, Head::Toxicity) - log_odds(&before, text, Head::Toxicity);
    assert!(change("what a zorblat he is") > change("what a story it is") + 0.5);
    let (seed, head) = (seed(), Head::Toxicity);
    assert!(auc(&after, &seed, head) > auc(&before, &seed, head) - 0.01);
    let head = adapted.heads.toxicity.unwrap();
    assert_eq!((head.labels.rows, head.labels.positives), (60, 20));
    assert!(head.auc.unwrap() > 0.9, "{head:?}");
}

#[test]
fn the_base_is_held_against_the_rows_that_were_judged_out_of_fold() {
    let ours = site(60);
    // Rows of no weight, on which the base is wrong: nothing is learned from them and no
    // fold judges them.
    let others = seed().into_iter().take(60).map(|row| LabelledSample {
        label: Label {
            spam: None,
            toxicity: row.label.toxicity.map(|toxic| !toxic),
        },
        source: "others".into(),
        ..row
    });
    let all = ours.samples().iter().cloned().chain(others).collect();
    let (corpus, _) = Corpus::from_samples(all);
    let options = AdaptOptions {
        source_weights: [("others".to_owned(), 0.0)].into(),
        ..AdaptOptions::default()
    };
    let head = adapt(&base(), &corpus, &options).unwrap().heads.toxicity;
    let (base, head) = (Classifier::new(base()), head.unwrap());
    assert_eq!(head.labels.rows, 60);
    let on_ours = auc(&base, ours.samples(), Head::Toxicity);
    assert!(
        (head.base_auc.unwrap() - on_ours).abs() < 1e-12,
        "{head:?} {on_ours}"
    );
    assert!(auc(&base, corpus.samples(), Head::Toxicity) < on_ours - 0.05);
}

#[test]
fn teaching_a_split_word_takes_nothing_from_the_word() {
    // The base knows the word and not the pair, and the list of words has neither.
    let (split, civil) = ("a shi thead", "a story");
    let samples = (0..60).map(|n| {
        let toxic = n % 3 == 0;
        let said = if toxic { split } else { civil };
        let subject = SUBJECTS[n % SUBJECTS.len()];
        sample(format!("{subject} is {said} number {n}"), None, Some(toxic))
    });
    let (corpus, _) = Corpus::from_samples(samples.collect());
    let [before, after] = [base(), adapted(&corpus).artefact].map(Classifier::new);
    let text = "the school is a shi thead number 0";
    let features = features_of(&sample(text.to_owned(), None, None));
    let tokens = features.tokens();
    let word = tokens
        .iter()
        .find(|token| token.joined_from().is_some_and(|_| before.knows(token)));
    let pair = &tokens[word.unwrap().joined_from().unwrap()];
    assert!(!before.knows(pair) && !after.knows(pair));
    let [old, new] = [&before, &after].map(|model| log_odds(model, text, Head::Toxicity));
    assert!(new > old + 0.5, "{old} {new}");
    // Served, each label has moved as it says.
    for sample in corpus.samples() {
        let said = |model| log_odds(model, &sample.text, Head::Toxicity);
        let is_toxic = sample.label.toxicity == Some(true);
        assert_eq!(said(&after) > said(&before), is_toxic, "{}", sample.text);
    }
}

#[test]
fn a_head_without_labels_keeps_its_scores() {
    let adapted = adapted(&site(60));
    assert_eq!(adapted.heads.spam, Err(Refusal::NoLabels));
    let [before, after] = [base(), adapted.artefact].map(Classifier::new);
    for sample in site(60).samples().iter().chain(&seed()) {
        let [old, new] = [&before, &after].map(|m| log_odds(m, &sample.text, Head::Spam));
        assert!((old - new).abs() < 0.05, "{old} {new}");
    }
}

#[test]
fn equal_input_gives_equal_bytes() {
    let corpus = site(60);
    let bytes = |adapted: Adapted| adapted.artefact.to_bytes().unwrap();
    let first = bytes(adapted(&corpus));
    assert_eq!(first, bytes(adapted(&corpus)));
    let read = Artefact::from_bytes(&first).unwrap();
    assert_eq!(read.to_bytes().unwrap(), first);
    assert_ne!(first, bytes(adapted(&site(61))));
}

#[test]
fn an_adapted_model_is_a_base_and_tells_where_it_comes_from() {
    let first = adapted(&site(30)).artefact;
    let second = adapt(&first, &site(60), &AdaptOptions::default()).unwrap();
    let history = &second.artefact.header().adaptations;
    let bases: Vec<_> = history.iter().map(|step| step.base.clone()).collect();
    assert_eq!(bases, [base().id().clone(), first.id().clone()]);
    assert_eq!(history[0].labels.toxicity.unwrap().rows, 30);
    assert_eq!(history[1].labels.spam, None);
    assert!(second.artefact.to_bytes().unwrap().len() <= 8 << 20);
}

#[test]
fn evidence_of_an_adapted_model_adds_up() {
    let model = Classifier::new(adapted(&site(60)).artefact);
    for text in [
        "a zorblat zorblats",
        "the school is a story",
        "nothing of it",
        "",
    ] {
        let features = features_of(&sample(text.to_owned(), None, None));
        let scored = model.score(&features);
        for head in Head::ALL {
            let pieces = scored.explain(2).into_iter().filter(|e| e.head == head);
            let sum: f64 = pieces.map(|e| e.log_odds).sum();
            assert!((sum - scored.log_odds(head)).abs() < 1e-9);
        }
    }
}

#[test]
fn labels_that_say_too_little_are_refused_with_a_reason() {
    let refusal = |corpus: &Corpus| {
        let outcome = adapt(&base(), corpus, &AdaptOptions::default());
        outcome.err().unwrap().to_string()
    };
    let handful = refusal(&site(5));
    assert!(
        handful.contains("toxicity has 5 labels, at least 10 are needed"),
        "{handful}"
    );
    let site_of_300 = site(300);
    let toxic = site_of_300.samples().iter();
    let toxic = toxic.filter(|s| s.label.toxicity == Some(true));
    let (toxic, _) = Corpus::from_samples(toxic.cloned().collect());
    let one_class = refusal(&toxic);
    assert!(
        one_class.contains("100 positive and 0 negative"),
        "{one_class}"
    );
    assert!(refusal(&Corpus::default()).contains("spam has no labels"));
    let one_fold = AdaptOptions {
        folds: 1,
        ..AdaptOptions::default()
    };
    assert!(adapt(&base(), &site(60), &one_fold).is_err());
}

#[test]
fn labels_at_random_wreck_nothing() {
    let (seed, head) = (seed(), Head::Toxicity);
    let before = auc(&Classifier::new(base()), &seed, head);
    for every in [2, 9] {
        // Texts of the base's own kind, the label depending on their length alone.
        let samples = seed
            .iter()
            .filter(|s| s.text.len() % 5 == 0)
            .take(100)
            .enumerate();
        let samples = samples.map(|(n, s)| sample(s.text.clone(), None, Some(n % every == 0)));
        let (corpus, _) = Corpus::from_samples(samples.collect());
        let after = auc(&Classifier::new(adapted(&corpus).artefact), &seed, head);
        assert!(after > before - 0.02, "{every}: {before} {after}");
    }
}
