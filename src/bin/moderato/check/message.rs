//! A submission as the contract's message.

use moderato::comment::{Submission, SubmittedAuthor, SubmittedPage};
use moderato::grpc::proto;

/// `submission`, field by field.
pub fn message(submission: Submission) -> proto::Submission {
    let Submission {
        name,
        email,
        text,
        url,
        ip_address,
        user_agent,
        referrer,
        page:
            SubmittedPage {
                id: page_id,
                url: page_url,
                title,
            },
        author:
            SubmittedAuthor {
                id: author_id,
                trusted,
                approved_comments,
            },
        form_duration_ms,
        honeypot,
        locale,
        submission_id,
    } = submission;
    proto::Submission {
        name,
        email,
        text,
        url,
        ip_address,
        user_agent,
        referrer,
        page: Some(proto::Page {
            id: page_id,
            url: page_url,
            title,
        }),
        author: Some(proto::Author {
            id: author_id,
            trusted,
            approved_comments,
        }),
        form_duration_ms,
        honeypot,
        locale,
        submission_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_on_the_way_there_and_back() {
        let json = r#"{"name": "a", "email": "b", "text": "c", "url": "d", "ip_address": "e",
            "user_agent": "f", "referrer": "g", "page": {"id": "h", "url": "i", "title": "j"},
            "author": {"id": "k", "trusted": true, "approved_comments": 3},
            "form_duration_ms": 900, "honeypot": "l", "locale": "m", "submission_id": "n"}"#;
        let submission: Submission = serde_json::from_str(json).unwrap();
        assert!(Submission::from(message(submission.clone())) == submission);
    }
}
