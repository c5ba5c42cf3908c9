//! Rows of JSON Lines: one object a line, whose keys may differ from row to row.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::cells::{Cell, Cells, Named};
use super::columns::Role;
use super::error::{Error, missing_column};
use super::fault::Fault;
use super::lines::{Line, Lines};
use super::mapping::{Mapping, PerRole, can_judge};
use super::reader::{Row, Rows};

/// Keys remembered for the error that lists them.
const KEYS_KEPT: usize = 64;

/// Whether the last line was an object.
type Parsed = Result<(), Fault>;

pub(super) struct JsonLines<R> {
    file: String,
    mapping: Arc<Mapping>,
    lines: Lines<R>,
    object: Map<String, Value>,
    keys: BTreeSet<String>,
    any_text: bool,
    any_label: bool,
}

impl<R: BufRead> JsonLines<R> {
    pub(super) fn new(file: &str, reader: R, mapping: Arc<Mapping>) -> Self {
        Self {
            file: file.to_owned(),
            mapping,
            lines: Lines::new(reader),
            object: Map::new(),
            keys: BTreeSet::new(),
            any_text: false,
            any_label: false,
        }
    }

    /// Parses the next line that is not blank into `self.object`; tells its number.
    fn advance(&mut self) -> Result<Option<(u64, Parsed)>, Error> {
        loop {
            let line = self.lines.next().map_err(|cause| Error::Read {
                file: self.file.clone(),
                cause,
            })?;
            let Some((number, line)) = line else {
                return Ok(None);
            };
            let Line::Bytes(bytes) = line else {
                return Ok(Some((number, Err(Fault::TooLong { in_quotes: false }))));
            };
            let bytes = bytes.trim_ascii();
            if bytes.is_empty() {
                continue;
            }
            if number == 1 && bytes.starts_with(b"[") {
                return Err(Error::JsonArray {
                    file: self.file.clone(),
                });
            }
            let parsed = parse(bytes).map(|object| self.object = object);
            return Ok(Some((number, parsed)));
        }
    }

    /// The last parsed object's values by role; remembers which columns the file has.
    fn cells(&mut self) -> Cells<'_> {
        let located = self.mapping.locate(self.object.keys().map(String::as_str));
        self.any_text |= located.get(Role::Text).is_some();
        self.any_label |= can_judge(&located);
        if !(self.any_text && self.any_label) && self.keys.len() < KEYS_KEPT {
            self.keys.extend(self.object.keys().cloned());
        }
        let fields: Vec<_> = self.object.iter().collect();
        PerRole::from_fn(|role| {
            let (column, value) = fields.get((*located.get(role))?)?;
            Some(Named {
                column,
                cell: Cell::from(*value),
            })
        })
    }

    /// At the end of the file: whether any row had a text and any a label.
    fn check_columns(&self) -> Result<(), Error> {
        let no_object = self.keys.is_empty();
        if no_object || self.any_text && self.any_label {
            return Ok(());
        }
        let keys = self.keys.iter().map(String::as_str);
        Err(missing_column(
            &self.file,
            &self.mapping,
            self.any_text,
            keys,
        ))
    }
}

impl<R: BufRead> Rows for JsonLines<R> {
    fn next(&mut self) -> Result<Option<Row<'_>>, Error> {
        let Some((line, parsed)) = self.advance()? else {
            self.check_columns()?;
            return Ok(None);
        };
        let cells = parsed.map(|()| self.cells());
        Ok(Some(Row { line, cells }))
    }
}

fn parse(line: &[u8]) -> Result<Map<String, Value>, Fault> {
    let text = std::str::from_utf8(line).map_err(|error| Fault::NotUtf8 {
        column: None,
        byte: error.valid_up_to() + 1,
    })?;
    let value: Value = serde_json::from_str(text).map_err(|error| broken_json(&error))?;
    match value {
        Value::Object(object) => Ok(object),
        other => Err(Fault::NotAnObject(Cell::from(&other).kind())),
    }
}

/// The parser's messages on a bare [`Value`] are fixed phrases: they quote nothing of the line.
fn broken_json(error: &serde_json::Error) -> Fault {
    let message = error.to_string();
    let problem = message
        .split_once(" at line ")
        .map_or(message.as_str(), |(problem, _)| problem);
    Fault::BrokenJson {
        byte: error.column(),
        problem: problem.to_owned(),
    }
}
