//! HTML undone: entities decoded, tags and comments read through.
//!
//! Works on what has been written so far, looking back at each `;` and `>`, so
//! that markup hidden in markup (`&amp;lt;`, `<<b>script>`) is undone in the same
//! pass, in time linear in the text.

use std::ops::Range;

use super::offset::MappedText;

/// Longest entity looked back for, in bytes with `&` and `;`.
const ENTITY_MAX: usize = 12;
/// Longest tag looked back for, in bytes.
const TAG_MAX: usize = 2_048;

/// Whether `text` could hold markup.
pub(super) fn is_suspected(text: &str) -> bool {
    text.bytes().any(|byte| byte == b'&' || byte == b'<')
}

/// Undoes the markup of `source`.
pub(super) fn undo(source: &str) -> MappedText {
    let mut output = MappedText::with_capacity(source.len());
    for (start, character) in source.char_indices() {
        output.push_same(character, start);
        look_at_last(&mut output, character, start + character.len_utf8());
    }
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
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return;
    }
    let address = address_of(inside).map(|range| {
        let range = at + 1 + range.start..at + 1 + range.end;
        (text[range.clone()].to_owned(), range.start)
    });
    let breaks = breaks_words(inside);
    let source_start = output.origin(at..at + 1).start;
    let kept = address.map(|(address, start)| {
        address
            .char_indices()
            .map(|(offset, c)| {
                let begin = start + offset;
                (c, output.origin(begin..begin + c.len_utf8()))
            })
            .collect::<Vec<_>>()
    });
    output.truncate(at);
    if breaks || kept.is_some() {
        output.push(' ', source_start..source_end);
    }
    if let Some(address) = kept {
        for (character, origin) in address {
            output.push(character, origin);
        }
        output.push(' ', source_end..source_end);
    }
}

/// Where the value of `href` or `src` lies in a tag. A link hidden behind an
/// innocent word must reach the filter.
fn address_of(tag: &str) -> Option<Range<usize>> {
    let lower = tag.to_ascii_lowercase();
    let name = ["href", "src"]
        .iter()
        .find_map(|name| lower.find(name).map(|at| at + name.len()))?;
    let equals = name + lower[name..].find(|c: char| !c.is_whitespace())?;
    if lower.as_bytes()[equals] != b'=' {
        return None;
    }
    let value = equals + 1;
    let start = value + lower[value..].find(|c: char| !c.is_whitespace())?;
    let (start, close): (usize, fn(char) -> bool) = match lower.as_bytes()[start] {
        b'"' => (start + 1, |c| c == '"'),
        b'\'' => (start + 1, |c| c == '\''),
        _ => (start, char::is_whitespace),
    };
    let end = tag[start..]
        .find(close)
        .map_or(tag.len(), |found| start + found);
    (start < end && !tag[start..end].contains(['<', '>'])).then_some(start..end)
}

/// Tags that may stand inside a word.
const INLINE: [&str; 14] = [
    "b", "i", "u", "s", "em", "strong", "span", "font", "small", "big", "mark", "sub", "sup", "wbr",
];

/// Whether a tag separates words (`<br>`) or may stand inside one (`<b>`).
fn breaks_words(tag: &str) -> bool {
    let name = tag.trim_start_matches('/');
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    !INLINE
        .iter()
        .any(|inline| name[..end].eq_ignore_ascii_case(inline))
        && !tag.starts_with('!')
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
    fn tags_are_read_through_and_their_links_kept() {
        assert_eq!(undone("v<b>i</b>agra"), "viagra");
        assert_eq!(undone("one<br>two"), "one two");
        assert_eq!(undone("<<b>b>x"), "x");
        assert_eq!(
            undone("<a href=\"http://buy.example\">here</a>"),
            " http://buy.example here "
        );
        assert_eq!(undone("3 < 5 and 7 > 6, <3"), "3 < 5 and 7 > 6, <3");
    }

    #[test]
    fn an_entity_maps_to_all_of_its_source() {
        let mapped = undo("a&amp;amp;b");
        assert_eq!(mapped.text(), "a&b");
        assert_eq!(mapped.origin(1..2), 1..10);
    }
}
