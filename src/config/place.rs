//! From a key to its place in the file, and back.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Place;

/// Line and column of a byte of `text`, which is the content of `file`.
pub(super) fn place(file: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place {
        file: file.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// The dotted key whose value, or whose own name, stands at `offset`.
pub(super) fn key_at(text: &str, offset: usize) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    key_in(table.get_ref(), offset)
}

fn key_in(table: &DeTable<'_>, offset: usize) -> Option<String> {
    // A table's own span is its header alone, so what lies in it is looked at first.
    table.iter().find_map(|(key, value)| {
        let inner = match value.get_ref() {
            DeValue::Table(table) => key_in(table, offset),
            _ => None,
        };
        let name = key.get_ref();
        match inner {
            Some(inner) => Some(format!("{name}.{inner}")),
            None => spans(key, value, offset).then(|| name.to_string()),
        }
    })
}

fn spans<K, V>(key: &Spanned<K>, value: &Spanned<V>, offset: usize) -> bool {
    let holds = |span: Range<usize>| span.contains(&offset);
    holds(key.span()) || holds(value.span())
}

/// Where the value of `key` stands; if it is absent, the closest table above it
/// that is there.
pub(super) fn offset_of(text: &str, key: &[&str]) -> Option<usize> {
    let document = DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut found = None;
    for name in key {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == *name) else {
            break;
        };
        found = Some(key.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = 1\n[policy]\nx = \"é\" # y\n[policy.spam]\nhold_at = 2\n";

    #[test]
    fn lines_and_columns_count_from_one_and_by_characters() {
        let at = |offset| {
            let place = place(Path::new("f"), TEXT, offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(TEXT.find('#').unwrap()), (3, 9));
        assert_eq!(at(usize::MAX), (6, 1));
    }

    #[test]
    fn keys_are_found_by_place_and_places_by_key() {
        let hold_at = TEXT.find("hold_at").unwrap();
        assert_eq!(
            key_at(TEXT, hold_at).as_deref(),
            Some("policy.spam.hold_at")
        );
        assert_eq!(
            key_at(TEXT, hold_at + 10).as_deref(),
            Some("policy.spam.hold_at")
        );
        assert_eq!(
            offset_of(TEXT, &["policy", "spam", "hold_at"]),
            Some(hold_at)
        );
        let spam = offset_of(TEXT, &["policy", "spam", "reject_at"]).unwrap();
        assert!(TEXT[spam..].starts_with("spam]"));
        assert_eq!(offset_of(TEXT, &["listen"]), None);
    }
}
