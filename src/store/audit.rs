//! Who did what to whom, append-only.

use jiff::Timestamp;
use sqlx::AnyConnection;
use uuid::Uuid;

use super::comments::Actor;
use super::error::StoreError;
use super::values::micros;
use crate::site::SiteId;

/// Who did it.
#[derive(Clone, Copy)]
pub(super) enum By<'a> {
    /// Who decides on comments.
    Actor(&'a Actor),
    /// Whoever changes accounts, by name.
    Account(&'a str),
}

impl<'a> By<'a> {
    const fn kind(self) -> &'static str {
        match self {
            Self::Actor(actor) => actor.kind(),
            Self::Account(_) => "account",
        }
    }

    fn name(self) -> Option<&'a str> {
        match self {
            Self::Actor(actor) => actor.name(),
            Self::Account(name) => Some(name),
        }
    }
}

/// One line of the audit.
pub(super) struct AuditLine<'a> {
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    pub(super) site: Option<&'a SiteId>,
    pub(super) by: By<'a>,
    pub(super) action: &'a str,
    pub(super) subject: Option<&'a str>,
    /// Without personal data.
    pub(super) detail: serde_json::Value,
}

/// Adds a line, in the transaction of what it tells of.
pub(super) async fn append(
    connection: &mut AnyConnection,
    line: AuditLine<'_>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit (id, occurred_at, site, actor_kind, actor, action, subject, detail) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(line.id.as_bytes().to_vec())
    .bind(micros(line.at))
    .bind(line.site.map(ToString::to_string))
    .bind(line.by.kind())
    .bind(line.by.name().map(str::to_owned))
    .bind(line.action.to_owned())
    .bind(line.subject.map(str::to_owned))
    .bind(line.detail.to_string())
    .execute(connection)
    .await?;
    Ok(())
}
