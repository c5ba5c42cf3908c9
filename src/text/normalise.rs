//! The form of a text that rules match and the classifier reads.

use std::ops::Range;

use super::fold::{self, Folded, Settled};
use super::offset::MappedText;
use super::{links, lookalike, markup};

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
    if let Some(mapped) = plain_ascii(text) {
        return Normalised { mapped };
    }
    let (mut mapped, mut settled) = pass(text);
    let mut round = 1;
    while !settled {
        let (next, is_last) = if round < MAX_PASSES {
            pass(mapped.text())
        } else {
            pass(&mapped.text().replace(['&', '<'], " "))
        };
        if next.text() == mapped.text() {
            break;
        }
        mapped = next.after(&mapped);
        settled = is_last;
        round += 1;
    }
    Normalised { mapped }
}

/// The normal form of ASCII text that needs lower case at most, as most comments
/// do; `None` for any other. Branch-free sums over the bytes, which compile to
/// vector instructions, are ten times as quick as looking at each character.
fn plain_ascii(text: &str) -> Option<MappedText> {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) & !matches!(byte, b'&' | b'<' | b'`');
    if !text.bytes().fold(true, |all, byte| all & plain(byte)) {
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
    if markup::is_suspected(text) {
        let undone = markup::undo(text);
        let (folded, settled) = fold_text(undone.text());
        // Characters may have folded into markup.
        (
            folded.after(&undone),
            settled && !markup::is_suspected(undone.text()),
        )
    } else {
        fold_text(text)
    }
}

/// Folds every character; also says whether the result is surely settled.
fn fold_text(text: &str) -> (MappedText, bool) {
    let mut output = Folder::with_capacity(text.len());
    let mut suspects = false;
    let mut settled = true;
    let mut at = 0;
    while at < text.len() {
        at += output.push_plain(text, at);
        if at < text.len() {
            let end = cluster_end(text, at);
            let cluster = &text[at..end];
            suspects |= cluster.chars().any(lookalike::is_suspect);
            settled &= output.push_cluster(cluster, at..end);
            at = end;
        }
    }
    if suspects {
        return (squeeze(&lookalike::fold(&output.mapped)).0, false);
    }
    if output.has_run {
        let (squeezed, again) = squeeze(&output.mapped);
        return (squeezed, settled && again);
    }
    (output.mapped, settled)
}

/// Cuts runs of three or more equal characters down to two: `sooo`, `!!!!`.
/// Digits mean what they say, and so do the letters of a link (`www`). Also says
/// whether doing so again would surely change nothing.
fn squeeze(source: &MappedText) -> (MappedText, bool) {
    let text = source.text();
    let found = links(text);
    let mut ahead = found.iter().peekable();
    let mut output = MappedText::with_capacity(text.len());
    let (mut last, mut run, mut kept) = ('\0', 0, 0);
    for (at, character) in text.char_indices() {
        run = if character == last { run + 1 } else { 1 };
        last = character;
        if run > 2 && !character.is_ascii_digit() {
            while ahead.next_if(|link| link.range.end <= at).is_some() {}
            if ahead.peek().is_none_or(|link| !link.range.contains(&at)) {
                output.push_derived(&text[kept..at], source, kept);
                kept = at + character.len_utf8();
            }
        }
    }
    output.push_derived(&text[kept..], source, kept);
    // A squeezed scheme may have made a link of what was none.
    let settled = links(output.text()).len() == found.len();
    (output, settled)
}

/// End of the cluster at `at`: a character, the marks that combine with it, and
/// the invisible characters among them.
fn cluster_end(text: &str, at: usize) -> usize {
    let mut rest = text[at..].char_indices().skip(1);
    rest.find(|&(_, c)| c.is_ascii() || !(fold::is_combining(c) || is_joiner(c)))
        .map_or(text.len(), |(offset, _)| at + offset)
}

/// Invisible characters that could be slipped between a letter and its mark.
const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FE00}'..='\u{FE0F}' | '\u{034F}')
}

/// Text under construction: white space is squeezed, runs are noticed.
struct Folder {
    settled: &'static Settled,
    mapped: MappedText,
    last: char,
    run: usize,
    has_run: bool,
}

impl Folder {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            settled: Settled::get(),
            mapped: MappedText::with_capacity(bytes),
            last: '\0',
            run: 0,
            has_run: false,
        }
    }

    /// Appends the stretch of `text[from..]` that needs lower case at most, and
    /// returns its length. It ends before a character that could combine with what
    /// comes after.
    fn push_plain(&mut self, text: &str, from: usize) -> usize {
        let bytes = text.as_bytes();
        let (mut at, mut before) = (from, None);
        while at < bytes.len() {
            let (character, len) = if bytes[at].is_ascii() {
                (char::from(bytes[at].to_ascii_lowercase()), 1)
            } else {
                let character = first_char(&text[at..]);
                (character, character.len_utf8())
            };
            let plain = match character {
                '!'..='_' | 'a'..='~' => true,
                ' ' => self.last != ' ',
                _ => !character.is_ascii() && self.settled.contains(character),
            };
            if !plain {
                // What stands here may be a mark that belongs to the one before.
                if let Some((start, state)) = before.filter(|_| !character.is_ascii()) {
                    at = start;
                    (self.last, self.run) = state;
                }
                break;
            }
            before = Some((at, (self.last, self.run)));
            self.notice(character);
            at += len;
        }
        self.mapped
            .push_copy(&text[from..at], from, str::make_ascii_lowercase);
        at - from
    }

    /// Appends what `cluster` folds to; whether that is surely settled.
    fn push_cluster(&mut self, cluster: &str, origin: Range<usize>) -> bool {
        let visible: String = cluster.chars().filter(|&c| !is_joiner(c)).collect();
        match fold::fold_cluster(&visible) {
            Folded::Nothing => return visible.is_empty() || cluster.len() == 1,
            Folded::Space => self.push(' ', origin),
            Folded::Same => {
                visible.chars().for_each(|c| self.push(c, origin.clone()));
                return visible.len() == cluster.len();
            }
            Folded::Other(text) => {
                text.chars().for_each(|c| self.push(c, origin.clone()));
                return text.chars().all(|c| c.is_ascii_alphanumeric() || c == '\'');
            }
        }
        true
    }

    fn push(&mut self, character: char, origin: Range<usize>) {
        if character == ' ' && self.last == ' ' {
            return;
        }
        self.notice(character);
        self.mapped.push(character, origin);
    }

    /// Keeps count of equal characters in a row.
    fn notice(&mut self, character: char) {
        self.run = if character == self.last {
            self.run + 1
        } else {
            1
        };
        self.last = character;
        self.has_run |= self.run == 3 && !character.is_ascii_digit();
    }
}

/// The first character of `text`, which is not empty.
fn first_char(text: &str) -> char {
    text.chars().next().unwrap_or('\0')
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
