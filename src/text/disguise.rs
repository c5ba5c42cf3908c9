//! Words hidden from a filter that a reader still sees: `v1agra`, `$hit`,
//! `shiiit`. Each yields the plain form beside the pieces it is written with.

use std::ops::Range;

use super::Normalised;
use super::bytes;
use super::features::word_key;
use super::lexicon::{DISGUISED, Lexicon};
use super::segment::Segment;

/// A hidden word: its place in the normalised text and its plain form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Disguised {
    pub(super) range: Range<usize>,
    pub(super) plain: String,
}

/// Shortest and longest hidden word, in characters.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=24;
/// Letters of the shortest word that digits after it number.
const NUMBERED: usize = 3;

/// The word that `form`, letters and digits mixed, is surely read as; `None` where it makes none, and
/// where it is a quantity or an ordinal (`100k`, `80th`) or a word that is numbered (`win95`).
pub(super) fn digits_read(form: &str) -> Option<String> {
    let has_length = DISGUISED.contains(&form.chars().count());
    if !has_length || is_quantity(form) || is_numbered(form) {
        return None;
    }
    [LETTERS_OF_DIGITS, LETTERS_OF_DIGITS_AS_L]
        .into_iter()
        .find_map(|letters| {
            let plain: String = form.chars().map(|c| substitute(c, letters)).collect();
            Lexicon::get().has_disguised(&plain).then_some(plain)
        })
}

/// Two or more digits, perhaps with signs, and then letters only: `50ft`, `$100k`.
fn is_quantity(form: &str) -> bool {
    let unit = form.trim_start_matches(|c: char| !c.is_alphabetic());
    let number = &form[..form.len() - unit.len()];
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    digits >= 2 && !unit.is_empty() && unit.chars().all(char::is_alphabetic)
}

/// A known word of three letters or more, and then digits only: `pop3`, `win95`. Of shorter ones,
/// digits make a word more often (`he11`).
fn is_numbered(form: &str) -> bool {
    let word = form.trim_end_matches(|c: char| c.is_ascii_digit());
    let letters = word.chars().count();
    word.len() < form.len() && letters >= NUMBERED && Lexicon::get().has(word_key(word, letters))
}

/// What stands for `0` to `9` in words that are known to be words; a `1` is an `i` or an `l`.
const LETTERS_OF_DIGITS: &str = "oizeasgtbg";
const LETTERS_OF_DIGITS_AS_L: &str = "olzeasgtbg";

fn substitute(character: char, letters: &str) -> char {
    let digit = character.to_digit(10).map(|digit| digit as usize);
    let letter = digit.and_then(|digit| letters.as_bytes().get(digit));
    letter.map_or_else(
        || match character {
            '@' => 'a',
            '$' => 's',
            '!' | '|' => 'i',
            '+' => 't',
            other => other,
        },
        |&letter| char::from(letter),
    )
}

/// The word of `segment` with runs that normalising cut down to two letters (`shiiiitty`) cut to
/// one; `None` where it has none. `typed` is what was normalised.
pub(super) fn drawn_out(
    normalised: &Normalised,
    segment: &Segment,
    typed: &str,
) -> Option<Disguised> {
    let text = &normalised.text()[segment.range.clone()];
    let mut pairs = text.chars().zip(text.chars().skip(1));
    if !pairs.any(|(letter, next)| letter == next) {
        return None;
    }
    let (mut plain, mut changed) = (String::new(), false);
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        plain.push(letter);
        let Some(&(second, _)) = letters.peek().filter(|&&(_, next)| next == letter) else {
            continue;
        };
        let start = segment.range.start + at;
        let end = segment.range.start + second + letter.len_utf8();
        if typed_letters(normalised, start..end, typed) > 2 {
            letters.next();
            changed = true;
        }
    }
    changed.then(|| Disguised {
        range: segment.range.clone(),
        plain,
    })
}

/// How many letters were typed from the first of `range` up to what follows it. Letters are
/// counted, not bytes: look-alikes take more of them than what they are read as.
fn typed_letters(normalised: &Normalised, range: Range<usize>, typed: &str) -> usize {
    let from = normalised.original(range.clone()).start;
    let next = normalised.text()[range.end..].chars().next();
    let to = next.map_or(typed.len(), |next| {
        let next = range.end..range.end + next.len_utf8();
        normalised.original(next).start
    });
    let stretch = typed.get(from..to).unwrap_or_default();
    stretch.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Whether `text` holds characters that [`masked`] looks into: a symbol right
/// before a letter or digit, or a `*` right after one.
pub(super) fn could_be_masked(text: &str) -> bool {
    let is_mask = |byte: u8| matches!(byte, b'@' | b'$' | b'*' | b'!' | b'|' | b'+');
    if !bytes::any(text, is_mask) {
        return false;
    }
    text.as_bytes().windows(2).any(|pair| match pair {
        [mask, next] if is_mask(*mask) && next.is_ascii_alphanumeric() => true,
        [before, b'*'] => before.is_ascii_alphanumeric(),
        _ => false,
    })
}

/// Words with symbols or digits in place of letters: `v1agra`, `a$$hole`, `f*ck`.
pub(super) fn masked(text: &str, within: Range<usize>) -> Vec<Disguised> {
    let mut found = Vec::new();
    let mut start = within.start;
    for piece in text[within].split_inclusive(|c: char| !is_maskable(c)) {
        let whole = piece.trim_end_matches(|c: char| !is_maskable(c));
        let word = whole.trim_start_matches(['\'', '!', '+', '|', '*']);
        let at = start + whole.len() - word.len();
        let word = word.trim_end_matches(['\'', '!', '+', '|', '@', '$']);
        if let Some(plain) = unmask(word) {
            found.push(Disguised {
                range: at..at + word.len(),
                plain,
            });
        }
        start += piece.len();
    }
    found
}

fn is_maskable(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '@' | '$' | '*' | '!' | '|' | '+' | '\'')
}

