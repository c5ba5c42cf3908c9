//! Counts as people write them, on pages, charts and in messages.

/// A number with its thousands set apart: `1,234,567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// So many of something whose plural takes an `s`: `1 comment`, `2,000 comments`.
#[must_use]
pub fn counted(number: u64, one: &str) -> String {
    format!("{} {}", grouped(number), noun(number, one))
}

/// What so many of something are called, whose plural takes an `s`.
#[must_use]
pub fn noun(number: u64, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{one}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let grouped = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn one_is_one() {
        let said = [0, 1, 2, 2_048].map(|number| counted(number, "character"));
        let expected = [
            "0 characters",
            "1 character",
            "2 characters",
            "2,048 characters",
        ];
        assert_eq!(said, expected);
    }
}
