//! Reads files row by row and accounts for every row.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::cells::{Cells, sample};
use super::columns::Role;
use super::delimited::{Delimited, Dialect};
use super::error::Error;
use super::fault::{BadRow, BadRows, Fault};
use super::files::{FoundFiles, find_files};
use super::json_lines::JsonLines;
use super::lines::check_encoding;
use super::mapping::Mapping;
use super::options::{Format, ReadOptions};
use crate::label::LabelledSample;

/// Bad rows after which strict reading stops: enough to see what is wrong with a file.
pub const MOST_BAD_ROWS: u64 = 20;

/// What was found in one file.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// The file, as it was named.
    pub file: String,
    /// Rows that made a sample.
    pub rows: u64,
    /// Rows that did not.
    pub bad_rows: u64,
    /// Which column was read as what.
    pub columns: BTreeMap<Role, String>,
}

/// What was found in all files.
#[derive(Clone, Debug, Default)]
pub struct ReadReport {
    /// In the order they were read.
    pub files: Vec<FileReport>,
    /// The rows that made no sample.
    pub bad_rows: BadRows,
    /// Files in the folders whose names promise no format that can be read.
    pub ignored: Vec<PathBuf>,
}

impl ReadReport {
    /// Rows that made a sample.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

/// Streams labelled samples from files into a sink, one row in memory at a time.
pub struct Reader<S> {
    options: ReadOptions,
    mapping: Arc<Mapping>,
    sink: S,
    named_found: BTreeSet<Role>,
    report: ReadReport,
}

impl<S: FnMut(LabelledSample)> Reader<S> {
    /// A reader that hands each sample to `sink`.
    pub fn new(options: ReadOptions, sink: S) -> Self {
        Self {
            mapping: Arc::new(Mapping::new(&options.columns)),
            options,
            sink,
            named_found: BTreeSet::new(),
            report: ReadReport::default(),
        }
    }

    /// Reads one file.
    ///
    /// # Errors
    /// If it cannot be read, is of no known format, lacks a text or a label column, has a row
    /// that may not be passed over ([`Error::Refused`]), or if reading is strict and has met
    /// [`MOST_BAD_ROWS`] ([`Error::Strict`]).
    pub fn read_file(&mut self, path: &Path) -> Result<(), Error> {
        let format = self.options.format.or_else(|| Format::of_path(path));
        let format = format.ok_or_else(|| Error::UnknownFormat {
            path: path.to_owned(),
        })?;
        let file = File::open(path).map_err(|cause| Error::Open {
            path: path.to_owned(),
            cause,
        })?;
        self.read_from(BufReader::new(file), format, &path.display().to_string())
    }

    /// Reads rows of `format`, such as standard input. `file` is the name that errors give; its
    /// stem is the samples' source.
    ///
    /// # Errors
    /// As [`Reader::read_file`].
    pub fn read_from(
        &mut self,
        input: impl BufRead,
        format: Format,
        file: &str,
    ) -> Result<(), Error> {
        let checked = check_encoding(input).map_err(|cause| Error::Read {
            file: file.to_owned(),
            cause,
        })?;
        let input = checked.map_err(|not_text| Error::NotText {
            file: file.to_owned(),
            found: not_text.found,
            remedy: not_text.remedy,
        })?;
        let mapping = Arc::clone(&self.mapping);
        let dialect = |separator| Dialect {
            separator,
            quotes: !self.options.unquoted,
        };
        match format {
            Format::JsonLines => self.read_rows(JsonLines::new(file, input, mapping), file),
            Format::Csv => {
                let rows = Delimited::new(file, input, dialect(b','), &mapping)?;
                self.read_rows(rows, file)
            }
            Format::Tsv => {
                let rows = Delimited::new(file, input, dialect(b'\t'), &mapping)?;
                self.read_rows(rows, file)
            }
        }
    }

    fn read_rows(&mut self, mut rows: impl Rows, file: &str) -> Result<(), Error> {
        let stem = Path::new(file).file_stem().unwrap_or_default();
        let source = stem.to_string_lossy();
        let mut found = FileReport {
            file: file.to_owned(),
            ..FileReport::default()
        };
        while let Some(Row { line, cells }) = rows.next()? {
            let sample = cells.and_then(|cells| {
                note_columns(&mut found.columns, &cells);
                sample(&cells, self.options.head, &source)
            });
            match sample {
                Ok(sample) => {
                    found.rows += 1;
                    (self.sink)(sample);
                }
                Err(fault) => {
                    found.bad_rows += 1;
                    self.pass_over(BadRow {
                        file: found.file.clone(),
                        line,
                        fault,
                    })?;
                }
            }
        }
        self.named_found.extend(found.columns.keys());
        self.report.files.push(found);
        Ok(())
    }

    fn pass_over(&mut self, row: BadRow) -> Result<(), Error> {
        if row.fault.condemns_file() {
            return Err(Error::Refused(row));
        }
        let bad_rows = &mut self.report.bad_rows;
        bad_rows.push(row);
        if self.options.strict && bad_rows.total() >= MOST_BAD_ROWS {
            return Err(Error::Strict {
                rows: std::mem::take(bad_rows),
                stopped: true,
            });
        }
        Ok(())
    }

    /// What was read.
    ///
    /// # Errors
    /// If the caller named a column that no file has, or reading is strict and rows are bad.
    pub fn finish(self) -> Result<ReadReport, Error> {
        if self.options.strict && self.report.bad_rows.total() > 0 {
            return Err(Error::Strict {
                rows: self.report.bad_rows,
                stopped: false,
            });
        }
        let any_row = self.report.files.iter().any(|file| file.rows > 0);
        let missing = self
            .mapping
            .named()
            .find(|(role, _)| !self.named_found.contains(role));
        match missing {
            Some((role, name)) if any_row => Err(Error::NowhereFound {
                role,
                name: name.to_owned(),
            }),
            _ => Ok(self.report),
        }
    }
}

fn note_columns(columns: &mut BTreeMap<Role, String>, cells: &Cells<'_>) {
    for role in Role::ALL {
        if let Some(named) = cells.get(role)
            && !columns.contains_key(&role)
        {
            columns.insert(role, named.column.to_owned());
        }
    }
}

/// Reads every file among `paths`, folders with all they hold, into memory.
///
/// # Errors
/// As [`find_files`], [`Reader::read_file`] and [`Reader::finish`].
pub fn read_paths(
    paths: &[PathBuf],
    options: ReadOptions,
) -> Result<(Vec<LabelledSample>, ReadReport), Error> {
    let FoundFiles { files, ignored } = find_files(paths)?;
    let mut samples = Vec::new();
    let mut reader = Reader::new(options, |sample| samples.push(sample));
    for file in &files {
        reader.read_file(file)?;
    }
    let mut report = reader.finish()?;
    report.ignored = ignored;
    Ok((samples, report))
}

/// One row of any format.
pub(super) struct Row<'a> {
    /// Its first line, from 1.
    pub(super) line: u64,
    /// Its values, or what is wrong with it.
    pub(super) cells: Result<Cells<'a>, Fault>,
}

/// Rows of a file, one at a time.
pub(super) trait Rows {
    /// The next row; `None` at the end of the file.
    fn next(&mut self) -> Result<Option<Row<'_>>, Error>;
}
