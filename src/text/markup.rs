//! HTML undone: entities decoded, tags and comments read through.
//!
//! Works on what has been written so far, looking back at each `;` and `>`, so
//! that markup hidden in markup (`&amp;lt;`, `<<b>script>`) is undone in the same
//! pass, in time linear in the text.

use std::ops::Range;

use super::offset::MappedText;

/// Longest entity looked back for, in bytes with `&` and `;`.
const ENTITY_MAX: usize = 12;
/// Longest tag looked back for, in bytes; what is longer is text. Bounds the work
/// on tags within tags, whose values are kept again and again.
const TAG_MAX: usize = 512;

/// Whether `text` could hold markup.
pub(super) fn is_suspected(text: &str) -> bool {
    memchr::memchr2(b'&', b'<', text.as_bytes()).is_some()
}

/// Whether [`undo`] could find something: a `&` with a `;` after it, or a `<` with a
/// `>`.
pub(super) fn may_hold(text: &str) -> bool {
    let bytes = text.as_bytes();
    [(b'&', b';'), (b'<', b'>')]
        .into_iter()
        .any(|(open, close)| {
            memchr::memchr(open, bytes)
                .is_some_and(|at| memchr::memchr(close, &bytes[at..]).is_some())
        })
}

/// Undoes the markup of `source`.
pub(super) fn undo(source: &str) -> MappedText {
    let mut output = MappedText::with_capacity(source.len());
    let mut from = 0;
    for at in memchr::memchr2_iter(b';', b'>', source.as_bytes()) {
        output.push_copy(&source[from..=at], from, |_| ());
        from = at + 1;
        look_at_last(&mut output, char::from(source.as_bytes()[at]), from);
    }
    output.push_copy(&source[from..], from, |_| ());
    output
}

/// Undoes the markup that the `last` character, which ends at `source_end`, closed.
fn look_at_last(output: &mut MappedText, last: char, source_end: usize) {
    match last {
        ';' => resolve_entity(output, source_end),
        '>' => drop_tag(output, source_end),
        _ => {}
    }
}

fn resolve_entity(output: &mut MappedText, source_end: usize) {
    let text = output.text();
    let window = look_back(text, ENTITY_MAX);
    let Some(at) = text[window..].rfind('&').map(|found| window + found) else {
        return;
    };
    let Some(character) = decode(&text[at + 1..text.len() - 1]) else {
        return;
    };
    let source_start = output.origin(at..at + 1).start;
    output.truncate(at);
    output.push(character, source_start..source_end);
    look_at_last(output, character, source_end);
}

/// The character an entity's name stands for: numeric ones and the named ones
/// that comments really hold.
fn decode(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        // Numeric references to nothing are dropped by browsers; a space keeps
        // the words on either side apart.
        return Some(char::from_u32(code).filter(|c| *c != '\0').unwrap_or(' '));
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" | "rsquo" | "lsquo" => '\'',
        "nbsp" => ' ',
        "quot" | "ldquo" | "rdquo" => '"',
        "ndash" | "mdash" | "shy" => '-',
        "hellip" => '…',
        "semi" => ';',
        "num" => '#',
        "sol" => '/',
        "period" => '.',
        "colon" => ':',
        "commat" => '@',
        "dollar" => '$',
        _ => return None,
    })
}

fn drop_tag(output: &mut MappedText, source_end: usize) {
    let text = output.text();
    let window = look_back(text, TAG_MAX);
    let Some(at) = text[window..].rfind('<').map(|found| window + found) else {
        return;
    };
    let inside = &text[at + 1..text.len() - 1];
    let Some(tag) = Tag::read(inside) else { return };
    // What an attribute says is kept: a link hidden behind an innocent word must
    // reach the filter, and so must words that a site which escapes HTML shows.
    let mut kept = MappedText::default();
    for value in &tag.values {
        let range = at + 1 + value.start..at + 1 + value.end;
        kept.push(' ', range.start..range.start);
        kept.push_copy(&text[range.clone()], range.start, |_| ());
    }
    let kept = kept.after(output);
    let source_start = output.origin(at..at + 1).start;
    output.truncate(at);
    if tag.breaks_words || !tag.values.is_empty() {
        output.push(' ', source_start..source_end);
    }
    output.push_derived(kept.text(), &kept, 0);
    if !tag.values.is_empty() {
        output.push(' ', source_end..source_end);
    }
}

