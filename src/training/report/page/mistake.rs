//! One mistake as the page shows it.

use super::comment::{Piece, pieces};
use crate::training::report::Mistake;
use crate::verdict::Head;

/// Pieces of evidence that are listed.
const LISTED: usize = 8;

pub(super) struct MistakeView {
    pub(super) score: String,
    pub(super) masked: bool,
    pub(super) source: String,
    pub(super) language: String,
    pub(super) rows: u64,
    pub(super) pieces: Vec<Piece>,
    pub(super) cut_before: bool,
    pub(super) cut_after: bool,
    pub(super) clues: Vec<ClueView>,
}

pub(super) struct ClueView {
    pub(super) seen: String,
    pub(super) kind: &'static str,
    pub(super) log_odds: String,
    pub(super) speaks_for: bool,
}

impl MistakeView {
    pub(super) fn new(mistake: &Mistake, head: Head) -> Self {
        let marked = mistake.evidence.iter();
        let marked = marked.filter_map(|clue| Some((clue.place.clone()?, clue.log_odds)));
        let clues = mistake.evidence.iter().take(LISTED).map(|clue| ClueView {
            seen: clue.seen.clone(),
            kind: clue.kind.in_words(),
            log_odds: format!("{:+.2}", clue.log_odds),
            speaks_for: clue.log_odds > 0.0,
        });
        Self {
            score: format!("{:.3}", mistake.scores.get(head).get()),
            masked: mistake.masked,
            source: mistake.source.clone(),
            language: mistake.language.clone(),
            rows: mistake.rows,
            pieces: pieces(&mistake.excerpt, &marked.collect::<Vec<_>>()),
            cut_before: mistake.cut.0,
            cut_after: mistake.cut.1,
            clues: clues.collect(),
        }
    }
}
