//! Who there is.

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::{by_id, insert, moderator, moderator_columns, note, shut_out};
use crate::moderator::{Moderator, ModeratorId, ModeratorName, Role};
use crate::site::SiteAccess;
use crate::store::accounts::{AccountChange, AccountEvent, Changed, Credentials, Stamp};
use crate::store::database::Kind;
use crate::store::values::Columns;
use crate::store::{Store, StoreError};

/// Somebody, and all who are admins.
macro_rules! concerned {
    () => {
        concat!(
            "SELECT ",
            moderator_columns!(),
            " FROM moderators m WHERE m.id = $1 ",
            "OR (m.role = 'admin' AND m.disabled_at IS NULL) ORDER BY m.id"
        )
    };
}

impl Store {
    /// Everybody, by name.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn moderators(&self) -> Result<Vec<Moderator>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            moderator_columns!(),
            " FROM moderators m ORDER BY m.folded_name"
        ))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(moderator).collect()
    }

    /// Somebody and the hash of their password.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn credentials(
        &self,
        name: &ModeratorName,
    ) -> Result<Option<Credentials>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            moderator_columns!(),
            " FROM moderators m WHERE m.folded_name = $1"
        ))
        .bind(name.folded())
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        let credentials = row.map(|row| {
            Ok::<_, StoreError>(Credentials {
                moderator: moderator(&row)?,
                password_hash: Columns(&row).get("password_hash")?,
            })
        });
        credentials.transpose()
    }

    /// Adds somebody without a password. `None`: the name is taken.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn add_moderator(
        &self,
        name: &ModeratorName,
        role: Role,
        stamp: &Stamp<'_>,
    ) -> Result<Option<Moderator>, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(id) = insert(&mut transaction, name, role, None, stamp.now).await? else {
            return Ok(None);
        };
        note(
            &mut transaction,
            stamp,
            &format!("added as {role}"),
            name.as_str(),
        )
        .await?;
        let added = by_id(&mut transaction, &id).await?;
        transaction.commit().await?;
        Ok(Some(added))
    }

    /// Changes an account. One that is disabled loses its sessions, links and
    /// tokens.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn change(
        &self,
        id: ModeratorId,
        change: AccountChange,
        stamp: &Stamp<'_>,
    ) -> Result<Changed, StoreError> {
        let id = id.to_string();
        let mut transaction = self.begin().await?;
        // Held to the end, so that two admins cannot disable each other at once.
        let rows = sqlx::query(match self.database.ready().await?.kind {
            Kind::Sqlite => concerned!(),
            Kind::Postgres => concat!(concerned!(), " FOR UPDATE"),
        })
        .bind(id.clone())
        .fetch_all(&mut *transaction)
        .await?;
        let concerned = rows.iter().map(moderator).collect::<Result<Vec<_>, _>>()?;
        let (mut this, others): (Vec<_>, Vec<_>) = concerned
            .into_iter()
            .partition(|moderator| moderator.id.to_string() == id);
        let Some(mut this) = this.pop() else {
            return Ok(Changed::NoSuchModerator);
        };
        let keeps_admin = match &change {
            AccountChange::Disable => false,
            AccountChange::Enable | AccountChange::Sites(_) => true,
            AccountChange::Role(role) => *role == Role::Admin,
        };
        let is_admin = this.role == Role::Admin && this.is_active();
        if is_admin && !keeps_admin && others.is_empty() {
            return Ok(Changed::LastAdmin);
        }
        let action = changed(&mut this, &change, stamp.now);
        let sites = match &this.limited_to {
            SiteAccess::All => None,
            only @ SiteAccess::Only(_) => Some(only.to_string()),
        };
        sqlx::query("UPDATE moderators SET disabled_at = $2, role = $3, sites = $4 WHERE id = $1")
            .bind(id.clone())
            .bind(this.disabled_at.map(Timestamp::as_microsecond))
            .bind(this.role.name())
            .bind(sites)
            .execute(&mut *transaction)
            .await?;
        if change == AccountChange::Disable {
            shut_out(&mut transaction, &id).await?;
        }
        note(&mut transaction, stamp, &action, this.name.as_str()).await?;
        transaction.commit().await?;
        Ok(Changed::Done)
    }

    /// The latest changes of accounts, the newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn account_events(&self, at_most: u32) -> Result<Vec<AccountEvent>, StoreError> {
        let rows = sqlx::query(
            "SELECT occurred_at, actor, action, subject FROM audit \
             WHERE actor_kind = 'account' ORDER BY occurred_at DESC LIMIT $1",
        )
        .bind(i64::from(at_most))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let event = |row: &AnyRow| {
            let row = Columns(row);
            Ok(AccountEvent {
                at: row.time("occurred_at")?,
                by: row.get("actor")?,
                action: row.get("action")?,
                subject: row.get("subject")?,
            })
        };
        rows.iter().map(event).collect()
    }
}

/// Makes the change, and says what it was.
fn changed(moderator: &mut Moderator, change: &AccountChange, now: Timestamp) -> String {
    match change {
        AccountChange::Disable => {
            moderator.disabled_at = Some(now);
            "disabled".to_owned()
        }
        AccountChange::Enable => {
            moderator.disabled_at = None;
            "enabled".to_owned()
        }
        AccountChange::Role(role) => {
            moderator.role = *role;
            format!("made {role}")
        }
        AccountChange::Sites(sites) => {
            moderator.limited_to = sites.clone();
            match sites {
                SiteAccess::All => "given all sites".to_owned(),
                SiteAccess::Only(_) => format!("limited to {sites}"),
            }
        }
    }
}
