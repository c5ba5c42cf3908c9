//! What holds for every policy and every comment.

use super::*;

fn probabilities() -> impl Strategy<Value = Probability> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0].prop_map(probability)
}

fn thresholds() -> impl Strategy<Value = ThresholdSettings> {
    (probabilities(), probabilities()).prop_map(|(a, b)| ThresholdSettings {
        hold_at: Some(if a <= b { a } else { b }),
        reject_at: Some(if a <= b { b } else { a }),
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let honeypot = prop::sample::select(&[Honeypot::Reject, Honeypot::Hold, Honeypot::Ignore]);
    let limits = (prop::option::of(0..5_u32), 0..3000_u64, 0..5_u32);
    (thresholds(), thresholds(), switches, honeypot, limits).prop_map(
        |(spam, toxicity, (first, trust, words, abstain), honeypot, (links, ms, known))| {
            let settings = PolicySettings {
                max_links: Some(links.map_or(LinkLimit::Off, LinkLimit::AtMost)),
                hold_first_time_authors: Some(first),
                trusted_authors: trust.then_some(TrustedAuthors::Score),
                allowed_words: words.then_some(AllowedWords::Exempt),
                min_form_duration_ms: Some(ms),
                honeypot: Some(honeypot),
                abstain: Some(abstain),
                min_known_tokens: Some(known),
                spam,
                toxicity,
            };
            Policy::resolve(&[&settings]).unwrap()
        },
    )
}

fn hits() -> impl Strategy<Value = RuleHit> {
    (prop::sample::select(&HitKind::ALL), "[a-e]").prop_map(|(kind, entry)| hit(kind, &entry))
}

fn comments() -> impl Strategy<Value = Judged> {
    let scores = (probabilities(), probabilities());
    let rules = (prop::collection::vec(hits(), 0..3), 0..6_u32);
    let form = (prop::option::of(0..4000_u64), any::<bool>());
    let author = (any::<bool>(), prop::option::of(0..3_u32));
    (scores, rules, form, author, 0..9_u32).prop_map(
        |((spam, toxicity), (hits, links), (took, honeypot), (trusted, approved), known)| Judged {
            scores: Scores { spam, toxicity },
            known_tokens: known,
            tokens: 9,
            rules: RuleHits::new(hits, links),
            form_duration_ms: took,
            honeypot_filled: honeypot,
            author: Author {
                trusted,
                approved_comments: approved,
            },
            remarks: Vec::new(),
        },
    )
}

fn decide(policy: &Policy, judged: &Judged) -> Decision {
    policy.decide(&Signals::Judged(judged.clone())).decision
}

fn with_hit(judged: &Judged, kind: HitKind) -> Judged {
    let hits = judged.rules.iter().cloned().chain([hit(kind, "more")]);
    Judged {
        rules: RuleHits::new(hits, judged.rules.counted_links()),
        ..judged.clone()
    }
}

proptest! {
    #[test]
    fn a_higher_score_never_lowers_the_decision(
        policy in policies(),
        judged in comments(),
        score in probabilities(),
    ) {
        for head in Head::ALL {
            let mut worse = judged.clone();
            let old = *judged.scores.get(head);
            *worse.scores.get_mut(head) = if score > old { score } else { old };
            prop_assert!(decide(&policy, &worse) >= decide(&policy, &judged));
        }
    }

    #[test]
    fn one_more_denied_or_suspect_hit_never_lowers_and_an_allowed_one_never_raises(
        policy in policies(),
        judged in comments(),
    ) {
        let before = decide(&policy, &judged);
        for kind in HitKind::ALL {
            let after = decide(&policy, &with_hit(&judged, kind));
            if kind == HitKind::AllowedWord {
                prop_assert!(after <= before);
            } else {
                prop_assert!(after >= before, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_hold_or_reject_says_why_in_sentences_and_names_no_field(
        policy in policies(),
        judged in comments(),
    ) {
        let outcome = policy.decide(&Signals::Judged(judged));
        prop_assert!(outcome.decision == Decision::Approve || !outcome.reasons.is_empty());
        for reason in outcome.reasons {
            prop_assert!(reason.message.ends_with('.'), "{}", reason.message);
            prop_assert_eq!(reason.field, None);
        }
    }

    #[test]
    fn the_worst_head_wins(policy in policies(), spam in probabilities(), toxicity in probabilities()) {
        let worst = policy.by_scores(&Scores { spam, toxicity });
        let calm = probability(0.0);
        let alone = [
            policy.by_scores(&Scores { spam, toxicity: calm }),
            policy.by_scores(&Scores { spam: calm, toxicity }),
        ];
        prop_assert!(alone.iter().all(|&d| d <= worst));
        prop_assert!(alone.contains(&worst));
    }

    #[test]
    fn nothing_but_scores_means_the_scores_decide(spam in probabilities(), toxicity in probabilities()) {
        let policy = policy("");
        let scores = Scores { spam, toxicity };
        let judged = Judged { scores, ..clean() };
        prop_assert_eq!(decide(&policy, &judged), policy.by_scores(&scores));
    }

    #[test]
    fn nothing_passes_a_quota(policy in policies(), millis in any::<u64>()) {
        let signals = Signals::Limited {
            refusal: RateRefusal {
                scope: LimitScope::Site,
                retry_after: Duration::from_millis(millis),
                language: Language::English,
            },
            remarks: Vec::new(),
        };
        let outcome = policy.decide(&signals);
        prop_assert_eq!(outcome.decision, Decision::Reject);
        prop_assert_eq!(outcome.reasons[0].code, ReasonCode::RateLimited);
    }
}

#[test]
fn intervals_are_half_open() {
    let thresholds = Thresholds::new(probability(0.8), probability(0.98)).unwrap();
    for (score, decision) in [
        (0.0, Decision::Approve),
        (0.8_f64.next_down(), Decision::Approve),
        (0.8, Decision::Hold),
        (0.98_f64.next_down(), Decision::Hold),
        (0.98, Decision::Reject),
        (1.0, Decision::Reject),
    ] {
        assert_eq!(thresholds.decide(probability(score)), decision, "{score}");
    }
    let never_holds = Thresholds::new(probability(0.5), probability(0.5)).unwrap();
    assert_eq!(never_holds.decide(probability(0.5)), Decision::Reject);
    assert_eq!(Thresholds::new(probability(0.6), probability(0.5)), None);
}
