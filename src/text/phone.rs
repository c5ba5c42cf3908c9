//! Telephone numbers, however they are written.

use std::ops::Range;

use super::segment::{Segment, SegmentKind};

/// Digits that make a run of digits and separators a telephone number (ITU-T
/// E.164 allows at most 15).
const DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
/// Most separators in a row inside one.
const GAP: usize = 2;

/// Where telephone numbers stand in `text`, first digit to last.
pub(super) fn phone_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if text.bytes().filter(u8::is_ascii_digit).count() < *DIGITS.start() {
        return found;
    }
    let mut run = Run::default();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => run.digit(at),
            b' ' | b'-' | b'(' | b')' | b'+' | b'.' | b'/' | b'_'
                if run.digits > 0 && run.gap < GAP =>
            {
                run.gap += 1;
            }
            _ => found.extend(std::mem::take(&mut run).number()),
        }
    }
    found.extend(run.number());
    found
}

/// Digits with separators between them.
#[derive(Default)]
struct Run {
    range: Range<usize>,
    digits: usize,
    gap: usize,
}

impl Run {
    fn digit(&mut self, at: usize) {
        if self.digits == 0 {
            self.range.start = at;
        }
        self.range.end = at + 1;
        self.digits += 1;
        self.gap = 0;
    }

    fn number(self) -> Option<Range<usize>> {
        DIGITS.contains(&self.digits).then_some(self.range)
    }
}

/// Joins the segments of each telephone number in `text` into one. What its digits
/// are means nothing; that it is one means much.
pub(super) fn join(text: &str, segments: &mut Vec<Segment>) {
    let numbers = phone_numbers(text);
    if numbers.is_empty() {
        return;
    }
    let mut joined = usize::MAX;
    segments.retain_mut(|segment| {
        let inside = |number: &Range<usize>| {
            number.start <= segment.range.start && segment.range.end <= number.end
        };
        let Some(at) = numbers.iter().position(inside) else {
            return true;
        };
        if joined == at {
            return false;
        }
        joined = at;
        segment.kind = SegmentKind::Phone;
        segment.range = numbers[at].clone();
        true
    });
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
        for other in ["1,000,000 people in 2024", "2019-20", "12345678", "a1b2c3"] {
            assert!(phone_numbers(other).is_empty(), "{other}");
        }
    }

    #[test]
    fn a_number_becomes_one_segment() {
        let text = "call 0300-123-4567 or 0300 765 4321 by 2024";
        let mut segments = Vec::new();
        super::super::segment::segment(text, 0..text.len(), &mut segments);
        join(text, &mut segments);
        let pieces: Vec<_> = segments.iter().map(|s| &text[s.range.clone()]).collect();
        assert_eq!(
            pieces,
            ["call", "0300-123-4567", "or", "0300 765 4321", "by", "2024"]
        );
    }
}
