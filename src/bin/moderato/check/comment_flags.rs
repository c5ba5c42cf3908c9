//! One comment, given by flags.

use moderato::comment::{Submission, SubmittedAuthor, SubmittedPage};

/// The fields of a submission, as in `proto/moderato/v1/submission.proto`.
#[derive(clap::Args)]
#[command(next_help_heading = "One comment")]
pub struct CommentFlags {
    /// The comment
    #[arg(long, allow_hyphen_values = true)]
    text: Option<String>,
    /// The author's name
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    name: String,
    /// The author's e-mail address
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    email: String,
    /// The author's own web page
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    url: String,
    /// The reader's address
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    ip_address: String,
    /// The reader's `User-Agent`
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    user_agent: String,
    /// The reader's `Referer`
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    referrer: String,
    /// The page's id
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    page_id: String,
    /// The page's address
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    page_url: String,
    /// The page's headline
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    page_title: String,
    /// The site's id of a signed-in author
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    author_id: String,
    /// The site vouches for the author
    #[arg(long, requires = "text")]
    author_trusted: bool,
    /// Comments of the author that the site has published
    #[arg(long, requires = "text", value_name = "NUMBER")]
    author_approved_comments: Option<u32>,
    /// Milliseconds between showing the form and sending it
    #[arg(long, requires = "text", value_name = "MILLISECONDS")]
    form_duration_ms: Option<u64>,
    /// Content of the field that people cannot see
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    honeypot: String,
    /// Language tag of the page or the reader
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    locale: String,
    /// The site's id of the submission
    #[arg(long, requires = "text", default_value = "", hide_default_value = true)]
    submission_id: String,
}

impl CommentFlags {
    /// The comment, if there is one.
    pub fn into_submission(self) -> Option<Submission> {
        Some(Submission {
            text: self.text?,
            name: self.name,
            email: self.email,
            url: self.url,
            ip_address: self.ip_address,
            user_agent: self.user_agent,
            referrer: self.referrer,
            page: SubmittedPage {
                id: self.page_id,
                url: self.page_url,
                title: self.page_title,
            },
            author: SubmittedAuthor {
                id: self.author_id,
                trusted: self.author_trusted,
                approved_comments: self.author_approved_comments,
            },
            form_duration_ms: self.form_duration_ms,
            honeypot: self.honeypot,
            locale: self.locale,
            submission_id: self.submission_id,
        })
    }
}
