//! One call of the script: submissions into its words, and its numbers back.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::LazyLock;
use std::time::Duration;

use ::redis::{Cmd, ErrorKind, Script, ServerErrorKind};

use super::connector::Connection;
use crate::rate_limit::{Charge, LimiterError};
use crate::site::SiteId;

const SOURCE: &str = include_str!("../gcra.lua");

/// A second, in microseconds, which no number of replicas uses up by probing.
const PROBE_US: u64 = 1_000_000;

/// The digest by which Redis knows the script once it has seen it.
static DIGEST: LazyLock<String> = LazyLock::new(|| Script::new(SOURCE).get_hash().to_owned());

/// What a charge is measured by. Most submissions of a site share a few.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Term {
    /// Below zero: given back.
    increment_us: i64,
    tolerance_us: u64,
    enforced: bool,
}

impl Term {
    const fn of(charge: &Charge) -> Self {
        Self {
            // At most a tolerance, and so within a year and a day.
            increment_us: charge.takes_us().cast_signed(),
            tolerance_us: charge.quota.tolerance_us(),
            enforced: !charge.shadow,
        }
    }

    fn refund(charge: &Charge, ago: Duration) -> Self {
        Self {
            increment_us: -charge.not_yet_back_us(ago).cast_signed(),
            ..Self::of(charge)
        }
    }
}

/// Submissions of one site that share a call.
pub(super) struct Batch {
    keys: Vec<String>,
    terms: Vec<Term>,
    /// For each submission the number of its charges, for each of them key and term.
    numbers: Vec<usize>,
    charges: usize,
}

impl Batch {
    pub(super) fn new(site: &SiteId, submissions: &[&[Charge]]) -> Self {
        Self::of(site, submissions, Term::of)
    }

    /// One that gives back what `charges`, each of another key, took so long `ago`.
    pub(super) fn refund(site: &SiteId, charges: &[Charge], ago: Duration) -> Self {
        Self::of(site, &[charges], |charge| Term::refund(charge, ago))
    }

    fn of(site: &SiteId, submissions: &[&[Charge]], term: impl Fn(&Charge) -> Term) -> Self {
        let charges = submissions.iter().map(|charges| charges.len()).sum();
        let mut batch = Self {
            keys: Vec::with_capacity(charges),
            terms: Vec::new(),
            numbers: Vec::with_capacity(submissions.len() + 2 * charges),
            charges,
        };
        let mut known = HashMap::with_capacity(charges);
        for charges in submissions {
            batch.numbers.push(charges.len());
            for charge in *charges {
                let key = match known.entry(charge.key) {
                    Entry::Occupied(number) => *number.get(),
                    Entry::Vacant(free) => {
                        let Charge { kind, key, .. } = charge;
                        batch.keys.push(format!("rl:{{{site}}}:{kind}:{key}"));
                        *free.insert(batch.keys.len())
                    }
                };
                let term = batch.term(term(charge));
                batch.numbers.extend([key, term]);
            }
        }
        batch
    }

    /// Nobody's submission, which always writes: a full Redis and a replica still read,
    /// so one that is refused by its quota would tell nothing of them.
    pub(super) fn probe(site: &SiteId) -> Self {
        Self {
            keys: vec![format!("rl:{{{site}}}:probe")],
            terms: vec![Term {
                increment_us: 1,
                tolerance_us: PROBE_US,
                enforced: true,
            }],
            numbers: vec![1, 1, 1],
            charges: 1,
        }
    }

    /// The number of `term`, from 1.
    fn term(&mut self, term: Term) -> usize {
        let known = self.terms.iter().position(|other| *other == term);
        let at = known.unwrap_or_else(|| {
            self.terms.push(term);
            self.terms.len() - 1
        });
        at + 1
    }

    /// By how many microseconds each charge overruns its quota, in order: above zero, it
    /// has so long to wait; else it passes.
    pub(super) async fn ask(&self, connection: &Connection) -> Result<Vec<i64>, LimiterError> {
        let mut answer = connection.ask(&self.command("EVALSHA", &DIGEST)).await;
        let unknown = ErrorKind::Server(ServerErrorKind::NoScript);
        if answer.as_ref().is_err_and(|error| error.kind() == unknown) {
            // Redis remembers what it was given in full.
            answer = connection.ask(&self.command("EVAL", SOURCE)).await;
        }
        let overruns_us = answer?;
        if overruns_us.len() == self.charges {
            Ok(overruns_us)
        } else {
            Err(LimiterError::Answer {
                expected: self.charges,
                found: overruns_us.len(),
            })
        }
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = ::redis::cmd(name);
        command.arg(script).arg(self.keys.len());
        for key in &self.keys {
            command.arg(key);
        }
        command.arg(self.terms.len());
        for term in &self.terms {
            command.arg(term.increment_us).arg(term.tolerance_us);
            command.arg(u8::from(term.enforced));
        }
        for number in &self.numbers {
            command.arg(*number);
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::{Cost, KeyHasher, QuotaKind};

    fn charge(kind: QuotaKind, name: &str, quota: &str) -> Charge {
        let site = SiteId::new("daily-times").unwrap();
        Charge {
            kind,
            key: KeyHasher::new([1; 32]).key(&site, kind, name.as_bytes()),
            quota: quota.parse().unwrap(),
            cost: Cost::ONE,
            shadow: false,
        }
    }

    fn words(submissions: &[&[Charge]]) -> Vec<String> {
        let site = SiteId::new("daily-times").unwrap();
        let command = Batch::new(&site, submissions).command("EVALSHA", "digest");
        let words = command.args_iter().map(|word| match word {
            ::redis::Arg::Simple(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            ::redis::Arg::Cursor => unreachable!("nothing is scanned"),
            _ => unreachable!("no other kind of argument is written"),
        });
        words.collect()
    }

    #[test]
    fn keys_of_one_site_lie_in_one_slot_and_tell_nothing_else() {
        let charge = charge(QuotaKind::Email, "a@example.org", "1 per 1h");
        let expected = format!("rl:{{daily-times}}:email:{}", charge.key);
        assert_eq!(words(&[&[charge]])[3], expected);
    }

    #[test]
    fn what_submissions_share_is_written_once() {
        let page = charge(QuotaKind::Page, "front", "2 per 1s");
        let [one, two] = ["a", "b"].map(|name| charge(QuotaKind::Email, name, "1 per 1s"));
        let watched = Charge {
            shadow: true,
            ..page
        };
        let words = words(&[&[one, page], &[two, watched]]);
        assert_eq!(words[..3], ["EVALSHA", "digest", "3"]);
        let terms = "3 1000000 1000000 1 500000 1000000 1 500000 1000000 0";
        let charges = "2 1 1 2 2 2 3 1 2 3";
        assert_eq!(words[6..].join(" "), format!("{terms} {charges}"));
    }
}
