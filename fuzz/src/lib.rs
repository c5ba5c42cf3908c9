//! What holds of any input, however hostile. Each law takes its input from random
//! bytes and panics where it is broken; `tests/fuzz.rs` tries them for some seconds
//! on every run of the tests, the fuzz targets for as long as one likes.

mod hostile;

use arbitrary::{Result, Unstructured};
use moderato::comment::{Comment, EmailAddress, Faults, FieldLimits, Parsed};
use moderato::text;
use moderato::verdict::ReasonCode;

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

fn assert_in_form_order(faults: &Faults) {
    let fields: Vec<_> = faults.reasons().iter().map(|fault| fault.field).collect();
    assert!(!fields.is_empty(), "a refusal without a fault");
    assert!(
        fields.iter().all(Option::is_some),
        "a fault without a field"
    );
    assert!(fields.is_sorted_by(|a, b| a < b), "{fields:?}");
}
