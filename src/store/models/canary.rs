//! What became of the comments that the live model and a canary judged.

use jiff::Timestamp;

use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::sql::Sql;
use crate::store::values::{Columns, micros};
use crate::verdict::Decision;

/// Comments that one model and people decided on in the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedCell {
    /// The model.
    pub model: String,
    /// What it decided.
    pub decision: Decision,
    /// What a person decided, where that is in force, and whether they called it spam or abuse.
    pub ruled: Option<(Decision, bool)>,
    /// How many.
    pub comments: u64,
}

impl Store {
    /// What `models` decided from `from` on of the comments that are still kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn judged_cells(
        &self,
        models: &[&str],
        from: Timestamp,
    ) -> Result<Vec<JudgedCell>, StoreError> {
        self.unpack_most().await?;
        let mut sql = Sql::new(
            "SELECT model, decision, ruled, is_bad, COUNT(*) AS comments FROM ( \
             SELECT v.model AS model, v.decision AS decision, \
             CASE WHEN l.number > 0 AND l.undoes IS NULL AND l.decision <> 'hold' \
             AND l.actor_kind IN ('moderator', 'operator') THEN l.decision ELSE '' END AS ruled, \
             CASE WHEN l.label_spam = 1 OR l.label_toxicity = 1 THEN 1 ELSE 0 END AS is_bad \
             FROM decisions v JOIN comments k ON k.id = v.comment_id \
             JOIN decisions l ON l.comment_id = v.comment_id AND l.number = k.last_decision \
             WHERE v.number = 0 AND v.decided_at >= ",
        );
        sql.bind(micros(from)).push(" AND v.model");
        sql.is_in(models.iter().copied());
        sql.push(") AS judged GROUP BY model, decision, ruled, is_bad");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        let cell = |row| {
            let row = Columns(row);
            Ok(JudgedCell {
                model: row.get("model")?,
                decision: row.decision("decision")?,
                ruled: ruled(&row)?,
                comments: u64::try_from(row.get::<i64>("comments")?).unwrap_or_default(),
            })
        };
        rows.iter().map(cell).collect()
    }
}

/// A person's decision, from the columns `ruled` and `is_bad`.
pub(super) fn ruled(row: &Columns<'_>) -> Result<Option<(Decision, bool)>, StoreError> {
    Ok(match row.get::<String>("ruled")?.as_str() {
        "" => None,
        _ => Some((row.decision("ruled")?, row.get::<i64>("is_bad")? != 0)),
    })
}
