//! Where the words of a text start and end.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

/// The word boundaries of one text. Made once for a text, since a hostile one
/// can make a list of phrases ask for millions.
pub(super) struct Boundaries {
    /// By byte offset: the characters before and after it, or the bytes of one
    /// character around it, belong together.
    inseparable: Vec<bool>,
}

impl Boundaries {
    pub fn of(text: &str) -> Self {
        let mut inseparable = Vec::with_capacity(text.len() + 1);
        let mut in_word = false;
        for c in text.chars() {
            let goes_on = is_word_char(c);
            inseparable.push(in_word && goes_on);
            inseparable.extend((1..c.len_utf8()).map(|_| true));
            in_word = goes_on;
        }
        inseparable.push(false);
        Self { inseparable }
    }

    /// `found` if it starts and ends between words; where the phrase is `open`,
    /// taken to the end of its last word.
    pub fn whole_words(&self, found: Range<usize>, open: bool) -> Option<Range<usize>> {
        if self.inseparable[found.start] {
            return None;
        }
        let beyond = self.inseparable[found.end..]
            .iter()
            .take_while(|inseparable| **inseparable)
            .count();
        (open || beyond == 0).then_some(found.start..found.end + beyond)
    }
}

fn is_word_char(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    (c.is_alphanumeric() || is_combining_mark(c)) && !stands_without_spaces(c)
}

/// Scripts that put no spaces between words: there any place may be a boundary,
/// or a listed word would never be found.
fn stands_without_spaces(c: char) -> bool {
    use Script::{Han, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai};
    matches!(
        c.script(),
        Han | Hiragana | Katakana | Khmer | Lao | Myanmar | Thai
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_digits_and_marks() {
        let text = "été’s 赌博 e\u{301}a";
        let boundaries = Boundaries::of(text);
        let whole = |part: &str, open| {
            let start = text.find(part).unwrap();
            boundaries
                .whole_words(start..start + part.len(), open)
                .map(|range| &text[range])
        };
        for part in ["été", "s", "赌", "博", "e\u{301}a", " ", "été’s 赌"] {
            assert_eq!(whole(part, false), Some(part));
        }
        for split in ["ét", "t", "e\u{301}", "\u{301}a"] {
            assert_eq!(whole(split, false), None, "{split}");
        }
        assert_eq!(whole("é", true), Some("été"));
        assert_eq!(whole("té", true), None);
    }
}
