//! All rules of one site, compiled.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::domains::DomainTable;
use super::entries::RuleEntries;
use super::hits::{HitKind, RuleHit, RuleHits};
use super::words::WordMatcher;
use super::{List, RulesError};
use crate::text::{Link, Normalised};
use crate::verdict::{Field, Span};

/// One field of a comment, as the rules read it.
#[derive(Clone, Copy)]
pub struct Passage<'a> {
    /// Which field.
    pub field: Field,
    /// Its content, normalised.
    pub text: &'a Normalised,
    /// The links in it.
    pub links: &'a [Link],
}

/// All rules of one site, compiled; the default is none. Cheap to apply, not to make.
#[derive(Default)]
pub struct RuleSet {
    words: WordMatcher,
    domains: DomainTable,
}

impl RuleSet {
    /// Compiles `entries`. See [the module](super) for which of several wins.
    ///
    /// # Errors
    /// For the first entry that can match nothing; the message says where it
    /// stands and what was expected.
    pub fn compile(entries: &RuleEntries) -> Result<Self, RulesError> {
        Ok(Self {
            words: WordMatcher::compile(entries)?,
            domains: DomainTable::compile(entries)?,
        })
    }

    /// Finds what the rules say of a comment. Words and domains are looked for in
    /// every passage; links are counted in all but the author's web page.
    #[must_use]
    pub fn apply(&self, passages: &[Passage<'_>]) -> RuleHits {
        let mut hits = Vec::new();
        let mut counted = 0_u32;
        for passage in passages {
            hits.extend(self.word_hits(passage));
            // An anchor whose text is its address shows one link, not two.
            let mut addresses = HashSet::new();
            for link in passage.links {
                let listed = self.domains.find(&link.host);
                let list = listed.map(|domain| domain.list);
                let is_new = addresses.insert(passage.address(link));
                if is_new && list != Some(List::Allow) && passage.field != Field::Url {
                    counted = counted.saturating_add(1);
                }
                let hit = listed.and_then(|domain| {
                    Some(RuleHit {
                        kind: domain_hit(domain.list)?,
                        entry: domain.entry.clone(),
                        span: passage.span(link.range.clone()),
                    })
                });
                hits.extend(hit);
            }
        }
        RuleHits::new(hits, counted)
    }

    /// Hash of what the rules match, whatever the order or spelling of entries.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let words = self.words.iter().map(|phrase| {
            let open = if phrase.open { "*" } else { "" };
            format!("word {} {}{open}", phrase.list.name(), phrase.text)
        });
        let domains = self
            .domains
            .iter()
            .map(|(list, name)| format!("domain {} {name}", list.name()));
        let mut lines: Vec<_> = words.chain(domains).collect();
        lines.sort_unstable();
        let mut hasher = Sha256::new();
        for line in lines {
            // Lengths keep two lists of lines from reading alike when joined.
            hasher.update((line.len() as u64).to_le_bytes());
            hasher.update(line);
        }
        hasher.finalize().into()
    }

    fn word_hits<'a>(&'a self, passage: &'a Passage<'_>) -> impl Iterator<Item = RuleHit> + 'a {
        let found = self.words.find(passage.text.text());
        found.into_iter().map(|found| RuleHit {
            kind: word_hit(found.phrase.list),
            entry: found.phrase.entry.clone(),
            span: passage.span(found.range),
        })
    }
}

/// Lists can be long and are the operator's business; a size tells enough.
impl fmt::Debug for RuleSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RuleSet")
            .field("words", &self.words.iter().count())
            .field("domains", &self.domains.iter().count())
            .finish()
    }
}

impl<'a> Passage<'a> {
    /// What a link leads to, however its scheme is written.
    fn address(&self, link: &Link) -> &'a str {
        let link = &self.text.text()[link.range.clone()];
        let address = link.split_once("://").map_or(link, |(_, address)| address);
        address.trim_end_matches('/')
    }

    /// The place in the field as it was sent. Fields are far below 4 GiB.
    fn span(&self, normalised: Range<usize>) -> Span {
        let original = self.text.original(normalised);
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            field: self.field,
            start: offset(original.start),
            end: offset(original.end),
        }
    }
}

const fn word_hit(list: List) -> HitKind {
    match list {
        List::Allow => HitKind::AllowedWord,
        List::Reject => HitKind::DeniedWord,
        List::Hold => HitKind::SuspectWord,
    }
}

const fn domain_hit(list: List) -> Option<HitKind> {
    match list {
        List::Allow => None,
        List::Reject => Some(HitKind::DeniedDomain),
        List::Hold => Some(HitKind::SuspectDomain),
    }
}
