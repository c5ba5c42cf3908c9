//! The form of a text that rules match and the classifier reads.

use std::ops::Range;

use super::bytes;
use super::markup;
use super::offset::MappedText;
use super::writer::fold_text;

/// Passes after which text that keeps unfolding (markup hidden in markup hidden
/// in compatibility characters, …) has its `&` and `<` taken away instead.
const MAX_PASSES: usize = 4;

/// A text in the form the filter sees, with a map back to the bytes it came from.
#[derive(Clone, Debug)]
pub struct Normalised {
    mapped: MappedText,
}

impl Normalised {
    /// The normalised text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.mapped.text()
    }

    /// The bytes of the original text that `range` came from. `range` must lie on
    /// character boundaries of [`Normalised::text`]; the answer lies on those of
    /// the original.
    #[must_use]
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        self.mapped.origin(range)
    }
}

/// Normalises `text`: HTML undone, NFKC, case folded, invisible characters and
/// optional diacritics removed, look-alike letters folded, white space and runs
/// of three or more equal characters squeezed, except in numbers and links.
///
/// Idempotent: normalising the result changes nothing. Linear in the text.
#[must_use]
pub fn normalise(text: &str) -> Normalised {
    if !markup::is_suspected(text)
        && let Some(mapped) = plain_ascii(text)
    {
        return Normalised { mapped };
    }
    let (mut mapped, mut settled) = pass(text);
    let mut round = 1;
    while !settled {
        let (next, next_settled) = if round < MAX_PASSES {
            pass(mapped.text())
        } else {
            pass(&mapped.text().replace(['&', '<'], " "))
        };
        if next.text() == mapped.text() {
            break;
        }
        mapped = next.after(&mapped);
        settled = next_settled;
        round += 1;
    }
    Normalised { mapped }
}

/// The normal form of ASCII text without markup that needs lower case at most, as most
/// comments do; `None` for any other.
fn plain_ascii(text: &str) -> Option<MappedText> {
    let plain = |byte: u8| matches!(byte, b' '..=b'_' | b'a'..=b'~');
    if !bytes::all(text, plain) {
        return None;
    }
    let mut mapped = MappedText::with_capacity(text.len());
    mapped.push_copy(text, 0, str::make_ascii_lowercase);
    (!has_run(mapped.text().as_bytes())).then_some(mapped)
}

/// Whether two spaces or three equal characters, digits apart, stand in a row.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "branches would undo the vectors"
)]
fn has_run(ascii: &[u8]) -> bool {
    let pairs = || ascii.iter().zip(ascii.iter().skip(1));
    let spaces = pairs().fold(false, |any, (&a, &b)| any | ((a == b' ') & (b == b' ')));
    let triples = pairs().zip(ascii.iter().skip(2));
    spaces
        || triples.fold(false, |any, ((&a, &b), &c)| {
            any | ((a == b) & (b == c) & !a.is_ascii_digit())
        })
}

/// One pass over `text`, and whether another would surely change nothing.
fn pass(text: &str) -> (MappedText, bool) {
    let (folded, settled) = if markup::is_suspected(text) {
        let undone = markup::undo(text);
        let (folded, settled) = fold(undone.text());
        (folded.after(&undone), settled)
    } else {
        fold(text)
    };
    // What is left of markup, and what folded into it, may be markup yet.
    let settled = settled && !markup::may_hold(folded.text());
    (folded, settled)
}

fn fold(text: &str) -> (MappedText, bool) {
    plain_ascii(text).map_or_else(|| fold_text(text), |plain| (plain, true))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> String {
        normalise(text).text().to_owned()
    }

    #[test]
    fn shows_what_the_filter_sees() {
        for (typed, seen) in [
            ("Hello   World!!!!", "hello world!!"),
            ("v\u{200B}і\u{200B}аgrа", "viagra"),
            ("ＦＲＥＥ  𝓜𝓸𝓷𝓮𝔂", "free money"),
            ("sooooo 10000 www.xxx.com", "soo 10000 www.xxx.com"),
            ("<b>Buy</b>&nbsp;now", "buy now"),
            ("don’t", "don't"),
            ("كيا حال هے؟", "کیا حال ہے؟"),
            ("یہ خبـــر درست ہے", "یہ خبر درست ہے"),
            ("cafe\u{301}", "cafe"),
            ("👍🏽 ok", "👍 ok"),
            ("＆amp;lt;b＞x", "x"),
            // Mostly Greek until its runs are squeezed.
            ("ab ΣΣΣΣΣΣΣΣ", "ab oo"),
        ] {
            assert_eq!(normal(typed), seen, "{typed}");
        }
    }

    #[test]
    fn spans_lead_back_to_what_was_typed() {
        let typed = "Buy v\u{200B}і\u{200B}аgrа now";
        let normalised = normalise(typed);
        let at = normalised.text().find("viagra").unwrap();
        assert_eq!(
            &typed[normalised.original(at..at + 6)],
            "v\u{200B}і\u{200B}аgrа"
        );
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<String>(),
            "[a-zA-Z ]{0,8}",
            "(&|＆|<|＜|;|；|>|#|amp;|lt;|gt;|&#38;|&#x26;|&#769;|<b>|</a>|<a href=x>)",
            "[\u{0300}-\u{036F}\u{200B}-\u{200F}\u{0400}-\u{0450}\u{0600}-\u{06FF}\u{3040}-\u{309F}\u{1100}-\u{11FF}\u{0900}-\u{097F}]{0,6}",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn is_idempotent(text in hostile()) {
            let once = normal(&text);
            prop_assert_eq!(normal(&once), once);
        }

        #[test]
        fn spans_lie_on_character_boundaries(text in hostile()) {
            let normalised = normalise(&text);
            let ends = normalised.text().char_indices().map(|(at, c)| (at, at + c.len_utf8()));
            for (start, end) in ends {
                for range in [start..end, 0..end, start..normalised.text().len()] {
                    let original = normalised.original(range);
                    prop_assert!(text.get(original.clone()).is_some(), "{:?}", original);
                }
            }
        }
    }
}
