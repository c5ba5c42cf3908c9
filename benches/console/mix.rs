//! Made-up comments whose words are as unequal as those of a language.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use crate::fill::random;

/// Different words that there are.
const WORDS: f64 = 8_000.0;
/// Texts of which near copies come.
const TEMPLATES: f64 = 400.0;

/// What the comments are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// All differ.
    Varied,
    /// Two thirds are near copies of 400 texts, some of which are copied often.
    Waves,
}

impl Mix {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Varied, Self::Waves];

    /// As it is asked for and reported.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Varied => "varied",
            Self::Waves => "waves",
        }
    }

    /// The text of the comment of this number.
    pub fn text(self, number: u64) -> String {
        let mut random = random(number);
        if self == Self::Waves && random.random_range(0..3) > 0 {
            let template = zipf(&mut random, TEMPLATES);
            let text = words(&mut crate::fill::random(u64::MAX - template), 18..40);
            return format!("{text} write to {}", random.random_range(1_000..9_999));
        }
        words(&mut random, 6..70)
    }
}

fn words(random: &mut ChaCha8Rng, length: std::ops::Range<usize>) -> String {
    let length = random.random_range(length);
    let words: Vec<_> = (0..length).map(|_| word(zipf(random, WORDS))).collect();
    words.join(" ")
}

/// 0 is the most frequent; the n-th comes in proportion to 1/n, as words of a language do.
pub fn zipf(random: &mut ChaCha8Rng, kinds: f64) -> u64 {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 1 to 8,000"
    )]
    let rank = kinds.powf(random.random_range(0.0..1.0)) as u64;
    rank.saturating_sub(1)
}

/// The word of this rank: some that the model knows among the frequent ones, the rest of
/// syllables.
pub fn word(rank: u64) -> String {
    const KNOWN: [&str; 24] = [
        "the", "and", "to", "of", "water", "is", "in", "you", "people", "free", "they", "click",
        "money", "stupid", "council", "price", "win", "idiot", "school", "thanks", "road",
        "casino", "hate", "پانی",
    ];
    const SYLLABLES: [&str; 20] = [
        "ba", "ko", "mi", "sel", "tra", "ne", "vu", "lo", "gar", "pi", "shu", "den", "ra", "fo",
        "lim", "ke", "ton", "za", "wi", "ho",
    ];
    let at = usize::try_from(rank).unwrap_or_default();
    if at.is_multiple_of(3) && at / 3 < KNOWN.len() {
        return KNOWN[at / 3].to_owned();
    }
    [at % 20, at / 20 % 20, at / 400 % 20]
        .map(|syllable| SYLLABLES[syllable])
        .concat()
}
