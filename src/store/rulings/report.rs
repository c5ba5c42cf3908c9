//! A decision looks wrong to a reader or to the site.

use sqlx::AnyConnection;

use super::append::{NewLabel, Standing, add_decisions, add_labels, event, settle, standings};
use super::{NewReport, Obstacle};
use crate::label::Label;
use crate::store::Store;
use crate::store::comments::{Actor, StoredDecision};
use crate::store::error::StoreError;
use crate::store::events::{self, EventKind};
use crate::store::labels::LabelSource;
use crate::store::notes::{Complaint, Reporter};
use crate::store::record::Status;
use crate::store::values::{Columns, micros, text};
use crate::verdict::{Decision, PerHead};

impl Store {
    /// Puts a comment back into the queue, with the report and a label; a comment that
    /// waits already gets the report alone, once from each kind of reporter.
    ///
    /// # Errors
    /// If the store cannot be reached; then nothing was kept.
    pub async fn report(&self, report: &NewReport) -> Result<Result<(), Obstacle>, StoreError> {
        let mut transaction = self.begin().await?;
        let outcome = take(&mut transaction, report).await?;
        transaction.commit().await?;
        self.events_appended();
        Ok(outcome)
    }
}

async fn take(
    connection: &mut AnyConnection,
    report: &NewReport,
) -> Result<Result<(), Obstacle>, StoreError> {
    let found = standings(connection, &[report.comment]).await?;
    let standing = found.into_values().next();
    let Some(standing) = standing.filter(|found| found.comment.site == report.site) else {
        return Ok(Err(Obstacle::NotFound));
    };
    let comment = &standing.comment;
    match (comment.status, report.complaint) {
        (Status::Held, _) => {
            if !is_known(connection, report).await? {
                add(connection, report).await?;
            }
            return Ok(Ok(()));
        }
        (Status::Approved, Complaint::WronglyRejected)
        | (Status::Rejected, Complaint::Spam | Complaint::Toxic | Complaint::Other) => {
            return Ok(Err(Obstacle::NotReportable(comment.status)));
        }
        (Status::Approved | Status::Rejected, _) => {}
    }
    if comment.texts.is_none() {
        return Ok(Err(Obstacle::Erased));
    }
    if !settle(connection, &standing, Status::Held, report.now).await? {
        // Somebody decides at this moment; the report is theirs to be made again.
        return Ok(Err(Obstacle::Settled(Box::new(standing.decision))));
    }
    requeue(connection, report, &standing).await?;
    Ok(Ok(()))
}

async fn requeue(
    connection: &mut AnyConnection,
    report: &NewReport,
    standing: &Standing,
) -> Result<(), StoreError> {
    add(connection, report).await?;
    if let Some(simhash) = report.simhash {
        sqlx::query("UPDATE comments SET simhash = $1 WHERE id = $2 AND simhash IS NULL")
            .bind(simhash.to_vec())
            .bind(report.comment.as_bytes().to_vec())
            .execute(&mut *connection)
            .await?;
    }
    let label = label(report.complaint);
    let decision = StoredDecision {
        comment: report.comment,
        number: standing.comment.last_decision + 1,
        decided_at: report.now,
        decision: Decision::Hold,
        actor: Actor::Report,
        why: Some(report.complaint.name().to_owned()),
        note: None,
        reasons: Vec::new(),
        evidence: Vec::new(),
        model: None,
        policy: None,
        label,
        undoes: None,
        lesson: None,
    };
    let told = event(EventKind::Reported, &standing.comment, &decision);
    add_decisions(connection, &[(report.site.clone(), decision)]).await?;
    if label.is_judged() {
        let label = NewLabel {
            id: report.id,
            lesson: None,
            of: &standing.comment,
            label,
            source: match report.reporter {
                Reporter::Reader => LabelSource::Report,
                Reporter::Site => LabelSource::Site,
            },
            actor: None,
            at: report.now,
        };
        add_labels(connection, &[label]).await?;
    }
    events::append(connection, &[told]).await
}

const fn label(complaint: Complaint) -> Label {
    let (spam, toxicity) = match complaint {
        Complaint::Spam => (Some(true), None),
        Complaint::Toxic => (None, Some(true)),
        Complaint::WronglyRejected => (Some(false), Some(false)),
        Complaint::Other => (None, None),
    };
    PerHead { spam, toxicity }
}

/// Whether the same was reported since the comment waits.
async fn is_known(connection: &mut AnyConnection, report: &NewReport) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS known FROM reports r JOIN comments c ON c.id = r.comment_id \
         WHERE r.comment_id = $1 AND r.reporter = $2 AND r.complaint = $3 \
         AND r.reported_at >= c.settled_at",
    )
    .bind(report.comment.as_bytes().to_vec())
    .bind(report.reporter.name())
    .bind(report.complaint.name())
    .fetch_one(connection)
    .await?;
    Ok(Columns(&row).get::<i64>("known")? > 0)
}

async fn add(connection: &mut AnyConnection, report: &NewReport) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO reports (id, comment_id, site, reported_at, reporter, complaint, note) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(report.id.as_bytes().to_vec())
    .bind(report.comment.as_bytes().to_vec())
    .bind(report.site.to_string())
    .bind(micros(report.now))
    .bind(report.reporter.name())
    .bind(report.complaint.name())
    .bind(report.note.as_deref().map(text))
    .execute(&mut *connection)
    .await?;
    sqlx::query("UPDATE comments SET reports = reports + 1 WHERE id = $1")
        .bind(report.comment.as_bytes().to_vec())
        .execute(connection)
        .await?;
    Ok(())
}
