//! What `moderato limits show` prints.

use std::fmt::Write as _;
use std::time::Duration;

use moderato::rate_limit::KeyStatus;
use serde::Serialize;

/// One key, for scripts.
#[derive(Serialize)]
struct Entry {
    quota: String,
    limit: String,
    shadow: bool,
    key: String,
    left: u32,
    retry_after_seconds: f64,
    whole_after_seconds: f64,
}

/// A JSON array, and the end of its line.
pub fn json(statuses: &[KeyStatus]) -> anyhow::Result<String> {
    let entry = |status: &KeyStatus| Entry {
        quota: format!("per_{}", status.kind()),
        limit: status.charge.quota.to_string(),
        shadow: status.charge.shadow,
        key: status.charge.key.to_string(),
        left: status.left,
        retry_after_seconds: status.next_after.as_secs_f64(),
        whole_after_seconds: status.whole_after.as_secs_f64(),
    };
    let entries: Vec<_> = statuses.iter().map(entry).collect();
    Ok(format!("{}\n", serde_json::to_string(&entries)?))
}

/// A line for each key.
pub fn table(statuses: &[KeyStatus]) -> String {
    let mut table = String::new();
    for status in statuses {
        let quota = format!("per_{}", status.kind());
        let limit = status.charge.quota.to_string();
        let left = status.left;
        // Writing to a string does not fail.
        let _ = write!(table, "{quota:<12} {limit:<24} {left:>7} left");
        if !status.next_after.is_zero() {
            let _ = write!(table, ", next in {}", rounded_up(status.next_after));
        }
        if status.whole_after.is_zero() {
            table.push_str(", unused");
        } else {
            let _ = write!(table, ", whole in {}", rounded_up(status.whole_after));
        }
        if status.charge.shadow {
            table.push_str(" (shadow: refuses nobody)");
        }
        table.push('\n');
    }
    table
}

/// In seconds, minutes and seconds, or hours and minutes.
fn rounded_up(duration: Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => {
            let minutes = seconds.div_ceil(60);
            format!("{}h{:02}m", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up() {
        for (millis, said) in [
            (1, "1s"),
            (59_001, "1m00s"),
            (61_000, "1m01s"),
            (3_600_001, "1h01m"),
        ] {
            assert_eq!(rounded_up(Duration::from_millis(millis)), said);
        }
    }
}
