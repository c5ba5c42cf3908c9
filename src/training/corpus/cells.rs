//! One row, whatever the format it came in, and the sample it makes.

use serde_json::{Number, Value};

use super::columns::Role;
use super::fault::{Fault, short_word};
use super::mapping::PerRole;
use super::words::Meaning;
use crate::label::{Label, LabelledSample};
use crate::verdict::Head;

/// One value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    Null,
    Text(&'a str),
    Number(&'a Number),
    Bool(bool),
    /// A kind of value that no column can hold.
    Other(&'static str),
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::String(text) => Self::Text(text),
            Value::Number(number) => Self::Number(number),
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Array(_) => Self::Other("an array"),
            Value::Object(_) => Self::Other("an object"),
        }
    }
}

impl Cell<'_> {
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Other(kind) => kind,
        }
    }

    fn meaning(self) -> Option<Meaning> {
        match self {
            Self::Null => Some(Meaning::NotJudged),
            Self::Text(word) => Meaning::of_word(word),
            Self::Number(number) => Meaning::of_number(number.as_f64()?),
            Self::Bool(truth) => Some(Meaning::Plain(truth)),
            Self::Other(_) => None,
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Text(word) => short_word(word),
            Self::Number(number) => format!("`{number}`"),
            Self::Bool(truth) => format!("`{truth}`"),
            Self::Null | Self::Other(_) => self.kind().to_owned(),
        }
    }
}

/// A column's name and its value in this row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named<'a> {
    pub(super) column: &'a str,
    pub(super) cell: Cell<'a>,
}

/// The values of one row by what they are for; `None` where the row has no such column.
pub(super) type Cells<'a> = PerRole<Option<Named<'a>>>;

/// The sample that a row holds.
pub(super) fn sample(
    cells: &Cells<'_>,
    head: Option<Head>,
    source: &str,
) -> Result<LabelledSample, Fault> {
    Ok(LabelledSample {
        text: text(cells)?,
        label: label(cells, head)?,
        name: plain(cells, Role::Name)?,
        url: plain(cells, Role::Url)?,
        language: plain(cells, Role::Language)?,
        group: plain(cells, Role::Group)?,
        source: source.to_owned(),
    })
}

fn text(cells: &Cells<'_>) -> Result<String, Fault> {
    let named = cells.get(Role::Text).ok_or(Fault::NoTextColumn)?;
    match named.cell {
        Cell::Text(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        Cell::Text(_) | Cell::Null => Err(Fault::EmptyText {
            column: named.column.to_owned(),
        }),
        other => Err(Fault::WrongKind {
            column: named.column.to_owned(),
            found: other.kind(),
        }),
    }
}

/// A value that is text, or a number taken as text: group ids often are numbers.
fn plain(cells: &Cells<'_>, role: Role) -> Result<String, Fault> {
    let Some(named) = cells.get(role) else {
        return Ok(String::new());
    };
    match named.cell {
        Cell::Null => Ok(String::new()),
        Cell::Text(text) => Ok(text.trim().to_owned()),
        Cell::Number(number) => Ok(number.to_string()),
        Cell::Bool(_) | Cell::Other(_) => Err(Fault::WrongKind {
            column: named.column.to_owned(),
            found: named.cell.kind(),
        }),
    }
}

fn label(cells: &Cells<'_>, head: Option<Head>) -> Result<Label, Fault> {
    let mut label = Label::default();
    for (role, about) in [
        (Role::Spam, About::Head(Head::Spam)),
        (Role::Toxic, About::Head(Head::Toxicity)),
        (Role::Label, About::Word(head)),
    ] {
        let Some(named) = cells.get(role) else {
            continue;
        };
        let Some((head, truth)) = about.judge(*named)? else {
            continue;
        };
        let said = label.get_mut(head).replace(truth);
        if said.is_some_and(|said| said != truth) {
            return Err(Fault::Contradiction(head));
        }
    }
    if label.is_judged() {
        Ok(label)
    } else {
        Err(Fault::NoLabel)
    }
}

/// What a label column is about.
#[derive(Clone, Copy)]
enum About {
    /// One head.
    Head(Head),
    /// What each word says; of a plain yes or no, this head.
    Word(Option<Head>),
}

impl About {
    fn judge(self, named: Named<'_>) -> Result<Option<(Head, bool)>, Fault> {
        match (named.cell.meaning(), self) {
            (Some(Meaning::NotJudged), _) => Ok(None),
            (Some(Meaning::Plain(truth)), Self::Head(head) | Self::Word(Some(head))) => {
                Ok(Some((head, truth)))
            }
            (Some(Meaning::Plain(_)), Self::Word(None)) => Err(Fault::HeadUnknown {
                column: named.column.to_owned(),
                found: named.cell.describe(),
            }),
            (Some(Meaning::Of(said, truth)), Self::Word(_)) => Ok(Some((said, truth))),
            (Some(Meaning::Of(said, truth)), Self::Head(head)) if said == head => {
                Ok(Some((head, truth)))
            }
            (Some(Meaning::Of(..)) | None, _) => Err(Fault::NotALabel {
                column: named.column.to_owned(),
                found: named.cell.describe(),
                expected: self.expected(),
            }),
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Self::Head(Head::Spam) => "0 or 1 (true/false, yes/no, spam/ham), or empty",
            Self::Head(Head::Toxicity) => "0 or 1 (true/false, yes/no, toxic/civil), or empty",
            Self::Word(_) => "spam, ham, toxic or civil (0 or 1 with --head), or empty",
        }
    }
}
