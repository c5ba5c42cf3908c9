use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::lifecycle::{ReplayChanges, ReplayFigures};

fn replay(figures: ReplayFigures, changes: ReplayChanges) -> Replay {
    Replay {
        before: String::new(),
        after: String::new(),
        since: String::new(),
        figures,
        changes,
        drifted: 0,
        kinds: std::collections::BTreeMap::default(),
        groups: crate::lifecycle::Groups::default(),
        flipped: Vec::new(),
    }
}

fn share(share: f64) -> Share {
    Share::try_from(share).unwrap()
}

#[test]
fn the_tail_is_that_of_the_binomial_distribution() {
    // Summed term by term in exact numbers.
    for (count, of, bound, expected) in [
        (1, 24, 0.02, 0.384_220),
        (3, 24, 0.02, 0.011_828),
        (2, 2, 0.01, 0.0001),
        (31, 1000, 0.02, 0.012_648),
        (12, 24, 0.5, 1.0),
    ] {
        let found = chance(count, of, bound);
        assert!((found - expected).abs() < 1e-5, "{count} of {of}: {found}");
    }
    assert!(chance(1_000_000, 1_000_000, 0.01) < 1e-9);
}

#[test]
fn a_few_comments_say_little_and_many_say_much() {
    for (count, of, bound, worse) in [
        (0, 0, 0.01, false),
        (1, 1, 0.01, false),
        (1, 24, 0.005, false),
        (2, 2, 0.01, true),
        (1, 5, 0.0, true),
        (5, 5, 1.0, false),
        // The share is twice the bound in all of these.
        (2, 50, 0.02, false),
        (7, 175, 0.02, false),
        (40, 1000, 0.02, true),
        (400, 10_000, 0.02, true),
        (200, 10_000, 0.02, false),
    ] {
        let change = Change {
            gained: count,
            lost: 0,
        };
        assert_eq!(exceeds(change, of, share(bound)), worse, "{count} of {of}");
    }
}

#[test]
fn what_comes_and_goes_is_chance_where_it_nearly_evens_out() {
    for (gained, lost, of, bound, worse) in [
        // 38 against 30 comes up once in six where neither is likelier.
        (38, 30, 400, 0.005, false),
        (38, 0, 400, 0.005, true),
        (68, 30, 400, 0.005, true),
        (300, 290, 1000, 0.005, false),
        (300, 200, 1000, 0.005, true),
        (30, 38, 400, 0.005, false),
        (31, 30, 400, 0.0, true),
        (30, 30, 400, 0.0, false),
    ] {
        let change = Change { gained, lost };
        let found = exceeds(change, of, share(bound));
        assert_eq!(found, worse, "{gained} and {lost} of {of}");
    }
}

