//! Blind re-review: some decisions are looked at a second time by somebody who sees text
//! and context alone, to measure how often model and moderators are wrong.

use jiff::{SignedDuration, Timestamp};

use super::numbers::{SECONDS_OF_DAY, first_of};
use super::{CommentName, Review, ReviewError, Verdict};
use crate::interval::Estimate;
use crate::site::SiteId;
use crate::store::{
    Actor, BlindAnswer, BlindAnswered, BlindDifference, BlindDraw, BlindHasher, BlindId,
    BlindObstacle, Outcome, RuledOn, Ruling, Texts,
};
use crate::verdict::Decision;

/// How long after its end a day is drawn from: some of what was decided is on its way to
/// the disk, and clocks of replicas differ.
const SETTLES: SignedDuration = SignedDuration::from_hours(1);
/// Days that are drawn from late, where no server ran in between.
const MOST_DAYS: i64 = 7;
/// Differences that are listed.
const DIFFERENCES: u32 = 50;

/// A comment as somebody sees it who looks at it blind: neither score nor reasons,
/// evidence, author's past or what was decided, and not its name, by which all that could
/// be found.
#[derive(Clone, Debug)]
pub struct BlindView {
    /// Which sample it is.
    pub id: BlindId,
    /// On which site it was written.
    pub site: SiteId,
    /// When it came.
    pub received_at: Timestamp,
    /// What was typed, and on which page.
    pub texts: Texts,
    /// Until when it is kept from others.
    pub claimed_until: Timestamp,
}

/// A share of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Looked {
    /// How many were looked at.
    pub answers: u64,
    /// How many of them were answered otherwise than they were decided.
    pub otherwise: u64,
}

impl Looked {
    const fn add(&mut self, answers: u64, agrees: bool) {
        self.answers += answers;
        if !agrees {
            self.otherwise += answers;
        }
    }

    /// The share that was answered otherwise, with Wilson's 95 % interval.
    #[must_use]
    pub fn share(&self) -> Estimate {
        Estimate::share(self.otherwise, self.answers)
    }
}

/// What blind re-review found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BlindFigures {
    /// Of what is approved, by whomever: what people would reject.
    pub approved: Looked,
    /// Of what is rejected: what people would approve.
    pub rejected: Looked,
    /// Of the two, what the policy alone had approved.
    pub approved_by_policy: Looked,
    /// What the policy alone had rejected.
    pub rejected_by_policy: Looked,
    /// What a person had decided: how often another contradicts.
    pub by_people: Looked,
}

