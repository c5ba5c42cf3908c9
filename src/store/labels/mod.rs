//! Labels: what people say of texts, an append-only log with who, when and from where.
//!
//! `rulings` adds what moderators' decisions and reports teach. Retracting appends too;
//! a label that was retracted stays in the log, and nothing is learned from it.

mod filter;
mod import;
mod release;
mod retract;

use std::fmt;

use jiff::Timestamp;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Store;
use super::comments::Actor;
use super::error::StoreError;
use super::ids::{CommentId, uuid_id};
use super::values::{Columns, unexpected};
use crate::label::Label;
use crate::site::SiteId;

pub use filter::{LabelFilter, LabelOrder, LabelPlace};
pub use import::{ImportedLabel, LabelImport};
pub use retract::Retraction;

/// The id of a label: a UUID, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelId(Uuid);

/// Text that is no label id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the id of a label: 32 hexadecimal digits")]
pub struct NotALabelId;

uuid_id!(LabelId, NotALabelId);

/// How a label came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LabelSource {
    /// A moderator's or operator's decision on a held comment.
    Moderator,
    /// A reader's report.
    Report,
    /// The site's report.
    Site,
    /// A file.
    Import,
    /// A moderator who looked at a decision a second time, blind.
    Blind,
}

impl LabelSource {
    /// Every source.
    pub const ALL: [Self; 5] = [
        Self::Moderator,
        Self::Report,
        Self::Site,
        Self::Import,
        Self::Blind,
    ];

    /// Stable lower-case name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Report => "report",
            Self::Site => "site",
            Self::Import => "import",
            Self::Blind => "blind",
        }
    }

    /// The source of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// A label of the log.
#[derive(Clone, Debug)]
pub struct StoredLabel {
    /// Its id.
    pub id: LabelId,
    /// Whose comment, or which site it was imported for.
    pub site: SiteId,
    /// The comment it is of; `None`: it was imported.
    pub comment: Option<CommentId>,
    /// When.
    pub labelled_at: Timestamp,
    /// What was said.
    pub label: Label,
    /// How it came about.
    pub source: LabelSource,
    /// The moderator's name, where one said it.
    pub actor: Option<String>,
    /// The import it came with.
    pub batch: Option<String>,
    /// Name of the file it came from, without folders.
    pub origin: Option<String>,
    /// What it is of; `None` once erased.
    pub texts: Option<LabelTexts>,
    /// The language it seems to be in.
    pub language: Option<String>,
    /// Labels of one group stay on one side of every split.
    pub group: Option<String>,
    /// That it was retracted; `None`: it stands.
    pub retracted: Option<Retracted>,
    /// A person let it through, whatever the guard says.
    pub released: bool,
}

/// The copy of a text that a label keeps. Personal data: `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LabelTexts {
    /// The author's name, as typed.
    pub name: String,
    /// The comment, as typed.
    pub text: String,
    /// The author's own web page.
    pub url: Option<String>,
}

impl fmt::Debug for LabelTexts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LabelTexts").finish_non_exhaustive()
    }
}

/// That a label was retracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retracted {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why.
    pub why: Option<String>,
}

/// The label in a row of `filter::SELECT`.
fn label(row: &AnyRow) -> Result<StoredLabel, StoreError> {
    let row = Columns(row);
    let id: Vec<u8> = row.get("id")?;
    let comment: Option<Vec<u8>> = row.get("comment_id")?;
    let source: String = row.get("source")?;
    let said = |column| Ok::<_, StoreError>(row.get::<Option<i64>>(column)?.map(|yes| yes != 0));
    Ok(StoredLabel {
        id: LabelId::from_bytes(&id).ok_or_else(|| unexpected("id", &id.len()))?,
        site: row.site("site")?,
        comment: comment.as_deref().and_then(CommentId::from_bytes),
        labelled_at: row.time("labelled_at")?,
        label: Label {
            spam: said("spam")?,
            toxicity: said("toxicity")?,
        },
        source: LabelSource::from_name(&source).ok_or_else(|| unexpected("source", &source))?,
        actor: row.get("actor")?,
        batch: row.get("batch")?,
        origin: row.get("origin")?,
        texts: texts(&row)?,
        language: row.get("language")?,
        group: row.get("group_name")?,
        retracted: retracted(&row)?,
        released: row.get::<Option<i64>>("released_at")?.is_some(),
    })
}

fn texts(row: &Columns<'_>) -> Result<Option<LabelTexts>, StoreError> {
    let Some(text) = row.get("text")? else {
        return Ok(None);
    };
    Ok(Some(LabelTexts {
        name: row.get::<Option<String>>("name")?.unwrap_or_default(),
        text,
        url: row.get("url")?,
    }))
}

fn retracted(row: &Columns<'_>) -> Result<Option<Retracted>, StoreError> {
    let Some(kind) = row.get::<Option<String>>("retracted_by_kind")? else {
        return Ok(None);
    };
    Ok(Some(Retracted {
        at: row.time("retracted_at")?,
        by: Actor::from_columns(&kind, row.get("retracted_by")?)
            .ok_or_else(|| unexpected("actor_kind", &kind))?,
        why: row.get("retracted_why")?,
    }))
}

impl Store {
    /// At most `limit` labels that `filter` takes, in `order`, from after `place`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn labels(
        &self,
        filter: &LabelFilter,
        order: LabelOrder,
        place: Option<LabelPlace>,
        limit: u32,
    ) -> Result<Vec<StoredLabel>, StoreError> {
        let sql = filter.select(order, place, limit);
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(label).collect()
    }
}
