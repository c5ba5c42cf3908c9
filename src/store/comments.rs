//! Comments and their decisions, read back.

use jiff::Timestamp;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::ids::CommentId;
use super::record::{AuthorHashes, Status, Texts};
use super::values::{Columns, unexpected};
use crate::site::SiteId;
use crate::verdict::{Decision, Evidence, PerHead, Probability, Reason, Scores};

/// A comment as it is kept.
#[derive(Clone, Debug)]
pub struct StoredComment {
    /// Its id.
    pub id: CommentId,
    /// Whose it is.
    pub site: SiteId,
    /// When it came.
    pub received_at: Timestamp,
    /// Where it is.
    pub status: Status,
    /// Since when.
    pub settled_at: Timestamp,
    /// The number of the decision in force; the next one is one higher.
    pub last_decision: i64,
    /// The site's own id.
    pub submission_id: Option<String>,
    /// What was typed; `None` once erased or past its retention.
    pub texts: Option<Texts>,
    /// Who wrote it.
    pub author: AuthorHashes,
    /// The site vouched for the author.
    pub trusted: bool,
    /// How many comments of the author the site had published, as it said.
    pub approved_comments: Option<u32>,
    /// The scores of the verdict.
    pub scores: Scores,
    /// The language it seems to be in.
    pub language: Option<String>,
    /// `text::SimHash` of the text: near copies have near ones.
    pub simhash: Option<[u8; 16]>,
    /// How often it was reported.
    pub reports: i64,
}

/// Who decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The policy, when the comment came.
    Policy,
    /// A moderator, by name.
    Moderator(String),
    /// A report that brought it back into the queue.
    Report,
    /// The operator, from the command line.
    Operator,
    /// Nobody: the text expired, or was erased with its author's.
    Upkeep,
}

impl Actor {
    /// What kind it is, as it is stored.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Moderator(_) => "moderator",
            Self::Report => "report",
            Self::Operator => "operator",
            Self::Upkeep => "upkeep",
        }
    }

    /// The moderator's name, for one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Moderator(name) => Some(name),
            Self::Policy | Self::Report | Self::Operator | Self::Upkeep => None,
        }
    }

    /// What it is called where somebody reads it: a moderator's name, or else its kind.
    #[must_use]
    pub fn called(&self) -> &str {
        self.name().unwrap_or(self.kind())
    }

    pub(super) fn from_columns(kind: &str, name: Option<String>) -> Option<Self> {
        match kind {
            "policy" => Some(Self::Policy),
            "moderator" => Some(Self::Moderator(name.unwrap_or_default())),
            "report" => Some(Self::Report),
            "operator" => Some(Self::Operator),
            "upkeep" => Some(Self::Upkeep),
            _ => None,
        }
    }
}

impl StoredDecision {
    /// Whether it is a person's, and is itself none that takes another back.
    #[must_use]
    pub const fn can_be_undone(&self) -> bool {
        let by_person = matches!(self.actor, Actor::Moderator(_) | Actor::Operator);
        by_person && self.undoes.is_none()
    }
}

/// One decision about a comment.
#[derive(Clone, Debug)]
pub struct StoredDecision {
    /// Which comment's.
    pub comment: CommentId,
    /// 0 is the verdict; each later one is one higher.
    pub number: i64,
    /// When.
    pub decided_at: Timestamp,
    /// What.
    pub decision: Decision,
    /// Who.
    pub actor: Actor,
    /// A person's structured reason.
    pub why: Option<String>,
    /// A person's note.
    pub note: Option<String>,
    /// The policy's reasons.
    pub reasons: Vec<Reason>,
    /// The pieces of the scores; empty for an approval and once texts are gone.
    pub evidence: Vec<Evidence>,
    /// The model that scored.
    pub model: Option<String>,
    /// The policy that decided.
    pub policy: Option<String>,
    /// What the person says the text is.
    pub label: PerHead<Option<bool>>,
    /// The number of the decision it takes back.
    pub undoes: Option<i64>,
    /// What it teaches, together with other decisions on near-identical texts.
    pub lesson: Option<Uuid>,
}

