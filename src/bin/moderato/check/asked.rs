//! Which comment an answer is to.

use moderato::comment::Submission;

/// What an answer needs of the comment it is to.
pub struct Asked {
    /// Its line on a stream, from 1; `None` where it is the only one.
    pub line: Option<u64>,
    /// The site's id of it, where it has one.
    pub submission_id: String,
    /// The text, for highlighting.
    pub text: String,
}

impl Asked {
    /// The comment given by flags, or on a line.
    pub fn of(submission: &Submission, line: Option<u64>) -> Self {
        Self {
            line,
            submission_id: submission.submission_id.clone(),
            text: submission.text.clone(),
        }
    }
}
