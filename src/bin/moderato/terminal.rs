//! What may be shown on a terminal, and how.

use std::borrow::Cow;
use std::io::IsTerminal;

use moderato::comment::is_invisible;

/// `text` on lines of its own, with nothing in it that a terminal would obey: a
/// control character shows as its picture (ESC as `␛`), and characters that turn
/// the direction of writing or cannot be seen are left out.
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| shown(c) == Some(c)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter_map(shown).collect())
}

/// As [`printable`], on one line.
pub fn printable_line(text: &str) -> String {
    let line = |c| if c == '\n' { ' ' } else { c };
    printable(text).chars().map(line).collect()
}

/// What stands for `character` on a terminal.
fn shown(character: char) -> Option<char> {
    match character {
        '\n' => Some('\n'),
        '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\r' => None,
        '\u{7F}' => Some('\u{2421}'),
        '\0'..='\u{1F}' => char::from_u32(0x2400 + u32::from(character)),
        '\u{80}'..='\u{9F}' => Some(char::REPLACEMENT_CHARACTER),
        // Urdu joins and parts letters with these, and emoji are made with them.
        '\u{200C}' | '\u{200D}' | '\u{FE0F}' => Some(character),
        _ if is_invisible(character) => None,
        _ => Some(character),
    }
}

/// Whether to use colours on `stream`: on a terminal unless `NO_COLOR` is set
/// (no-color.org), elsewhere only if `CLICOLOR_FORCE` is.
pub fn wants_colour(stream: &impl IsTerminal) -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        return false;
    }
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    is_set("CLICOLOR_FORCE") || stream.is_terminal() && !dumb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_obeys_nothing_in_it() {
        let hostile = "a\u{1b}[31mb\u{9b}2Jc\u{7}\r\u{202e}d\u{7f}\u{2028}e\n\u{200b}f";
        assert_eq!(printable(hostile), "a␛[31mb\u{fffd}2Jc␇d␡ e\nf");
        assert!(!printable_line(hostile).contains('\n'));
    }

    #[test]
    fn ordinary_text_is_as_it_was() {
        for text in [
            "Salaam, 100 % agreed.",
            "می\u{200c}خواہم",
            "👩\u{200d}👧 ❤\u{fe0f}",
        ] {
            assert!(matches!(printable(text), Cow::Borrowed(same) if same == text));
        }
    }
}
