//! Who may sign in, as admins say.

use jiff::Timestamp;

use super::{AccountError, Accounts, Invalid, SignInLink};
use crate::moderator::{Moderator, ModeratorName, Permission, Role};
use crate::site::SiteAccess;
use crate::store::accounts::{AccountChange, AccountEvent, Changed, Stamp};

/// Who changes accounts: a moderator, or the machine's operator from its command line.
#[derive(Clone, Debug)]
pub enum By {
    /// Somebody who is signed in.
    Moderator(Moderator),
    /// Who can run programs on the server and read its configuration may do all.
    CommandLine,
}

impl By {
    /// Refuses what takes a permission that they have not.
    pub(super) fn must(&self, permission: Permission) -> Result<(), AccountError> {
        let may = match self {
            Self::Moderator(moderator) => moderator.may(permission),
            Self::CommandLine => true,
        };
        may.then_some(())
            .ok_or(AccountError::NotAllowed(permission.least()))
    }

    /// What stands in the record.
    pub(super) fn stamp(&self, now: Timestamp) -> Stamp<'_> {
        let by = match self {
            Self::Moderator(moderator) => moderator.name.as_str(),
            Self::CommandLine => "the command line",
        };
        Stamp { by, now }
    }

    pub(super) fn is(&self, moderator: &Moderator) -> bool {
        matches!(self, Self::Moderator(by) if by.id == moderator.id)
    }
}

impl Accounts {
    /// Everybody, by name.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn everybody(&self) -> Result<Vec<Moderator>, AccountError> {
        Ok(self.store.moderators().await?)
    }

    /// The latest changes of accounts, the newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn events(&self, at_most: u32) -> Result<Vec<AccountEvent>, AccountError> {
        Ok(self.store.account_events(at_most).await?)
    }

    /// Adds somebody, with a link for them to choose a password.
    ///
    /// # Errors
    /// If `by` may not, or the name is taken or none.
    pub async fn add(
        &self,
        name: &str,
        role: Role,
        by: &By,
        now: Timestamp,
    ) -> Result<(Moderator, SignInLink), AccountError> {
        by.must(Permission::Administer)?;
        let name: ModeratorName = name.parse().map_err(Invalid::Name)?;
        let stamp = by.stamp(now);
        let added = self.store.add_moderator(&name, role, &stamp).await?;
        let added = added.ok_or(Invalid::NameTaken(name))?;
        let link = self.new_link(Some(added.id), &stamp).await?;
        tracing::info!(by = stamp.by, %role, "a moderator was added");
        Ok((added, link))
    }

    /// Changes somebody's account. Disabling it ends their sessions and tokens at once.
    ///
    /// # Errors
    /// If `by` may not or is the same person, there is nobody of that name, or no
    /// admin would be left.
    pub async fn change(
        &self,
        name: &ModeratorName,
        change: AccountChange,
        by: &By,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        by.must(Permission::Administer)?;
        let known = self.store.credentials(name).await?;
        let moderator = known.ok_or(AccountError::NoSuchModerator)?.moderator;
        if by.is(&moderator) {
            return Err(AccountError::OwnAccount);
        }
        if let AccountChange::Sites(SiteAccess::Only(sites)) = &change {
            if moderator.role != Role::Moderator {
                return Err(Invalid::NotLimited(moderator.role).into());
            }
            if sites.is_empty() {
                return Err(Invalid::NoSite.into());
            }
        }
        match self
            .store
            .change(moderator.id, change.clone(), &by.stamp(now))
            .await?
        {
            Changed::Done => {
                tracing::info!(by = by.stamp(now).by, ?change, "an account was changed");
                Ok(())
            }
            Changed::NoSuchModerator => Err(AccountError::NoSuchModerator),
            Changed::LastAdmin => Err(AccountError::LastAdmin),
        }
    }
}
