//! What holds of any input, however hostile. Each law takes its input from random
//! bytes and panics where it is broken; `tests/fuzz.rs` tries them for some seconds
//! on every run of the tests, the fuzz targets for as long as one likes.

mod hostile;
mod page;

use arbitrary::{Result, Unstructured};
use moderato::comment::{Comment, EmailAddress, Faults, FieldLimits, Parsed};
use moderato::text;
use moderato::training::corpus::{Error, Format, ReadOptions, Reader};
use moderato::verdict::ReasonCode;

pub use page::report_page;

/// Normalising twice is normalising once, and every piece of the result comes from
/// whole characters of the original.
///
/// # Errors
/// If there are too few random bytes to make a text of.
pub fn normalise(random: &mut Unstructured<'_>) -> Result<()> {
    let original = hostile::text(random)?;
    let once = text::normalise(&original);
    let twice = text::normalise(once.text());
    assert_eq!(twice.text(), once.text(), "normalised twice: {original:?}");

    let characters = once.text().char_indices();
    let pieces = characters.map(|(start, character)| start..start + character.len_utf8());
    for piece in pieces.chain([0..once.text().len(), 0..0]) {
        let span = once.original(piece.clone());
        assert!(
            original.get(span.clone()).is_some(),
            "{piece:?} of {:?} comes from {span:?} of {original:?}",
            once.text()
        );
    }
    Ok(())
}

/// A submission becomes a comment with the reader's words unchanged, or it has
/// faults.
///
/// # Errors
/// If there are too few random bytes to make a submission of.
pub fn parse(random: &mut Unstructured<'_>) -> Result<()> {
    let submission = hostile::submission(random)?;
    match Comment::parse(submission.clone(), &FieldLimits::default()) {
        Ok(Parsed { comment, remarks }) => {
            assert_eq!(comment.text().as_str(), submission.text);
            assert_eq!(comment.name().as_str(), submission.name);
            let again = EmailAddress::parse(comment.email().as_str());
            assert_eq!(
                again.as_ref(),
                Ok(comment.email()),
                "{:?}",
                submission.email
            );
            assert!(
                remarks
                    .iter()
                    .all(|remark| remark.code == ReasonCode::FieldIgnored)
            );
        }
        Err(faults) => assert_in_form_order(&faults),
    }
    Ok(())
}

/// Rows are samples or counted by cause, none is lost, and what is said of them quotes no text.
///
/// # Errors
/// If there are too few random bytes to make a file of.
pub fn read_corpus(random: &mut Unstructured<'_>) -> Result<()> {
    const SECRET: &str = "a secret of three words";
    let format = *random.choose(&[Format::JsonLines, Format::Csv, Format::Tsv])?;
    let options = ReadOptions {
        strict: random.arbitrary()?,
        unquoted: random.arbitrary()?,
        ..ReadOptions::default()
    };
    let file = hostile::corpus(random, format, SECRET)?;
    let mut samples = 0;
    let mut reader = Reader::new(options.clone(), |_| samples += 1);
    let outcome = reader.read_from(&file[..], format, "corpus");
    let said = match outcome.and_then(|()| reader.finish()) {
        Ok(report) => {
            assert_eq!(report.rows(), samples);
            let file = &report.files[0];
            assert_eq!(file.bad_rows, report.bad_rows.total());
            assert!(!options.strict || file.bad_rows == 0, "strict passed over");
            let named = report.bad_rows.first().iter().map(ToString::to_string);
            named.collect::<Vec<_>>().join("\n")
        }
        Err(error @ Error::Strict { .. }) => {
            assert!(options.strict, "{error}");
            error.to_string()
        }
        Err(error) => error.to_string(),
    };
    assert!(!said.contains(SECRET), "{said}");
    Ok(())
}

fn assert_in_form_order(faults: &Faults) {
    let fields: Vec<_> = faults.reasons().iter().map(|fault| fault.field).collect();
    assert!(!fields.is_empty(), "a refusal without a fault");
    assert!(
        fields.iter().all(Option::is_some),
        "a fault without a field"
    );
    assert!(fields.is_sorted_by(|a, b| a < b), "{fields:?}");
}
