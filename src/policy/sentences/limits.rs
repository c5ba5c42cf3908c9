//! What the reader is told when a quota is used up, in the reader's language, and
//! what the site is told of quotas besides.

use std::time::Duration;

use super::reason;
use crate::policy::language::Language;
use crate::policy::signals::{LimitScope, RateRefusal};
use crate::verdict::{Field, Reason, ReasonCode};

pub(in crate::policy) fn rate_limited(refusal: &RateRefusal) -> Reason {
    let what = what(refusal.language, refusal.scope);
    let wait = Wait::of(refusal.retry_after);
    let message = match refusal.language {
        Language::English => format!(
            "{what} Please wait {} and send it again: your text has not been published, so keep it.",
            wait.english()
        ),
        Language::Urdu => format!(
            "{what} براہِ کرم {} انتظار کر کے دوبارہ بھیجیں: آپ کا تبصرہ شائع نہیں ہوا، اس لیے اسے محفوظ رکھیں۔",
            wait.urdu()
        ),
        Language::RomanUrdu => format!(
            "{what} Barah-e-karam {} intezar kar ke dobara bhejein: aap ka tabsara shaya nahin \
             hua, is liye ise mehfooz rakhein.",
            wait.roman_urdu()
        ),
    };
    reason(ReasonCode::RateLimited, message)
}

const fn what(language: Language, scope: LimitScope) -> &'static str {
    use LimitScope::{Author, Page, Site};
    match (language, scope) {
        (Language::English, Author) => "You are posting very fast.",
        (Language::English, Page) => "This page is receiving very many comments.",
        (Language::English, Site) => "This site is receiving very many comments.",
        (Language::Urdu, Author) => "آپ بہت تیزی سے تبصرے بھیج رہے ہیں۔",
        (Language::Urdu, Page) => "اس صفحے پر بہت زیادہ تبصرے آ رہے ہیں۔",
        (Language::Urdu, Site) => "اس ویب سائٹ پر بہت زیادہ تبصرے آ رہے ہیں۔",
        (Language::RomanUrdu, Author) => "Aap bohat tezi se tabsare bhej rahe hain.",
        (Language::RomanUrdu, Page) => "Is safhe par bohat zyada tabsare aa rahe hain.",
        (Language::RomanUrdu, Site) => "Is website par bohat zyada tabsare aa rahe hain.",
    }
}

/// A quota in shadow would have refused; `setting` is its key in `[limits]`.
#[must_use]
pub fn rate_limit_shadow(setting: &str, retry_after: Duration) -> Reason {
    let wait = Wait::of(retry_after).english();
    reason(
        ReasonCode::RateLimitShadow,
        format!("Over {setting}, which is in shadow; enforced, it would ask to wait {wait}."),
    )
}

/// The address the site sent is its own, as far as can be seen.
#[must_use]
pub fn private_address() -> Reason {
    Reason::new(
        ReasonCode::FieldIgnored,
        Some(Field::IpAddress),
        "ip_address was not counted: expected the reader's address, found a private one, such \
         as that of the site's own proxy",
    )
}

/// A time to wait as a person would say it.
#[derive(Clone, Copy)]
struct Wait {
    count: u64,
    unit: Unit,
}

#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
}

impl Wait {
    /// Rounded up, so that whoever waits that long passes.
    fn of(duration: Duration) -> Self {
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        let seconds = duration
            .as_secs()
            .saturating_add(u64::from(duration.subsec_nanos() > 0));
        let (count, unit) = if seconds < 2 * MINUTE {
            (seconds.max(1), Unit::Second)
        } else if seconds < 2 * HOUR {
            (seconds.div_ceil(MINUTE), Unit::Minute)
        } else {
            (seconds.div_ceil(HOUR), Unit::Hour)
        };
        Self { count, unit }
    }

    fn english(self) -> String {
        let unit = match self.unit {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "hour",
        };
        let plural = if self.count == 1 { "" } else { "s" };
        format!("{} {unit}{plural}", self.count)
    }

    fn urdu(self) -> String {
        let unit = match self.unit {
            Unit::Second => "سیکنڈ",
            Unit::Minute => "منٹ",
            Unit::Hour => "گھنٹے",
        };
        format!("{} {unit}", self.count)
    }

    fn roman_urdu(self) -> String {
        let unit = match self.unit {
            Unit::Second => "second",
            Unit::Minute => "minute",
            Unit::Hour => "ghante",
        };
        format!("{} {unit}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_said_in_the_unit_a_person_would_use_and_never_too_short() {
        for (millis, said) in [
            (0, "1 second"),
            (1, "1 second"),
            (39_001, "40 seconds"),
            (119_000, "119 seconds"),
            (120_001, "3 minutes"),
            (7_200_000, "2 hours"),
            (7_201_000, "3 hours"),
        ] {
            assert_eq!(Wait::of(Duration::from_millis(millis)).english(), said);
        }
        assert!(Wait::of(Duration::MAX).english().ends_with("hours"));
    }

    #[test]
    fn every_language_says_how_long_and_whose_quota_it_is() {
        for (language, seconds) in [
            (Language::English, "40 seconds"),
            (Language::Urdu, "40 سیکنڈ"),
            (Language::RomanUrdu, "40 second"),
        ] {
            let told = [LimitScope::Author, LimitScope::Page, LimitScope::Site].map(|scope| {
                let retry_after = Duration::from_millis(39_500);
                let refusal = RateRefusal {
                    scope,
                    retry_after,
                    language,
                };
                rate_limited(&refusal).message
            });
            assert!(told.iter().all(|told| told.contains(seconds)), "{told:?}");
            assert!(told[0] != told[1] && told[1] != told[2] && told[0] != told[2]);
        }
    }
}
