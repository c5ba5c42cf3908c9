//! What the policy decided, by day. Days that are over do not change, so each is counted
//! once.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::numbers::{Day, SECONDS_OF_DAY};
use crate::site::SiteId;
use crate::store::{Store, StoreError};
use crate::verdict::Decision;

/// How long after its end a day may still get verdicts: some are on their way to the
/// disk, and clocks of replicas differ.
const SETTLES: SignedDuration = SignedDuration::from_hours(1);

type ByDay = BTreeMap<i64, Day>;

/// Days that are over, by site; without one, of all. Only sites on which anything was
/// judged, since any name may be asked for. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(super) struct VerdictDays {
    over: Arc<Mutex<HashMap<Option<SiteId>, ByDay>>>,
}

impl VerdictDays {
    /// Every day from `first` to the one that `now` is in.
    pub(super) async fn since(
        &self,
        store: &Store,
        site: Option<&SiteId>,
        first: i64,
        now: Timestamp,
    ) -> Result<ByDay, StoreError> {
        let (today, settled) = (day(now), day(now - SETTLES));
        let site = site.cloned();
        let mut days: ByDay = {
            let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
            let known = over.get(&site);
            (first..=today)
                .map_while(|day| Some((day, *known?.get(&day)?)))
                .collect()
        };
        let counted = days.last_key_value().map_or(first, |(day, _)| day + 1);
        for day in counted..=today {
            days.insert(day, Day::of(day));
        }
        let from = SignedDuration::from_secs(counted * SECONDS_OF_DAY);
        let from = Timestamp::from_duration(from).unwrap_or(Timestamp::UNIX_EPOCH);
        for count in store.verdicts_by_day(site.as_ref(), from).await? {
            let Some(day) = days.get_mut(&count.day) else {
                continue;
            };
            match count.decision {
                Decision::Approve => day.approved += count.comments,
                Decision::Hold => day.held += count.comments,
                Decision::Reject => day.rejected += count.comments,
            }
        }
        // Before its first hour is over a day may begin after all that is settled, and so it
        // may where the clock was set back.
        let over = days.range(counted..settled.max(counted));
        let over: Vec<_> = over.map(|(day, counts)| (*day, *counts)).collect();
        let mut known = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let judged = over.iter().any(|(day, counts)| *counts != Day::of(*day));
        if judged || known.contains_key(&site) {
            known.entry(site).or_default().extend(over);
        }
        Ok(days)
    }
}

/// The number of a moment's day since 1970, UTC.
pub(super) fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS_OF_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Location;

    const DAY: i64 = 20_000;

    fn at(day: i64, minutes: i64) -> Timestamp {
        Timestamp::from_second(day * SECONDS_OF_DAY + minutes * 60).unwrap()
    }

    #[tokio::test]
    async fn a_day_may_begin_after_all_that_is_settled() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::File(folder.path().join("store"))).unwrap();
        let days = VerdictDays::default();
        // In the first hour of the only day, and with a clock that was set back.
        for now in [at(DAY, 30), at(DAY + 9, 90), at(DAY - 3, 90)] {
            let found = days.since(&store, None, DAY, now).await.unwrap();
            let expected = DAY..=day(now);
            assert!(found.into_keys().eq(expected), "{now}");
        }
    }

    #[tokio::test]
    async fn names_on_which_nothing_was_judged_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Location::File(folder.path().join("store"))).unwrap();
        let days = VerdictDays::default();
        for number in 0..20 {
            let site = SiteId::new(&format!("made-up-{number}")).unwrap();
            let found = days.since(&store, Some(&site), DAY, at(DAY + 3, 0)).await;
            assert_eq!(found.unwrap().len(), 4);
        }
        assert!(days.over.lock().unwrap().is_empty());
    }
}
