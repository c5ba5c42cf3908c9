//! A judged comment as it goes into the store.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::CommentId;
use super::person::PersonHash;
use super::values::text;
use crate::comment::SubmissionId;
use crate::site::SiteId;
use crate::verdict::{Decision, Scores, Verdict};

/// What is to be kept of one submission.
#[derive(Clone, Debug)]
pub struct Record {
    /// The comment's id.
    pub id: CommentId,
    /// Whose it is.
    pub site: SiteId,
    /// When it came.
    pub received_at: Timestamp,
    /// The site's own id for it, so that a retry gets the same verdict.
    pub submission: Option<SubmissionKey>,
    /// What was decided.
    pub verdict: Arc<Verdict>,
    /// The comment; `None`: it was none (a fault of the form), and only the verdict
    /// is kept.
    pub content: Option<Content>,
}

impl Record {
    /// Whether it is a comment that now waits for a moderator.
    pub(super) fn is_queued(&self) -> bool {
        self.content.is_some() && self.verdict.decision == Decision::Hold
    }
}

/// A `submission_id` and what it was used for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionKey {
    /// The site's own id.
    pub id: SubmissionId,
    /// Of everything that was submitted under it.
    pub fingerprint: Fingerprint,
}

/// SHA-256 over every field of a submission but its id, and whether it is limited.
pub type Fingerprint = [u8; 32];

/// What is kept of a comment.
#[derive(Clone, Default)]
pub struct Content {
    /// What people typed and what the site said.
    pub texts: Texts,
    /// Who wrote it.
    pub author: AuthorHashes,
    /// The site vouched for the author.
    pub trusted: bool,
    /// How many comments of the author the site had published, as it said.
    pub approved_comments: Option<u32>,
    /// The language it seems to be in, as a tag such as `en`.
    pub language: Option<String>,
    /// `text::SimHash` of the text: near copies have near ones.
    pub simhash: Option<[u8; 16]>,
    /// What a model in shadow made of it.
    pub shadow: Option<ShadowVerdict>,
}

/// What a model in shadow would have decided on a comment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShadowVerdict {
    /// The model.
    pub model: String,
    /// Its scores.
    pub scores: Scores,
    /// What it would have decided.
    pub decision: Decision,
}

/// The texts of a comment. Personal data: `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The author's name, as typed.
    pub name: String,
    /// The comment, as typed.
    pub text: String,
    /// The author's own web page.
    pub url: Option<String>,
    /// The site's id of the page.
    pub page_id: Option<String>,
    /// The page's address.
    pub page_url: Option<String>,
    /// The page's headline.
    pub page_title: Option<String>,
    /// The reader's browser.
    pub user_agent: Option<String>,
    /// Language tag of page or reader.
    pub locale: Option<String>,
}

/// Who wrote a comment, as keyed hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AuthorHashes {
    /// Of the e-mail address.
    pub email: PersonHash,
    /// Of the site's id of a signed-in author.
    pub author: Option<PersonHash>,
    /// Of the reader's address.
    pub address: Option<PersonHash>,
}

impl Texts {
    /// What a search of held comments looks through: name and comment, in lower case.
    pub(super) fn searched(&self) -> String {
        text(&format!("{}\n{}", self.name, self.text)).to_lowercase()
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Texts").finish_non_exhaustive()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Content")
            .field("author", &self.author)
            .finish_non_exhaustive()
    }
}

/// Where a comment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// A moderator has yet to look.
    Held,
    /// To be published.
    Approved,
    /// Not to be published.
    Rejected,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Held, Self::Approved, Self::Rejected];

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What a decision makes of a comment.
impl From<Decision> for Status {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Approve => Self::Approved,
            Decision::Hold => Self::Held,
            Decision::Reject => Self::Rejected,
        }
    }
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Recorded {
    /// It is kept.
    New,
    /// The same submission was judged before, with this verdict, and nothing was
    /// added.
    Before(Arc<Verdict>),
}

/// The verdict that was given for a `submission_id`.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// Of what was submitted.
    pub fingerprint: Fingerprint,
    /// The answer.
    pub verdict: Arc<Verdict>,
}
