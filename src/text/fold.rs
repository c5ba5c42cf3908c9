//! One character at a time: compatibility forms, case, diacritics, look-alikes.

use std::collections::HashMap;
use std::ops::Range;
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

/// Invisible characters that could be slipped between a letter and its mark.
pub(super) const fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{FE00}'..='\u{FE0F}' | '\u{034F}')
}

/// Whether `character` combines with the one before it.
pub(super) fn is_combining(character: char) -> bool {
    canonical_combining_class(character) != 0
}

/// What characters become that fold alone, whatever stands around them: the Basic
/// Multilingual Plane and the emoji, two bytes each. Lets ordinary text pass at the
/// cost of a look-up.
pub(super) struct Table {
    codes: Vec<u16>,
    others: Vec<Box<str>>,
}

/// What [`Table`] says of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone<'a> {
    /// It depends: a mark, a joiner, or beyond the table.
    Ask,
    /// It stays as it is.
    Same,
    /// It vanishes.
    Nothing,
    /// It is white space.
    Space,
    /// It becomes this, which stays as it is.
    Other(&'a str),
}

/// Codes of the table; those from `OTHERS` on point into its strings.
const ASK: u16 = 0;
const SAME: u16 = 1;
const NOTHING: u16 = 2;
const SPACE: u16 = 3;
const OTHERS: u16 = 4;
/// Set where a letter, or what it becomes, passes for a Latin one.
const SUSPECT: u16 = 0x8000;

const PLANE: u32 = 0x1_0000;
const EMOJI: Range<u32> = 0x1_F000..0x1_FB00;

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

impl Table {
    pub(super) fn get() -> &'static Self {
        &TABLE
    }

    fn new() -> Self {
        let mut known = HashMap::new();
        let mut table = Self {
            codes: Vec::with_capacity((PLANE + EMOJI.end - EMOJI.start) as usize),
            others: Vec::new(),
        };
        for code in (0..PLANE).chain(EMOJI) {
            let code = char::from_u32(code).map_or(ASK, |c| table.code_for(c, &mut known));
            table.codes.push(code);
        }
        table
    }

    fn code_for(&mut self, character: char, known: &mut HashMap<String, u16>) -> u16 {
        if is_combining(character) || is_joiner(character) {
            return ASK;
        }
        let suspect = if is_suspect(character) { SUSPECT } else { 0 };
        let code = match fold_cluster(character.encode_utf8(&mut [0; 4])) {
            Folded::Same => SAME,
            Folded::Nothing => NOTHING,
            Folded::Space => SPACE,
            Folded::Other(text) if text.chars().any(is_combining) => return ASK,
            Folded::Other(text) if text.chars().any(is_suspect) && suspect == 0 => return ASK,
            Folded::Other(text) => *known.entry(text).or_insert_with_key(|text| {
                let next = u16::try_from(self.others.len()).ok();
                let code = next.and_then(|next| next.checked_add(OTHERS));
                code.filter(|&code| code < SUSPECT)
                    .inspect(|_| self.others.push(text.as_str().into()))
                    .unwrap_or(ASK)
            }),
        };
        if code == ASK { ASK } else { code | suspect }
    }

    /// What `character` becomes where no mark follows it.
    pub(super) fn of(&self, character: char) -> Alone<'_> {
        match self.code(character) & !SUSPECT {
            ASK => Alone::Ask,
            SAME => Alone::Same,
            NOTHING => Alone::Nothing,
            SPACE => Alone::Space,
            other => Alone::Other(&self.others[usize::from(other - OTHERS)]),
        }
    }

    /// Whether `character` folds to itself and combines with nothing before it.
    pub(super) fn is_same(&self, character: char) -> bool {
        self.code(character) & !SUSPECT == SAME
    }

    /// Whether `character` passes for another letter.
    pub(super) fn is_suspect(&self, character: char) -> bool {
        self.code(character) & SUSPECT != 0
    }

    /// Whether `character` may belong to the one before it.
    pub(super) fn may_combine(&self, character: char) -> bool {
        self.code(character) == ASK
    }

    fn code(&self, character: char) -> u16 {
        let code = u32::from(character);
        let at = if code < PLANE {
            code
        } else if EMOJI.contains(&code) {
            PLANE + code - EMOJI.start
        } else {
            return ASK;
        };
        self.codes[at as usize]
    }
}

/// Makes the tables now rather than at the first comment.
pub(super) fn prepare() {
    LazyLock::force(&TABLE);
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
