//! Comments from lines, one after the other.

use std::io::Read;

use moderato::comment::Submission;

use super::asked::Asked;
use super::bad_line;
use super::judging::{Rules, Tally};
use super::lines::Lines;
use crate::exit::{WrongInput, complain};

/// A comment that waits for a verdict.
pub struct Question {
    /// What the answer will need of it.
    pub asked: Asked,
    /// The comment.
    pub submission: Submission,
}

/// Reads `input` and hands every comment to `take`, until that takes no more.
///
/// # Errors
/// If reading breaks off, or with [`WrongInput`] at the first bad line under
/// [`Rules::strict`].
pub fn ask(
    input: impl Read,
    rules: Rules,
    mut take: impl FnMut(Question) -> bool,
) -> anyhow::Result<Tally> {
    let (mut lines, mut tally) = (Lines::new(input), Tally::default());
    while let Some(line) = lines.next()? {
        match bad_line::parse(&line) {
            Ok(submission) => {
                let asked = Asked::of(&submission, Some(line.number));
                if !take(Question { asked, submission }) {
                    break;
                }
            }
            Err(bad) if rules.strict => {
                return Err(WrongInput::new(anyhow::Error::msg(bad)).into());
            }
            Err(bad) => {
                tally.bad_input = true;
                complain(bad);
            }
        }
    }
    Ok(tally)
}
