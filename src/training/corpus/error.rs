//! What stops the reading of a corpus.

use std::io;
use std::path::PathBuf;

use super::columns::Role;
use super::fault::{BadRow, BadRows};
use super::mapping::Mapping;

/// Why a file cannot be read as labelled samples.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path that is not there or not readable.
    #[error("cannot open {}: {cause}", path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// Reading broke off.
    #[error("cannot read {file}: {cause}")]
    Read {
        /// The file.
        file: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// A file name that says nothing of its format.
    #[error(
        "cannot tell the format of {} from its name: \
         expected .jsonl, .ndjson, .json, .csv, .tsv or .tab, or --format",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A folder with nothing to read.
    #[error("{} holds no .jsonl, .ndjson, .json, .csv, .tsv or .tab file", path.display())]
    NothingToRead {
        /// The folder.
        path: PathBuf,
    },
    /// Something other than UTF-8 text.
    #[error("{file}: expected UTF-8 text, found {found}: {remedy}")]
    NotText {
        /// The file.
        file: String,
        /// What it is.
        found: &'static str,
        /// How to make text of it.
        remedy: &'static str,
    },
    /// A whole JSON document instead of one object a line.
    #[error(
        "{file}: expected JSON Lines (one object a line), found a JSON array: \
         convert it with `jq -c '.[]' array.json > lines.jsonl`"
    )]
    JsonArray {
        /// The file.
        file: String,
    },
    /// A CSV or TSV file whose first row is missing or broken.
    #[error("{file}: expected a header row with column names, found {found}")]
    NoHeader {
        /// The file.
        file: String,
        /// What is there instead.
        found: String,
    },
    /// Two columns of the same name, one of which would be ignored.
    #[error("{file}: two columns are named `{column}`; rename one, or name another with {flag}", flag = role.flag())]
    AmbiguousColumn {
        /// The file.
        file: String,
        /// Their name.
        column: String,
        /// What it would be read as.
        role: Role,
    },
    /// No column looks like the comment's text.
    #[error("{file}: no text column; columns found: {found}; name it with --text-column")]
    NoTextColumn {
        /// The file.
        file: String,
        /// Its columns.
        found: String,
    },
    /// No column looks like a label.
    #[error(
        "{file}: no label column; columns found: {found}; \
         name one with --spam-column, --toxic-column or --label-column"
    )]
    NoLabelColumn {
        /// The file.
        file: String,
        /// Its columns.
        found: String,
    },
    /// A text or label column the caller named is not in a file.
    #[error("{file}: no column `{name}` as {flag} says; columns found: {found}", flag = role.flag())]
    NoSuchColumn {
        /// The file.
        file: String,
        /// What it was named for.
        role: Role,
        /// The name.
        name: String,
        /// The file's columns.
        found: String,
    },
    /// A column the caller named is in none of the files.
    #[error("{flag}: no file has a column `{name}`", flag = role.flag())]
    NowhereFound {
        /// What it was named for.
        role: Role,
        /// The name.
        name: String,
    },
    /// A row that may not be passed over, because all rows of the file share its fault.
    #[error("{0}")]
    Refused(BadRow),
    /// Bad rows where reading is strict: all of them, or enough to show what is wrong.
    #[error("{}", strict(rows, *stopped))]
    Strict {
        /// The rows.
        rows: BadRows,
        /// Reading stopped at the last of them.
        stopped: bool,
    },
}

fn strict(rows: &BadRows, stopped: bool) -> String {
    let named: Vec<String> = rows.first().iter().map(BadRow::to_string).collect();
    let named = named.join("\n");
    let found = match (rows.total(), stopped) {
        (total, true) => format!("stopped reading after {total} bad rows"),
        (1, false) => "1 bad row".to_owned(),
        (total, false) => format!("{total} bad rows"),
    };
    format!("{named}\n{found}; --strict passes over none")
}

/// What is wrong with a file of these columns that lacks a text column, or else a label column.
pub(super) fn missing_column<'n>(
    file: &str,
    mapping: &Mapping,
    has_text: bool,
    columns: impl ExactSizeIterator<Item = &'n str>,
) -> Error {
    let file = file.to_owned();
    let one_column = columns.len() == 1;
    let mut found = list_names(columns);
    if one_column && !has_text && found.contains([';', '|', '\t']) {
        found.push_str(
            " (one column: the fields of .csv are separated by commas, those of .tsv by tabs)",
        );
    }
    let named = mapping
        .named()
        .find(|&(role, _)| role == Role::Text && !has_text || has_text && role.is_label());
    match named {
        Some((role, name)) => Error::NoSuchColumn {
            file,
            role,
            name: name.to_owned(),
            found,
        },
        None if has_text => Error::NoLabelColumn { file, found },
        None => Error::NoTextColumn { file, found },
    }
}

/// Lists column names for an error. A name too long to be one is cut: where the header row is
/// missing, it is a comment. Control characters do not reach the terminal.
fn list_names<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const SHOWN: usize = 20;
    const LONGEST: usize = 30;
    let more = names.len().saturating_sub(SHOWN);
    let mut list: Vec<String> = names
        .take(SHOWN)
        .map(|name| match name.chars().count() {
            0..=LONGEST => format!("`{}`", name.replace(char::is_control, "\u{fffd}")),
            characters => format!("({characters} characters; is the header row missing?)"),
        })
        .collect();
    if more > 0 {
        list.push(format!("and {more} more"));
    }
    if list.is_empty() {
        list.push("none".to_owned());
    }
    list.join(", ")
}
