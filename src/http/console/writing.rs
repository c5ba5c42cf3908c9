//! How a text is written: in which direction, and in a language that its script gives
//! away, so that a browser takes the right letters and a screen reader the right voice.

use unicode_script::{Script, UnicodeScript as _};

/// Letters of Urdu that Arabic and Persian do not have.
const URDU: [char; 7] = ['ٹ', 'ڈ', 'ڑ', 'ں', 'ے', 'ہ', 'ھ'];
/// Letters of Persian and Urdu that Arabic does not have.
const PERSIAN: [char; 6] = ['پ', 'چ', 'ژ', 'گ', 'ک', 'ی'];

/// Attributes of an element that holds a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Writing {
    /// `rtl`, `ltr`, or `auto` where it has no letters.
    pub(super) dir: &'static str,
    /// A language tag; nothing where the script is that of many languages.
    pub(super) lang: &'static str,
}

impl Writing {
    /// That of `text`, by the script that most of its letters are of. A text that begins
    /// with a name in other letters is not turned round by it, as `dir=auto` would.
    pub(super) fn of(text: &str) -> Self {
        let mut counts: Vec<(Script, usize)> = Vec::new();
        for character in text.chars().filter(|character| character.is_alphabetic()) {
            let script = character.script();
            match counts.iter_mut().find(|(known, _)| *known == script) {
                Some((_, count)) => *count += 1,
                None => counts.push((script, 1)),
            }
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        let Some((script, _)) = most else {
            return Self {
                dir: "auto",
                lang: "",
            };
        };
        Self {
            dir: if is_right_to_left(script) {
                "rtl"
            } else {
                "ltr"
            },
            lang: language(script, text),
        }
    }
}

const fn is_right_to_left(script: Script) -> bool {
    matches!(
        script,
        Script::Arabic | Script::Hebrew | Script::Syriac | Script::Thaana | Script::Nko
    )
}

/// The language that most texts of a script are in.
fn language(script: Script, text: &str) -> &'static str {
    match script {
        Script::Arabic if text.contains(URDU) => "ur",
        Script::Arabic if text.contains(PERSIAN) => "fa",
        Script::Arabic => "ar",
        Script::Hebrew => "he",
        Script::Devanagari => "hi",
        Script::Bengali => "bn",
        Script::Gurmukhi => "pa",
        Script::Gujarati => "gu",
        Script::Tamil => "ta",
        Script::Telugu => "te",
        Script::Kannada => "kn",
        Script::Malayalam => "ml",
        Script::Sinhala => "si",
        Script::Thai => "th",
        Script::Greek => "el",
        Script::Georgian => "ka",
        Script::Armenian => "hy",
        Script::Ethiopic => "am",
        Script::Hangul => "ko",
        Script::Hiragana | Script::Katakana => "ja",
        Script::Han => "zh",
        // Latin and Cyrillic have too many to tell.
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_of_most_letters_says_how_it_is_written() {
        for (text, dir, lang) in [
            ("Thank you.", "ltr", ""),
            ("ye log sirf vote lene aate hain", "ltr", ""),
            ("یہ بہت اچھی خبر ہے", "rtl", "ur"),
            ("هذا خبر مهم جدا", "rtl", "ar"),
            ("این خبر خوب چیست", "rtl", "fa"),
            ("@John: یہ بہت اچھی خبر ہے، شکریہ", "rtl", "ur"),
            ("I like the word شکریہ very much", "ltr", ""),
            ("Новости", "ltr", ""),
            ("यह अच्छी खबर है", "ltr", "hi"),
            ("", "auto", ""),
            ("5000 🙂 !!", "auto", ""),
        ] {
            assert_eq!(Writing::of(text), Writing { dir, lang }, "{text}");
        }
    }
}
