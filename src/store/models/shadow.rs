//! What models in shadow made of comments: kept with the verdict, counted against it.

use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::canary::ruled;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::insert::Insert;
use crate::store::kept::first_id;
use crate::store::record::{Content, Record};
use crate::store::sql::Sql;
use crate::store::values::{Columns, micros};
use crate::verdict::{Decision, Head, PerHead};

const COLUMNS: [&str; 5] = ["comment_id", "model", "spam", "toxicity", "decision"];

static SHADOW_VERDICTS: Insert = Insert::new("shadow_verdicts", &COLUMNS, "");

/// Keeps what was made of comments in shadow. Asks the database nothing where there is none.
pub(in crate::store) async fn keep_shadow_verdicts(
    connection: &mut AnyConnection,
    contents: &[(&Record, &Content)],
) -> Result<(), StoreError> {
    let shadowed = contents.iter();
    let shadowed =
        shadowed.filter_map(|(record, content)| Some((record.id, content.shadow.as_ref()?)));
    let shadowed: Vec<_> = shadowed.collect();
    SHADOW_VERDICTS
        .run(connection, &shadowed, |query, (id, shadow)| {
            query
                .bind(id.as_bytes().to_vec())
                .bind(shadow.model.clone())
                .bind(shadow.scores.get(Head::Spam).get())
                .bind(shadow.scores.get(Head::Toxicity).get())
                .bind(shadow.decision.name())
        })
        .await
}

/// Comments that the live model, the one in shadow and people decided on in the same way.
#[derive(Clone, Debug, PartialEq)]
pub struct ShadowCell {
    /// What was decided.
    pub live: Decision,
    /// What the model in shadow would have.
    pub shadow: Decision,
    /// What a person decided, where that is in force, and whether they called it spam or abuse.
    pub ruled: Option<(Decision, bool)>,
    /// How many.
    pub comments: u64,
    /// Sums over both scores.
    pub sums: PerHead<ScoreSums>,
}

/// Sums over the scores that two models gave the same comments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScoreSums {
    /// Of the live model's.
    pub live: f64,
    /// Of the other's.
    pub shadow: f64,
    /// Of the squares of the live model's.
    pub live_squared: f64,
    /// Of the squares of the other's.
    pub shadow_squared: f64,
    /// Of the products.
    pub product: f64,
    /// Of how far they are apart.
    pub apart: f64,
}

impl Store {
    /// What became of the comments that came from `from` on and that `model` judged in shadow.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn shadow_cells(
        &self,
        model: &str,
        from: Timestamp,
    ) -> Result<Vec<ShadowCell>, StoreError> {
        self.unpack_most().await?;
        let mut sql = Sql::new(
            "SELECT live, shadow, ruled, is_bad, COUNT(*) AS comments, \
             SUM(a) AS spam_live, SUM(b) AS spam_shadow, SUM(a * a) AS spam_live_squared, \
             SUM(b * b) AS spam_shadow_squared, SUM(a * b) AS spam_product, \
             SUM(ABS(a - b)) AS spam_apart, \
             SUM(c) AS toxicity_live, SUM(d) AS toxicity_shadow, \
             SUM(c * c) AS toxicity_live_squared, SUM(d * d) AS toxicity_shadow_squared, \
             SUM(c * d) AS toxicity_product, SUM(ABS(c - d)) AS toxicity_apart FROM ( \
             SELECT v.decision AS live, s.decision AS shadow, \
             CASE WHEN l.number > 0 AND l.undoes IS NULL AND l.decision <> 'hold' \
             AND l.actor_kind IN ('moderator', 'operator') THEN l.decision ELSE '' END AS ruled, \
             CASE WHEN l.label_spam = 1 OR l.label_toxicity = 1 THEN 1 ELSE 0 END AS is_bad, \
             k.spam AS a, s.spam AS b, k.toxicity AS c, s.toxicity AS d \
             FROM shadow_verdicts s JOIN comments k ON k.id = s.comment_id \
             JOIN decisions v ON v.comment_id = s.comment_id AND v.number = 0 \
             JOIN decisions l ON l.comment_id = s.comment_id AND l.number = k.last_decision \
             WHERE s.comment_id > ",
        );
        sql.bind(first_id(from).as_bytes())
            .push(" AND k.received_at >= ")
            .bind(micros(from))
            .push(" AND s.model = ")
            .bind(model)
            .push(") AS judged GROUP BY live, shadow, ruled, is_bad");
        let rows = sql.fetch_all(&mut *self.reader().await?).await?;
        rows.iter().map(cell).collect()
    }
}

fn cell(row: &AnyRow) -> Result<ShadowCell, StoreError> {
    let row = Columns(row);
    Ok(ShadowCell {
        live: row.decision("live")?,
        shadow: row.decision("shadow")?,
        ruled: ruled(&row)?,
        comments: u64::try_from(row.get::<i64>("comments")?).unwrap_or_default(),
        sums: PerHead {
            spam: sums(&row, Head::Spam)?,
            toxicity: sums(&row, Head::Toxicity)?,
        },
    })
}

fn sums(row: &Columns<'_>, head: Head) -> Result<ScoreSums, StoreError> {
    let sum = |of: &str| row.get::<f64>(&format!("{}_{of}", head.name()));
    Ok(ScoreSums {
        live: sum("live")?,
        shadow: sum("shadow")?,
        live_squared: sum("live_squared")?,
        shadow_squared: sum("shadow_squared")?,
        product: sum("product")?,
        apart: sum("apart")?,
    })
}
