//! The site's quotas for others than its comment form: what they ask is counted by
//! the same keys.

use std::net::IpAddr;
use std::time::Duration;

use super::Pipeline;
use crate::rate_limit::{Charge, Cost, Remaining, Subject};
use crate::site::SiteId;

/// One thing that is counted.
#[derive(Clone, PartialEq, Eq)]
pub enum Counted {
    /// By the quotas of addresses.
    Address(IpAddr),
    /// By the quota of e-mail addresses, in canonical form.
    Email(String),
    /// By the quota of pages.
    Page(String),
    /// By the quota of authors.
    Author(String),
    /// By the quota of the site.
    Site,
}

/// Says only of what kind it is.
impl std::fmt::Debug for Counted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Address(_) => "Address(..)",
            Self::Email(_) => "Email(..)",
            Self::Page(_) => "Page(..)",
            Self::Author(_) => "Author(..)",
            Self::Site => "Site",
        })
    }
}

impl Counted {
    fn subject(&self) -> Subject<'_> {
        let nobody = Subject::default();
        match self {
            Self::Address(address) => Subject {
                address: Some(*address),
                ..nobody
            },
            Self::Email(email) => Subject {
                email: Some(email),
                ..nobody
            },
            Self::Page(page) => Subject {
                page: Some(page),
                ..nobody
            },
            Self::Author(author) => Subject {
                author: Some(author),
                ..nobody
            },
            Self::Site => Subject {
                site: true,
                ..nobody
            },
        }
    }
}

/// What is asked together and answered together.
#[derive(Clone, Debug)]
pub struct SharedQuestion {
    /// What is counted.
    pub counted: Vec<Counted>,
    /// How much each of its quotas is asked for.
    pub cost: Cost,
}

/// How a quota stands after an answer.
#[derive(Clone, Copy, Debug)]
pub struct QuotaState {
    /// What it was asked, by all questions together.
    pub charge: Charge,
    /// What it has left.
    pub left: Remaining,
}

impl QuotaState {
    /// Whether it is enforced and refuses.
    #[must_use]
    pub const fn refuses(&self) -> bool {
        !self.charge.shadow && !self.left.retry_after.is_zero()
    }
}

/// The answer to all questions of a call.
#[derive(Clone, Debug)]
pub struct SharedAnswer {
    /// If an enforced quota refuses: how long until all would pass. Then none was charged.
    pub retry_after: Option<Duration>,
    /// For each question, the quotas that count it.
    pub states: Vec<Vec<QuotaState>>,
}

impl Pipeline {
    /// Asks the quotas of `site` all `questions` at once, and charges them if all pass.
    /// A key that several ask for is charged the sum.
    pub async fn share_quotas(&self, site: &SiteId, questions: &[SharedQuestion]) -> SharedAnswer {
        let (charges, places) = self.shared_charges(site, questions);
        let admission = self.ask(site, &charges).await;
        let state = |place: &usize| {
            Some(QuotaState {
                charge: charges[*place],
                left: *admission.remaining.get(*place)?,
            })
        };
        SharedAnswer {
            retry_after: admission.refusal().map(|refusal| refusal.retry_after),
            states: { places.iter() }
                .map(|places| places.iter().filter_map(state).collect())
                .collect(),
        }
    }

    /// What is charged, each key once, and for each question the places of its charges.
    fn shared_charges(
        &self,
        site: &SiteId,
        questions: &[SharedQuestion],
    ) -> (Vec<Charge>, Vec<Vec<usize>>) {
        let sites = self.sites.load();
        let quotas = &sites.get(site).quotas;
        let mut all: Vec<Charge> = Vec::new();
        let mut add = |charge: Charge| {
            let known = all.iter().position(|other| other.key == charge.key);
            if let Some(place) = known {
                all[place].cost = all[place].cost.plus(charge.cost);
                place
            } else {
                all.push(charge);
                all.len() - 1
            }
        };
        let mut places_of = |question: &SharedQuestion| {
            let mut places = Vec::new();
            for counted in &question.counted {
                let subject = counted.subject();
                let cost = |_| question.cost;
                let charges = quotas.charges_at(&self.hasher, site, &subject, cost);
                places.extend(charges.into_iter().map(&mut add));
            }
            places
        };
        let places = questions.iter().map(&mut places_of).collect();
        (all, places)
    }
}

#[cfg(test)]
#[path = "tests/shared_quotas.rs"]
mod tests;