/// Whether `name` is an element of HTML that separates words (`br`) or may stand inside
/// one (`b`); `None` where it is none that comments hold.
fn breaks_words(name: &str) -> Option<bool> {
    const LONGEST: usize = 10;
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"b" | b"i" | b"u" | b"s" | b"em" | b"strong" | b"span" | b"font" | b"small" | b"big"
        | b"mark" | b"sub" | b"sup" | b"wbr" | b"del" | b"ins" | b"abbr" | b"strike" => Some(false),
        b"a" | b"article" | b"audio" | b"blockquote" | b"body" | b"br" | b"button" | b"center"
        | b"cite" | b"code" | b"div" | b"embed" | b"footer" | b"form" | b"h1" | b"h2" | b"h3"
        | b"h4" | b"h5" | b"h6" | b"head" | b"header" | b"hr" | b"html" | b"iframe" | b"img"
        | b"input" | b"li" | b"link" | b"meta" | b"object" | b"ol" | b"p" | b"pre" | b"q"
        | b"script" | b"section" | b"source" | b"style" | b"svg" | b"table" | b"td" | b"th"
        | b"tr" | b"ul" | b"video" => Some(true),
        _ => None,
    }
}

/// What stands between `<` and `>`, where that is a tag of HTML. Anything else that
/// is written so, such as `<https://example.com>` or `<buy now>`, is text.
struct Tag {
    /// Separates words (`<br>`) rather than standing inside one (`<b>`).
    breaks_words: bool,
    /// Where the values of its attributes stand.
    values: Vec<Range<usize>>,
}

impl Tag {
    fn read(inside: &str) -> Option<Self> {
        let slash = usize::from(inside.starts_with('/'));
        let name_len = inside[slash..]
            .bytes()
            .take_while(u8::is_ascii_alphanumeric)
            .count();
        let (name, mut at) = (&inside[slash..slash + name_len], slash + name_len);
        let breaks_words = breaks_words(name)?;
        let mut values = Vec::new();
        loop {
            at = skip(inside, at, |b| b.is_ascii_whitespace() || b == b'/');
            if at == inside.len() {
                break;
            }
            let (value, end) = attribute(inside, at)?;
            values.push(value);
            at = end;
        }
        Some(Self {
            breaks_words,
            values,
        })
    }
}

/// The value of the attribute at `at`, and where the attribute ends; `None` where
/// what stands there is a word without a value, as in text.
fn attribute(tag: &str, at: usize) -> Option<(Range<usize>, usize)> {
    let bytes = tag.as_bytes();
    let name_end = skip(tag, at, |b| {
        !b.is_ascii_whitespace() && b != b'=' && b != b'/'
    });
    let equals = skip(tag, name_end, |b| b.is_ascii_whitespace());
    if name_end == at || bytes.get(equals) != Some(&b'=') {
        return None;
    }
    let start = skip(tag, equals + 1, |b| b.is_ascii_whitespace());
    let quote = bytes
        .get(start)
        .copied()
        .filter(|b| matches!(b, b'"' | b'\''));
    let Some(quote) = quote else {
        let end = skip(tag, start, |b| !b.is_ascii_whitespace());
        return Some((start..end, end));
    };
    let end = skip(tag, start + 1, |b| b != quote);
    Some((start + 1..end, (end + 1).min(tag.len())))
}

/// The first byte from `at` on that is not `wanted`. All that is looked for is
/// ASCII, so it is a character boundary.
fn skip(text: &str, at: usize, wanted: impl Fn(u8) -> bool) -> usize {
    let rest = &text.as_bytes()[at..];
    at + rest
        .iter()
        .position(|&byte| !wanted(byte))
        .unwrap_or(rest.len())
}

fn look_back(text: &str, bytes: usize) -> usize {
    text.floor_char_boundary(text.len().saturating_sub(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(source: &str) -> String {
        undo(source).text().to_owned()
    }

    #[test]
    fn entities_are_decoded_however_deep() {
        assert_eq!(undone("&amp;amp;amp;"), "&");
        assert_eq!(undone("caf&#233; &#x56;iagra"), "café Viagra");
        assert_eq!(undone("&lt;b&gt;x&lt;/b&gt;"), "x");
        assert_eq!(undone("AT&T; R&D"), "AT&T; R&D");
        assert_eq!(undone("&am&semi;"), "&am;");
    }

    #[test]
    fn tags_are_read_through_and_what_their_attributes_say_is_kept() {
        assert_eq!(undone("v<b>i</b>agra"), "viagra");
        assert_eq!(undone("one<br/>two"), "one two");
        assert_eq!(undone("<<b>b>x"), "x");
        assert_eq!(
            undone("<a title=href rel='nofollow' href = \"http://buy.example\">here</a>"),
            "  href nofollow http://buy.example here "
        );
    }

    #[test]
    fn what_is_no_tag_is_text() {
        for text in [
            "3 < 5 and 7 > 6, <3",
            "<https://buy.example/x>",
            "<buy pills now>",
            "<b buy pills now>",
            "<viagra>",
        ] {
            assert_eq!(undone(text), text);
        }
    }

    #[test]
    fn an_entity_maps_to_all_of_its_source() {
        let mapped = undo("a&amp;amp;b");
        assert_eq!(mapped.text(), "a&b");
        assert_eq!(mapped.origin(1..2), 1..10);
    }
}
