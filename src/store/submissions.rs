//! Which submissions were judged before.

use std::sync::Arc;

use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::ids::CommentId;
use super::patience::in_time;
use super::record::Receipt;
use super::values::{Columns, from_json, unexpected};
use crate::comment::SubmissionId;
use crate::site::SiteId;

impl Store {
    /// The verdict that `site` got for `submission`, if it is still kept.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn receipt(
        &self,
        site: &SiteId,
        submission: &SubmissionId,
    ) -> Result<Option<Receipt>, StoreError> {
        in_time(async {
            let mut connection = self.reader().await?;
            receipt(&mut connection, site, submission).await
        })
        .await
    }
}

impl Store {
    /// The comment that `site` submitted under its own id `submission`.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn comment_of_submission(
        &self,
        site: &SiteId,
        submission: &SubmissionId,
    ) -> Result<Option<CommentId>, StoreError> {
        let row = sqlx::query(
            "SELECT comment_id FROM submissions WHERE site = $1 AND submission_id = $2",
        )
        .bind(site.to_string())
        .bind(submission.as_str().to_owned())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.map(|row| Columns(&row).comment_id("comment_id"))
            .transpose()
    }
}

pub(super) async fn receipt(
    connection: &mut AnyConnection,
    site: &SiteId,
    submission: &SubmissionId,
) -> Result<Option<Receipt>, StoreError> {
    let row = sqlx::query(
        "SELECT fingerprint, verdict FROM submissions WHERE site = $1 AND submission_id = $2",
    )
    .bind(site.to_string())
    .bind(submission.as_str().to_owned())
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let row = Columns(&row);
    let fingerprint: Vec<u8> = row.get("fingerprint")?;
    Ok(Some(Receipt {
        fingerprint: fingerprint
            .try_into()
            .map_err(|_| unexpected("fingerprint", &"not 32 bytes"))?,
        verdict: Arc::new(from_json(&row.get::<String>("verdict")?)?),
    }))
}
