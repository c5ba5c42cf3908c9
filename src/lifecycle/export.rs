//! Labels as files that `train` and `labels import` read again.

use std::io::{self, Write};

use serde::Serialize;

use super::LifecycleError;
use crate::store::StoredLabel;
use crate::training::corpus::Format;

/// How an export is written.
pub type ExportFormat = Format;

/// Writes labels, one a row, with where each comes from.
pub struct Exporter<W: Write> {
    rows: Rows<W>,
    written: u64,
}

enum Rows<W: Write> {
    Json(W),
    Delimited(Box<csv::Writer<W>>),
}

/// A row. The first seven columns are what training reads; a head that nobody judged
/// is empty.
#[derive(Serialize)]
struct Row<'a> {
    text: &'a str,
    name: &'a str,
    url: &'a str,
    spam: Option<u8>,
    toxic: Option<u8>,
    language: &'a str,
    group: &'a str,
    label_id: String,
    labelled_at: String,
    source: &'static str,
    moderator: &'a str,
    site: String,
    comment_name: String,
    batch: &'a str,
    origin: &'a str,
}

impl<W: Write> Exporter<W> {
    /// Writes to `out`.
    #[must_use]
    pub fn new(out: W, format: ExportFormat) -> Self {
        let delimited = |separator, out| {
            let writer = csv::WriterBuilder::new()
                .delimiter(separator)
                .from_writer(out);
            Rows::Delimited(Box::new(writer))
        };
        Self {
            rows: match format {
                Format::JsonLines => Rows::Json(out),
                Format::Csv => delimited(b',', out),
                Format::Tsv => delimited(b'\t', out),
            },
            written: 0,
        }
    }

    /// Writes a label, unless its text was erased.
    ///
    /// # Errors
    /// If the output does not take it.
    pub fn write(&mut self, label: &StoredLabel) -> Result<(), LifecycleError> {
        let Some(texts) = &label.texts else {
            return Ok(());
        };
        let row = Row {
            text: &texts.text,
            name: &texts.name,
            url: texts.url.as_deref().unwrap_or_default(),
            spam: label.label.spam.map(u8::from),
            toxic: label.label.toxicity.map(u8::from),
            language: label.language.as_deref().unwrap_or_default(),
            group: label.group.as_deref().unwrap_or_default(),
            label_id: label.id.to_string(),
            labelled_at: label.labelled_at.to_string(),
            source: label.source.name(),
            moderator: label.actor.as_deref().unwrap_or_default(),
            site: label.site.to_string(),
            comment_name: label
                .comment
                .map(|comment| comment.resource_name(&label.site))
                .unwrap_or_default(),
            batch: label.batch.as_deref().unwrap_or_default(),
            origin: label.origin.as_deref().unwrap_or_default(),
        };
        self.rows.write(&row).map_err(LifecycleError::Output)?;
        self.written += 1;
        Ok(())
    }

    /// Writes what is still held back. How many labels were written.
    ///
    /// # Errors
    /// If the output does not take it.
    pub fn finish(mut self) -> Result<u64, LifecycleError> {
        let flushed = match &mut self.rows {
            Rows::Json(out) => out.flush(),
            Rows::Delimited(writer) => writer.flush(),
        };
        flushed.map_err(LifecycleError::Output)?;
        Ok(self.written)
    }
}

impl<W: Write> Rows<W> {
    fn write(&mut self, row: &Row<'_>) -> io::Result<()> {
        match self {
            Self::Json(out) => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
            Self::Delimited(writer) => writer.serialize(row).map_err(output),
        }
    }
}

/// What the output itself said: whether it was closed is to be seen of it.
fn output(error: csv::Error) -> io::Error {
    let told = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other(told),
    }
}
