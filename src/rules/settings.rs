//! The `[rules]` table of the configuration, and the files it names.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entries::{Entry, Origin, RuleEntries, Subject};
use super::{List, RulesError};

/// The `[rules]` table. Every key may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSettings {
    /// Words and phrases, matched whole on the normalised text; a `*` at the end
    /// matches every word that starts so (`casino*`).
    pub words: ListSettings,
    /// Domains; each covers the hosts under it (`example.com` covers
    /// `a.b.example.com`).
    pub domains: ListSettings,
}

/// Lists of one kind of entry: `[rules.words]` or `[rules.domains]`.
///
/// Files hold one entry a line. Blank lines, lines that start with `#`, and what
/// follows a `#` between spaces are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListSettings {
    /// Entries that reject a comment.
    pub reject: Vec<String>,
    /// Entries that hold a comment for a moderator.
    pub hold: Vec<String>,
    /// Entries that exempt what they match from the other two lists.
    pub allow: Vec<String>,
    /// Files of entries that reject.
    pub reject_files: Vec<PathBuf>,
    /// Files of entries that hold.
    pub hold_files: Vec<PathBuf>,
    /// Files of entries that exempt.
    pub allow_files: Vec<PathBuf>,
}

impl RuleSettings {
    /// Gathers the entries written in the settings and those in the files they
    /// name, which `read` returns.
    ///
    /// # Errors
    /// [`RulesError::File`] for the first file that `read` fails on.
    pub fn load(
        &self,
        mut read: impl FnMut(&Path) -> io::Result<String>,
    ) -> Result<RuleEntries, RulesError> {
        let mut entries = RuleEntries::default();
        for (subject, lists) in [
            (Subject::Word, &self.words),
            (Subject::Domain, &self.domains),
        ] {
            for list in List::ALL {
                lists.load(subject, list, &mut read, &mut entries)?;
            }
        }
        Ok(entries)
    }
}

impl ListSettings {
    fn load(
        &self,
        subject: Subject,
        list: List,
        read: &mut impl FnMut(&Path) -> io::Result<String>,
        into: &mut RuleEntries,
    ) -> Result<(), RulesError> {
        let (inline, files) = match list {
            List::Allow => (&self.allow, &self.allow_files),
            List::Reject => (&self.reject, &self.reject_files),
            List::Hold => (&self.hold, &self.hold_files),
        };
        let mut add = |text: &str, origin| {
            into.push(Entry {
                subject,
                list,
                text: text.into(),
                origin,
            });
        };
        let key = format!("rules.{}.{}", subject.table(), list.name());
        let key: Arc<str> = key.into();
        for (index, text) in inline.iter().enumerate() {
            add(text, Origin::key(&key, index));
        }
        for path in files {
            let content = read(path).map_err(|source| RulesError::File {
                key: format!("{key}_files"),
                path: path.clone(),
                source,
            })?;
            let path: Arc<Path> = path.as_path().into();
            for (line, text) in listed(&content) {
                add(text, Origin::file(&path, line));
            }
        }
        Ok(())
    }
}

/// The entries of a list file with their line numbers, from 1.
fn listed(content: &str) -> impl Iterator<Item = (usize, &str)> {
    content
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, without_comment(line)))
        .filter(|(_, entry)| !entry.is_empty())
}

/// A `#` opens a comment at the start of a line or between spaces, so that
/// `win #gold` stays an entry.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    let comment = line.match_indices('#').find(|(at, _)| {
        line[..*at].ends_with(char::is_whitespace)
            && (line[at + 1..].is_empty() || line[at + 1..].starts_with(char::is_whitespace))
    });
    comment.map_or(line, |(at, _)| line[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_files_hold_one_entry_a_line_and_comments() {
        let file =
            "\u{feff}free viagra\r\n\n# a comment\n  casino*  # since May\nwin #gold\n#\n a #";
        let entries: Vec<_> = listed(file).collect();
        assert_eq!(
            entries,
            [
                (1, "free viagra"),
                (4, "casino*"),
                (5, "win #gold"),
                (7, "a")
            ]
        );
    }
}
