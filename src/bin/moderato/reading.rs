//! Labelled rows from files, folders and standard input, as flags say.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use moderato::label::LabelledSample;
use moderato::training::corpus::{
    Cause, Columns, Error, Format, FoundFiles, ReadOptions, ReadReport, Reader, find_files,
};
use moderato::verdict::Head;
use serde::Serialize;

use crate::exit::{OrWrongInput as _, WrongInput, complain};
use crate::progress::Progress;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

/// What its rows have for a source, and its errors for a file.
const STANDARD_INPUT_NAME: &str = "standard input";

/// Where one row in this many is bad, more is wrong than a row here and there.
const MANY: u64 = 10;

/// How to read labelled rows.
#[derive(clap::Args)]
#[command(next_help_heading = "Reading")]
pub struct ReadFlags {
    /// Column of the comment's text; usual names are guessed
    #[arg(long, value_name = "COLUMN")]
    text_column: Option<String>,
    /// Column of the author's name
    #[arg(long, value_name = "COLUMN")]
    name_column: Option<String>,
    /// Column of the author's web page
    #[arg(long, value_name = "COLUMN")]
    url_column: Option<String>,
    /// Column that says whether it is spam
    #[arg(long, value_name = "COLUMN")]
    spam_column: Option<String>,
    /// Column that says whether it is toxic
    #[arg(long, value_name = "COLUMN")]
    toxic_column: Option<String>,
    /// Column with a word such as spam, ham, toxic, civil; or 0/1 with --head
    #[arg(long, value_name = "COLUMN")]
    label_column: Option<String>,
    /// Column of the language tag
    #[arg(long, value_name = "COLUMN")]
    language_column: Option<String>,
    /// Column of what must stay on one side of a split, such as a thread
    #[arg(long, value_name = "COLUMN")]
    group_column: Option<String>,
    /// What a plain yes or no in the label column is about
    #[arg(long, value_parser = head_parser())]
    head: Option<Head>,
    /// Format of every file; by default each file's name says it
    #[arg(long, value_parser = format_parser())]
    format: Option<Format>,
    /// Read quotes in CSV and TSV as plain characters
    #[arg(long)]
    unquoted: bool,
    /// Refuse bad rows, naming the first twenty, instead of passing over them
    #[arg(long)]
    strict: bool,
}

fn head_parser() -> impl clap::builder::TypedValueParser<Value = Head> {
    PossibleValuesParser::new(Head::ALL.map(Head::name)).try_map(|name| {
        let head = Head::ALL.into_iter().find(|head| head.name() == name);
        head.ok_or("expected spam or toxicity")
    })
}

pub fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(["jsonl", "csv", "tsv"]).try_map(|name| name.parse())
}

impl ReadFlags {
    fn options(&self) -> ReadOptions {
        ReadOptions {
            columns: Columns {
                text: self.text_column.clone(),
                name: self.name_column.clone(),
                url: self.url_column.clone(),
                spam: self.spam_column.clone(),
                toxic: self.toxic_column.clone(),
                label: self.label_column.clone(),
                language: self.language_column.clone(),
                group: self.group_column.clone(),
            },
            head: self.head,
            format: self.format,
            unquoted: self.unquoted,
            strict: self.strict,
        }
    }
}

/// What was not read, by cause: nothing is left out in silence.
#[derive(Serialize)]
pub struct LeftOut {
    bad_rows_by_cause: BTreeMap<Cause, u64>,
    ignored_files: Vec<String>,
}

impl From<&ReadReport> for LeftOut {
    fn from(read: &ReadReport) -> Self {
        let ignored = read.ignored.iter().map(|file| file.display().to_string());
        Self {
            bad_rows_by_cause: read.bad_rows.by_cause().clone(),
            ignored_files: ignored.collect(),
        }
    }
}

/// A line for people; none where all was read.
impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.bad_rows_by_cause.iter();
        let mut parts: Vec<String> = rows
            .map(|(cause, &count)| format!("{count} {} {cause}", plural("row", count)))
            .collect();
        if !self.ignored_files.is_empty() {
            let files = self.ignored_files.len();
            let word = plural("file", files as u64);
            parts.push(format!("{files} {word} of no known format"));
        }
        if parts.is_empty() {
            return Ok(());
        }
        writeln!(formatter, "left out: {}", parts.join(", "))
    }
}

fn plural(word: &str, count: u64) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{word}{end}")
}

