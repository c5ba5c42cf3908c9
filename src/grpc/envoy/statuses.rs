//! From what our quotas answer to what an Envoy understands.

use std::time::Duration;

use crate::grpc::convert::proto_duration;
use crate::grpc::envoy_proto::config::core::v3::HeaderValue;
use crate::grpc::envoy_proto::service::ratelimit::v3::RateLimitResponse;
use crate::grpc::envoy_proto::service::ratelimit::v3::rate_limit_response::{
    Code, DescriptorStatus, RateLimit, rate_limit::Unit,
};
use crate::pipeline::{QuotaState, SharedAnswer};
use crate::rate_limit::Quota;

/// The units of time that have one length.
const UNITS: [(Unit, Duration); 4] = [
    (Unit::Second, Duration::from_secs(1)),
    (Unit::Minute, Duration::from_mins(1)),
    (Unit::Hour, Duration::from_hours(1)),
    (Unit::Day, Duration::from_hours(24)),
];

pub(super) fn response(answer: &SharedAnswer) -> RateLimitResponse {
    let overall_code = code(answer.retry_after.is_some());
    RateLimitResponse {
        overall_code: overall_code.into(),
        statuses: answer.states.iter().map(|states| status(states)).collect(),
        response_headers_to_add: answer.retry_after.map(retry_after).into_iter().collect(),
        request_headers_to_add: Vec::new(),
    }
}

const fn code(over_limit: bool) -> Code {
    if over_limit {
        Code::OverLimit
    } else {
        Code::Ok
    }
}

fn status(states: &[QuotaState]) -> DescriptorStatus {
    let Some(state) = states.iter().min_by_key(|state| severity(state)) else {
        return DescriptorStatus {
            code: Code::Ok.into(),
            ..DescriptorStatus::default()
        };
    };
    let refuses = state.refuses();
    let until_reset = if refuses {
        state.left.retry_after
    } else {
        state.left.whole_after
    };
    DescriptorStatus {
        code: code(refuses).into(),
        current_limit: Some(limit(state)),
        limit_remaining: state.left.count,
        duration_until_reset: Some(proto_duration(until_reset)),
    }
}

/// Orders what refuses before what does not: the longest wait, then the least left.
fn severity(state: &QuotaState) -> (bool, std::cmp::Reverse<Duration>, u32) {
    let wait = if state.refuses() {
        state.left.retry_after
    } else {
        Duration::ZERO
    };
    (!state.refuses(), std::cmp::Reverse(wait), state.left.count)
}

fn limit(state: &QuotaState) -> RateLimit {
    let (unit, requests_per_unit) = rate(state.charge.quota);
    RateLimit {
        name: format!("per_{}", state.charge.kind),
        requests_per_unit,
        unit: unit.into(),
    }
}

/// The rate in the smallest unit that gives a whole number; rounded down by the day if
/// none does.
fn rate(quota: Quota) -> (Unit, u32) {
    let in_unit = |length: Duration| {
        let count = u128::from(quota.count()) * length.as_millis();
        let period = quota.period().as_millis();
        let whole = count.is_multiple_of(period);
        (whole, u32::try_from(count / period).unwrap_or(u32::MAX))
    };
    let exact = UNITS.into_iter().find_map(|(unit, length)| {
        let (whole, rate) = in_unit(length);
        whole.then_some((unit, rate))
    });
    let (day, length) = UNITS[UNITS.len() - 1];
    exact.unwrap_or_else(|| (day, in_unit(length).1))
}

/// RFC 9110, section 10.2.3; rounded up, so that whoever waits that long passes.
fn retry_after(wait: Duration) -> HeaderValue {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    HeaderValue {
        key: "retry-after".to_owned(),
        value: seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_told_in_the_smallest_unit_that_is_exact() {
        for (quota, expected) in [
            ("10 per 1s", (Unit::Second, 10)),
            ("60 per 10m", (Unit::Minute, 6)),
            ("300 per 1m", (Unit::Second, 5)),
            ("10 per 10m, burst 5", (Unit::Minute, 1)),
            ("1 per 90s", (Unit::Hour, 40)),
            ("1 per 1d", (Unit::Day, 1)),
            ("3 per 7d", (Unit::Day, 0)),
        ] {
            assert_eq!(rate(quota.parse().unwrap()), expected, "{quota}");
        }
    }

    #[test]
    fn waits_are_rounded_up_to_seconds() {
        for (millis, seconds) in [(1, "1"), (1_000, "1"), (59_001, "60")] {
            assert_eq!(retry_after(Duration::from_millis(millis)).value, seconds);
        }
    }
}
