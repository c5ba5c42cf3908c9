//! From a submission to a comment.

use std::time::Duration;

use super::Comment;
use super::author_url::AuthorUrl;
use super::email::EmailAddress;
use super::faults::Faults;
use super::limits::FieldLimits;
use super::site_values::SiteValues;
use super::submission::Submission;
use super::typed::{AuthorName, CommentText};
use crate::verdict::{Field, Reason};

/// A comment, and what of its submission had to be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The comment.
    pub comment: Comment,
    /// One `FIELD_IGNORED` for each value of the site's that was malformed or cut
    /// off, in the order of the contract. For the site's developers; they carry no
    /// weight.
    pub remarks: Vec<Reason>,
}

impl Comment {
    /// Reads a submission. Work is linear in its size.
    ///
    /// `submission_id` is not looked at: it is no part of a comment.
    ///
    /// # Errors
    /// If something that the reader typed (name, e-mail, text, web page) is missing
    /// or at fault: every such field, with a sentence for the form.
    pub fn parse(submission: Submission, limits: &FieldLimits) -> Result<Parsed, Faults> {
        let name = AuthorName::parse(submission.name, limits);
        let email = EmailAddress::parse(&submission.email);
        let text = CommentText::parse(submission.text, limits);
        let url = AuthorUrl::parse(submission.url, limits);
        let (name, email, text, url) = match (name, email, text, url) {
            (Ok(name), Ok(email), Ok(text), Ok(url)) => (name, email, text, url),
            (name, email, text, url) => {
                return Err(Faults::of([name.err(), email.err(), text.err(), url.err()]));
            }
        };
        let mut site = SiteValues::default();
        let comment = Self {
            name,
            email,
            text,
            url,
            ip_address: site.ip_address(&submission.ip_address),
            user_agent: site.beginning(Field::UserAgent, "user_agent", submission.user_agent),
            referrer: site.beginning(Field::Referrer, "referrer", submission.referrer),
            page: site.page(submission.page, limits),
            author: site.author(submission.author),
            form_duration: submission.form_duration_ms.map(Duration::from_millis),
            honeypot_filled: !submission.honeypot.is_empty(),
            locale: site.locale(&submission.locale),
        };
        Ok(Parsed {
            comment,
            remarks: site.into_remarks(),
        })
    }
}