proptest! {
    #[test]
    fn more_that_comes_and_less_that_goes_is_never_less_worse(
        gained in 0_u64..300,
        lost in 0_u64..300,
        rest in 0_u64..2_000,
        bound in 0.0..0.2,
    ) {
        let of = gained + lost + rest + 1;
        let is_worse = |gained, lost, bound| exceeds(Change { gained, lost }, of, share(bound));
        if is_worse(gained, lost, bound) {
            prop_assert!(gained as f64 - lost as f64 > bound * of as f64);
            prop_assert!(is_worse(gained + 1, lost, bound));
            prop_assert!(is_worse(gained, lost, bound / 2.0));
            if lost > 1 {
                prop_assert!(is_worse(gained, lost - 1, bound));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_change_is_past_the_bound_by_chance_once_in_twenty(
        seed in any::<u64>(),
        moves in 0.02..0.3,
    ) {
        use rand::{RngExt as _, SeedableRng as _};
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let bound = 0.01;
        let (gains, of, rounds) = (f64::midpoint(moves, bound), 1_000, 200);
        let refused = (0..rounds).filter(|_| {
            let mut change = Change::default();
            for _ in 0..of {
                let drawn: f64 = random.random();
                change.gained += u64::from(drawn < gains);
                change.lost += u64::from(drawn >= gains && drawn < moves);
            }
            exceeds(change, of, share(bound))
        });
        // Within four standard errors of a share of 0.06.
        let refused = refused.count();
        prop_assert!(refused <= 25, "{refused} of {rounds}");
    }
}

#[test]
fn a_bound_is_gone_past_by_more_than_chance() {
    let bounds = PromotionBounds::default();
    let figures = ReplayFigures {
        comments: 1000,
        held_before: 10,
        held_after: 30,
        unruled_rejected_before: 7,
        unruled_rejected_after: 15,
        ruled: 200,
        new_mistakes: 3,
        fixed_mistakes: 2,
        ..ReplayFigures::default()
    };
    let change = |gained, lost| Change { gained, lost };
    let changes = ReplayChanges {
        held: change(22, 2),
        unruled_rejected: change(8, 0),
    };
    assert!(worse_in_replay(&replay(figures, changes), &bounds).is_empty());
    let worse = worse_in_replay(
        &replay(
            ReplayFigures {
                held_after: 41,
                new_mistakes: 9,
                ..figures
            },
            ReplayChanges {
                held: change(31, 0),
                ..changes
            },
        ),
        &bounds,
    );
    assert_eq!(worse.len(), 2, "{worse:?}");
    assert!(worse[0].contains("3.50 % more"), "{worse:?}");
    // Where nobody has decided on anything, and so there are no mistakes.
    let rejecting = ReplayFigures {
        held_after: 0,
        ruled: 0,
        unruled_rejected_after: 990,
        ..figures
    };
    let all = ReplayChanges {
        held: change(0, 10),
        unruled_rejected: change(983, 0),
    };
    let worse = worse_in_replay(&replay(rejecting, all), &bounds);
    let [rejected] = &worse[..] else {
        panic!("{worse:?}")
    };
    assert!(rejected.starts_with("990 comments of 1000"), "{rejected}");
    assert!(
        rejected.ends_with("promotion.max_more_rejected is 1.00 %"),
        "{rejected}"
    );
    // Twice the bound, of 800.
    let figures = ReplayFigures {
        unruled_rejected_after: 23,
        ..figures
    };
    let too_many = ReplayChanges {
        unruled_rejected: change(16, 0),
        ..changes
    };
    assert_eq!(
        worse_in_replay(&replay(figures, too_many), &bounds).len(),
        1
    );
    // As many more, of many that come and go.
    let churn = ReplayChanges {
        unruled_rejected: change(76, 60),
        ..changes
    };
    assert!(worse_in_replay(&replay(figures, churn), &bounds).is_empty());
    let nothing = replay(ReplayFigures::default(), ReplayChanges::default());
    assert!(worse_in_replay(&nothing, &bounds).is_empty());
}

#[test]
fn a_head_that_lost_too_much_is_named() {
    let bounds = PromotionBounds::default();
    let of_labels = |labels: usize, auc: f64| {
        json!({"spam": {"labels": labels, "positives": labels / 2, "base_auc": 0.9, "auc": auc,
            "base_log_loss": 1.0, "log_loss": 1.0}, "toxicity": {"unchanged": "no labels"}})
    };
    let held_out = |auc| of_labels(400, auc);
    assert!(worse_held_out(Some(&held_out(0.895)), &bounds).is_empty());
    // By chance, on a few; not where it is no better than a coin.
    assert!(worse_held_out(Some(&of_labels(40, 0.85)), &bounds).is_empty());
    assert_eq!(worse_held_out(Some(&of_labels(40, 0.5)), &bounds).len(), 1);
    let worse = worse_held_out(Some(&held_out(0.8)), &bounds);
    assert!(worse[0].starts_with("AUC of spam"), "{worse:?}");
    assert!(worse_held_out(None, &bounds).is_empty());
    let unreadable = json!({"spam": {"labels": "forty"}});
    let worse = worse_held_out(Some(&unreadable), &bounds);
    assert!(worse[0].contains("cannot be read"), "{worse:?}");
}
