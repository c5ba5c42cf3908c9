//! The keys of features: stable hashes, one family for each kind.

use std::iter;

use rapidhash::v3::{RapidSecrets, rapidhash_v3_seeded};

use super::FeatureKey;

/// Lengths of character n-grams, word boundaries counted as characters.
const NGRAMS: std::ops::RangeInclusive<usize> = 3..=5;
/// Characters of a word that are read; the rest of a longer one is ignored.
const WORD_CHARS: usize = 40;
/// Longest number kept as it is; of longer ones only the length counts.
const NUMBER_DIGITS: usize = 4;

const WORD: RapidSecrets = RapidSecrets::seed(1);
const NGRAM: RapidSecrets = RapidSecrets::seed(2);
const LINK: RapidSecrets = RapidSecrets::seed(3);
const SIGNAL: RapidSecrets = RapidSecrets::seed(4);
const PATH: RapidSecrets = RapidSecrets::seed(5);
const CLASS: RapidSecrets = RapidSecrets::seed(6);

/// The key of a class of words.
pub(in crate::text) fn class_key(name: &str) -> FeatureKey {
    rapidhash_v3_seeded(name.as_bytes(), &CLASS)
}

/// The key of a host or registrable domain.
pub(super) fn link_key(name: &str) -> FeatureKey {
    rapidhash_v3_seeded(name.as_bytes(), &LINK)
}

/// Stands for the beginning and the end of a text in pairs of words.
pub(super) const EDGE: FeatureKey = 0x9e37_79b9_7f4a_7c15;

/// The key of a word in the path or query of a link.
pub(super) fn path_key(word: &str) -> FeatureKey {
    rapidhash_v3_seeded(word.as_bytes(), &PATH)
}

/// Words in the path and query of `link`, the first few: what it leads to (`product`), and what
/// it brings along (`ref`, `utm`). Pieces with digits name one page and are left out.
pub(super) fn path_words(link: &str) -> impl Iterator<Item = &str> {
    let address = link.split_once("://").map_or(link, |(_, address)| address);
    let path = address
        .split_once(['/', '?', '#'])
        .map_or("", |(_, path)| path);
    path.split(|c: char| !c.is_alphanumeric())
        .filter(|word| (1..=16).contains(&word.len()) && !word.bytes().any(|b| b.is_ascii_digit()))
        .take(8)
}

/// The key of a structural signal.
pub(super) fn signal_key(name: &str) -> FeatureKey {
    rapidhash_v3_seeded(name.as_bytes(), &SIGNAL)
}

/// The key of a number of `digits` digits: what a short one says, of a longer one
/// its length.
pub(super) fn number_key(form: &str, digits: usize) -> FeatureKey {
    if digits <= NUMBER_DIGITS {
        return word_key(form, digits);
    }
    let zeros = "0000000000000000";
    rapidhash_v3_seeded(&zeros.as_bytes()[..digits.min(zeros.len())], &WORD)
}

/// The key of a word or symbol of `chars` characters.
pub(in crate::text) fn word_key(form: &str, chars: usize) -> FeatureKey {
    if chars <= WORD_CHARS {
        return rapidhash_v3_seeded(form.as_bytes(), &WORD);
    }
    let end = form
        .char_indices()
        .nth(WORD_CHARS)
        .map_or(form.len(), |(at, _)| at);
    rapidhash_v3_seeded(&form.as_bytes()[..end], &WORD)
}

/// The key of the word that `first` and `second` are when written as one, of at most
/// [`WORD_CHARS`] characters.
pub(super) fn joined_key(first: &str, second: &str) -> FeatureKey {
    // On the stack: most pairs that are looked at make no word.
    let mut bytes = [0; 4 * WORD_CHARS];
    let len = first.len() + second.len();
    bytes[..first.len()].copy_from_slice(first.as_bytes());
    bytes[first.len()..len].copy_from_slice(second.as_bytes());
    rapidhash_v3_seeded(&bytes[..len], &WORD)
}

/// The key of the pair of tokens `first` `second`; order matters.
pub(super) const fn pair_key(first: FeatureKey, second: FeatureKey) -> FeatureKey {
    // Odd constants of splitmix64 (Steele, Lea, Flood 2014).
    let mixed = (first ^ second.rotate_left(23)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 29) ^ second).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// The key of the tokens `first` and `second` with one between them; order matters.
pub(super) const fn skip_key(first: FeatureKey, second: FeatureKey) -> FeatureKey {
    pair_key(first ^ EDGE.rotate_left(32), second)
}

/// Number of n-grams of a word of `chars` characters.
pub(super) fn ngram_count(chars: usize) -> u32 {
    let bounded = chars.min(WORD_CHARS) + 2;
    // The n-gram that is the whole bounded word says what the word says.
    let count: usize = NGRAMS
        .filter(|&n| n < bounded)
        .map(|n| bounded - n + 1)
        .sum();
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Calls `visit` with the key of each n-gram of `word`.
pub(super) fn each_ngram(word: &str, mut visit: impl FnMut(FeatureKey)) {
    // On the stack: a comment in words the model does not know has dozens of them.
    let mut bytes = [0; 4 * (WORD_CHARS + 2)];
    let mut starts = [0; WORD_CHARS + 3];
    let (mut chars, mut len) = (0, 0);
    for character in iter::once('<')
        .chain(word.chars().take(WORD_CHARS))
        .chain(['>'])
    {
        starts[chars] = len;
        chars += 1;
        len += character.encode_utf8(&mut bytes[len..]).len();
    }
    starts[chars] = len;
    for n in NGRAMS.filter(|&n| n < chars) {
        for ends in starts[..=chars].windows(n + 1) {
            visit(rapidhash_v3_seeded(&bytes[ends[0]..ends[n]], &NGRAM));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parts_have_the_key_of_the_word_they_make() {
        for (first, second) in [("idi", "ot"), ("بے", "وقوف"), ("", "a")] {
            let whole = [first, second].concat();
            let key = word_key(&whole, whole.chars().count());
            assert_eq!(joined_key(first, second), key, "{whole}");
        }
    }

    #[test]
    fn ngrams_are_as_many_as_counted() {
        for word in [
            "a",
            "ab",
            "abc",
            "viagra",
            "پاکستان",
            "incomprehensibilities",
        ] {
            let mut found = 0;
            each_ngram(word, |_| found += 1);
            assert_eq!(found, ngram_count(word.chars().count()), "{word}");
        }
    }
}
