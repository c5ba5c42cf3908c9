//! Letters of other scripts that stand in for Latin ones: `vіаgrа` with a
//! Cyrillic `і` and `а`.
//!
//! Genuine Cyrillic or Greek must stay what it is, so a letter is folded only in
//! a word that also holds Latin letters, or in a text that is mostly Latin.

use std::ops::RangeInclusive;
use std::sync::LazyLock;

use unicode_script::{Script, UnicodeScript};

use super::offset::MappedText;

/// Greek, Cyrillic and Armenian: where nearly all look-alikes that are typed come from.
const USUAL: RangeInclusive<u32> = 0x370..=0x58F;

/// What is known of one letter.
#[derive(Clone, Copy)]
struct Letter {
    is_suspect: bool,
    plain: Option<char>,
}

/// The answers for the usual letters, looked up once: each takes a search and a string.
static LETTERS: LazyLock<Vec<Letter>> = LazyLock::new(|| {
    let letters = USUAL.filter_map(char::from_u32);
    let letters = letters.map(|character| Letter {
        is_suspect: is_of_suspect_script(character),
        plain: cured(character),
    });
    letters.collect()
});

fn usual(character: char) -> Option<Letter> {
    let at = u32::from(character).checked_sub(*USUAL.start())?;
    LETTERS.get(at as usize).copied()
}

/// Whether `character` belongs to a script whose letters pass for Latin ones.
pub(super) fn is_suspect(character: char) -> bool {
    u32::from(character) >= *USUAL.start()
        && usual(character).map_or_else(
            || is_of_suspect_script(character),
            |letter| letter.is_suspect,
        )
}

fn is_of_suspect_script(character: char) -> bool {
    matches!(
        character.script(),
        Script::Cyrillic
            | Script::Greek
            | Script::Armenian
            | Script::Cherokee
            | Script::Coptic
            | Script::Lisu
            | Script::Deseret
            | Script::Osage
            | Script::Old_Italic
            | Script::Georgian
            | Script::Canadian_Aboriginal
    )
}

/// The ASCII letter that `character` looks like, if it looks like a single one.
pub(super) fn plain_letter(character: char) -> Option<char> {
    usual(character).map_or_else(|| cured(character), |letter| letter.plain)
}

fn cured(character: char) -> Option<char> {
    let cured = decancer::cure_char!(character).to_string();
    let mut letters = cured.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) if letter.is_ascii_alphabetic() => Some(letter.to_ascii_lowercase()),
        _ => None,
    }
}

/// Folds look-alikes in `source`, whose text is otherwise normalised.
pub(super) fn fold(source: &MappedText) -> MappedText {
    let text = source.text();
    let mostly_latin = {
        let latin = text.bytes().filter(u8::is_ascii_alphabetic).count();
        latin >= text.chars().filter(|&c| is_suspect(c)).count()
    };
    let mut output = MappedText::with_capacity(text.len());
    let (mut rest, mut kept) = (0, 0);
    while rest < text.len() {
        let word_len = text[rest..]
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(text.len() - rest);
        let word = &text[rest..rest + word_len];
        let folds = mostly_latin || word.bytes().any(|b| b.is_ascii_alphabetic());
        for (offset, character) in word.char_indices().filter(|_| folds) {
            let at = rest + offset;
            if let Some(plain) = Some(character)
                .filter(|&c| is_suspect(c))
                .and_then(plain_letter)
            {
                output.push_derived(&text[kept..at], source, kept);
                kept = at + character.len_utf8();
                output.push(plain, source.origin(at..kept));
            }
        }
        rest += word_len;
        rest += text[rest..].chars().next().map_or(0, char::len_utf8);
    }
    output.push_derived(&text[kept..], source, kept);
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut source = MappedText::default();
        source.push_copy(text, 0, |_| ());
        fold(&source).text().to_owned()
    }

    #[test]
    fn every_letter_looked_up_is_itself() {
        assert_eq!(LETTERS.len(), USUAL.count());
        for character in ['ͷ', 'а', 'і', 'Ω', 'ֆ', '\u{58F}', '\u{590}', 'Ꭺ', 'a'] {
            assert_eq!(plain_letter(character), cured(character), "{character}");
            let expected = character > 'ͯ' && is_of_suspect_script(character);
            assert_eq!(is_suspect(character), expected, "{character}");
        }
    }

    #[test]
    fn stand_ins_are_folded_and_genuine_words_are_not() {
        assert_eq!(folded("buy vіаgrа"), "buy viagra");
        assert_eq!(folded("привет как дела"), "привет как дела");
        assert_eq!(folded("привет купи vіаgrа"), "привет купи viagra");
    }
}
