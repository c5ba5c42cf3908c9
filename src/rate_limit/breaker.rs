//! When not to ask a part that has just failed.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A circuit breaker: after a failure nobody asks for a while, then one call tries.
pub(super) struct Breaker {
    rest_us: u64,
    circuit: Mutex<Circuit>,
}

struct Circuit {
    state: State,
    /// How often it has opened: what a call begun before says no longer counts.
    openings: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open { until_us: u64 },
    Probing,
}

/// Leave for one call. If it is dropped unanswered, the call was given up by its
/// caller, which says nothing about the part.
pub(super) struct Leave<'a> {
    breaker: &'a Breaker,
    openings: u64,
    probe: bool,
}

/// Whether an outcome changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// No.
    None,
    /// The part has begun to fail.
    Opened,
    /// The part is back.
    Closed,
}

impl Breaker {
    /// A breaker that lets a failed part rest for `rest` before each new try.
    pub(super) fn new(rest: Duration) -> Self {
        Self {
            rest_us: u64::try_from(rest.as_micros()).unwrap_or(u64::MAX),
            circuit: Mutex::new(Circuit {
                state: State::Closed,
                openings: 0,
            }),
        }
    }

    /// Leave to ask the part at `now_us`, or `None`: use the stand-in.
    pub(super) fn ask(&self, now_us: u64) -> Option<Leave<'_>> {
        let mut circuit = self.lock();
        let probe = match circuit.state {
            State::Closed => false,
            State::Open { until_us } if until_us <= now_us => true,
            State::Open { .. } | State::Probing => return None,
        };
        if probe {
            circuit.state = State::Probing;
        }
        Some(Leave {
            breaker: self,
            openings: circuit.openings,
            probe,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leave<'_> {
    /// The part answered.
    pub(super) fn succeeded(mut self) -> Change {
        if !self.probe {
            return Change::None;
        }
        self.probe = false;
        self.breaker.lock().state = State::Closed;
        Change::Closed
    }

    /// The part failed, which was known at `now_us`.
    pub(super) fn failed(mut self, now_us: u64) -> Change {
        let mut circuit = self.breaker.lock();
        let until_us = now_us.saturating_add(self.breaker.rest_us);
        if self.probe {
            self.probe = false;
            circuit.state = State::Open { until_us };
            return Change::None;
        }
        if circuit.state != State::Closed || circuit.openings != self.openings {
            return Change::None;
        }
        circuit.state = State::Open { until_us };
        circuit.openings += 1;
        Change::Opened
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.lock().state = State::Open { until_us: 0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: u64 = 1_000;

    fn breaker() -> Breaker {
        Breaker::new(Duration::from_micros(REST))
    }

    fn open_at(now_us: u64) -> Breaker {
        let breaker = breaker();
        assert_eq!(breaker.ask(now_us).unwrap().failed(now_us), Change::Opened);
        breaker
    }

    #[test]
    fn asks_while_the_part_answers() {
        let breaker = breaker();
        let (first, second) = (breaker.ask(0).unwrap(), breaker.ask(0).unwrap());
        assert_eq!(first.succeeded(), Change::None);
        assert_eq!(second.succeeded(), Change::None);
    }

    #[test]
    fn rests_after_a_failure_then_one_call_tries() {
        let breaker = open_at(5);
        assert!(breaker.ask(5 + REST - 1).is_none());
        let probe = breaker.ask(5 + REST).unwrap();
        assert!(breaker.ask(5 + 2 * REST).is_none(), "one probe at a time");
        assert_eq!(probe.succeeded(), Change::Closed);
        assert!(breaker.ask(5 + REST).is_some());
    }

    #[test]
    fn rests_again_after_a_failed_try() {
        let breaker = open_at(0);
        assert_eq!(breaker.ask(REST).unwrap().failed(REST + 7), Change::None);
        assert!(breaker.ask(2 * REST + 6).is_none());
        assert!(breaker.ask(2 * REST + 7).is_some());
    }

    #[test]
    fn a_try_given_up_leaves_room_for_another() {
        let breaker = open_at(0);
        drop(breaker.ask(REST).unwrap());
        assert!(breaker.ask(REST).is_some());
    }

    #[test]
    fn a_call_given_up_says_nothing_about_the_part() {
        let breaker = breaker();
        drop(breaker.ask(0).unwrap());
        assert!(breaker.ask(0).is_some());
    }

    #[test]
    fn only_the_first_of_many_failures_opens() {
        let breaker = breaker();
        let (first, second) = (breaker.ask(0).unwrap(), breaker.ask(0).unwrap());
        assert_eq!(first.failed(10), Change::Opened);
        assert_eq!(second.failed(500), Change::None);
        assert!(
            breaker.ask(10 + REST).is_some(),
            "the rest was not extended"
        );
    }

    #[test]
    fn what_was_asked_before_the_outage_no_longer_counts_after_it() {
        let breaker = breaker();
        let (late, later, first) = (breaker.ask(0), breaker.ask(0), breaker.ask(0));
        assert_eq!(first.unwrap().failed(10), Change::Opened);
        assert_eq!(late.unwrap().succeeded(), Change::None);
        assert!(breaker.ask(11).is_none(), "only a probe closes");
        assert_eq!(breaker.ask(10 + REST).unwrap().succeeded(), Change::Closed);
        assert_eq!(later.unwrap().failed(10 + REST), Change::None);
        assert!(breaker.ask(11 + REST).is_some());
    }
}
