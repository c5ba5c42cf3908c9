//! One-time links that let somebody choose a password.

use std::time::Duration;

use jiff::Timestamp;

use super::people::By;
use super::{AccountError, Accounts, SignedIn, after, new_secret};
use crate::moderator::{ModeratorName, Permission, Secret, SecretHash};
use crate::store::accounts::{LinkFor, NewLink, Stamp};

/// How long a link is good.
pub const LINK_LIFE: Duration = Duration::from_hours(24);

/// A link that sets a password, to hand to who is to have it.
#[derive(Clone, Debug)]
pub struct SignInLink {
    /// What makes it good.
    pub secret: Secret,
    /// From when it is no good.
    pub expires_at: Timestamp,
}

impl SignInLink {
    /// The link's path in the console.
    #[must_use]
    pub fn path(&self) -> String {
        // After the '#' it would not reach the server; in the path it is used up at once.
        format!("/console/welcome/{}", self.secret.expose())
    }
}

impl Accounts {
    /// A link that makes the first admin; `None` where there is somebody already.
    /// Links made before for that are no good any more.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn founders_link(&self, now: Timestamp) -> Result<Option<SignInLink>, AccountError> {
        if !self.store.moderators().await?.is_empty() {
            return Ok(None);
        }
        let stamp = Stamp {
            by: "the server",
            now,
        };
        self.new_link(None, &stamp).await.map(Some)
    }

    /// A link that sets a new password for `name`; the old password stays good until
    /// then.
    ///
    /// # Errors
    /// If `by` may not, or there is nobody of that name.
    pub async fn reset_password(
        &self,
        name: &ModeratorName,
        by: &By,
        now: Timestamp,
    ) -> Result<SignInLink, AccountError> {
        by.must(Permission::Administer)?;
        let known = self.store.credentials(name).await?;
        let moderator = known.ok_or(AccountError::NoSuchModerator)?.moderator;
        self.new_link(Some(moderator.id), &by.stamp(now)).await
    }

    pub(super) async fn new_link(
        &self,
        moderator: Option<crate::moderator::ModeratorId>,
        stamp: &Stamp<'_>,
    ) -> Result<SignInLink, AccountError> {
        let link = SignInLink {
            secret: new_secret()?,
            expires_at: after(stamp.now, LINK_LIFE),
        };
        let kept = NewLink {
            hash: SecretHash::of(link.secret.expose()),
            moderator,
            expires_at: link.expires_at,
        };
        self.store.add_link(&kept, stamp).await?;
        Ok(link)
    }

    /// What a link is for. Looking does not use it up.
    ///
    /// # Errors
    /// If it is not good.
    pub async fn link(&self, secret: &str, now: Timestamp) -> Result<LinkFor, AccountError> {
        let found = self.store.link(SecretHash::of(secret), now).await?;
        found.ok_or(AccountError::LinkNotGood)
    }

    /// Uses a link up: sets the password, and signs its owner in. `name` is the first
    /// admin's choice; who has an account keeps theirs.
    ///
    /// # Errors
    /// If it is not good, or name or password cannot be taken; then it stays good.
    pub async fn use_link(
        &self,
        secret: &str,
        name: &str,
        password: &str,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        let (name, founder) = match self.link(secret, now).await? {
            LinkFor::Founder => {
                let name: ModeratorName = name.parse().map_err(super::Invalid::Name)?;
                (name.clone(), Some(name))
            }
            LinkFor::Moderator(name) => (name, None),
        };
        let password_hash = self.passwords.hash(&name, password).await?;
        let hash = SecretHash::of(secret);
        let used = self
            .store
            .use_link(hash, founder.as_ref(), &password_hash, now);
        let moderator = used.await?.ok_or(AccountError::LinkNotGood)?;
        self.begin_session(moderator, now).await
    }
}
