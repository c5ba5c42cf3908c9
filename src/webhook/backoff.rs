//! When to try again.

use std::time::Duration;

/// How often a message is sent before it is given up: 17 to 35 hours.
pub const MAX_ATTEMPTS: u32 = 14;

const FIRST: Duration = Duration::from_secs(5);
const FACTOR: u32 = 3;
const LONGEST: Duration = Duration::from_hours(6);

/// How long to wait after the `failed`th attempt (from 1): 5 s, 15 s, 45 s and so on,
/// at most 6 h, each shortened by up to a half so that what failed together does not
/// come back together. `None`: give up. `jitter` is 0 to 1, `asked` what the receiver
/// asked for by `Retry-After`, which is heeded up to the longest wait.
#[must_use]
pub fn next_attempt(failed: u32, jitter: f64, asked: Option<Duration>) -> Option<Duration> {
    if failed >= MAX_ATTEMPTS {
        return None;
    }
    let grown = FACTOR.checked_pow(failed.saturating_sub(1));
    let whole = grown.map_or(LONGEST, |times| FIRST.saturating_mul(times).min(LONGEST));
    let share = if jitter.is_nan() {
        1.0
    } else {
        1.0 - jitter.clamp(0.0, 1.0) / 2.0
    };
    Some(
        whole
            .mul_f64(share)
            .max(asked.unwrap_or_default().min(LONGEST)),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn grows_to_six_hours_and_ends() {
        let waits: Vec<_> = (1..)
            .map_while(|failed| next_attempt(failed, 0.0, None))
            .collect();
        let seconds: Vec<_> = waits.iter().map(Duration::as_secs).collect();
        assert_eq!(seconds[..5], [5, 15, 45, 135, 405]);
        assert_eq!(seconds.last(), Some(&21_600));
        assert_eq!(u32::try_from(waits.len()), Ok(MAX_ATTEMPTS - 1));
        let whole: Duration = waits.iter().sum();
        assert!((24..48).contains(&(whole.as_secs() / 3600)), "{whole:?}");
    }

    #[test]
    fn heeds_the_receiver_within_reason() {
        let minute = Duration::from_mins(1);
        assert_eq!(next_attempt(1, 0.0, Some(minute)), Some(minute));
        assert_eq!(next_attempt(1, 0.0, Some(Duration::MAX)), Some(LONGEST));
    }

    proptest! {
        #[test]
        fn jitter_takes_at_most_a_half(failed in 1..MAX_ATTEMPTS, jitter in any::<f64>()) {
            let whole = next_attempt(failed, 0.0, None).unwrap();
            let wait = next_attempt(failed, jitter, None).unwrap();
            prop_assert!(wait <= whole && wait >= whole / 2);
        }
    }
}