impl Review {
    /// Draws from every day that is over and was not drawn from, the last seven at most;
    /// of those that never drew, the last. How many decisions were drawn.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn draw_blind(
        &self,
        hasher: &BlindHasher,
        now: Timestamp,
    ) -> Result<u64, ReviewError> {
        let shares = self.settings.blind;
        if shares.is_none() {
            return Ok(0);
        }
        let over = (now - SETTLES).as_second().div_euclid(SECONDS_OF_DAY) - 1;
        let last = self.store.last_blind_draw().await?;
        let first = last.map_or(over, |last| (last + 1).max(over - MOST_DAYS + 1));
        let mut drawn = 0;
        for day in first..=over {
            let draw = BlindDraw { day, shares, now };
            let added = self.store.draw_blind(&draw, hasher).await?;
            drawn += added.unwrap_or_default();
        }
        Ok(drawn)
    }

    /// How many samples are open to `who`.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn blind_open(&self, who: &Actor) -> Result<u32, ReviewError> {
        Ok(self.store.blind_open(who, &self.access).await?)
    }

    /// Claims the next sample for `who`, or that which they have; after `after`, another,
    /// and what they had is left to others. In an order that is chance's.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn next_blind(
        &self,
        who: &Actor,
        after: Option<BlindId>,
        now: Timestamp,
    ) -> Result<Option<BlindView>, ReviewError> {
        let until = self.settings.claim_until(now);
        let claimed = self.store.claim_blind(who, &self.access, after, until, now);
        let Some(sample) = claimed.await? else {
            return Ok(None);
        };
        let comment = self.store.comment(&sample.site, sample.comment).await?;
        Ok(comment.and_then(|comment| {
            Some(BlindView {
                id: sample.id,
                site: comment.site,
                received_at: comment.received_at,
                texts: comment.texts?,
                claimed_until: sample.claimed_until,
            })
        }))
    }

    /// Answers a sample. Nothing changes on the comment; what stands is told only now.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn answer_blind(
        &self,
        sample: BlindId,
        verdict: Verdict,
        who: &Actor,
        now: Timestamp,
    ) -> Result<Result<BlindAnswered, BlindObstacle>, ReviewError> {
        let answer = BlindAnswer {
            sample,
            answer: verdict.decision(),
            why: verdict.why(),
            label: verdict.label(),
            actor: who.clone(),
            sites: self.access.clone(),
            now,
            new_id: self.new_id,
        };
        Ok(self.store.answer_blind(&answer).await?)
    }

    /// Answers that are not what stands, on comments on which nothing was decided since,
    /// the latest first; at most 50.
    ///
    /// # Errors
    /// If the store has no answer.
    pub async fn blind_differences(&self) -> Result<Vec<BlindDifference>, ReviewError> {
        let differences = self
            .store
            .blind_differences(&self.access, None, DIFFERENCES);
        Ok(differences.await?)
    }

    /// Decides on the comment of a sample as it was answered: a decision like any other,
    /// by `who`. What somebody else answered is applied, and what a person decided overruled,
    /// only where `of_others`.
    ///
    /// # Errors
    /// If there is no such difference, as when somebody decided on the comment since, it is
    /// not theirs to settle, or the store has no answer.
    pub async fn apply_blind(
        &self,
        sample: BlindId,
        who: &Actor,
        of_others: bool,
        now: Timestamp,
    ) -> Result<(CommentName, Outcome), ReviewError> {
        let found = self.store.blind_differences(&self.access, Some(sample), 1);
        let found = found.await?.pop().ok_or(ReviewError::NotFound)?;
        // Who knows a sample by its name need not have answered it.
        let is_theirs = found.answered == *who && found.decided == Actor::Policy;
        if !is_theirs && !of_others {
            return Err(ReviewError::NotTheirs);
        }
        let verdict = match found.answer {
            Decision::Approve => Verdict::Approve,
            _ => Verdict::Reject(found.why.as_deref().and_then(|why| why.parse().ok())),
        };
        let name = CommentName {
            site: found.site,
            id: found.comment,
        };
        let ruling = Ruling {
            comments: vec![RuledOn {
                site: name.site.clone(),
                id: name.id,
                lesson: (self.new_id)(),
                teaches: true,
                overrules: Some(found.standing_number),
            }],
            decision: verdict.decision(),
            why: verdict.why(),
            note: None,
            label: verdict.label(),
            actor: who.clone(),
            override_claims: false,
            now,
            new_id: self.new_id,
        };
        let ruled = self.store.resolve(&ruling).await?;
        let outcome = ruled.outcomes.into_iter().next();
        Ok((name, outcome.ok_or(ReviewError::NotFound)?))
    }

    /// What blind re-review found on one site or on all, in the last `days` days.
    ///
    /// # Errors
    /// If the site may not be seen, or the store has no answer.
    pub async fn blind_figures(
        &self,
        site: Option<&SiteId>,
        days: u16,
        now: Timestamp,
    ) -> Result<BlindFigures, ReviewError> {
        let from = first_of(days, now);
        let mut figures = BlindFigures::default();
        for site in self.each(site)? {
            for count in self.store.blind_counts(site.as_ref(), from).await? {
                let (all, by_policy) = match count.standing {
                    Decision::Approve => (&mut figures.approved, &mut figures.approved_by_policy),
                    _ => (&mut figures.rejected, &mut figures.rejected_by_policy),
                };
                all.add(count.answers, count.agrees);
                if count.by_person {
                    figures.by_people.add(count.answers, count.agrees);
                } else {
                    by_policy.add(count.answers, count.agrees);
                }
            }
        }
        Ok(figures)
    }
}
