//! Letters written one by one: `f u c k`, `k.u.t.t.a`.

use std::ops::Range;

use super::disguise::Disguised;
use super::features::word_key;
use super::lexicon::Lexicon;
use super::segment::{Segment, SegmentKind};

/// Fewest single letters in a row that are read as a word.
const RUN: usize = 3;

/// Letters written one by one (`f u c k`, `k.u.t.t.a`), three or more: the words they make, and
/// which segments each is. A space among other separators ends a word, unless that leaves pieces
/// which are none; where all are alike, the likeliest words are read.
pub(super) fn words(text: &str, segments: &[Segment]) -> Vec<(Disguised, Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < segments.len() {
        let run = single_letters(text, &segments[from..]);
        if run >= RUN {
            read(text, segments, from..from + run, &mut found);
        }
        from += run.max(1);
    }
    found
}

/// How many of the first segments are single letters one separator apart.
fn single_letters(text: &str, segments: &[Segment]) -> usize {
    let is_letter = |s: &Segment| s.kind == SegmentKind::Word && s.chars == 1;
    let mut count = 0;
    for segment in segments {
        let near = count == 0
            || text[segments[count - 1].range.end..segment.range.start]
                .chars()
                .count()
                == 1;
        if !is_letter(segment) || !near {
            break;
        }
        count += 1;
    }
    count
}

/// The parts into which spaces cut `letters` that something else stands between as well.
fn parts(text: &str, letters: &[Segment]) -> Vec<Range<usize>> {
    let is_space = |pair: &[Segment]| &text[pair[0].range.end..pair[1].range.start] == " ";
    let (mut parts, mut start) = (Vec::new(), 0);
    if !letters.windows(2).all(is_space) {
        for (at, _) in letters
            .windows(2)
            .enumerate()
            .filter(|(_, pair)| is_space(pair))
        {
            parts.push(start..at + 1);
            start = at + 1;
        }
    }
    parts.push(start..letters.len());
    parts
}

/// Appends the words that the single letters `run` of `segments` are: part by part where every part
/// is known, else all together if that makes known words only (`f.u.c k`).
fn read(
    text: &str,
    segments: &[Segment],
    run: Range<usize>,
    found: &mut Vec<(Disguised, Range<usize>)>,
) {
    let start = found.len();
    let parts = parts(text, &segments[run.clone()]);
    let mut known = true;
    for part in &parts {
        let part = run.start + part.start..run.start + part.end;
        known &= words_of(text, segments, part, found);
    }
    if known || parts.len() == 1 {
        return;
    }
    let together = found.len();
    if words_of(text, segments, run, found) {
        found.drain(start..together);
    } else {
        found.truncate(together);
    }
}

/// Appends the words that the single letters `part` of `segments` are likeliest to be, and says
/// whether all are known.
fn words_of(
    text: &str,
    segments: &[Segment],
    part: Range<usize>,
    found: &mut Vec<(Disguised, Range<usize>)>,
) -> bool {
    let letters: String = segments[part.clone()]
        .iter()
        .map(|s| &text[s.range.clone()])
        .collect();
    let (mut start, mut known) = (part.start, true);
    for len in Lexicon::get().split(&letters) {
        let word = start..start + len;
        let plain: String = segments[word.clone()]
            .iter()
            .map(|s| &text[s.range.clone()])
            .collect();
        known &= Lexicon::get().has(word_key(&plain, len));
        let range = segments[start].range.start..segments[word.end - 1].range.end;
        start = word.end;
        found.push((Disguised { range, plain }, word));
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_in(typed: &str) -> Vec<String> {
        let normalised = super::super::normalise(typed);
        let text = normalised.text();
        let mut segments = Vec::new();
        super::super::segment::segment(text, 0..text.len(), &mut segments);
        let found = words(text, &segments).into_iter();
        found.map(|(word, _)| word.plain).collect()
    }

    #[test]
    fn letters_written_one_by_one_are_joined() {
        assert_eq!(
            words_in("you k u t t a and f.u.c.k off, i am a b"),
            ["kutta", "fuck"]
        );
    }

    #[test]
    fn words_written_letter_by_letter_are_told_apart() {
        for typed in [
            "s t u p i d i d i o t",
            "s t u p i d   i d i o t",
            "s.t.u.p.i.d i.d.i.o.t",
            "s-t-u-p-i-d-i-d-i-o-t",
        ] {
            assert_eq!(words_in(typed), ["stupid", "idiot"], "{typed}");
        }
        // A space decides where words could not.
        assert_eq!(words_in("z.q.x v.w.q"), ["zqx", "vwq"]);
        // Nor does it hide one.
        for (typed, word) in [
            ("f.u.c k", "fuck"),
            ("f.u c.k", "fuck"),
            ("s.h i.t", "shit"),
        ] {
            assert_eq!(words_in(typed), [word], "{typed}");
        }
        let long = "y o u a r e s t u p i d ".repeat(20);
        assert_eq!(words_in(&long).len(), 60);
    }
}
