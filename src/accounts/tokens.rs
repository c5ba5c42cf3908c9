//! API tokens: what a program presents in place of a name and a password.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;

use super::people::By;
use super::{AccountError, Accounts, Invalid, after, new_secret};
use crate::moderator::{Moderator, ModeratorName, Permission, Secret, SecretHash};
use crate::store::accounts::{NewToken, Token};

/// Longest label of a token, in characters.
pub const LONGEST_LABEL: usize = 80;

impl Accounts {
    /// Who presents an API token from `address`. What they may do is for
    /// [`Moderator::may`] to say. A token that was good here lately is looked up
    /// whatever else comes from its address, so that nobody is locked out by others
    /// behind the same proxy.
    ///
    /// # Errors
    /// If nobody has the token, too many that nobody has came from the address, or the
    /// store does not answer.
    pub async fn presented(
        &self,
        token: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Moderator, AccountError> {
        let hash = SecretHash::of(token);
        let known = self.good_tokens.contains_key(&hash.to_hex());
        if !known {
            self.throttle.may_present(address)?;
        }
        let Some(moderator) = self.store.token(hash, now).await? else {
            self.throttle.presented_unknown(address);
            return Err(AccountError::NoSuchToken);
        };
        if !known {
            self.good_tokens.insert(hash.to_hex(), ()).await;
        }
        Ok(moderator)
    }

    /// A new token of `name`, shown this once. It may do what its owner may.
    ///
    /// # Errors
    /// If `by` is neither the owner nor may administer, the owner is disabled or
    /// nobody, or the label is none.
    pub async fn new_token(
        &self,
        name: &ModeratorName,
        label: &str,
        life: Option<Duration>,
        by: &By,
        now: Timestamp,
    ) -> Result<Secret, AccountError> {
        let owner = self.owner(name, by).await?;
        let label = label.trim();
        let characters = label.chars().count();
        if !(1..=LONGEST_LABEL).contains(&characters) {
            return Err(Invalid::Label(characters).into());
        }
        let secret = new_secret()?;
        let token = NewToken {
            hash: SecretHash::of(secret.expose()),
            moderator: owner.id,
            label: label.to_owned(),
            expires_at: life.map(|life| after(now, life)),
        };
        self.store.add_token(&token, &by.stamp(now)).await?;
        Ok(secret)
    }

    /// The good tokens of `name`, without their secrets.
    ///
    /// # Errors
    /// As [`Self::new_token`].
    pub async fn tokens(
        &self,
        name: &ModeratorName,
        by: &By,
        now: Timestamp,
    ) -> Result<Vec<Token>, AccountError> {
        let owner = self.owner(name, by).await?;
        Ok(self.store.tokens(owner.id, now).await?)
    }

    /// Ends a token of `name`. Whether there was one of this number.
    ///
    /// # Errors
    /// As [`Self::new_token`].
    pub async fn revoke_token(
        &self,
        name: &ModeratorName,
        id: &str,
        by: &By,
        now: Timestamp,
    ) -> Result<bool, AccountError> {
        let owner = self.owner(name, by).await?;
        Ok(self
            .store
            .revoke_token(owner.id, id, &by.stamp(now))
            .await?)
    }

    /// Who is called `name`, if `by` may see to their tokens.
    async fn owner(&self, name: &ModeratorName, by: &By) -> Result<Moderator, AccountError> {
        let known = self.store.credentials(name).await?;
        let owner = known.map(|known| known.moderator);
        let owner = owner.filter(Moderator::is_active);
        if !owner.as_ref().is_some_and(|owner| by.is(owner)) {
            by.must(Permission::Administer)?;
        }
        owner.ok_or(AccountError::NoSuchModerator)
    }
}
