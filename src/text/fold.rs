//! One character at a time: compatibility forms, case, diacritics, look-alikes.

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;
use unicode_script::{Script, UnicodeScript};

use super::lookalike::{is_suspect, plain_letter};

/// What a character becomes. Folding is a fixed point: folding the result again
/// changes nothing (tested over all of Unicode).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Folded {
    /// It stays as it is.
    Same,
    /// It vanishes: invisible, or a mark that changes no meaning.
    Nothing,
    /// It is white space of some kind.
    Space,
    /// It becomes these.
    Other(String),
}

/// Most bytes that folding may add to a cluster; with more it stays as it is.
const EXPANSION_MAX: usize = 12;

/// Folds `cluster`: a character and the combining marks that follow it.
pub(super) fn fold_cluster(cluster: &str) -> Folded {
    let mut folded = cluster.to_owned();
    // Each round is a pure function, and no character needs more than three
    // (compatibility form, case, look-alike); the fourth is the proof.
    for _ in 0..4 {
        let next: String = folded
            .nfkc()
            .flat_map(lower_case)
            .filter_map(fold_scalar)
            .collect();
        if next == folded {
            break;
        }
        folded = next;
    }
    // A few ligatures stand for whole phrases; a text of them would grow eighteenfold.
    if folded == cluster || folded.len() > cluster.len() + EXPANSION_MAX {
        return match cluster {
            " " => Folded::Space,
            _ => Folded::Same,
        };
    }
    match folded.as_str() {
        "" => Folded::Nothing,
        " " => Folded::Space,
        _ => Folded::Other(folded),
    }
}

fn lower_case(character: char) -> impl Iterator<Item = char> {
    let folded = match character {
        // Full case folding where lower case alone would leave two spellings.
        'ß' | 'ẞ' => ['s', 's'].as_slice(),
        'ς' => ['σ'].as_slice(),
        _ => [].as_slice(),
    };
    let lower = folded.is_empty().then(|| character.to_lowercase());
    folded.iter().copied().chain(lower.into_iter().flatten())
}

fn fold_scalar(character: char) -> Option<char> {
    if is_invisible(character) || is_optional_mark(character) {
        return None;
    }
    if character.is_whitespace() || character == '\u{2800}' {
        return Some(' ');
    }
    Some(match character {
        // One spelling for what Arabic and Urdu keyboards write differently.
        'ي' | 'ى' => 'ی',
        'ك' | 'ڪ' => 'ک',
        'ه' | 'ە' | 'ۂ' | 'ۀ' => 'ہ',
        'أ' | 'إ' | 'ٱ' => 'ا',
        'ۓ' => 'ے',
        '٠'..='٩' => digit(character, '٠'),
        '۰'..='۹' => digit(character, '۰'),
        '‘' | '’' | '‛' | 'ʼ' | 'ʻ' | '′' | '`' | '´' => '\'',
        '“' | '”' | '„' | '«' | '»' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '−' => '-',
        '⁄' | '∕' => '/',
        '。' | '․' => '.',
        _ => fold_letter(character),
    })
}

fn digit(character: char, zero: char) -> char {
    char::from_digit(u32::from(character) - u32::from(zero), 10).unwrap_or(character)
}

/// Latin letters in disguise (`ɑ`, `ł`, `🅰`) become plain ones wherever they
/// stand. Letters of other scripts are left to [`super::lookalike`].
fn fold_letter(character: char) -> char {
    let disguised = !character.is_ascii()
        && (character.script() == Script::Latin || is_enclosed_letter(character));
    if disguised {
        plain_letter(character).unwrap_or(character)
    } else {
        character
    }
}

const fn is_enclosed_letter(character: char) -> bool {
    matches!(character, '\u{1F110}'..='\u{1F189}')
}

/// Characters that show nothing: controls, zero-width and bidirectional
/// controls, variation selectors, fillers, tags, skin tones.
fn is_invisible(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(
            character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}'
                | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1D173}'..='\u{1D17A}' | '\u{1F3FB}'..='\u{1F3FF}'
                | '\u{E0000}'..='\u{E0FFF}'
        )
}

/// Diacritics that are left out in everyday writing, and the kashida.
const fn is_optional_mark(character: char) -> bool {
    matches!(
        character,
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05BD}'
            | '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}'
            | '\u{06D6}'..='\u{06DC}' | '\u{06DF}'..='\u{06E8}' | '\u{06EA}'..='\u{06ED}'
            | '\u{08D3}'..='\u{08FF}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
    )
}

/// Whether `character` combines with the one before it.
pub(super) fn is_combining(character: char) -> bool {
    canonical_combining_class(character) != 0
}

/// Characters of the Basic Multilingual Plane that stay as they are whatever
/// stands around them: one bit each, 8 KiB. Lets ordinary text pass at the cost of
/// a table look-up.
pub(super) struct Settled(Vec<u64>);

static SETTLED: LazyLock<Settled> = LazyLock::new(|| {
    let mut bits = vec![0_u64; 0x1_0000 / 64];
    for character in '\0'..='\u{FFFF}' {
        let mut utf8 = [0; 4];
        let stays = !is_combining(character)
            && !is_suspect(character)
            && fold_cluster(character.encode_utf8(&mut utf8)) == Folded::Same;
        if stays {
            let code = u32::from(character) as usize;
            bits[code / 64] |= 1 << (code % 64);
        }
    }
    Settled(bits)
});

impl Settled {
    pub(super) fn get() -> &'static Self {
        &SETTLED
    }

    /// Whether `character` folds to itself, combines with nothing before it and
    /// passes for no other letter. Beyond the plane the answer is always no.
    pub(super) fn contains(&self, character: char) -> bool {
        let code = u32::from(character) as usize;
        self.0
            .get(code / 64)
            .is_some_and(|bits| bits >> (code % 64) & 1 == 1)
    }
}

/// Makes the tables now rather than at the first comment.
pub(super) fn prepare() {
    LazyLock::force(&SETTLED);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(cluster: &str) -> String {
        match fold_cluster(cluster) {
            Folded::Same => cluster.to_owned(),
            Folded::Nothing => String::new(),
            Folded::Space => " ".to_owned(),
            Folded::Other(text) => text,
        }
    }

    #[test]
    fn folding_is_a_fixed_point_over_all_of_unicode() {
        for character in '\0'..=char::MAX {
            let once = folded(&character.to_string());
            let twice: String = once.chars().map(|c| folded(&c.to_string())).collect();
            assert_eq!(once, twice, "U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn every_disguise_ends_in_the_plain_letter() {
        for (disguise, plain) in [
            ("Ａ", "a"),
            ("é", "e"),
            ("𝖛", "v"),
            ("ﬁ", "fi"),
            ("ẞ", "ss"),
            ("ɑ", "a"),
            ("🅰", "a"),
            ("İ", "i"),
            ("’", "'"),
            ("٣", "3"),
            ("\u{200B}", ""),
            ("\u{00A0}", " "),
        ] {
            assert_eq!(folded(disguise), plain, "{disguise}");
        }
    }

    #[test]
    fn urdu_keeps_its_letters() {
        for letter in [
            "ٹ", "ڈ", "ڑ", "ں", "ے", "ہ", "ھ", "گ", "چ", "پ", "آ", "ئ", "ؤ", "ی", "ک",
        ] {
            assert_eq!(folded(letter), letter);
        }
        assert_eq!(folded("ﮐ"), "ک");
        assert_eq!(folded("بِ"), "ب");
    }
}
