//! Moderators and what signs them in: passwords, sessions, links, tokens. Of
//! secrets only hashes are kept; a secret's hash is what finds it again.

mod links;
mod moderators;
mod sessions;
mod tokens;

use std::str::FromStr;

use jiff::Timestamp;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::Transaction;
use super::audit::{self, AuditLine, By};
use super::error::StoreError;
use super::values::{Columns, unexpected};
use crate::moderator::{Moderator, ModeratorId, ModeratorName, Role, SecretHash};
use crate::site::SiteAccess;

/// Who changes an account, and when.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'a> {
    /// A moderator's name, or what stands for the operating system's user.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// Somebody with the hash of their password, in PHC form; none: none is set yet.
#[derive(Clone)]
pub struct Credentials {
    /// Who.
    pub moderator: Moderator,
    /// The hash.
    pub password_hash: Option<String>,
}

/// A change of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// May not sign in any more.
    Disable,
    /// May again.
    Enable,
    /// May do other things.
    Role(Role),
    /// Sees other sites.
    Sites(SiteAccess),
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was made.
    Done,
    /// There is no such account.
    NoSuchModerator,
    /// Nobody would be left who may say who signs in.
    LastAdmin,
}

/// A sign-in link to remember.
#[derive(Clone, Copy, Debug)]
pub struct NewLink {
    /// Of its secret.
    pub hash: SecretHash,
    /// Whose password it sets; none: the first admin's.
    pub moderator: Option<ModeratorId>,
    /// From when it is no good.
    pub expires_at: Timestamp,
}

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkFor {
    /// To make the first admin.
    Founder,
    /// To set this moderator's password.
    Moderator(ModeratorName),
}

/// A session to remember.
#[derive(Clone, Copy, Debug)]
pub struct NewSession {
    /// Of its secret.
    pub hash: SecretHash,
    /// Who signed in.
    pub moderator: ModeratorId,
    /// When it ends if it is not used.
    pub idle_until: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A session that is good.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who signed in.
    pub moderator: Moderator,
    /// When it ends if it is not used.
    pub idle_until: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// An API token to remember.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Of its secret.
    pub hash: SecretHash,
    /// Who has it.
    pub moderator: ModeratorId,
    /// What it is for, in its owner's words.
    pub label: String,
    /// From when it is no good; none: until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when it is no good; none: until it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the hour.
    pub used_at: Option<Timestamp>,
}

/// One change of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountEvent {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: String,
    /// What, such as `disabled`.
    pub action: String,
    /// Whose account.
    pub subject: String,
}

/// Columns of a [`Moderator`].
macro_rules! moderator_columns {
    () => {
        "m.id, m.name, m.role, m.created_at, m.disabled_at, m.signed_in_at, m.password_hash, m.sites"
    };
}
use moderator_columns;

fn moderator(row: &AnyRow) -> Result<Moderator, StoreError> {
    let row = Columns(row);
    Ok(Moderator {
        id: moderator_id(&row)?,
        name: parsed(&row, "name")?,
        role: parsed(&row, "role")?,
        limited_to: row.site_access("sites")?,
        created_at: row.time("created_at")?,
        disabled_at: row.maybe_time("disabled_at")?,
        signed_in_at: row.maybe_time("signed_in_at")?,
        has_password: row.get::<Option<String>>("password_hash")?.is_some(),
    })
}

fn moderator_id(row: &Columns<'_>) -> Result<ModeratorId, StoreError> {
    let id: String = row.get("id")?;
    let id = Uuid::parse_str(&id).map(ModeratorId);
    id.map_err(|error| unexpected("id", &error))
}

fn parsed<T>(row: &Columns<'_>, column: &str) -> Result<T, StoreError>
where
    T: FromStr<Err: std::fmt::Display>,
{
    let text: String = row.get(column)?;
    text.parse().map_err(|error| unexpected(column, &error))
}

async fn by_id(transaction: &mut Transaction, id: &str) -> Result<Moderator, StoreError> {
    let found = sqlx::query(concat!(
        "SELECT ",
        moderator_columns!(),
        " FROM moderators m WHERE m.id = $1"
    ));
    moderator(
        &found
            .bind(id.to_owned())
            .fetch_one(&mut **transaction)
            .await?,
    )
}

async fn note(
    transaction: &mut Transaction,
    stamp: &Stamp<'_>,
    action: &str,
    subject: &str,
) -> Result<(), StoreError> {
    let line = AuditLine {
        id: Uuid::now_v7(),
        at: stamp.now,
        site: None,
        by: By::Account(stamp.by),
        action,
        subject: Some(subject),
        detail: serde_json::json!({}),
    };
    audit::append(transaction, line).await
}

/// Ends all that lets somebody in.
async fn shut_out(transaction: &mut Transaction, id: &str) -> Result<(), StoreError> {
    for text in [
        "DELETE FROM sessions WHERE moderator = $1",
        "DELETE FROM sign_in_links WHERE moderator = $1",
        "DELETE FROM api_tokens WHERE moderator = $1",
    ] {
        sqlx::query(text)
            .bind(id.to_owned())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

async fn insert(
    transaction: &mut Transaction,
    name: &ModeratorName,
    role: Role,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    let id = Uuid::now_v7().to_string();
    let added = sqlx::query(
        "INSERT INTO moderators (id, name, folded_name, role, password_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (folded_name) DO NOTHING",
    )
    .bind(id.clone())
    .bind(name.as_str().to_owned())
    .bind(name.folded())
    .bind(role.name())
    .bind(password_hash.map(str::to_owned))
    .bind(now.as_microsecond())
    .execute(&mut **transaction)
    .await?;
    Ok((added.rows_affected() == 1).then_some(id))
}
