//! Rows of CSV and TSV: a header row, then one record a row, of one line or several.

use std::io::BufRead;

use super::cells::{Cell, Cells, Named};
use super::columns::Role;
use super::error::{Error, missing_column};
use super::fault::Fault;
use super::mapping::{Located, Mapping, PerRole, can_judge};
use super::reader::{Row, Rows};
use super::records::{Record, Records};

/// What separates fields, and whether quotes mean anything.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    pub(super) separator: u8,
    pub(super) quotes: bool,
}

pub(super) struct Delimited<R> {
    file: String,
    records: Records<R>,
    header: Vec<String>,
    located: Located,
}

impl<R: BufRead> Delimited<R> {
    /// Reads the header row and finds the columns.
    pub(super) fn new(
        file: &str,
        reader: R,
        dialect: Dialect,
        mapping: &Mapping,
    ) -> Result<Self, Error> {
        let mut records = Records::new(reader, dialect);
        let header = read_header(file, &mut records)?;
        let located = mapping.locate(header.iter().map(String::as_str));
        check_columns(file, &header, &located, mapping)?;
        Ok(Self {
            file: file.to_owned(),
            records,
            header,
            located,
        })
    }
}

fn read_header<R: BufRead>(file: &str, records: &mut Records<R>) -> Result<Vec<String>, Error> {
    let no_header = |found: &str| Error::NoHeader {
        file: file.to_owned(),
        found: found.to_owned(),
    };
    let first = records.next().map_err(|cause| Error::Read {
        file: file.to_owned(),
        cause,
    })?;
    let (_, record) = first.ok_or_else(|| no_header("nothing"))?;
    let fields = match record {
        Record::Fields(fields) => fields,
        Record::Bad(fault) => return Err(no_header(&fault.to_string())),
    };
    let names = fields.iter().enumerate().map(|(at, name)| {
        let name = std::str::from_utf8(name).map_err(|error| {
            no_header(&format!(
                "another encoding than UTF-8 at byte {} of column {} \
                 (convert the file, for instance with `iconv -f WINDOWS-1252 -t UTF-8`)",
                error.valid_up_to() + 1,
                at + 1
            ))
        })?;
        Ok(name.trim().to_owned())
    });
    names.collect()
}

fn check_columns(
    file: &str,
    header: &[String],
    located: &Located,
    mapping: &Mapping,
) -> Result<(), Error> {
    let has_text = located.get(Role::Text).is_some();
    if !has_text || !can_judge(located) {
        let names = header.iter().map(String::as_str);
        return Err(missing_column(file, mapping, has_text, names));
    }
    let twice = Role::ALL.into_iter().find_map(|role| {
        let name = &header[(*located.get(role))?];
        let namesakes = header.iter().filter(|other| *other == name).count();
        (namesakes > 1).then_some((role, name))
    });
    match twice {
        None => Ok(()),
        Some((role, column)) => Err(Error::AmbiguousColumn {
            file: file.to_owned(),
            column: column.clone(),
            role,
        }),
    }
}

impl<R: BufRead> Rows for Delimited<R> {
    fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        let record = self.records.next().map_err(|cause| Error::Read {
            file: self.file.clone(),
            cause,
        })?;
        let Some((line, record)) = record else {
            return Ok(None);
        };
        let cells = match record {
            Record::Fields(fields) => cells(&self.header, &self.located, &fields),
            Record::Bad(fault) => Err(fault),
        };
        Ok(Some(Row { line, cells }))
    }
}

fn cells<'a>(
    header: &'a [String],
    located: &Located,
    fields: &[&'a [u8]],
) -> Result<Cells<'a>, Fault> {
    if fields.len() != header.len() {
        return Err(Fault::FieldCount {
            expected: header.len(),
            found: fields.len(),
        });
    }
    let mut fault = None;
    let cells = PerRole::from_fn(|role| {
        let index = (*located.get(role))?;
        match std::str::from_utf8(fields[index]) {
            Ok(text) => Some(Named {
                column: &header[index],
                cell: Cell::Text(text),
            }),
            Err(error) => {
                fault = Some(Fault::NotUtf8 {
                    column: Some(header[index].clone()),
                    byte: error.valid_up_to() + 1,
                });
                None
            }
        }
    });
    fault.map_or(Ok(cells), Err)
}
