//! Folding a whole text: plain stretches at once, the rest cluster by cluster.

use std::ops::Range;

use super::fold::{self, Alone, Folded, Table, is_joiner};
use super::offset::MappedText;
use super::{links, lookalike};

/// Folds every character; also says whether the result is surely settled.
pub(super) fn fold_text(text: &str) -> (MappedText, bool) {
    let mut output = Folder::with_capacity(text.len());
    let mut settled = true;
    let mut at = 0;
    while at < text.len() {
        at += output.push_plain(text, at);
        if at < text.len() {
            if let Some((end, is_settled)) = output.push_alone(text, at) {
                settled &= is_settled;
                at = end;
                continue;
            }
            let end = cluster_end(text, at);
            let cluster = &text[at..end];
            output.has_suspect |= cluster.chars().any(lookalike::is_suspect);
            settled &= output.push_cluster(cluster, at..end);
            at = end;
        }
    }
    if output.has_suspect {
        let folded = lookalike::fold(&output.mapped);
        let (squeezed, again) = squeeze(&folded);
        // With fewer letters of one script, a text may be mostly of another.
        let changed = squeezed.text() != output.mapped.text();
        return (squeezed, settled && again && !changed);
    }
    if output.row.was_long {
        let (squeezed, again) = squeeze(&output.mapped);
        return (squeezed, settled && again);
    }
    (output.mapped, settled)
}

/// Cuts runs of three or more equal characters down to two: `sooo`, `!!!!`.
/// Digits mean what they say, and so do the letters of a link (`www`). Also says
/// whether doing so again would surely change nothing.
fn squeeze(source: &MappedText) -> (MappedText, bool) {
    let text = source.text();
    let found = links(text);
    let mut ahead = found.iter().peekable();
    let mut output = MappedText::with_capacity(text.len());
    let (mut last, mut run, mut kept) = ('\0', 0, 0);
    for (at, character) in text.char_indices() {
        run = if character == last { run + 1 } else { 1 };
        last = character;
        if run > 2 && !character.is_ascii_digit() {
            while ahead.next_if(|link| link.range.end <= at).is_some() {}
            if ahead.peek().is_none_or(|link| !link.range.contains(&at)) {
                output.push_derived(&text[kept..at], source, kept);
                kept = at + character.len_utf8();
            }
        }
    }
    output.push_derived(&text[kept..], source, kept);
    // A squeezed scheme may have made a link of what was none.
    let settled = links(output.text()).len() == found.len();
    (output, settled)
}

/// End of the cluster at `at`: a character, the marks that combine with it, and
/// the invisible characters among them.
fn cluster_end(text: &str, at: usize) -> usize {
    let mut rest = text[at..].char_indices().skip(1);
    rest.find(|&(_, c)| c.is_ascii() || !(fold::is_combining(c) || is_joiner(c)))
        .map_or(text.len(), |(offset, _)| at + offset)
}

/// Text under construction: white space is squeezed, runs and look-alikes are noticed.
struct Folder {
    table: &'static Table,
    mapped: MappedText,
    row: Row,
    has_suspect: bool,
}

/// Equal characters in a row.
#[derive(Clone, Copy, Default)]
struct Row {
    last: char,
    len: usize,
    /// Three or more stood in a row, digits apart.
    was_long: bool,
}

impl Row {
    #[inline]
    fn notice(&mut self, character: char) {
        let goes_on = character == self.last;
        self.len = if goes_on { self.len + 1 } else { 1 };
        self.last = character;
        self.was_long |= self.len == 3 && !character.is_ascii_digit();
    }
}

impl Folder {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            table: Table::get(),
            mapped: MappedText::with_capacity(bytes),
            row: Row::default(),
            has_suspect: false,
        }
    }

    /// Appends the stretch of `text[from..]` that needs lower case at most, and
    /// returns its length. It ends before a character that could combine with what
    /// comes after.
    fn push_plain(&mut self, text: &str, from: usize) -> usize {
        let (mut len, mut before) = (0, None);
        let mut row = self.row;
        for typed in text[from..].chars() {
            let character = typed.to_ascii_lowercase();
            let plain = match character {
                '!'..='_' | 'a'..='~' => true,
                ' ' => row.last != ' ',
                _ => !character.is_ascii() && self.stays(character),
            };
            if !plain {
                // What stands here may be a mark that belongs to the one before.
                let belongs = !character.is_ascii() && self.table.may_combine(character);
                if let Some(before) = before.filter(|_| belongs) {
                    (len, row) = before;
                }
                break;
            }
            before = Some((len, row));
            row.notice(character);
            len += typed.len_utf8();
        }
        self.row = row;
        let copied = &text[from..from + len];
        self.mapped
            .push_copy(copied, from, str::make_ascii_lowercase);
        len
    }

    /// Appends what the character at `at` folds to, where the table knows it and no mark
    /// follows; where the next one starts, and whether the result is surely settled.
    fn push_alone(&mut self, text: &str, at: usize) -> Option<(usize, bool)> {
        let mut characters = text[at..].chars();
        let character = characters.next()?;
        let next = characters.next().filter(|next| !next.is_ascii());
        if next.is_some_and(|next| self.table.may_combine(next)) {
            return None;
        }
        let end = at + character.len_utf8();
        self.has_suspect |= self.table.is_suspect(character);
        match self.table.of(character) {
            Alone::Ask => return None,
            Alone::Nothing => {}
            Alone::Space => self.push(' ', at..end),
            Alone::Same => self.push(character, at..end),
            Alone::Other(folded) => {
                folded.chars().for_each(|c| self.push(c, at..end));
                return Some((end, folded.chars().all(|c| self.is_settled(c))));
            }
        }
        Some((end, true))
    }

    /// Whether folding `character` again would change nothing; look-alikes, which the whole text
    /// decides on, are looked at once it is known.
    fn is_settled(&self, character: char) -> bool {
        character == ' ' || self.table.is_same(character)
    }

    /// Whether `character` is itself when folded; a look-alike is noticed.
    fn stays(&mut self, character: char) -> bool {
        self.has_suspect |= self.table.is_suspect(character);
        self.table.is_same(character)
    }

    /// Appends what `cluster` folds to; whether that is surely settled.
    fn push_cluster(&mut self, cluster: &str, origin: Range<usize>) -> bool {
        let visible: String = cluster.chars().filter(|&c| !is_joiner(c)).collect();
        match fold::fold_cluster(&visible) {
            Folded::Nothing => return visible.is_empty() || cluster.len() == 1,
            Folded::Space => self.push(' ', origin),
            Folded::Same => {
                visible.chars().for_each(|c| self.push(c, origin.clone()));
                let single = visible.chars().count() == 1;
                return single || visible.len() == cluster.len();
            }
            Folded::Other(text) => {
                text.chars().for_each(|c| self.push(c, origin.clone()));
                return text.chars().all(|c| c.is_ascii() && self.is_settled(c));
            }
        }
        true
    }

    fn push(&mut self, character: char, origin: Range<usize>) {
        if character == ' ' && self.row.last == ' ' {
            return;
        }
        self.row.notice(character);
        self.mapped.push(character, origin);
    }
}
