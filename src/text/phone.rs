//! Telephone numbers, however they are written.

use std::ops::Range;

use super::bytes;
use super::segment::{Segment, SegmentKind};

/// Digits of a telephone number (ITU-T E.164 allows at most 15).
const DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// Most separators between two groups of its digits.
const GAP: usize = 2;

/// Where telephone numbers stand in `text`, first digit to last, in order.
pub(super) fn phone_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if bytes::count(text, |byte| byte.is_ascii_digit()) < *DIGITS.start() {
        return found;
    }
    let mut run: Vec<Range<usize>> = Vec::new();
    for group in digit_groups(text) {
        let joined = run
            .last()
            .is_some_and(|last| is_gap(&text[last.end..group.start]));
        let digits: usize = run.iter().chain([&group]).map(ExactSizeIterator::len).sum();
        if !joined || digits > *DIGITS.end() {
            found.extend(number(text, &run));
            run.clear();
        }
        run.push(group);
    }
    found.extend(number(text, &run));
    found
}

fn digit_groups(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(u8::is_ascii_digit)?;
        let len = bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        at = start + len;
        Some(start..at)
    })
}

fn is_gap(between: &str) -> bool {
    let separator = |byte| matches!(byte, b' ' | b'-' | b'(' | b')' | b'+' | b'.' | b'/' | b'_');
    between.len() <= GAP && between.bytes().all(separator)
}

/// The number that `groups` of digits make, unless they read as dates, years or
/// scores.
fn number(text: &str, groups: &[Range<usize>]) -> Option<Range<usize>> {
    let (first, last) = (groups.first()?, groups.last()?);
    let digits: usize = groups.iter().map(ExactSizeIterator::len).sum();
    let international = text[..first.start].ends_with('+') || text[first.clone()].starts_with("00");
    let short = |group: &Range<usize>| group.len() <= 2;
    let year = |group: &Range<usize>| {
        group.len() == 4
            && (text[group.clone()].starts_with("19") || text[group.clone()].starts_with("20"))
    };
    let is_date = groups.len() > 1 && short(first) && short(&groups[1]);
    let has_long_group = groups.iter().any(|group| group.len() >= 3 && !year(group));
    (DIGITS.contains(&digits) && (international || (!is_date && has_long_group)))
        .then_some(first.start..last.end)
}

/// Joins the segments of each telephone number in `text` into one. What its digits
/// are means nothing; that it is one means much. A number that shares a segment with
/// letters is left alone.
pub(super) fn join(text: &str, segments: &mut Vec<Segment>) {
    let numbers = phone_numbers(text);
    if numbers.is_empty() {
        return;
    }
    let whole: Vec<_> = numbers
        .into_iter()
        .filter(|number| bounded(text, number))
        .collect();
    let mut numbers = whole.iter().peekable();
    let mut joined = None;
    segments.retain_mut(|segment| {
        while numbers
            .next_if(|number| number.end <= segment.range.start)
            .is_some()
        {}
        let Some(&number) = numbers.peek() else {
            return true;
        };
        if segment.range.start < number.start {
            return true;
        }
        if joined == Some(number.start) {
            return false;
        }
        joined = Some(number.start);
        segment.kind = SegmentKind::Phone;
        segment.range = number.clone();
        true
    });
}

/// Whether no letter touches `number`.
fn bounded(text: &str, number: &Range<usize>) -> bool {
    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '\'');
    !letter(text[..number.start].chars().next_back())
        && !letter(text[number.end..].chars().next())
        && !text[number.clone()].contains(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_found_however_they_are_spaced() {
        for number in [
            "03001234567",
            "92 300 1234567",
            "0300-123-4567",
            "1 (888) 555 0100",
        ] {
            let text = format!("call +{number}, now");
            let found = phone_numbers(&text);
            assert_eq!(found.len(), 1, "{number}");
            assert_eq!(&text[found[0].clone()], number);
        }
        for other in [
            "1,000,000 people in 2024",
            "2019-20",
            "12345678",
            "a1b2c3",
            "on 12.05.2024 14:30",
            "1999 2004 2008 2012",
        ] {
            assert!(phone_numbers(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn numbers_side_by_side_do_not_hide_each_other() {
        let text = "03001234567 03017654321 or 00923001234567 24/7";
        let found: Vec<_> = phone_numbers(text).into_iter().map(|n| &text[n]).collect();
        assert_eq!(found, ["03001234567", "03017654321", "00923001234567"]);
    }

    #[test]
    fn a_number_becomes_one_segment() {
        let text = "call 0300-123-4567 or 0300 765 4321 by 2024 12 3456789abc";
        let mut segments = Vec::new();
        super::super::segment::segment(text, 0..text.len(), &mut segments);
        join(text, &mut segments);
        let pieces: Vec<_> = segments.iter().map(|s| &text[s.range.clone()]).collect();
        assert_eq!(
            pieces,
            [
                "call",
                "0300-123-4567",
                "or",
                "0300 765 4321",
                "by",
                "2024",
                "12",
                "3456789abc"
            ]
        );
    }
}