/// Where rows come from.
struct Input {
    files: Vec<PathBuf>,
    ignored: Vec<PathBuf>,
    /// The format of what comes on standard input, read after the files.
    piped: Option<Format>,
}

impl Input {
    fn find(paths: &[PathBuf], options: &ReadOptions) -> anyhow::Result<Self> {
        let (standard_input, paths): (Vec<_>, Vec<_>) = paths
            .iter()
            .cloned()
            .partition(|path| path.as_os_str() == STANDARD_INPUT);
        let piped = match (standard_input.is_empty(), options.format) {
            (true, _) => None,
            (false, Some(format)) => Some(format),
            (false, None) => bail!(
                "{STANDARD_INPUT_NAME}: cannot tell its format; expected --format jsonl, csv or tsv"
            ),
        };
        let FoundFiles { files, ignored } = find_files(&paths)?;
        Ok(Self {
            files,
            ignored,
            piped,
        })
    }

    /// Known only where all of it is files.
    fn bytes(&self) -> Option<u64> {
        if self.piped.is_some() {
            return None;
        }
        let sizes = self.files.iter().map(fs::metadata);
        sizes.map(|file| file.ok().map(|file| file.len())).sum()
    }
}

/// Hands every row of `paths` to `sink` and says on standard error what was read
/// and what could not be.
///
/// # Errors
/// [`WrongInput`] if there is nothing to read, or a row or file that may not be
/// passed over; another if reading broke off.
pub fn read(
    paths: &[PathBuf],
    flags: &ReadFlags,
    sink: impl FnMut(LabelledSample),
) -> anyhow::Result<ReadReport> {
    let options = flags.options();
    let input = Input::find(paths, &options).or_wrong_input()?;
    let progress = Progress::of_bytes(input.bytes());
    let mut reader = Reader::new(options.clone(), sink);
    let outcome = read_input(&input, &options, &progress, &mut reader);
    progress.done();
    outcome.map_err(classify)?;
    let mut report = reader.finish().or_wrong_input()?;
    report.ignored = input.ignored;
    tell(&report);
    if report.rows() == 0 {
        return Err(anyhow!("expected labelled rows, found none")).or_wrong_input();
    }
    Ok(report)
}

fn read_input<S: FnMut(LabelledSample)>(
    input: &Input,
    options: &ReadOptions,
    progress: &Progress,
    reader: &mut Reader<S>,
) -> Result<(), Error> {
    for path in &input.files {
        let name = path.display().to_string();
        progress.step(&format!("reading {name}"));
        let (file, format) = open(path, options)?;
        reader.read_from(buffered(progress, file), format, &name)?;
    }
    if let Some(format) = input.piped {
        progress.step(&format!("reading {STANDARD_INPUT_NAME}"));
        let rows = buffered(progress, io::stdin().lock());
        reader.read_from(rows, format, STANDARD_INPUT_NAME)?;
    }
    Ok(())
}

fn open(path: &Path, options: &ReadOptions) -> Result<(File, Format), Error> {
    let format = options.format.or_else(|| Format::of_path(path));
    let format = format.ok_or_else(|| Error::UnknownFormat {
        path: path.to_owned(),
    })?;
    let file = File::open(path).map_err(|cause| Error::Open {
        path: path.to_owned(),
        cause,
    })?;
    Ok((file, format))
}

fn buffered<R: Read>(progress: &Progress, input: R) -> impl io::BufRead {
    BufReader::with_capacity(1 << 16, progress.counting(input))
}

fn classify(error: Error) -> anyhow::Error {
    match error {
        Error::Read { .. } => error.into(),
        _ => WrongInput::new(error).into(),
    }
}

/// Names the first bad rows and counts them all.
fn tell(report: &ReadReport) {
    for file in &report.ignored {
        complain(format_args!(
            "passed over {}: its name promises no format that can be read",
            file.display()
        ));
    }
    let bad_rows = &report.bad_rows;
    for row in bad_rows.first() {
        complain(row);
    }
    let kept = bad_rows.first().len() as u64;
    if bad_rows.total() > kept {
        complain(format_args!(
            "… and {} more bad rows",
            bad_rows.total() - kept
        ));
    }
    let (bad, all) = (bad_rows.total(), bad_rows.total() + report.rows());
    if bad * MANY > all && report.rows() > 0 {
        complain(format_args!(
            "{bad} of {all} rows were left out; what is made of the others may not hold for the whole"
        ));
    }
}
