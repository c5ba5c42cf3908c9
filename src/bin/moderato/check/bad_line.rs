//! What is wrong with a line that is no submission, said without quoting it.

use std::fmt;

use moderato::comment::Submission;
use serde_json::{Map, Value, error::Category};

use super::lines::{Line, MAX_LINE_BYTES};

/// Longest field name that is worth repeating, in characters.
const LONGEST_NAME: usize = 40;

/// A line that cannot be judged.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub number: u64,
    /// What is wrong with it.
    pub problem: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.number, self.problem)
    }
}

/// The submission on `line`.
pub fn parse(line: &Line) -> Result<Submission, BadLine> {
    let bad = |problem| BadLine {
        number: line.number,
        problem,
    };
    let Some(content) = &line.content else {
        return Err(bad(format!("longer than {MAX_LINE_BYTES} bytes")));
    };
    // Unlike a struct, JSON Lines means an object: serde would take an array too.
    if content.trim_ascii_start().first() == Some(&b'{')
        && let Ok(submission) = serde_json::from_slice(content)
    {
        return Ok(submission);
    }
    Err(bad(problem(content)))
}

fn problem(content: &[u8]) -> String {
    match serde_json::from_slice(content) {
        Ok(Value::Object(fields)) => wrong_field(&fields)
            .unwrap_or_else(|| "expected each field once, found one twice".to_owned()),
        Ok(other) => format!("expected a JSON object, found {}", kind(&other)),
        Err(error) => {
            let what = match error.classify() {
                Category::Eof => "the line ends within it".to_owned(),
                _ => without_place(&error),
            };
            format!(
                "expected a JSON object, found broken JSON at byte {}: {what}",
                error.column()
            )
        }
    }
}

/// What the parser says, without the line and column it counts within the line.
fn without_place(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let place = said.rfind(" at line ");
    said[..place.unwrap_or(said.len())].to_owned()
}

/// Names the first field that is no field of a submission or has a wrong value.
fn wrong_field(fields: &Map<String, Value>) -> Option<String> {
    fields.iter().find_map(|(name, value)| {
        let error = alone(&[name], value.clone())?;
        let deeper = value.as_object().into_iter().flatten();
        let nested = deeper.into_iter().find_map(|(inner, value)| {
            let error = alone(&[name, inner], value.clone())?;
            Some(describe(&format!("{name}.{inner}"), value, &error))
        });
        Some(nested.unwrap_or_else(|| describe(name, value, &error)))
    })
}

/// What is wrong with a submission of this one field.
fn alone(path: &[&String], value: Value) -> Option<serde_json::Error> {
    let submission = path.iter().rev().fold(value, |value, &name| {
        Value::Object(Map::from_iter([(name.clone(), value)]))
    });
    serde_json::from_value::<Submission>(submission).err()
}

fn describe(name: &str, value: &Value, error: &serde_json::Error) -> String {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let said = error.to_string();
    let expected = said
        .rsplit_once(", expected ")
        .map_or("", |(_, expected)| expected);
    if said.starts_with("unknown field") {
        return format!("unknown field `{name}`, expected {expected}");
    }
    let expected = match expected {
        "u64" | "u32" => "a whole number, 0 or more",
        "struct SubmittedPage" | "struct SubmittedAuthor" => "an object",
        other => other,
    };
    format!("field `{name}`: expected {expected}, found {}", kind(value))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem_of(content: &str) -> String {
        let line = Line {
            number: 7,
            content: Some(content.into()),
        };
        parse(&line).unwrap_err().to_string()
    }

    #[test]
    fn names_line_field_and_what_was_expected() {
        for (content, problem) in [
            (
                r#"{"name": 5}"#,
                "field `name`: expected a string, found a number",
            ),
            (
                r#"{"page": {"id": ["secret"]}}"#,
                "field `page.id`: expected a string, found an array",
            ),
            (
                r#"{"page": "secret"}"#,
                "field `page`: expected an object, found text",
            ),
            (
                r#"{"form_duration_ms": -5}"#,
                "field `form_duration_ms`: expected a whole number, 0 or more, found a number",
            ),
            (
                r#"{"author": {"trusted": "secret"}}"#,
                "field `author.trusted`: expected a boolean, found text",
            ),
            ("[\"secret\"]", "expected a JSON object, found an array"),
            (
                r#"{"name": "a", "name": "b"}"#,
                "expected each field once, found one twice",
            ),
            (
                r#"{"name": "secret"#,
                "expected a JSON object, found broken JSON at byte 16: the line ends within it",
            ),
        ] {
            assert_eq!(problem_of(content), format!("line 7: {problem}"));
        }
    }

    #[test]
    fn an_unknown_field_comes_with_the_known_ones() {
        let problem = problem_of(r#"{"text": "secret", "author": {"mail": ""}}"#);
        assert!(
            problem.starts_with("line 7: unknown field `author.mail`, expected one of `id`"),
            "{problem}"
        );
        assert!(problem_of(r#"{"comment": "x"}"#).contains("`submission_id`"));
    }

    #[test]
    fn a_line_too_long_is_bad() {
        let line = Line {
            number: 1,
            content: None,
        };
        assert!(parse(&line).unwrap_err().problem.starts_with("longer than"));
    }
}
