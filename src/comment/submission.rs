//! A comment as it came.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A comment as the site sent it: the message of the same name in
/// `proto/moderato/v1/submission.proto`, field by field. In JSON it has the same
/// names; a field may be absent or `null`, which is the same as empty.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Submission {
    /// The author's name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// The author's e-mail address.
    #[serde(deserialize_with = "null_as_default")]
    pub email: String,
    /// The comment.
    #[serde(deserialize_with = "null_as_default")]
    pub text: String,
    /// The author's own web page.
    #[serde(deserialize_with = "null_as_default")]
    pub url: String,
    /// The reader's address, as the site saw it.
    #[serde(deserialize_with = "null_as_default")]
    pub ip_address: String,
    /// The reader's `User-Agent` header.
    #[serde(deserialize_with = "null_as_default")]
    pub user_agent: String,
    /// The reader's `Referer` header.
    #[serde(deserialize_with = "null_as_default")]
    pub referrer: String,
    /// The page that is commented on.
    #[serde(deserialize_with = "null_as_default")]
    pub page: SubmittedPage,
    /// What the site knows of the author.
    #[serde(deserialize_with = "null_as_default")]
    pub author: SubmittedAuthor,
    /// Milliseconds between showing the form and its submission.
    pub form_duration_ms: Option<u64>,
    /// The content of a form field that people cannot see.
    #[serde(deserialize_with = "null_as_default")]
    pub honeypot: String,
    /// Language tag of the page or the reader.
    #[serde(deserialize_with = "null_as_default")]
    pub locale: String,
    /// The site's own id for this submission; [`SubmissionId`](super::SubmissionId)
    /// is its parsed form.
    #[serde(deserialize_with = "null_as_default")]
    pub submission_id: String,
}

/// The page that is commented on, as it came.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubmittedPage {
    /// The site's stable id of the page.
    #[serde(deserialize_with = "null_as_default")]
    pub id: String,
    /// The page's address.
    #[serde(deserialize_with = "null_as_default")]
    pub url: String,
    /// The page's headline.
    #[serde(deserialize_with = "null_as_default")]
    pub title: String,
}

/// What the site knows of the author, as it came.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SubmittedAuthor {
    /// The site's stable id of a signed-in author.
    #[serde(deserialize_with = "null_as_default")]
    pub id: String,
    /// The site vouches for this author.
    #[serde(deserialize_with = "null_as_default")]
    pub trusted: bool,
    /// How many comments of this author the site has published; `None`: unknown.
    pub approved_comments: Option<u32>,
}

/// `null` is "not given", as in the JSON form of protocol buffers; an export from
/// a database is full of it.
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl fmt::Debug for Submission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [
            ("name", &self.name),
            ("email", &self.email),
            ("text", &self.text),
            ("url", &self.url),
            ("ip_address", &self.ip_address),
            ("user_agent", &self.user_agent),
            ("referrer", &self.referrer),
            ("honeypot", &self.honeypot),
            ("locale", &self.locale),
            ("submission_id", &self.submission_id),
        ];
        let mut print = formatter.debug_struct("Submission");
        lengths_of_present(&mut print, &texts);
        print
            .field("page", &self.page)
            .field("author", &self.author)
            .field("form_duration_ms", &self.form_duration_ms)
            .finish()
    }
}

impl fmt::Debug for SubmittedPage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts = [("id", &self.id), ("url", &self.url), ("title", &self.title)];
        let mut print = formatter.debug_struct("SubmittedPage");
        lengths_of_present(&mut print, &texts);
        print.finish()
    }
}

impl fmt::Debug for SubmittedAuthor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut print = formatter.debug_struct("SubmittedAuthor");
        lengths_of_present(&mut print, &[("id", &self.id)]);
        print
            .field("trusted", &self.trusted)
            .field("approved_comments", &self.approved_comments)
            .finish()
    }
}

fn lengths_of_present(print: &mut fmt::DebugStruct<'_, '_>, texts: &[(&str, &String)]) {
    for (name, text) in texts.iter().filter(|(_, text)| !text.is_empty()) {
        print.field(name, &format_args!("{} bytes", text.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_names_of_the_contract() {
        let json = r#"{"name": "Ali", "email": "ali@example.org", "text": "Salaam", "url": null,
            "ip_address": "192.0.2.1", "user_agent": "Firefox", "referrer": "https://example.org/",
            "page": {"id": "7", "url": "https://example.org/7", "title": "News"},
            "author": {"id": "u1", "trusted": true, "approved_comments": 3},
            "form_duration_ms": 900, "honeypot": "", "locale": "ur", "submission_id": "s-1"}"#;
        let submission: Submission = serde_json::from_str(json).unwrap();
        assert_eq!(submission.submission_id, "s-1");
        assert_eq!(submission.author.approved_comments, Some(3));
        assert_eq!(submission.page.title, "News");
        assert_eq!(submission.url, "");
    }

    #[test]
    fn json_with_a_name_that_the_contract_has_not_is_refused() {
        for json in [
            r#"{"nmae": ""}"#,
            r#"{"page": {"link": ""}}"#,
            r#"{"author": {"name": ""}}"#,
        ] {
            let error = serde_json::from_str::<Submission>(json).unwrap_err();
            assert!(error.to_string().contains("unknown field"), "{error}");
        }
    }
}
