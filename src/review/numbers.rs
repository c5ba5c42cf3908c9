//! How it goes: volume, time to decision, agreement of people and model.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::verdict_days::day;
use super::{Review, ReviewError};
use crate::site::SiteId;
use crate::store::RuledComment;
use crate::verdict::Decision;

/// Bands of the score.
const BANDS: usize = 10;

/// How it went over some days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Every day, the first first, those without comments too.
    pub days: Vec<Day>,
    /// How many decisions of moderators stand.
    pub decided: usize,
    /// How many of them went the way the score leans: rejected from 0.5 on.
    pub agreed: usize,
    /// Time from receipt to decision that half of them took at most, in seconds.
    pub median_wait: Option<i64>,
    /// The same for nine in ten.
    pub slow_wait: Option<i64>,
    /// By tenths of the score, the lowest first.
    pub bands: Vec<Band>,
}

/// One day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970, UTC.
    pub day: i64,
    /// What the policy approved.
    pub approved: u64,
    /// What it held.
    pub held: u64,
    /// What it rejected.
    pub rejected: u64,
    /// Time that half of the moderators' decisions of the day took at most, in seconds.
    pub median_wait: Option<i64>,
}

/// Decisions on comments of a tenth of the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Band {
    /// How many stand.
    pub decided: usize,
    /// How many of them reject.
    pub rejected: usize,
}

impl Day {
    /// One on which nothing came.
    pub(super) fn of(day: i64) -> Self {
        Self {
            day,
            ..Self::default()
        }
    }

    /// Adds what the policy decided on another site.
    const fn add(&mut self, other: Self) {
        self.approved += other.approved;
        self.held += other.held;
        self.rejected += other.rejected;
    }
}

pub(super) const SECONDS_OF_DAY: i64 = 86_400;

impl Review {
    /// How it went on one site or on all, over the last `days` days.
    ///
    /// # Errors
    /// If the site may not be seen, or the store has no answer.
    pub async fn numbers(
        &self,
        site: Option<&SiteId>,
        days: u16,
        now: Timestamp,
    ) -> Result<Numbers, ReviewError> {
        let (first, today) = (first_day(days, now), day(now));
        let from = first_of(days, now);
        let mut by_day: BTreeMap<_, _> = (first..=today).map(|day| (day, Day::of(day))).collect();
        let mut ruled = Vec::new();
        for site in self.each(site)? {
            let site = site.as_ref();
            let days = self.verdict_days.since(&self.store, site, first, now);
            for (number, day) in days.await? {
                by_day.entry(number).or_insert(Day::of(number)).add(day);
            }
            ruled.extend(self.store.standing_decisions(site, from).await?);
        }
        Ok(told(by_day, &ruled))
    }
}

/// The first of the last `days` days, the day of `now` included.
fn first_day(days: u16, now: Timestamp) -> i64 {
    day(now) - i64::from(days.max(1)) + 1
}

/// When the first of the last `days` days began, UTC.
pub(super) fn first_of(days: u16, now: Timestamp) -> Timestamp {
    let seconds = first_day(days, now) * SECONDS_OF_DAY;
    Timestamp::UNIX_EPOCH
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

fn told(mut by_day: BTreeMap<i64, Day>, ruled: &[RuledComment]) -> Numbers {
    let mut numbers = Numbers {
        bands: vec![Band::default(); BANDS],
        ..Numbers::default()
    };
    let mut waits: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for one in ruled {
        let rejected = one.decision == Decision::Reject;
        numbers.decided += 1;
        numbers.agreed += usize::from((one.score >= 0.5) == rejected);
        let tenth = (1..BANDS)
            .take_while(|&tenth| one.score * 10.0 >= tenth as f64)
            .count();
        let band = &mut numbers.bands[tenth];
        band.decided += 1;
        band.rejected += usize::from(rejected);
        let wait = (one.decided_at.as_second() - one.received_at.as_second()).max(0);
        let day = day(one.decided_at);
        waits.entry(day).or_default().push(wait);
    }
    for (day, waits) in &mut waits {
        if let Some(day) = by_day.get_mut(day) {
            day.median_wait = quantile(waits, 50);
        }
    }
    let mut all: Vec<_> = waits.into_values().flatten().collect();
    numbers.median_wait = quantile(&mut all, 50);
    numbers.slow_wait = quantile(&mut all, 90);
    numbers.days = by_day.into_values().collect();
    numbers
}

/// The least value that `percent` of the values do not exceed.
fn quantile(values: &mut [i64], percent: usize) -> Option<i64> {
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100);
    values.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ruled(received: i64, decided: i64, decision: Decision, score: f64) -> RuledComment {
        let at = |second| Timestamp::from_second(second).unwrap();
        RuledComment {
            received_at: at(received),
            decided_at: at(decided),
            decision,
            score,
        }
    }

    #[test]
    fn agreement_is_how_often_people_went_the_way_the_score_leans() {
        let ruled = [
            ruled(0, 10, Decision::Reject, 0.95),
            ruled(0, 20, Decision::Approve, 1.0),
            ruled(0, 30, Decision::Approve, 0.0),
            ruled(0, 90_000, Decision::Reject, 0.49),
        ];
        let days = [0, 1].map(|day| {
            (
                day,
                Day {
                    day,
                    ..Day::default()
                },
            )
        });
        let numbers = told(days.into(), &ruled);
        assert_eq!((numbers.decided, numbers.agreed), (4, 2));
        assert_eq!(
            (numbers.median_wait, numbers.slow_wait),
            (Some(20), Some(90_000))
        );
        assert_eq!(numbers.days[0].median_wait, Some(20));
        assert_eq!(numbers.days[1].median_wait, Some(90_000));
        assert_eq!(
            numbers.bands[9],
            Band {
                decided: 2,
                rejected: 1
            }
        );
        assert_eq!(
            numbers.bands[4],
            Band {
                decided: 1,
                rejected: 1
            }
        );
        assert_eq!(told(BTreeMap::new(), &[]).median_wait, None);
    }
}