fn unmask(word: &str) -> Option<String> {
    let characters: Vec<char> = word.chars().take(LENGTHS.end() + 1).collect();
    let letters = characters.iter().filter(|c| c.is_alphabetic()).count();
    if !LENGTHS.contains(&characters.len()) || letters == 0 {
        return None;
    }
    if letters < characters.len()
        && let Some(plain) = digits_read(word)
    {
        return Some(plain);
    }
    let mut changed = false;
    let plain: String = characters
        .iter()
        .enumerate()
        .map(|(at, &c)| {
            let letter =
                letter_for(c).filter(|_| !c.is_ascii_digit() || is_inside(&characters, at));
            changed |= letter.is_some();
            letter.unwrap_or(c)
        })
        .collect();
    (changed && (letters > 1 || characters.len() > 3)).then_some(plain)
}

/// Whether the digit at `at` stands for a letter: letters on both sides (other
/// stand-ins between), or at the head of a long word. `covid19`, `4th` are not.
fn is_inside(characters: &[char], at: usize) -> bool {
    let letter_before = characters[..at].iter().any(|c| c.is_alphabetic());
    let letters_after = characters[at + 1..]
        .iter()
        .filter(|c| c.is_alphabetic())
        .count();
    letters_after > 0 && (letter_before || letters_after >= 4)
}

/// The letter a stand-in is read as; a `*` is read as itself, a letter unknown.
const fn letter_for(character: char) -> Option<char> {
    Some(match character {
        '@' | '4' => 'a',
        '$' | '5' => 's',
        '!' | '|' | '1' => 'i',
        '0' => 'o',
        '3' => 'e',
        '7' | '+' => 't',
        '*' => '*',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmasked(text: &str) -> Vec<String> {
        masked(text, 0..text.len())
            .into_iter()
            .map(|d| d.plain)
            .collect()
    }

    #[test]
    fn masks_are_lifted() {
        assert_eq!(
            unmasked("v1agra, $hit! a$$hole sh!t f**k id10t 1d107 ki11"),
            [
                "viagra", "shit", "asshole", "shit", "f**k", "idiot", "idiot", "kill"
            ]
        );
    }

    #[test]
    fn ordinary_writing_is_left_alone() {
        assert_eq!(
            unmasked("covid19 4th wow! 2024 $500 a+ 50+ mp3 don't *** b2"),
            [""; 0]
        );
    }

    #[test]
    fn digits_are_letters_only_where_they_surely_make_a_word() {
        for (form, word) in [
            ("1d107", "idiot"),
            ("4ssholes", "assholes"),
            ("he11", "hell"),
            ("ki11", "kill"),
            ("0bama", "obama"),
            ("sh17", "shit"),
        ] {
            assert_eq!(digits_read(form).as_deref(), Some(word), "{form}");
        }
    }

    #[test]
    fn quantities_ordinals_and_numbered_words_are_no_words() {
        for form in [
            "100k", "700k", "800k", "800m", "50ft", "80th", "100p", "pop3", "win95", "covid19",
            "top10",
        ] {
            assert_eq!(digits_read(form), None, "{form}");
            assert_eq!(unmasked(form), [""; 0], "{form}");
        }
        // What stands beside them is no more than a guess.
        for form in ["mp3s", "$700k"] {
            assert_eq!(digits_read(form), None, "{form}");
        }
    }

    #[test]
    fn a_letter_drawn_out_is_written_once() {
        let undrawn = |typed: &str| {
            let normalised = super::super::normalise(typed);
            let mut segments = Vec::new();
            let text = normalised.text();
            super::super::segment::segment(text, 0..text.len(), &mut segments);
            let words = segments.iter();
            let found = words.filter_map(|word| drawn_out(&normalised, word, typed));
            found.map(|word| word.plain).collect::<Vec<_>>()
        };
        assert_eq!(undrawn("shiiiitty fooool nooooo"), ["shitty", "fol", "no"]);
        assert_eq!(undrawn("а fооооl"), ["fol"]);
        assert_eq!(undrawn("аttасk аll bооks; soо o\u{200B}ok"), [""; 0]);
    }
}
