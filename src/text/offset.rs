//! Text that remembers which bytes of another text it came from.

use std::ops::Range;

/// A stretch of mapped text: either copied, with character boundaries where its
/// origin has them, so that any offset inside maps exactly; or derived, standing
/// for the whole of its origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    start: usize,
    len: usize,
    origin: usize,
    origin_len: usize,
    is_copy: bool,
}

/// A text under construction, with the origin of each of its characters.
///
/// Origins are byte ranges of the source text; pushing characters in source order
/// keeps neighbouring copies in a single run, so plain text costs one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MappedText {
    text: String,
    runs: Vec<Run>,
}

impl MappedText {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            runs: Vec::with_capacity(4),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Appends `character`, derived from the bytes `origin` of the source.
    pub(super) fn push(&mut self, character: char, origin: Range<usize>) {
        let start = self.text.len();
        self.text.push(character);
        // One byte for one byte has the layout of a copy, whatever it says.
        let is_copy = character.is_ascii() && origin.len() == 1;
        self.add_run(start, origin, is_copy);
    }

    /// Appends `character`, which stands at `origin` of the source.
    #[cfg(test)]
    pub(super) fn push_same(&mut self, character: char, origin: usize) {
        self.push_copy(character.encode_utf8(&mut [0; 4]), origin, |_| ());
    }

    /// Appends `copied`, which stands byte for byte at `origin` of the source (but
    /// perhaps in another letter case there); `change` may alter it in place.
    pub(super) fn push_copy(&mut self, copied: &str, origin: usize, change: impl FnOnce(&mut str)) {
        if copied.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(copied);
        change(&mut self.text[start..]);
        self.add_run(start, origin..origin + copied.len(), true);
    }

    fn add_run(&mut self, start: usize, origin: Range<usize>, is_copy: bool) {
        let len = self.text.len() - start;
        match self.runs.last_mut() {
            Some(last) if is_copy && last.is_copy && last.origin + last.len == origin.start => {
                last.len += len;
                last.origin_len += len;
            }
            _ => self.runs.push(Run {
                start,
                len,
                origin: origin.start,
                origin_len: origin.len(),
                is_copy,
            }),
        }
    }

    /// Cuts the text back to its first `len` bytes, a character boundary.
    pub(super) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        while let Some(last) = self.runs.last_mut() {
            if last.start >= len {
                self.runs.pop();
                continue;
            }
            if last.is_copy {
                last.len = len - last.start;
                last.origin_len = last.len;
            }
            break;
        }
    }

    /// The bytes of the source that `range` came from; empty ranges give the
    /// empty range where they would stand.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        if range.is_empty() {
            let at = self.run_at(range.start).map_or_else(
                || self.source_end(),
                |run| Self::offset_in(run, range.start),
            );
            return at..at;
        }
        let (Some(first), Some(last)) = (self.run_at(range.start), self.run_at(range.end - 1))
        else {
            let end = self.source_end();
            return end..end;
        };
        let start = Self::offset_in(first, range.start);
        let end = if last.is_copy {
            last.origin + (range.end - last.start)
        } else {
            last.origin + last.origin_len
        };
        start..end
    }

    fn offset_in(run: &Run, at: usize) -> usize {
        if run.is_copy {
            run.origin + (at - run.start)
        } else {
            run.origin
        }
    }

    fn run_at(&self, at: usize) -> Option<&Run> {
        let next = self.runs.partition_point(|run| run.start <= at);
        let run = self.runs.get(next.checked_sub(1)?)?;
        (at < run.start + run.len).then_some(run)
    }

    fn source_end(&self) -> usize {
        self.runs
            .last()
            .map_or(0, |run| run.origin + run.origin_len)
    }

    /// This text with origins in the source of `earlier`, from which it was made.
    pub(super) fn after(self, earlier: &Self) -> Self {
        let mut composed = Self::with_capacity(self.text.len());
        for run in &self.runs {
            let text = &self.text[run.start..run.start + run.len];
            if run.is_copy {
                composed.push_derived(text, earlier, run.origin);
            } else {
                let origin = earlier.origin(run.origin..run.origin + run.origin_len);
                text.chars().for_each(|c| composed.push(c, origin.clone()));
            }
        }
        composed
    }

    /// Appends `text`, made byte for byte from what stands at `from` in `earlier`,
    /// with the origins it has there.
    pub(super) fn push_derived(&mut self, text: &str, earlier: &Self, from: usize) {
        let first = earlier
            .runs
            .partition_point(|run| run.start + run.len <= from);
        let mut done = 0;
        for run in &earlier.runs[first..] {
            if done == text.len() {
                break;
            }
            let at = from + done;
            let len = (run.start + run.len - at).min(text.len() - done);
            let piece = &text[done..done + len];
            if run.is_copy {
                self.push_copy(piece, run.origin + (at - run.start), |_| ());
            } else {
                let origin = run.origin..run.origin + run.origin_len;
                piece.chars().for_each(|c| self.push(c, origin.clone()));
            }
            done += len;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_share_a_run_and_map_byte_for_byte() {
        let mut mapped = MappedText::default();
        mapped.push_same('a', 0);
        mapped.push_same('é', 1);
        mapped.push_same('c', 6);
        assert_eq!(mapped.runs.len(), 2);
        assert_eq!(mapped.origin(0..3), 0..3);
        assert_eq!(mapped.origin(1..4), 1..7);
        assert_eq!(mapped.origin(4..4), 7..7);
    }

    #[test]
    fn truncating_forgets_what_was_cut() {
        let mut mapped = MappedText::default();
        mapped.push('&', 0..5);
        mapped.push('a', 5..6);
        mapped.push('b', 6..7);
        mapped.truncate(2);
        mapped.push('z', 9..10);
        assert_eq!(mapped.text(), "&az");
        assert_eq!(mapped.origin(0..1), 0..5);
        assert_eq!(mapped.origin(2..3), 9..10);
    }

    #[test]
    fn a_character_made_of_as_many_bytes_is_no_copy() {
        let mut mapped = MappedText::default();
        mapped.push('≮', 0..3);
        assert_eq!(mapped.origin(0..3), 0..3);
        let mut source = MappedText::default();
        source.push('<', 0..4);
        source.push_same('\u{338}', 4);
        assert_eq!(mapped.after(&source).origin(0..3), 0..6);
    }

    #[test]
    fn maps_compose() {
        let mut first = MappedText::default();
        first.push('<', 0..4);
        first.push('b', 4..5);
        let mut second = MappedText::default();
        second.push('b', 1..2);
        assert_eq!(second.after(&first).origin(0..1), 4..5);
    }
}
