//! How messages that carry what a reader typed are printed: by name only.

use std::fmt;

use super::envoy_proto::extensions::common::ratelimit::v3::rate_limit_descriptor::Entry;
use super::proto::{
    AddNoteRequest, Author, CommentReport, Evidence, ExplainTokenRequest, Flip, HeldCommentFilter,
    ImportedLabel, Label, MovedToken, Reason, ReportCommentRequest, ResolveCommentsRequest,
    ReviewAuthor, ReviewComment, ReviewDecision, ReviewNote, Submission, TokenPiece,
};

macro_rules! redact {
    ($($message:ident),+) => {
        $(impl fmt::Debug for $message {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_struct(stringify!($message)).finish_non_exhaustive()
            }
        })+
    };
}

redact!(
    Submission,
    Author,
    Reason,
    Evidence,
    ReportCommentRequest,
    ReviewComment,
    ReviewAuthor,
    ReviewDecision,
    ReviewNote,
    CommentReport,
    HeldCommentFilter,
    ResolveCommentsRequest,
    AddNoteRequest,
    Label,
    ImportedLabel,
    Flip,
    TokenPiece,
    MovedToken,
    ExplainTokenRequest,
    Entry
);

#[cfg(test)]
mod tests {
    use crate::grpc::proto::{CheckCommentRequest, Reason, Submission, Verdict};

    #[test]
    fn debug_prints_quote_nothing_a_reader_typed() {
        let request = CheckCommentRequest {
            submission: Some(Submission {
                email: "secret@example.org".into(),
                ..Submission::default()
            }),
        };
        let verdict = Verdict {
            reasons: vec![Reason {
                message: "secret".into(),
                ..Reason::default()
            }],
            ..Verdict::default()
        };
        assert!(!format!("{request:?} {verdict:?}").contains("secret"));
    }
}
