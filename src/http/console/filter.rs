//! What of the queue is shown: the query of its address, and back.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::urls::escaped;
use crate::review::{CommentName, HeldOrder, HeldQuery};
use crate::site::SiteId;
use crate::store::QueueFilter;
use crate::verdict::Head;

/// The query as it stands in the address. What no list of the page offers restricts
/// nothing, and neither does a search too short; the review refuses a reason that is no
/// code and a search too long, and the page says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) site: String,
    pub(super) reason: String,
    pub(super) head: String,
    /// Lowest score, in percent.
    pub(super) min: String,
    /// `1h`, `24h`, `7d`: received within; `old`: more than a day ago.
    pub(super) age: String,
    /// As of when `age` is meant, in seconds of the epoch. Every page after the first
    /// says it: a token goes on in the one question that it was given for.
    pub(super) at: String,
    pub(super) q: String,
    pub(super) sort: String,
    pub(super) near: String,
    /// Of whom: a comment of theirs.
    pub(super) mine: String,
    /// Token of the page.
    pub(super) after: String,
}

impl Asked {
    /// The same, with the instant said: `now`, unless it is a page of before.
    pub(super) fn dated(mut self, now: Timestamp) -> Self {
        if self.after.is_empty() || self.at.is_empty() {
            self.at = now.as_second().to_string();
        }
        self
    }

    /// The question to the queue, for `viewer`.
    pub(super) fn query(&self, viewer: &str) -> HeldQuery {
        let at = self.at.parse().ok();
        let at = at.and_then(|at| Timestamp::from_second(at).ok());
        let ago = |hours| at?.checked_sub(SignedDuration::from_hours(hours)).ok();
        let (from, before) = match &*self.age {
            "1h" => (ago(1), None),
            "24h" => (ago(24), None),
            "7d" => (ago(7 * 24), None),
            "old" => (None, ago(24)),
            _ => (None, None),
        };
        let percent = self
            .min
            .parse::<u8>()
            .ok()
            .filter(|percent| *percent <= 100);
        HeldQuery {
            filter: QueueFilter {
                site: SiteId::new(&self.site).ok(),
                reason_codes: Some(self.reason.clone())
                    .filter(|code| !code.is_empty())
                    .into_iter()
                    .collect(),
                head: Head::ALL.into_iter().find(|head| head.name() == self.head),
                min_score: percent.map(|percent| f64::from(percent) / 100.0),
                from,
                before,
                search: Some(self.q.trim().to_owned()).filter(|q| q.chars().count() >= 2),
                free_for: (self.mine == "free").then(|| viewer.to_owned()),
                ..QueueFilter::default()
            },
            near: self.near.parse::<CommentName>().ok(),
            order: match &*self.sort {
                "newest" => HeldOrder::Newest,
                "score" => HeldOrder::Score,
                // By waves of one site only.
                "wave" if SiteId::new(&self.site).is_ok() => HeldOrder::Wave,
                _ => HeldOrder::Oldest,
            },
        }
    }

    /// How many of the lists under the search restrict what is shown.
    pub(super) fn chosen(&self) -> usize {
        let lists = [
            &self.site,
            &self.reason,
            &self.head,
            &self.min,
            &self.age,
            &self.mine,
        ];
        lists.iter().filter(|value| !value.is_empty()).count()
    }

    /// Whether anything is left out.
    pub(super) fn is_narrow(&self) -> bool {
        let all = Self {
            sort: self.sort.clone(),
            at: self.at.clone(),
            after: self.after.clone(),
            ..Self::default()
        };
        *self != all
    }

    /// The address of this view, or of its page from `after` on.
    pub(super) fn address(&self, after: &str) -> String {
        // The first page is of the time that it is asked for.
        let dated = !self.age.is_empty() && !after.is_empty();
        let at = if dated { &*self.at } else { "" };
        let fields = [
            ("site", &*self.site),
            ("reason", &self.reason),
            ("head", &self.head),
            ("min", &self.min),
            ("age", &self.age),
            ("at", at),
            ("q", &self.q),
            ("sort", &self.sort),
            ("near", &self.near),
            ("mine", &self.mine),
            ("after", after),
        ];
        let pairs = fields.iter().filter(|(_, value)| !value.is_empty());
        let pairs: Vec<_> = pairs
            .map(|(name, value)| format!("{name}={}", escaped(value)))
            .collect();
        if pairs.is_empty() {
            "/console".to_owned()
        } else {
            format!("/console?{}", pairs.join("&"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_restricts_nothing() {
        let asked = Asked {
            site: "<script>".to_owned(),
            min: "900".to_owned(),
            q: "x".to_owned(),
            near: "nonsense".to_owned(),
            sort: "wave".to_owned(),
            age: "24h".to_owned(),
            at: "yesterday".to_owned(),
            ..Asked::default()
        };
        assert_eq!(asked.query("me"), HeldQuery::default());
        assert!(asked.address("").starts_with("/console?site=%3Cscript%3E&"));
    }

    #[test]
    fn an_address_reads_as_it_is_written() {
        let asked = Asked {
            q: "a&b=c d".to_owned(),
            age: "old".to_owned(),
            ..Asked::default()
        };
        assert!(asked.is_narrow() && !Asked::default().is_narrow());
        assert_eq!(asked.chosen(), 1, "a search is no list");
        let address = asked.address("t");
        assert_eq!(address, "/console?age=old&q=a%26b%3Dc%20d&after=t");
    }

    #[test]
    fn a_later_page_is_of_the_time_of_the_first() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let later = Timestamp::from_second(1_000_090).unwrap();
        let asked = |at: &str, after: &str| Asked {
            age: "24h".to_owned(),
            at: at.to_owned(),
            after: after.to_owned(),
            ..Asked::default()
        };
        let first = asked("", "").dated(now);
        assert_eq!(first.address("t"), "/console?age=24h&at=1000000&after=t");
        assert_eq!(first.address(""), "/console?age=24h");
        let second = asked("1000000", "t").dated(later);
        assert_eq!(second.query("me"), first.query("me"));
        let anew = asked("1000000", "").dated(later);
        assert_ne!(anew.query("me"), first.query("me"));
    }
}
