use proptest::prelude::*;

use super::*;

fn quota(text: &str) -> Quota {
    text.parse().unwrap()
}

#[test]
fn reads_what_people_write() {
    let plain = quota("5 per 1m");
    assert_eq!(plain.burst(), 5);
    assert_eq!(plain.interval(), Duration::from_secs(12));
    assert_eq!(plain.refill(), Duration::from_mins(1));

    let with_burst = quota("  5  per 90s ,burst 3 ");
    assert_eq!(with_burst.burst(), 3);
    assert_eq!(with_burst.interval(), Duration::from_secs(18));

    assert_eq!(quota("1 per 250ms").interval(), Duration::from_millis(250));
    assert_eq!(quota("24 per 1d").interval(), Duration::from_hours(1));
    assert_eq!(quota("2 per 3h").interval(), Duration::from_mins(90));
}

#[test]
fn the_interval_is_rounded_up_so_that_the_count_is_never_exceeded() {
    assert_eq!(
        quota("7 per 1m").interval(),
        Duration::from_micros(8_571_429)
    );
    assert_eq!(quota("10000 per 1s").interval(), Duration::from_micros(100));
}

#[test]
fn prints_the_shortest_text() {
    for text in [
        "5 per 1m",
        "5 per 90s",
        "1 per 1d",
        "3 per 1500ms",
        "5 per 1m, burst 3",
    ] {
        assert_eq!(quota(text).to_string(), text);
    }
    assert_eq!(quota("5 per 60s, burst 5").to_string(), "5 per 1m");
    assert_eq!(quota("5 per 48h").to_string(), "5 per 2d");
}

#[test]
fn errors_say_what_was_expected() {
    let form = "; a quota reads \"5 per 1m\" or \"5 per 1m, burst 3\"";
    let period = "expected a period such as 1m or 90s (units ms, s, m, h, d) after \"per\"";
    for (text, message) in [
        (
            "",
            format!("expected a whole number before \"per\", found the end{form}"),
        ),
        (
            "five per 1m",
            format!("expected a whole number before \"per\", found \"five\"{form}"),
        ),
        (
            "-5 per 1m",
            format!("expected a whole number before \"per\", found \"-5\"{form}"),
        ),
        (
            "+5 per 1m",
            format!("expected a whole number before \"per\", found \"+5\"{form}"),
        ),
        (
            "5/m",
            format!("expected a whole number before \"per\", found \"5/m\"{form}"),
        ),
        (
            "5",
            format!("expected \"per\" after the count, found the end{form}"),
        ),
        (
            "5 in 1m",
            format!("expected \"per\" after the count, found \"in\"{form}"),
        ),
        ("5 per", format!("{period}, found the end{form}")),
        ("5 per 1", format!("{period}, found \"1\"{form}")),
        ("5 per m", format!("{period}, found \"m\"{form}")),
        ("5 per 1w", format!("{period}, found \"1w\"{form}")),
        ("5 per 1.5h", format!("{period}, found \"1.5h\"{form}")),
        (
            "5 per 99999999999999999999s",
            "expected a period from 1ms to 365d in whole milliseconds, \
             found 18446744073709551.615s"
                .to_owned(),
        ),
        (
            "99999999999999999999 per 1m",
            "expected a count from 1 to 1000000, found 18446744073709551615; \
             to lift a limit write \"off\""
                .to_owned(),
        ),
        (
            "5 per 1m burst 3",
            format!("expected a comma or nothing after the period, found \"burst\"{form}"),
        ),
        (
            "5 per 1m,",
            format!("expected \"burst\" after the comma, found the end{form}"),
        ),
        (
            "5 per 1m, 3",
            format!("expected \"burst\" after the comma, found \"3\"{form}"),
        ),
        (
            "5 per 1m, burst",
            format!("expected a whole number after \"burst\", found the end{form}"),
        ),
        (
            "5 per 1m, burst 3 now",
            format!("expected nothing after the burst, found \"now\"{form}"),
        ),
        (
            "0 per 1m",
            "expected a count from 1 to 1000000, found 0; to lift a limit write \"off\"".to_owned(),
        ),
        (
            "5 per 1m, burst 0",
            "expected a burst from 1 to 1000000, found 0".to_owned(),
        ),
        (
            "5 per 0s",
            "expected a period from 1ms to 365d in whole milliseconds, found 0ns".to_owned(),
        ),
        (
            "5 per 366d",
            "expected a period from 1ms to 365d in whole milliseconds, found 31622400s".to_owned(),
        ),
        (
            "10001 per 1s",
            "expected at most 10000 per 1s, found 10001 per 1s".to_owned(),
        ),
        (
            "1 per 200d, burst 2",
            "expected a burst that comes back within 366d, found 2 at one every 17280000s"
                .to_owned(),
        ),
    ] {
        let error = text.parse::<Quota>().expect_err(text);
        assert_eq!(error.to_string(), message, "{text:?}");
    }
}

#[test]
fn takes_only_whole_milliseconds() {
    let period = Duration::from_micros(1_500);
    assert_eq!(Quota::new(1, period, 1), Err(QuotaError::Period(period)));
}

#[test]
fn the_longest_period_takes_every_count_as_burst() {
    for count in [1, 7, 365, 999_999, 1_000_000] {
        assert!(
            Quota::new(count, Duration::from_millis(MAX_PERIOD), count).is_ok(),
            "{count}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(count in 1..=MAX_COUNT, period in 1..=MAX_PERIOD, burst in 1..=MAX_COUNT) {
        if let Ok(quota) = Quota::new(count, Duration::from_millis(period), burst) {
            prop_assert_eq!(quota.to_string().parse::<Quota>(), Ok(quota));
            let json = serde_json::to_string(&quota).unwrap();
            prop_assert_eq!(serde_json::from_str::<Quota>(&json).unwrap(), quota);
        }
    }

    #[test]
    fn any_text_is_a_quota_or_an_error(text in "\\PC*") {
        let _ = text.parse::<Quota>();
    }

    #[test]
    fn the_rate_is_never_above_what_was_asked_and_at_most_a_hundredth_below(
        count in 1..=MAX_COUNT,
        period in 1..=MAX_PERIOD,
    ) {
        if let Ok(quota) = Quota::new(count, Duration::from_millis(period), 1) {
            let asked = u128::from(period) * 1_000;
            let taken = quota.interval().as_micros() * u128::from(count);
            prop_assert!(asked <= taken && taken <= asked + asked / 100 + 1);
        }
    }
}
