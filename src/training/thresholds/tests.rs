use proptest::prelude::*;

use super::*;
use crate::training::metrics::Outcome;

fn budget(holds: &str, wrong: &str, prevalence: Option<&str>) -> Budget {
    let share = |text: &str| text.parse().unwrap();
    Budget {
        volume: "5000/day".parse().unwrap(),
        holds: holds.parse().unwrap(),
        wrong_rejects: share(wrong),
        prevalence: PerHead::from_fn(|_| prevalence.map(share)),
    }
}

/// Rows of which the positive ones score higher on the whole.
fn outcomes(rows: usize, every: usize) -> Vec<Outcome> {
    let score = |n: usize, positive: bool| {
        let spread = (n * 7919 % 1000) as f64 / 1000.0;
        if positive {
            0.3 + 0.699 * spread
        } else {
            0.8 * spread
        }
    };
    (0..rows)
        .map(|n| (score(n, n % every == 0), n % every == 0))
        .collect()
}

fn counted(outcomes: &[Outcome]) -> ScoreCounts {
    let mut counts = ScoreCounts::default();
    for &(score, positive) in outcomes {
        counts.add(score, positive);
    }
    counts
}

fn toxicity(outcomes: &[Outcome]) -> PerHead<ScoreCounts> {
    PerHead {
        spam: ScoreCounts::default(),
        toxicity: counted(outcomes),
    }
}

#[test]
fn the_numbers_are_those_of_the_rows_at_the_given_prevalence() {
    let rows = outcomes(4_000, 4);
    let proposal = propose(&toxicity(&rows), &budget("80/day", "1/500", Some("2%")));
    assert_eq!(proposal.unmet, Vec::<String>::new());
    assert_eq!(proposal.heads.len(), 1, "nothing is proposed for spam");
    let head = &proposal.heads[&Head::Toxicity];
    let share = |positive: bool, from: f64, to: f64| {
        let class: Vec<_> = rows.iter().filter(|row| row.1 == positive).collect();
        let inside = class.iter().filter(|row| from <= row.0 && row.0 < to);
        inside.count() as f64 / class.len() as f64
    };
    let (hold, reject) = (head.hold_at, head.reject_at);
    let holds = 5_000.0 * (0.02 * share(true, hold, reject) + 0.98 * share(false, hold, reject));
    // A comment of a cell more or less.
    assert!((head.held.expected - holds).abs() < 5.0);
    assert!(holds <= 80.0 && holds > 40.0, "{holds}");
    let missed = 5_000.0 * 0.02 * share(true, 0.0, hold);
    assert!((head.missed.expected - missed).abs() < 0.2);
    assert!(share(false, reject, 2.0) <= 0.002);
    assert!(head.wrongly_rejected.high > head.wrongly_rejected.expected);
}

#[test]
fn rows_too_few_to_show_it_reject_nothing_and_say_so() {
    let proposal = propose(
        &toxicity(&outcomes(100, 4)),
        &budget("80/day", "1/500", None),
    );
    assert!(proposal.heads[&Head::Toxicity].reject_at >= 1.0);
    let said = proposal.unmet.join("\n");
    assert!(
        said.contains("75 civil rows cannot show") && said.contains("at least 499"),
        "{said}"
    );
    let none = propose(&PerHead::default(), &budget("80/day", "1/500", None));
    assert!(none.unmet[0].contains("both classes"));
}

#[test]
fn a_budget_below_one_row_holds_nothing_and_says_so() {
    let proposal = propose(
        &toxicity(&outcomes(4_000, 4)),
        &budget("0/day", "1/500", None),
    );
    assert!(proposal.held.expected <= 0.0);
    assert!(
        proposal.unmet[0].contains("nothing is held"),
        "{:?}",
        proposal.unmet
    );
}

#[test]
fn people_who_can_read_all_get_all() {
    let proposal = propose(
        &toxicity(&outcomes(4_000, 4)),
        &budget("5000/day", "1/500", None),
    );
    assert!(proposal.heads[&Head::Toxicity].hold_at <= 0.0);
    assert!(proposal.heads[&Head::Toxicity].missed.expected <= 0.0);
}

#[test]
fn the_toml_is_what_the_policy_reads() {
    let rows = PerHead {
        spam: counted(&outcomes(3_000, 3)),
        toxicity: counted(&outcomes(4_000, 4)),
    };
    let proposal = propose(&rows, &budget("80/day", "1/500", Some("1/50")));
    let printed = proposal.to_string();
    let toml = &printed[printed.find("[policy").unwrap()..];
    let read: toml::Table = toml.parse().unwrap();
    for (head, proposed) in &proposal.heads {
        let thresholds = &read["policy"][head.name()];
        assert_eq!(thresholds["hold_at"].as_float(), Some(proposed.hold_at));
        assert_eq!(thresholds["reject_at"].as_float(), Some(proposed.reject_at));
    }
    assert!(proposal.held.expected <= 80.0);
}

proptest! {
    #[test]
    fn a_larger_budget_never_misses_more_and_is_kept(
        rows in prop::collection::vec(((0..60_u32).prop_map(|n| f64::from(n) / 60.0), any::<bool>()), 4..120),
        spam in prop::collection::vec(((0..60_u32).prop_map(|n| f64::from(n) / 60.0), any::<bool>()), 0..60),
        holds in 0_u32..3_000,
        more in 0_u32..2_000,
        prevalence in prop::option::of(0_u32..=100),
    ) {
        let rows = PerHead { spam: counted(&spam), toxicity: counted(&rows) };
        let prevalence = prevalence.map(|percent| format!("{percent}%"));
        let with = |holds: u32| propose(&rows, &budget(&format!("{holds}/day"), "1/10", prevalence.as_deref()));
        let (small, large) = (with(holds), with(holds + more));
        for proposal in [&small, &large] {
            prop_assert!(proposal.held.expected <= proposal.hold_budget + 1e-6);
            for head in proposal.heads.values() {
                prop_assert!(head.hold_at <= head.reject_at && head.reject_at <= 1.0);
            }
        }
        for (head, proposed) in &large.heads {
            let before = &small.heads[head];
            prop_assert!(proposed.hold_at <= before.hold_at);
            prop_assert!((proposed.reject_at - before.reject_at).abs() < f64::EPSILON);
            prop_assert!(proposed.missed.expected <= before.missed.expected + 1e-9);
        }
    }
}
