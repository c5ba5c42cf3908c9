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

/// Days that are over, by site; without one, of all. Cheap to clone; all clones are one.
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
        let over = days.range(counted..settled);
        let mut known = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.entry(site).or_default();
        known.extend(over.map(|(day, counts)| (*day, *counts)));
        Ok(days)
    }
}

fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS_OF_DAY)
}
