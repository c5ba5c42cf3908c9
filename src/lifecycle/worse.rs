//! In what a model is worse than the bounds allow.
//!
//! A share that was counted on a few comments says little. A bound is gone past where so many
//! comments, or more, would be a chance of less than one in twenty if the bound itself were the
//! truth: the lower end of the exact one-sided 95 % interval of Clopper and Pearson (1934). One
//! comment alone never says so much, unless the bound is 0. An AUC is held against the bound less
//! what it may be off by chance on so many labels, by the error that Hanley and others
//! gave for it (1982).

use serde_json::Value;

use super::replay::Replay;
use super::{HeadHeldOut, HeldOut, PromotionBounds, Share};

/// A chance that is taken for none.
const CHANCE: f64 = 0.05;
/// The point of the normal distribution above which lies `CHANCE`.
const NORMAL: f64 = 1.645;

/// Whether `count` of `of` speaks for a greater share than `bound`.
fn exceeds(count: u64, of: u64, bound: Share) -> bool {
    let bound = bound.get();
    if bound <= 0.0 {
        return count > 0;
    }
    count > 1 && bound < 1.0 && chance(count, of, bound) < CHANCE
}

/// The chance of `count` or more of `of`, each as likely as `share`: the upper tail of the
/// binomial distribution, from its first term on.
fn chance(count: u64, of: u64, share: f64) -> f64 {
    if count as f64 <= share * of as f64 {
        // Not more than is to be expected; and so the terms below only shrink.
        return 1.0;
    }
    let odds = share / (1.0 - share);
    let choose = |at: u64| ((of - count + at) as f64 / at as f64).ln();
    let first = (1..=count).map(choose).sum::<f64>()
        + count as f64 * share.ln()
        + (of - count) as f64 * (-share).ln_1p();
    let (mut sum, mut term) = (1.0, 1.0);
    for at in count..of {
        term *= (of - at) as f64 / (at + 1) as f64 * odds;
        sum += term;
        if term < 1e-12 * sum {
            break;
        }
    }
    first.exp() * sum
}

/// By how much an AUC may be off by chance, one-sided, on so many labels of both kinds.
fn auc_by_chance(auc: f64, positives: usize, labels: usize) -> f64 {
    let (yes, no) = (positives as f64, labels.saturating_sub(positives) as f64);
    if yes < 1.0 || no < 1.0 {
        return 1.0;
    }
    let (of_yes, of_no) = (auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc));
    let square = auc * auc;
    let variance = auc.mul_add(
        1.0 - auc,
        (yes - 1.0).mul_add(of_yes - square, (no - 1.0) * (of_no - square)),
    ) / (yes * no);
    NORMAL * variance.max(0.0).sqrt()
}

pub(super) fn worse_in_replay(replay: &Replay, bounds: &PromotionBounds) -> Vec<String> {
    let figures = &replay.figures;
    let mut worse = Vec::new();
    let grown = |after: u64, before: u64, of: u64, bound: Share| {
        let more = after.saturating_sub(before);
        exceeds(more, of, bound).then(|| more as f64 / of as f64)
    };
    let mistakes = grown(
        figures.new_mistakes,
        figures.fixed_mistakes,
        figures.ruled,
        bounds.max_new_mistakes,
    );
    if let Some(share) = mistakes {
        worse.push(format!(
            "{} new mistakes and {} fixed on {} comments that people decided on: {} more, and \
             promotion.max_new_mistakes is {}",
            figures.new_mistakes,
            figures.fixed_mistakes,
            figures.ruled,
            percent(share),
            percent(bounds.max_new_mistakes.get()),
        ));
    }
    let held = grown(
        figures.held_after,
        figures.held_before,
        figures.comments,
        bounds.max_more_held,
    );
    if let Some(share) = held {
        worse.push(format!(
            "{} comments of {} would be held, not {}: {} more, and promotion.max_more_held is {}",
            figures.held_after,
            figures.comments,
            figures.held_before,
            percent(share),
            percent(bounds.max_more_held.get()),
        ));
    }
    let (after, before) = (
        figures.unruled_rejected_after,
        figures.unruled_rejected_before,
    );
    let unruled = figures.comments.saturating_sub(figures.ruled);
    let rejected = grown(after, before, unruled, bounds.max_more_rejected);
    if let Some(share) = rejected {
        worse.push(format!(
            "{after} comments of {unruled} that nobody decided on would be rejected, not {before}: \
             {} more, and promotion.max_more_rejected is {}",
            percent(share),
            percent(bounds.max_more_rejected.get()),
        ));
    }
    worse
}

pub(super) fn worse_held_out(held_out: Option<&Value>, bounds: &PromotionBounds) -> Vec<String> {
    let held_out = held_out.cloned().map(serde_json::from_value::<HeldOut>);
    let heads = match held_out.transpose() {
        Ok(heads) => heads.unwrap_or_default(),
        Err(error) => {
            return vec![format!(
                "how it does on labels not seen cannot be read: {error}"
            )];
        }
    };
    let worse = heads.into_iter().filter_map(|(head, figures)| {
        let HeadHeldOut::Adapted {
            labels,
            positives,
            base_auc,
            auc,
            ..
        } = figures
        else {
            return None;
        };
        let (base, auc) = (base_auc?, auc?);
        let lost = base - auc - auc_by_chance(auc, positives, labels);
        (lost > bounds.max_auc_loss.get()).then(|| {
            format!(
                "AUC of {head} on {labels} labels not seen: {auc:.3}, the base's {base:.3}, and \
                 promotion.max_auc_loss is {}",
                bounds.max_auc_loss.get()
            )
        })
    });
    worse.collect()
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lifecycle::ReplayFigures;

    fn replay(figures: ReplayFigures) -> Replay {
        Replay {
            before: String::new(),
            after: String::new(),
            since: String::new(),
            figures,
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
            assert_eq!(exceeds(count, of, share(bound)), worse, "{count} of {of}");
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
        assert!(worse_in_replay(&replay(figures), &bounds).is_empty());
        let worse = worse_in_replay(
            &replay(ReplayFigures {
                held_after: 41,
                new_mistakes: 6,
                ..figures
            }),
            &bounds,
        );
        assert_eq!(worse.len(), 2, "{worse:?}");
        assert!(worse[0].contains("2.00 % more"), "{worse:?}");
        // Where nobody has decided on anything, and so there are no mistakes.
        let rejecting = ReplayFigures {
            held_after: 0,
            ruled: 0,
            unruled_rejected_after: 990,
            ..figures
        };
        let worse = worse_in_replay(&replay(rejecting), &bounds);
        let [rejected] = &worse[..] else {
            panic!("{worse:?}")
        };
        assert!(rejected.starts_with("990 comments of 1000"), "{rejected}");
        assert!(
            rejected.ends_with("promotion.max_more_rejected is 1.00 %"),
            "{rejected}"
        );
        // Twice the bound, of 800.
        let too_many = ReplayFigures {
            unruled_rejected_after: 23,
            ..figures
        };
        assert_eq!(worse_in_replay(&replay(too_many), &bounds).len(), 1);
        assert!(worse_in_replay(&replay(ReplayFigures::default()), &bounds).is_empty());
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
}
