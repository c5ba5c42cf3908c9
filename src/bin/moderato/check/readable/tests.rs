use moderato::grpc::proto::{Evidence, Reason, Scores, Span, Verdict};

use proptest::prelude::*;

use super::*;

fn asked(text: &str) -> Asked {
    Asked {
        line: Some(3),
        submission_id: String::new(),
        text: text.into(),
    }
}

fn piece(head: Head, token: &str, place: (u32, u32), log_odds: f64) -> Evidence {
    Evidence {
        head: head.into(),
        kind: EvidenceKind::Word.into(),
        token: token.into(),
        span: Some(Span {
            field: "text".into(),
            start: place.0,
            end: place.1,
        }),
        log_odds,
    }
}

fn verdict(evidence: Vec<Evidence>) -> Verdict {
    Verdict {
        decision: Decision::Hold.into(),
        reasons: vec![Reason {
            code: "SPAM_SCORE".into(),
            message: "Reads like spam (97 %).".into(),
            ..Reason::default()
        }],
        scores: Some(Scores {
            spam: 0.9799,
            toxicity: 0.01,
        }),
        evidence,
        ..Verdict::default()
    }
}

#[test]
fn a_verdict_is_read_from_top_to_bottom() {
    let evidence = vec![
        piece(Head::Spam, "viagra", (4, 10), 3.25),
        piece(Head::Toxicity, "now", (11, 14), -0.5),
    ];
    assert_eq!(
        page(&asked("Buy v1agra now"), &verdict(evidence), false),
        "HOLD   spam 97 %   toxicity 1 %   line 3\n  \
         • Reads like spam (97 %).\n  \
         │ Buy ‹v1agra› now\n  \
         spam +3.25 “viagra” · toxicity -0.50 “now”\n\n"
    );
}

#[test]
fn places_that_overlap_or_do_not_fit_do_no_harm() {
    let evidence = vec![
        piece(Head::Spam, "ab", (2, 6), 2.0),
        piece(Head::Spam, "b", (4, 6), 1.0),
        piece(Head::Toxicity, "bc", (5, 9), 1.0),
        piece(Head::Spam, "x", (8, 900), 1.0),
        piece(Head::Spam, "x", (9, 3), 1.0),
        piece(Head::Spam, "x", (u32::MAX, u32::MAX), 1.0),
    ];
    let page = page(&asked("0123456789"), &verdict(evidence), false);
    assert!(page.contains("│ 01‹2345›‹678›9\n"), "{page}");
    let half = vec![piece(Head::Spam, "x", (1, 2), 1.0)];
    assert!(super::page(&asked("ا"), &verdict(half), false).contains("│ ا\n"));
}

#[test]
fn a_long_text_is_cut_between_characters() {
    let text = "ا".repeat(3_000);
    let page = page(&asked(&text), &verdict(Vec::new()), false);
    assert!(page.contains("… (4000 more bytes)"), "{page}");
}

#[test]
fn no_escape_of_a_commenter_or_a_server_reaches_the_terminal() {
    let hostile = "\u{1b}]0;owned\u{7}\u{9b}31mtext\r\u{202e}";
    let mut answer = verdict(vec![piece(Head::Spam, hostile, (0, 3), 2.0)]);
    answer.reasons[0].message = hostile.into();
    answer.reasons[0].field = hostile.into();
    let asked = Asked {
        submission_id: hostile.into(),
        ..asked(hostile)
    };
    let plain = page(&asked, &answer, false);
    assert!(
        plain.chars().all(|c| c == '\n' || !c.is_control()) && !plain.contains('\u{202e}'),
        "{plain:?}"
    );
    let coloured = page(&asked, &answer, true);
    assert!(coloured.contains("\u{1b}[1m"), "{coloured:?}");
    assert!(!coloured.contains("\u{1b}]") && !coloured.contains('\u{7}'));
}

proptest! {
    #[test]
    fn marking_adds_nothing_but_marks(
        text in "[a-z\u{1b}\u{202e}اب\n ]{0,40}",
        places in proptest::collection::vec((0_u32..60, 0_u32..60), 0..6),
    ) {
        let pieces = places.into_iter().map(|place| piece(Head::Spam, "x", place, 1.0));
        let answer = verdict(pieces.collect());
        let marked = marked(&text, &answer, Paint { colour: false });
        prop_assert_eq!(marked.replace(['‹', '›'], ""), printable(&text));
        prop_assert_eq!(marked.matches('‹').count(), marked.matches('›').count());
    }
}
