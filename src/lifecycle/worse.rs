//! In what a model is worse than the bounds allow.
//!
//! A share that was counted on a few comments says little. What is held against a bound is a
//! difference: comments that come to be held, rejected or decided on wrongly, less those that
//! cease to be. The bound is gone past where so great a difference would be a chance of less than
//! one in twenty if the bound itself were the truth: it is more than 1.645 standard errors above,
//! by the interval for a difference of paired shares of Wald, which goes with `McNemar`'s test
//! (1947). Those that come and those that cease both make it uncertain: 38 and 30 of 400 differ by
//! chance. Where none ceases it is a count, and so by the lower end of the exact one-sided 95 %
//! interval of Clopper and Pearson (1934). One comment alone never says so much, unless the
//! bound is 0, which allows no difference. An AUC is held against the bound less what it may be
//! off by chance on so many labels, by the error that Hanley and others gave for it (1982).

use serde_json::Value;

use super::replay::{Change, Replay};
use super::{HeadHeldOut, HeldOut, PromotionBounds, Share};

/// A chance that is taken for none.
const CHANCE: f64 = 0.05;
/// The point of the normal distribution above which lies `CHANCE`.
const NORMAL: f64 = 1.645;

/// Whether a change in `of` comments speaks for a greater difference than `bound`.
fn exceeds(change: Change, of: u64, bound: Share) -> bool {
    let Change { gained, lost } = change;
    let bound = bound.get();
    let more = gained.saturating_sub(lost);
    if bound <= 0.0 {
        return more > 0;
    }
    if more <= 1 || bound >= 1.0 {
        return false;
    }
    if lost == 0 {
        return chance(gained, of, bound) < CHANCE;
    }
    let (more, of) = (more as f64, of as f64);
    // Twice `lost` at least, as `more` is at most all.
    let variance = (gained + lost) as f64 - more * more / of;
    bound.mul_add(-of, more) > NORMAL * variance.sqrt()
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
    let grown = |change: Change, of: u64, bound: Share| {
        let more = change.gained.saturating_sub(change.lost);
        exceeds(change, of, bound).then(|| more as f64 / of as f64)
    };
    let mistakes = Change {
        gained: figures.new_mistakes,
        lost: figures.fixed_mistakes,
    };
    let mistakes = grown(mistakes, figures.ruled, bounds.max_new_mistakes);
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
    let held = grown(replay.changes.held, figures.comments, bounds.max_more_held);
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
    let rejected = grown(
        replay.changes.unruled_rejected,
        unruled,
        bounds.max_more_rejected,
    );
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
mod tests;
