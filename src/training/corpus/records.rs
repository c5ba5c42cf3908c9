//! Records of separated fields in bounded memory: the buffers have the size of the longest
//! record that is read, and a longer one is passed over.

use std::io::{self, BufRead};

use csv_core::ReadRecordResult;

use super::delimited::Dialect;
use super::fault::Fault;
use super::lines::MAX_ROW_BYTES;

/// Most fields of one record.
const MAX_FIELDS: usize = 4096;

pub(super) struct Records<R> {
    reader: R,
    parser: csv_core::Reader,
    quotes: QuoteCheck,
    /// Line at which the next byte stands, from 1.
    line: u64,
    bytes: Box<[u8]>,
    ends: Box<[usize]>,
}

/// One record.
pub(super) enum Record<'a> {
    /// Its fields, unquoted.
    Fields(Vec<&'a [u8]>),
    /// Passed over.
    Bad(Fault),
}

/// How much of the buffers one record has filled.
#[derive(Default)]
struct Filled {
    bytes: usize,
    fields: usize,
    /// Line of its last byte, line end included.
    last_line: u64,
    overflowed: bool,
    overflowed_in_quotes: bool,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(reader: R, dialect: Dialect) -> Self {
        let parser = csv_core::ReaderBuilder::new()
            .delimiter(dialect.separator)
            .quoting(dialect.quotes)
            .build();
        Self {
            reader,
            parser,
            quotes: QuoteCheck::new(dialect),
            line: 1,
            bytes: vec![0; MAX_ROW_BYTES].into(),
            ends: vec![0; MAX_FIELDS].into(),
        }
    }

    /// The next record with the line it starts on.
    pub(super) fn next(&mut self) -> io::Result<Option<(u64, Record<'_>)>> {
        self.skip_line_ends()?;
        let first_line = self.line;
        self.quotes.start_record();
        let Some(filled) = self.fill()? else {
            return Ok(None);
        };
        let last_line = filled.last_line;
        let record = if filled.overflowed {
            Record::Bad(Fault::TooLong {
                in_quotes: filled.overflowed_in_quotes,
            })
        } else if self.quotes.is_unpaired(last_line > first_line) {
            Record::Bad(Fault::UnpairedQuote { last_line })
        } else {
            Record::Fields(self.fields(&filled))
        };
        Ok(Some((first_line, record)))
    }

    /// Skips blank lines, and the second half of the CRLF that ended the last record: the parser
    /// would do so too, but leave us unable to tell on which line the next record starts.
    fn skip_line_ends(&mut self) -> io::Result<()> {
        loop {
            let input = self.reader.fill_buf()?;
            let blank = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            if blank == 0 {
                return Ok(());
            }
            self.line += line_ends(&input[..blank]);
            self.reader.consume(blank);
        }
    }

    /// Parses one record into the buffers; `None` at the end of the file.
    fn fill(&mut self) -> io::Result<Option<Filled>> {
        let mut filled = Filled::default();
        loop {
            let input = self.reader.fill_buf()?;
            let (result, read, bytes, fields) = self.parser.read_record(
                input,
                &mut self.bytes[filled.bytes..],
                &mut self.ends[filled.fields..],
            );
            self.quotes.feed(&input[..read]);
            self.line += line_ends(&input[..read]);
            filled.last_line = self.line - u64::from(input[..read].ends_with(b"\n"));
            self.reader.consume(read);
            filled.bytes += bytes;
            filled.fields += fields;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    filled = Filled {
                        overflowed: true,
                        overflowed_in_quotes: filled.overflowed_in_quotes
                            || self.quotes.inside_quotes(),
                        ..Filled::default()
                    };
                }
                ReadRecordResult::Record => return Ok(Some(filled)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn fields(&self, filled: &Filled) -> Vec<&[u8]> {
        let mut start = 0;
        self.ends[..filled.fields]
            .iter()
            .map(|&end| &self.bytes[std::mem::replace(&mut start, end)..end])
            .collect()
    }
}

#[expect(
    clippy::naive_bytecount,
    reason = "parsing costs more than counting, and a crate for it is not worth having"
)]
fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|&&byte| byte == b'\n').count() as u64
}

/// Notices quotes that are not used as RFC 4180 has them. The parser is lenient and joins all
/// rows from one stray quote to the next into one record that may look perfectly well.
struct QuoteCheck {
    dialect: Dialect,
    place: Place,
    stray: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Bare,
    Quoted,
    /// After a quote inside quotes: the end of the field, or the first of a doubled quote.
    QuoteInQuoted,
}

impl QuoteCheck {
    const fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            place: Place::FieldStart,
            stray: false,
        }
    }

    const fn start_record(&mut self) {
        self.place = Place::FieldStart;
        self.stray = false;
    }

    fn feed(&mut self, bytes: &[u8]) {
        if !self.dialect.quotes {
            return;
        }
        for &byte in bytes {
            self.step(byte);
        }
    }

    const fn step(&mut self, byte: u8) {
        let separates = byte == self.dialect.separator || matches!(byte, b'\r' | b'\n');
        self.place = match self.place {
            Place::Quoted if byte == b'"' => Place::QuoteInQuoted,
            Place::Quoted => Place::Quoted,
            Place::FieldStart | Place::QuoteInQuoted if byte == b'"' => Place::Quoted,
            _ if separates => Place::FieldStart,
            Place::QuoteInQuoted => {
                self.stray = true;
                Place::Bare
            }
            Place::FieldStart | Place::Bare => Place::Bare,
        };
    }

    const fn inside_quotes(&self) -> bool {
        matches!(self.place, Place::Quoted)
    }

    /// Whether the record that ends here may be several: text follows a closing quote (harmless
    /// within one line), or the file ended inside quotes.
    const fn is_unpaired(&self, spans_lines: bool) -> bool {
        self.inside_quotes() || self.stray && spans_lines
    }
}
