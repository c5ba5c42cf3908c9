//! From what a reader typed to a comment that is fit to be judged.
//!
//! A [`Submission`] is a comment as it came; [`Comment::parse`] makes a
//! [`Comment`] of it or says everything that is wrong with it, at once. What the
//! reader typed (name, e-mail, text, web page) can be at fault; what only the site
//! supplied cannot: a malformed value there is left out, and a remark says so.
//!
//! Everything here is personal data. No `Debug` print shows any of it, only which
//! values are there and how long they are.

mod author_url;
mod email;
mod faults;
mod limits;
mod locale;
mod parse;
mod redact;
mod site_values;
mod submission;
mod submission_id;
#[cfg(test)]
mod tests;
mod typed;
mod visible;

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

pub use author_url::AuthorUrl;
pub use email::EmailAddress;
pub use faults::Faults;
pub use limits::{FieldLimits, LimitsError, SITE_VALUE_MAX_CHARS};
pub use locale::Locale;
pub use parse::Parsed;
pub use submission::{Submission, SubmittedAuthor, SubmittedPage};
pub use submission_id::{NotASubmissionId, SubmissionId};
pub use typed::{AuthorName, CommentText};
pub use visible::{is_blank, is_invisible};

/// A comment whose required fields are present and whose values are well-formed.
/// Made by [`Comment::parse`] only.
#[derive(Clone, PartialEq, Eq)]
pub struct Comment {
    name: AuthorName,
    email: EmailAddress,
    text: CommentText,
    url: Option<AuthorUrl>,
    ip_address: Option<IpAddr>,
    user_agent: Option<String>,
    referrer: Option<String>,
    page: Page,
    author: Author,
    form_duration: Option<Duration>,
    honeypot_filled: bool,
    locale: Option<Locale>,
}

impl Comment {
    /// The author's name, as sent.
    #[must_use]
    pub const fn name(&self) -> &AuthorName {
        &self.name
    }

    /// The author's e-mail address.
    #[must_use]
    pub const fn email(&self) -> &EmailAddress {
        &self.email
    }

    /// What the author wrote, byte for byte.
    #[must_use]
    pub const fn text(&self) -> &CommentText {
        &self.text
    }

    /// The author's own web page, as sent.
    #[must_use]
    pub const fn url(&self) -> Option<&AuthorUrl> {
        self.url.as_ref()
    }

    /// The reader's address. An IPv4 address that came mapped into IPv6 is IPv4.
    #[must_use]
    pub const fn ip_address(&self) -> Option<IpAddr> {
        self.ip_address
    }

    /// The reader's browser, at most 1,000 characters of it.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// Where the reader came from, at most 1,000 characters of it.
    #[must_use]
    pub fn referrer(&self) -> Option<&str> {
        self.referrer.as_deref()
    }

    /// The page that is commented on.
    #[must_use]
    pub const fn page(&self) -> &Page {
        &self.page
    }

    /// What the site knows of the author.
    #[must_use]
    pub const fn author(&self) -> &Author {
        &self.author
    }

    /// From showing the form to its submission.
    #[must_use]
    pub const fn form_duration(&self) -> Option<Duration> {
        self.form_duration
    }

    /// Whether something was put into the field that people cannot see.
    #[must_use]
    pub const fn honeypot_filled(&self) -> bool {
        self.honeypot_filled
    }

    /// The language of the page or the reader.
    #[must_use]
    pub const fn locale(&self) -> Option<&Locale> {
        self.locale.as_ref()
    }
}

impl fmt::Debug for Comment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Comment")
            .field("name", &self.name)
            .field("email", &self.email)
            .field("text", &self.text)
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The page that is commented on, as far as the site says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Page {
    id: Option<String>,
    url: Option<String>,
    title: Option<String>,
}

impl Page {
    /// The site's stable id of the page.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The page's address.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The page's headline, at most 1,000 characters of it.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// What tells pages apart: the id, or the address where there is no id.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.id().or(self.url())
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Page").finish_non_exhaustive()
    }
}

/// What the site knows of the author.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Author {
    id: Option<String>,
    trusted: bool,
    approved_comments: Option<u32>,
}

impl Author {
    /// The site's stable id of a signed-in author.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether the site vouches for this author.
    #[must_use]
    pub const fn trusted(&self) -> bool {
        self.trusted
    }

    /// How many comments of this author the site has published; `None`: unknown.
    #[must_use]
    pub const fn approved_comments(&self) -> Option<u32> {
        self.approved_comments
    }
}

impl fmt::Debug for Author {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Author")
            .field("trusted", &self.trusted)
            .finish_non_exhaustive()
    }
}
