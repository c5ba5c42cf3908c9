//! What a label's value says.

use crate::verdict::Head;

/// What one word in a label column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nobody judged it.
    NotJudged,
    /// Yes or no, of whichever head the column is about.
    Plain(bool),
    /// Yes or no, of the head that the word names.
    Of(Head, bool),
}

impl Meaning {
    /// What `word` says, whatever its case; `None` if it is no label.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let word = word.trim().to_lowercase();
        let meaning = match word.as_str() {
            "" | "null" | "nan" | "na" | "n/a" | "\\n" => Self::NotJudged,
            "true" | "yes" | "y" | "t" => Self::Plain(true),
            // A text that is clean of one thing may be full of the other, so these say nothing
            // about a head by themselves.
            "false" | "no" | "n" | "f" | "clean" | "normal" | "neutral" => Self::Plain(false),
            "spam" => Self::Of(Head::Spam, true),
            "ham" | "not spam" | "not_spam" | "not-spam" => Self::Of(Head::Spam, false),
            "toxic" | "abusive" | "offensive" | "hateful" | "hate" => {
                Self::Of(Head::Toxicity, true)
            }
            "civil" | "not toxic" | "not_toxic" | "not-toxic" | "non-toxic" | "nontoxic" => {
                Self::Of(Head::Toxicity, false)
            }
            number => return Self::of_number(number.parse().ok()?),
        };
        Some(meaning)
    }

    /// What a number says: only 0 and 1 are labels, a share such as 0.7 is not.
    #[expect(
        clippy::float_cmp,
        reason = "a label is exactly 0 or 1, nothing near it"
    )]
    pub(super) fn of_number(number: f64) -> Option<Self> {
        if number == 0.0 || number == 1.0 {
            Some(Self::Plain(number == 1.0))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_words_and_numbers() {
        for (word, meaning) in [
            ("", Meaning::NotJudged),
            ("NaN", Meaning::NotJudged),
            ("1", Meaning::Plain(true)),
            ("0.0", Meaning::Plain(false)),
            (" TRUE ", Meaning::Plain(true)),
            ("No", Meaning::Plain(false)),
            ("Spam", Meaning::Of(Head::Spam, true)),
            ("ham", Meaning::Of(Head::Spam, false)),
            ("Toxic", Meaning::Of(Head::Toxicity, true)),
            ("civil", Meaning::Of(Head::Toxicity, false)),
        ] {
            assert_eq!(Meaning::of_word(word), Some(meaning), "{word:?}");
        }
    }

    #[test]
    fn a_third_value_means_nothing() {
        for word in ["0.7", "2", "-1", "inf", "maybe", "spam?", "01x"] {
            assert_eq!(Meaning::of_word(word), None, "{word:?}");
        }
    }
}
