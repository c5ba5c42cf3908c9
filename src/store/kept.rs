//! What is kept of comments that can be decided on again.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Store;
use super::comments::Actor;
use super::error::StoreError;
use super::ids::CommentId;
use super::sql::Sql;
use super::values::Columns;
use crate::label::Label;
use crate::site::SiteId;
use crate::verdict::Decision;

/// A comment whose texts are still kept, with its verdict and what people said since.
#[derive(Clone, Debug)]
pub struct KeptComment {
    /// Its id.
    pub id: CommentId,
    /// Whose it is.
    pub site: SiteId,
    /// What was typed.
    pub texts: KeptTexts,
    /// The site vouched for the author.
    pub trusted: bool,
    /// How many comments of the author the site had published, as it said.
    pub approved_comments: Option<u32>,
    /// The language it seems to be in.
    pub language: Option<String>,
    /// The codes of the verdict's reasons.
    pub reason_codes: Vec<String>,
    /// What the verdict was.
    pub verdict: Decision,
    /// The model that it is of.
    pub model: Option<String>,
    /// The policy that it is of.
    pub policy: Option<String>,
    /// What a person decided, where that is in force, and says of the text.
    pub ruled: Option<(Decision, Label)>,
}

/// The texts that a verdict depends on. Personal data: `Debug` shows none of it.
#[derive(Clone)]
pub struct KeptTexts {
    /// The author's name.
    pub name: String,
    /// The comment.
    pub text: String,
    /// The author's own web page.
    pub url: Option<String>,
}

impl std::fmt::Debug for KeptTexts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("KeptTexts").finish_non_exhaustive()
    }
}

const SELECT: &str = "SELECT c.id, c.site, c.name, c.text, c.url, c.author_trusted, \
    c.author_approved, c.language, c.reason_codes, d.decision, d.model, d.policy, \
    l.decision AS last_decision, l.actor_kind, l.undoes, l.label_spam, l.label_toxicity \
    FROM comments c \
    JOIN decisions d ON d.comment_id = c.id AND d.number = 0 \
    JOIN decisions l ON l.comment_id = c.id AND l.number = c.last_decision \
    WHERE c.id > $1 AND c.text IS NOT NULL ORDER BY c.id LIMIT $2";

impl Store {
    /// At most `limit` comments that came at `since` or later and whose texts are kept,
    /// in the order in which they came, from after `place`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn kept_comments(
        &self,
        since: Timestamp,
        place: Option<CommentId>,
        limit: u32,
    ) -> Result<Vec<KeptComment>, StoreError> {
        if place.is_none() {
            self.unpack_most().await?;
        }
        let from = place.unwrap_or_else(|| first_id(since));
        let rows = sqlx::query(SELECT)
            .bind(from.as_bytes().to_vec())
            .bind(i64::from(limit))
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(kept).collect()
    }
}

impl Store {
    /// The texts of those comments whose texts are kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn kept_texts(
        &self,
        ids: &[CommentId],
    ) -> Result<HashMap<CommentId, String>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let mut sql = Sql::new("SELECT id, text FROM comments WHERE text IS NOT NULL AND id");
        sql.is_among(ids);
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let text = |row| {
            let row = Columns(row);
            Ok((row.comment_id("id")?, row.get("text")?))
        };
        rows.iter().map(text).collect()
    }
}

/// The id before all that were made at `time`: those of version 7 begin with the
/// milliseconds since 1970.
pub(super) fn first_id(time: Timestamp) -> CommentId {
    let milliseconds = u128::try_from(time.as_millisecond()).unwrap_or_default();
    CommentId::new(Uuid::from_u128(milliseconds << 80))
}

fn kept(row: &AnyRow) -> Result<KeptComment, StoreError> {
    let row = Columns(row);
    let codes: String = row.get("reason_codes")?;
    Ok(KeptComment {
        id: row.comment_id("id")?,
        site: row.site("site")?,
        texts: KeptTexts {
            name: row.get::<Option<String>>("name")?.unwrap_or_default(),
            text: row.get("text")?,
            url: row.get("url")?,
        },
        trusted: row.flag("author_trusted")?,
        approved_comments: row
            .get::<Option<i64>>("author_approved")?
            .and_then(|count| u32::try_from(count).ok()),
        language: row.get("language")?,
        reason_codes: codes.split_whitespace().map(str::to_owned).collect(),
        verdict: row.decision("decision")?,
        model: row.get("model")?,
        policy: row.get("policy")?,
        ruled: ruled(&row, row.decision("last_decision")?)?,
    })
}

/// A person's decision that is in force. One that takes another back is none.
fn ruled(row: &Columns<'_>, last: Decision) -> Result<Option<(Decision, Label)>, StoreError> {
    let kind: String = row.get("actor_kind")?;
    let person = [
        Actor::Operator.kind(),
        Actor::Moderator(String::new()).kind(),
    ];
    let undoes: Option<i64> = row.get("undoes")?;
    if last == Decision::Hold || undoes.is_some() || !person.contains(&&*kind) {
        return Ok(None);
    }
    let said = |column| Ok::<_, StoreError>(row.get::<Option<i64>>(column)?.map(|yes| yes != 0));
    let label = Label {
        spam: said("label_spam")?,
        toxicity: said("label_toxicity")?,
    };
    Ok(Some((last, label)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_at_a_time_are_after_the_first_id_of_it() {
        let time = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let made = |millisecond: u64| {
            let seconds = uuid::Timestamp::from_unix(
                uuid::NoContext,
                millisecond / 1000,
                u32::try_from(millisecond % 1000).unwrap() * 1_000_000,
            );
            CommentId::new(Uuid::new_v7(seconds))
        };
        assert!(made(1_700_000_000_123) > first_id(time));
        assert!(made(1_700_000_000_122) < first_id(time));
    }
}
