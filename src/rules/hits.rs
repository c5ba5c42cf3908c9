//! What the rules found in one comment.

use std::fmt;
use std::sync::Arc;

use crate::verdict::Span;

/// How many hits of each kind are kept for one comment. A kind that was found is
/// never lost, so neither is its weight.
pub const MAX_HITS_PER_KIND: usize = 20;

/// What kind of entry was hit, most serious first. An allowed domain is no hit:
/// it only exempts its links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HitKind {
    /// A word to reject.
    DeniedWord,
    /// A domain to reject.
    DeniedDomain,
    /// A word to hold.
    SuspectWord,
    /// A domain to hold.
    SuspectDomain,
    /// A word to allow.
    AllowedWord,
}

impl HitKind {
    /// Every kind, most serious first.
    pub const ALL: [Self; 5] = [
        Self::DeniedWord,
        Self::DeniedDomain,
        Self::SuspectWord,
        Self::SuspectDomain,
        Self::AllowedWord,
    ];
}

/// One place where a comment matches an entry.
#[derive(Clone, PartialEq, Eq)]
pub struct RuleHit {
    /// What kind of entry.
    pub kind: HitKind,
    /// The entry as the operator wrote it.
    pub entry: Arc<str>,
    /// The place in the submission as it was sent.
    pub span: Span,
}

/// The comment can be guessed from what it hit, so the entry is left out.
impl fmt::Debug for RuleHit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RuleHit")
            .field("kind", &self.kind)
            .field("span", &self.span)
            .finish_non_exhaustive()
    }
}

/// Everything the rules found in one comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleHits {
    hits: Vec<RuleHit>,
    counted_links: u32,
}

impl RuleHits {
    /// Takes the first [`MAX_HITS_PER_KIND`] hits of each kind, and the number of
    /// links that are not on an allowed domain.
    pub fn new(hits: impl IntoIterator<Item = RuleHit>, counted_links: u32) -> Self {
        let mut taken = [0; HitKind::ALL.len()];
        let mut hits: Vec<_> = hits
            .into_iter()
            .filter(|hit| {
                let taken = &mut taken[hit.kind as usize];
                *taken += 1;
                *taken <= MAX_HITS_PER_KIND
            })
            .collect();
        hits.sort_by_key(|hit| hit.kind);
        Self {
            hits,
            counted_links,
        }
    }

    /// The hits, most serious kind first, otherwise in order of discovery.
    pub fn iter(&self) -> impl Iterator<Item = &RuleHit> {
        self.hits.iter()
    }

    /// Number of links in name and text that are not on an allowed domain. The
    /// author's own web page is not counted: the form asks for it.
    #[must_use]
    pub const fn counted_links(&self) -> u32 {
        self.counted_links
    }
}