impl Store {
    /// A comment of `site`, if it is still kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn comment(
        &self,
        site: &SiteId,
        id: CommentId,
    ) -> Result<Option<StoredComment>, StoreError> {
        let found = self.comment_row(site, id).await?;
        if found.is_some() {
            return Ok(found);
        }
        // It may be packed, or somebody may have unpacked it since.
        self.unpack_of(&[id]).await?;
        self.comment_row(site, id).await
    }

    async fn comment_row(
        &self,
        site: &SiteId,
        id: CommentId,
    ) -> Result<Option<StoredComment>, StoreError> {
        let row = sqlx::query("SELECT * FROM comments WHERE id = $1 AND site = $2")
            .bind(id.as_bytes().to_vec())
            .bind(site.to_string())
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.as_ref().map(comment).transpose()
    }

    /// Every decision about a comment, oldest first.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn decisions(&self, id: CommentId) -> Result<Vec<StoredDecision>, StoreError> {
        let rows = sqlx::query("SELECT * FROM decisions WHERE comment_id = $1 ORDER BY number")
            .bind(id.as_bytes().to_vec())
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(decision).collect()
    }
}

/// The comment in a whole row of `comments`.
pub(super) fn comment(row: &AnyRow) -> Result<StoredComment, StoreError> {
    let row = Columns(row);
    let status: String = row.get("status")?;
    let probability =
        |column| Probability::new(row.get(column)?).map_err(|error| unexpected(column, &error));
    let simhash: Option<Vec<u8>> = row.get("simhash")?;
    Ok(StoredComment {
        id: row.comment_id("id")?,
        site: row.site("site")?,
        received_at: row.time("received_at")?,
        status: Status::from_name(&status).ok_or_else(|| unexpected("status", &status))?,
        settled_at: row.time("settled_at")?,
        last_decision: row.get("last_decision")?,
        submission_id: row.get("submission_id")?,
        texts: texts(&row)?,
        author: AuthorHashes {
            email: row.person("email_hash")?.unwrap_or_default(),
            author: row.person("author_hash")?,
            address: row.person("address_hash")?,
        },
        trusted: row.flag("author_trusted")?,
        approved_comments: row
            .get::<Option<i64>>("author_approved")?
            .and_then(|count| u32::try_from(count).ok()),
        scores: Scores {
            spam: probability("spam")?,
            toxicity: probability("toxicity")?,
        },
        language: row.get("language")?,
        simhash: simhash.and_then(|bytes| bytes.try_into().ok()),
        reports: row.get("reports")?,
    })
}

fn texts(row: &Columns<'_>) -> Result<Option<Texts>, StoreError> {
    let (Some(name), Some(text)) = (row.get("name")?, row.get("text")?) else {
        return Ok(None);
    };
    Ok(Some(Texts {
        name,
        text,
        url: row.get("url")?,
        page_id: row.get("page_id")?,
        page_url: row.get("page_url")?,
        page_title: row.get("page_title")?,
        user_agent: row.get("user_agent")?,
        locale: row.get("locale")?,
    }))
}

/// The decision in a whole row of `decisions`.
pub(super) fn decision(row: &AnyRow) -> Result<StoredDecision, StoreError> {
    let row = Columns(row);
    let kind: String = row.get("actor_kind")?;
    let label = |column| Ok::<_, StoreError>(row.get::<Option<i64>>(column)?.map(|yes| yes != 0));
    Ok(StoredDecision {
        comment: row.comment_id("comment_id")?,
        number: row.get("number")?,
        decided_at: row.time("decided_at")?,
        decision: row.decision("decision")?,
        actor: Actor::from_columns(&kind, row.get("actor")?)
            .ok_or_else(|| unexpected("actor_kind", &kind))?,
        why: row.get("why")?,
        note: row.get("note")?,
        reasons: row.json("reasons")?.unwrap_or_default(),
        evidence: row.json("evidence")?.unwrap_or_default(),
        model: row.get("model")?,
        policy: row.get("policy")?,
        label: PerHead {
            spam: label("label_spam")?,
            toxicity: label("label_toxicity")?,
        },
        undoes: row.get("undoes")?,
        lesson: row
            .get::<Option<Vec<u8>>>("lesson")?
            .and_then(|bytes| Uuid::from_slice(&bytes).ok()),
    })
}
