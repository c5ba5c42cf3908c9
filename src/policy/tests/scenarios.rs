//! What is said in which case.

use super::*;
use crate::comment::Faults;

#[test]
fn a_clean_comment_is_approved_without_a_word() {
    insta::assert_snapshot!(told(&policy(""), &judged(|_| {})), @"approve");
}

#[test]
fn every_fault_is_a_reason() {
    let faults = Faults::new(vec![
        Reason::new(ReasonCode::NameRequired, Some(Field::Name), "Name?"),
        Reason::new(ReasonCode::EmailInvalid, Some(Field::Email), "E-mail?"),
    ]);
    let signals = Signals::Invalid {
        faults: faults.unwrap(),
        remarks: vec![remark()],
    };
    insta::assert_snapshot!(told(&policy(""), &signals), @r"
    reject
    NAME_REQUIRED Name?
    EMAIL_INVALID E-mail?
    FIELD_IGNORED A remark.
    ");
}

#[test]
fn a_quota_says_how_long_and_keeps_the_text_with_the_reader() {
    let refused = |scope| Signals::Limited {
        refusal: RateRefusal {
            scope,
            retry_after: Duration::from_millis(39_500),
            language: Language::English,
        },
        remarks: Vec::new(),
    };
    insta::assert_snapshot!(told(&policy(""), &refused(LimitScope::Author)), @r"
    reject
    RATE_LIMITED You are posting very fast. Please wait 40 seconds and send it again: your text has not been published, so keep it.
    ");
    insta::assert_snapshot!(told(&policy(""), &refused(LimitScope::Page)), @r"
    reject
    RATE_LIMITED This page is receiving very many comments. Please wait 40 seconds and send it again: your text has not been published, so keep it.
    ");
}

#[test]
fn the_most_serious_reason_comes_first() {
    let signals = judged(|j| {
        j.scores.spam = probability(0.9);
        j.scores.toxicity = probability(0.99);
        let hits = [
            hit(HitKind::SuspectDomain, "example.com"),
            hit(HitKind::DeniedWord, "free viagra"),
        ];
        j.rules = RuleHits::new(hits, 4);
        j.remarks = vec![remark()];
    });
    insta::assert_snapshot!(told(&policy(""), &signals), @r#"
    reject
    WORD_DENIED Contains "free viagra", which the word list rejects.
    TOXICITY_SCORE Reads like abuse (99 %).
    DOMAIN_SUSPECT Links to "example.com", which the domain list holds.
    TOO_MANY_LINKS Contains 4 links; more than 3 are held.
    SPAM_SCORE Reads like spam (90 %).
    FIELD_IGNORED A remark.
    "#);
}

#[test]
fn programs_give_themselves_away() {
    let signals = judged(|j| {
        j.form_duration_ms = Some(400);
        j.honeypot_filled = true;
    });
    insta::assert_snapshot!(told(&policy(""), &signals), @r"
    reject
    HONEYPOT_FILLED Filled in a form field that people cannot see, as programs do.
    FORM_TOO_FAST Sent 0.4 s after the form was shown; a person needs at least 1.5 s.
    ");
    let mild = policy("honeypot = \"hold\"\nmin_form_duration_ms = 0");
    assert_eq!(mild.decide(&signals).decision, Decision::Hold);
    let blind = policy("honeypot = \"ignore\"\nmin_form_duration_ms = 0");
    assert_eq!(told(&blind, &signals), "approve");
}

#[test]
fn an_allow_rule_lowers_and_what_it_overruled_stays_visible() {
    let signals = judged(|j| {
        j.scores.spam = probability(0.99);
        j.author.trusted = true;
        j.rules = RuleHits::new([hit(HitKind::AllowedWord, "scunthorpe")], 0);
    });
    insta::assert_snapshot!(told(&policy(""), &signals), @r#"
    approve
    TRUSTED_AUTHOR Approved because the site vouches for this author.
    WORD_ALLOWED Approved because it contains "scunthorpe", which the word list allows.
    SPAM_SCORE Reads like spam (99 %).
    "#);
    let strict = policy("trusted_authors = \"score\"\nallowed_words = \"exempt\"");
    insta::assert_snapshot!(told(&strict, &signals), @r"
    reject
    SPAM_SCORE Reads like spam (99 %).
    ");
}

#[test]
fn first_comments_are_held_only_where_asked_for() {
    let by = |approved_comments| judged(|j| j.author.approved_comments = approved_comments);
    let strict = policy("hold_first_time_authors = true");
    insta::assert_snapshot!(told(&strict, &by(Some(0))), @r"
    hold
    FIRST_TIME_AUTHOR No published comment of this author is known, and first comments are held.
    ");
    assert_eq!(strict.decide(&by(None)).decision, Decision::Hold);
    assert_eq!(told(&strict, &by(Some(1))), "approve");
    assert_eq!(told(&policy(""), &by(Some(0))), "approve");
}

#[test]
fn too_little_evidence_holds_only_where_asked_for() {
    let signals = judged(|j| {
        j.known_tokens = 1;
        j.tokens = 9;
    });
    let honest = policy("abstain = true\nmin_known_tokens = 2");
    insta::assert_snapshot!(told(&honest, &signals), @r"
    hold
    TOO_LITTLE_EVIDENCE The filter knows too little of this text to judge it (1 of 9 tokens).
    ");
    assert_eq!(told(&policy("min_known_tokens = 2"), &signals), "approve");
}

#[test]
fn links_are_held_above_the_limit() {
    let with = |links| judged(|j| j.rules = RuleHits::new([], links));
    assert_eq!(policy("").decide(&with(3)).decision, Decision::Approve);
    assert_eq!(policy("").decide(&with(4)).decision, Decision::Hold);
    let none = policy("max_links = 0");
    insta::assert_snapshot!(told(&none, &with(1)), @r"
    hold
    TOO_MANY_LINKS Contains 1 link; more than 0 are held.
    ");
    assert_eq!(
        told(&policy("max_links = \"off\""), &with(u32::MAX)),
        "approve"
    );
}

#[test]
fn an_entry_hit_twice_is_one_reason_with_two_places() {
    let twice = [
        hit(HitKind::SuspectWord, "x"),
        hit(HitKind::SuspectWord, "x"),
    ];
    let outcome = policy("").decide(&judged(|j| j.rules = RuleHits::new(twice, 0)));
    assert_eq!(outcome.reasons.len(), 1);
    assert_eq!(outcome.reasons[0].spans.len(), 2);
}
