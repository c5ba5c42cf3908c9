//! Entries as the operator wrote them, with where.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::List;

/// Every entry of every list, loaded and not yet compiled.
#[derive(Clone, Debug, Default)]
pub struct RuleEntries(Vec<Entry>);

impl RuleEntries {
    /// These and `others`. What a site lists is added to what all sites share;
    /// where both list the same entry, `self` counts as written first.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.0.extend_from_slice(&others.0);
        self
    }

    pub(super) fn push(&mut self, entry: Entry) {
        self.0.push(entry);
    }

    /// The entries on one subject, in order of precedence, otherwise as written.
    pub(super) fn ranked(&self, subject: Subject) -> Vec<&Entry> {
        let mut entries: Vec<_> = self.0.iter().filter(|e| e.subject == subject).collect();
        entries.sort_by_key(|entry| entry.list);
        entries
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Word,
    Domain,
}

impl Subject {
    /// Name of the table under `[rules]`.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Word => "words",
            Self::Domain => "domains",
        }
    }
}

/// One entry of one list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub subject: Subject,
    pub list: List,
    /// As the operator wrote it.
    pub text: Arc<str>,
    pub origin: Origin,
}

/// Where an entry was written, as error messages name it:
/// `rules.words.reject[0]` or `words.txt:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Place);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// Position in a list of the configuration, from 0.
    Key(Arc<str>, usize),
    /// Line of a list file, from 1.
    File(Arc<Path>, usize),
}

impl Origin {
    pub(super) fn key(key: &Arc<str>, index: usize) -> Self {
        Self(Place::Key(Arc::clone(key), index))
    }

    pub(super) fn file(path: &Arc<Path>, line: usize) -> Self {
        Self(Place::File(Arc::clone(path), line))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Key(key, index) => write!(formatter, "{key}[{index}]"),
            Place::File(path, line) => write!(formatter, "{}:{line}", path.display()),
        }
    }
}
