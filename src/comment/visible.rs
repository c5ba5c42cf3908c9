//! What a person would call empty.

/// Whether `text` shows a reader nothing: it has only white space, control
/// characters and [invisible](is_invisible) ones.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(leaves_no_mark)
}

/// Whether `character` is drawn as nothing at all, or as a blank that is no white
/// space: Unicode's `Default_Ignorable_Code_Point` (zero-width and bidi controls,
/// variation selectors, soft hyphen, Hangul fillers, tags), the controls of
/// interlinear annotations and hieroglyphs, and two blank symbols.
///
/// Combining marks are visible: they are drawn on a dotted circle.
#[must_use]
pub const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}'
            | '\u{34F}'
            | '\u{61C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}' // braille pattern blank
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}' // the last three: interlinear annotation
            | '\u{13430}'..='\u{1343F}' // Egyptian hieroglyph format controls
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D159}' // musical symbol null notehead
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// `text` without the white space and invisible characters around it. Control
/// characters that are no white space stay: they are a fault, not a slip.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_whitespace() || is_invisible(character))
}

/// Whether `character` has no place in a value of one line.
pub(super) fn breaks_line(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
}

/// Whether `text` has more than `max` characters (Unicode scalar values). Looks
/// at no more than `max + 1` of them, however long the text is.
pub(super) fn longer_than(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().nth(max).is_some()
}

fn leaves_no_mark(character: char) -> bool {
    character.is_whitespace() || character.is_control() || is_invisible(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lengths_are_in_characters() {
        assert!(!longer_than("اردو", 4));
        assert!(longer_than("اردو", 3));
        assert!(!longer_than("", 0));
    }

    #[test]
    fn trimming_leaves_what_shows() {
        assert_eq!(trim(" \u{200F}\u{FEFF}a\u{200D}b\u{200B}\n"), "a\u{200D}b");
        assert_eq!(trim("\0a"), "\0a");
    }

    // The classes below come from the tables of another crate (regex-syntax).
    proptest! {
        #[test]
        fn what_nobody_can_see_is_blank(
            text in r"[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Cc}\x{2800}]{0,40}"
        ) {
            prop_assert!(is_blank(&text));
        }

        #[test]
        fn one_visible_character_is_not_blank(
            around in r"\p{Default_Ignorable_Code_Point}{0,5}",
            visible in r"[[\p{L}\p{M}\p{N}\p{P}\p{S}]--\p{Default_Ignorable_Code_Point}--[\x{2800}\x{1D159}]]"
        ) {
            let text = format!("{around}{visible}{around}");
            prop_assert!(!is_blank(&text), "{visible:?}");
        }
    }
}
