//! A fingerprint that near copies share most of: Charikar's `SimHash` ("Similarity
//! Estimation Techniques from Rounding Algorithms", STOC 2002) over words, their
//! character n-grams and links, as the filter sees them.
//!
//! 128 bits, not the usual 64: comments are short, so one exchanged word of twelve
//! moves a tenth of the bits, and 64 would not tell that from two comments that
//! share their small words.

use std::fmt;

use rapidhash::v3::rapidhash_v3;

use super::Features;
use crate::verdict::EvidenceKind;

const BITS: u32 = u128::BITS;

/// Words and links of a text that are read; a book need not be read to its end.
const TOKENS_READ: usize = 2_000;

/// The fingerprint of a text. Equal for texts that are equal once normalised; the
/// more two texts share, the fewer bits differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SimHash(u128);

impl SimHash {
    /// Most differing bits of near copies. Measured on 10,470 comments and messages in
    /// English and Urdu: with one word of 10 to 40 exchanged, nine copies in ten stay
    /// within it. Of the 55 million pairs most differ in 50 to 75 bits, and those looked
    /// at that differ in at most 26 were copies to the eye as well.
    pub const NEAR: u32 = 20;

    /// The fingerprint of the text that `features` were extracted from. The author's
    /// name is left out, for the copies of a campaign come under many.
    #[must_use]
    pub fn of(features: &Features) -> Self {
        let mut sums = Sums::default();
        for token in features.tokens().iter().take(TOKENS_READ) {
            // Guesses look at how often a letter was typed, and copies differ in that.
            if matches!(token.kind(), EvidenceKind::Word | EvidenceKind::Link) && !token.is_guess()
            {
                sums.add(token.key);
                features.ngrams(token, |key| sums.add(key));
            }
        }
        if sums.features == 0 {
            // Nothing but signs: a copy only of what is the same.
            sums.add(rapidhash_v3(features.normalised().text().as_bytes()));
        }
        Self(sums.majority())
    }

    /// A fingerprint as it was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The fingerprint as it is stored.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// How many bits differ: 0 to 128.
    #[must_use]
    pub const fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }

    /// Whether two texts are near copies.
    #[must_use]
    pub const fn is_near(self, other: Self) -> bool {
        self.distance(other) <= Self::NEAR
    }

    /// The bits, for an index by some of them.
    #[must_use]
    pub const fn bits(self) -> u128 {
        self.0
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for SimHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl fmt::Debug for SimHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SimHash({self})")
    }
}

/// How many features have each bit set.
struct Sums {
    set: [u32; BITS as usize],
    features: u32,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            set: [0; BITS as usize],
            features: 0,
        }
    }
}

impl Sums {
    fn add(&mut self, key: u64) {
        self.features += 1;
        let bits = widened(key);
        for (at, set) in self.set.iter_mut().enumerate() {
            *set += u32::from((bits >> at) & 1 == 1);
        }
    }

    /// The bits that more than half of the features have.
    fn majority(&self) -> u128 {
        let bits = self.set.iter().enumerate();
        bits.filter(|(_, set)| **set * 2 > self.features)
            .fold(0, |majority, (at, _)| majority | 1 << at)
    }
}

/// 128 bits that depend on all of a key, by the finaliser of splitmix64 (Steele,
/// Lea, Flood 2014) on it and on its successor.
const fn widened(key: u64) -> u128 {
    const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
    (finalised(key.wrapping_add(STEP)) as u128) << 64
        | finalised(key.wrapping_add(STEP).wrapping_add(STEP)) as u128
}

const fn finalised(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{Typed, normalise};

    fn hash(text: &str) -> SimHash {
        SimHash::of(&Features::extract(Typed {
            text,
            ..Typed::default()
        }))
    }

    /// Words that no two texts of different `topics` share.
    fn text_of(topic: usize, words: usize) -> Vec<String> {
        let word = |at: usize| format!("word{topic}x{at}");
        (0..words).map(word).collect()
    }

    #[test]
    fn what_the_filter_sees_alike_has_one_fingerprint() {
        let plain = hash("Cheap pills for you");
        for same in [
            "CHEAP   pills for you!",
            "<b>Cheap</b> pills for you",
            "Ch\u{0435}ap pills f\u{043e}r you",
            "Cheap pi\u{200b}lls for you",
        ] {
            assert_eq!(hash(same), plain, "{same:?}");
        }
    }

    #[test]
    fn a_copy_with_another_link_number_or_greeting_is_near() {
        let text =
            "I made 450 dollars a day working from home, ask my manager on https://a.shop.com";
        for copy in [
            "I made 730 dollars a day working from home, ask my manager on https://a.shop.com",
            "I made 450 dollars a day working from home, ask my manager on https://b.other.net",
            "Hello! I made 450 dollars a day working from home, ask my manager on https://a.shop.com",
            "I made 450 d0llars a day working from home, ask my manager on https://a.shop.com",
        ] {
            let distance = hash(text).distance(hash(copy));
            assert!(distance <= SimHash::NEAR, "{distance}: {copy}");
        }
    }

    #[test]
    fn texts_that_share_their_small_words_are_far() {
        let one =
            hash("I do not think that the council should have closed the old library in town");
        let other =
            hash("I do not believe that the coach should have left the young keeper on bench");
        assert!(!one.is_near(other), "{}", one.distance(other));
    }

    #[test]
    fn texts_without_a_word_are_near_to_their_like_alone() {
        assert_eq!(hash("?!"), hash("?!"));
        assert!(!hash("?!").is_near(hash("!!!???")));
        assert!(!hash("?!").is_near(hash("a")));
    }

    #[test]
    fn is_stored_as_it_is() {
        // A change of this value parts what is stored from what comes: raise
        // `FEATURE_VERSION` with it.
        let hash = hash("Cheap pills for you");
        assert_eq!(SimHash::from_bytes(hash.to_bytes()), hash);
        assert_eq!(hash.to_string(), "0c2590085e5aa44669fbb00cd090b382");
    }

    proptest! {
        #[test]
        fn is_a_function_of_the_normal_form(text in any::<String>()) {
            prop_assert_eq!(hash(&text), hash(normalise(&text).text()));
        }

        #[test]
        fn distance_is_a_metric(a in any::<u128>(), b in any::<u128>(), c in any::<u128>()) {
            let [a, b, c] = [a, b, c].map(|bits| SimHash::from_bytes(bits.to_be_bytes()));
            prop_assert_eq!(a.distance(b) == 0, a == b);
            prop_assert_eq!(a.distance(b), b.distance(a));
            prop_assert!(a.distance(c) <= a.distance(b) + b.distance(c));
        }

        #[test]
        fn one_word_of_twenty_exchanged_is_near(topic in 0_usize..500, at in 0_usize..20) {
            let mut words = text_of(topic, 20);
            let text = hash(&words.join(" "));
            words[at] = "entirely".to_owned();
            let distance = text.distance(hash(&words.join(" ")));
            prop_assert!(distance <= SimHash::NEAR, "{}", distance);
        }

        #[test]
        fn unrelated_texts_are_far(topic in 0_usize..500, words in 5_usize..60) {
            let text = hash("Thank you for this careful report from the district court");
            let other = hash(&text_of(topic, words).join(" "));
            prop_assert!(text.distance(other) > 2 * SimHash::NEAR, "{}", text.distance(other));
        }
    }
}
