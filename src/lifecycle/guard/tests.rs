use jiff::Timestamp;
use uuid::Uuid;

use super::*;
use crate::label::Label;
use crate::site::SiteId;
use crate::store::LabelTexts;

fn label(id: u128, text: &str, spam: bool) -> StoredLabel {
    StoredLabel {
        id: LabelId::new(Uuid::from_u128(id)),
        site: SiteId::default(),
        comment: None,
        labelled_at: Timestamp::UNIX_EPOCH,
        label: Label {
            spam: Some(spam),
            toxicity: None,
        },
        source: LabelSource::Import,
        actor: None,
        batch: None,
        origin: None,
        texts: Some(LabelTexts {
            text: text.to_owned(),
            ..LabelTexts::default()
        }),
        language: None,
        group: None,
        retracted: None,
        released: false,
    }
}

fn suspected(labels: &[StoredLabel]) -> Vec<u128> {
    let found = suspicions(labels, &[]);
    let ids = labels.iter().filter(|label| found.contains_key(&label.id));
    ids.map(|label| {
        labels
            .iter()
            .position(|other| other.id == label.id)
            .unwrap() as u128
    })
    .collect()
}

const CIVIL: &str = "The road past the school was mended last week";

#[test]
fn contradicting_labels_of_the_same_words_wait_both() {
    let copy = format!("{CIVIL}!!! 7");
    let labels = [
        label(0, CIVIL, false),
        label(1, &copy, true),
        label(2, "quite another story of the town", true),
    ];
    assert_eq!(suspected(&labels), [0, 1]);
    let mut labels = labels;
    labels[1].released = true;
    assert_eq!(suspected(&labels), [0], "a person let the other through");
}

#[test]
fn civil_words_with_a_link_added_wait_and_the_civil_words_do_not() {
    let copy = format!("{CIVIL} https://pills.example.com");
    let labels = [label(0, CIVIL, false), label(1, &copy, true)];
    assert_eq!(suspected(&labels), [1]);
    let said = suspicions(&labels, &[])[&labels[1].id].to_string();
    assert!(said.contains("with a link added"), "{said}");
}

#[test]
fn a_later_word_on_one_comment_is_no_contradiction() {
    let comment = Some(crate::store::CommentId::new(Uuid::from_u128(9)));
    let mut labels = [label(0, CIVIL, true), label(1, CIVIL, false)];
    for label in &mut labels {
        label.comment = comment;
    }
    assert!(suspected(&labels).is_empty());
    assert!(suspected(&[label(0, "nice", true), label(1, "nice", false)]).is_empty());
}

#[test]
fn a_burst_waits_and_steady_work_does_not() {
    let made = |every: i64| -> Vec<StoredLabel> {
        let label = |number: usize| {
            let text = format!("{number}");
            let mut label = label(number as u128, &text, true);
            label.source = LabelSource::Moderator;
            label.actor = Some("ayesha".to_owned());
            let after = SignedDuration::from_millis(every * i64::try_from(number).unwrap());
            label.labelled_at = Timestamp::UNIX_EPOCH + after;
            label
        };
        (0..BURST + 10).map(label).collect()
    };
    assert!(suspected(&made(2_000)).is_empty());
    assert_eq!(suspected(&made(500)).len(), BURST + 10);
    let mut two = made(500);
    for label in two.iter_mut().step_by(2) {
        label.actor = Some("bilal".to_owned());
    }
    assert!(suspected(&two).is_empty(), "of two people");

    let mut reports = made(500);
    for label in &mut reports {
        label.source = LabelSource::Report;
        label.actor = None;
    }
    assert_eq!(suspected(&reports).len(), BURST + 10);
    for label in reports.iter_mut().step_by(2) {
        label.site = SiteId::new("sport").unwrap();
    }
    assert!(suspected(&reports).is_empty(), "of two sites");
}

#[test]
fn what_a_person_decides_on_in_one_go_is_one_act() {
    // So many labels in each of so many goes, half a second apart.
    let made = |goes: usize, labels: usize| -> Vec<StoredLabel> {
        let label = |number: usize| {
            let mut label = label(number as u128, &format!("{number}"), true);
            label.source = LabelSource::Moderator;
            label.actor = Some("ayesha".to_owned());
            let after = SignedDuration::from_millis(500) * i32::try_from(number / labels).unwrap();
            label.labelled_at = Timestamp::UNIX_EPOCH + after;
            label
        };
        (0..goes * labels).map(label).collect()
    };
    assert!(suspected(&made(1, 1_000)).is_empty(), "a great wave");
    assert!(suspected(&made(BURST - 1, 20)).is_empty());
    assert_eq!(
        suspected(&made(BURST, 3)).len(),
        3 * BURST,
        "each go too soon after the last"
    );
    assert_eq!(suspected(&made(BURST + 5, 2)).len(), 2 * (BURST + 5));
    let burst = made(BURST, 2);
    let said = suspicions(&burst, &[])[&burst[0].id].to_string();
    assert!(said.contains("one of 60 decisions"), "{said}");
    // Reports come one by one, whenever they come.
    let mut reports = made(1, BURST);
    for report in &mut reports {
        report.source = LabelSource::Report;
        report.actor = None;
    }
    assert_eq!(suspected(&reports).len(), BURST);
}

#[test]
fn an_import_that_says_the_same_of_everything_waits() {
    let batch = |spam: fn(usize) -> bool| -> Vec<StoredLabel> {
        let label = |number: usize| StoredLabel {
            batch: Some("b".to_owned()),
            ..label(number as u128, &format!("{number}"), spam(number))
        };
        (0..ONE_SIDED).map(label).collect()
    };
    assert_eq!(suspected(&batch(|_| true)).len(), ONE_SIDED);
    assert_eq!(suspected(&batch(|_| false)).len(), ONE_SIDED);
    assert!(suspected(&batch(|number| number > 3)).is_empty());
}

#[test]
fn whoever_seldom_agrees_has_no_honest_label_held_back() {
    let pair = |decided: &str, answered: &str, agreed| BlindPair {
        decided: decided.to_owned(),
        answered: answered.to_owned(),
        agreed,
        answers: 15,
    };
    let pairs = [
        pair("careless", "ayesha", 4),
        pair("bilal", "careless", 3),
        pair("ayesha", "bilal", 15),
    ];
    let by = |id, spam, who: &str| StoredLabel {
        source: LabelSource::Moderator,
        actor: Some(who.to_owned()),
        ..label(id, CIVIL, spam)
    };
    let mut labels = [by(0, false, "ayesha"), by(1, true, "careless")];
    let held_back = |labels: &[StoredLabel]| {
        let found = suspicions(labels, &pairs);
        let held_back = labels.iter().filter(|label| found.contains_key(&label.id));
        held_back.count()
    };
    assert_eq!(held_back(&labels), 1, "the careless one alone");
    // Whom a person lets through is learned from, and so contradicts.
    labels[1].released = true;
    let found = suspicions(&labels, &pairs);
    assert!(found.contains_key(&labels[0].id));
}
