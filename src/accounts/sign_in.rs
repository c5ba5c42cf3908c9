//! Signing in, being signed in, and signing out.

use std::net::IpAddr;

use jiff::Timestamp;

use super::{AccountError, Accounts, after, new_secret};
use crate::moderator::{Moderator, ModeratorId, ModeratorName, Secret, SecretHash};
use crate::store::accounts::NewSession;

/// A session's idle time is written down again when a sixteenth of it has passed, so
/// that most requests need no write.
const EXTEND_SHARE: u32 = 16;

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub moderator: Moderator,
    /// The session's secret; what forms must carry is derived from it.
    pub secret: Secret,
}

impl SignedIn {
    /// The token that every form and request that changes something must carry: only
    /// a page of this session can know it.
    #[must_use]
    pub fn form_token(&self) -> Secret {
        self.secret.derived("form")
    }
}

impl Accounts {
    /// Signs somebody in, with the name and password as typed, from `address`.
    ///
    /// # Errors
    /// If they do not fit, or there were too many attempts.
    pub async fn sign_in(
        &self,
        name: &str,
        password: &str,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        self.throttle.attempt(name, address)?;
        let credentials = match name.parse::<ModeratorName>() {
            Ok(name) => self.store.credentials(&name).await?,
            Err(_) => None,
        };
        let (moderator, hash) = match credentials {
            Some(known) if known.moderator.is_active() => {
                (Some(known.moderator), known.password_hash)
            }
            _ => (None, None),
        };
        let fits = self.passwords.fits(password, hash).await?;
        match moderator {
            Some(moderator) if fits => self.begin_session(moderator, now).await,
            _ => Err(AccountError::WrongCredentials),
        }
    }

    /// Counts something that costs as much as signing in, by `what` is tried and from
    /// where.
    ///
    /// # Errors
    /// If there was too much of it.
    pub fn attempt(&self, what: &str, address: IpAddr) -> Result<(), AccountError> {
        self.throttle.attempt(what, address)
    }

    pub(super) async fn begin_session(
        &self,
        moderator: Moderator,
        now: Timestamp,
    ) -> Result<SignedIn, AccountError> {
        let secret = new_secret()?;
        let session = NewSession {
            hash: SecretHash::of(secret.expose()),
            moderator: moderator.id,
            idle_until: after(now, self.life.idle),
            expires_at: after(now, self.life.longest),
        };
        self.store.add_session(&session, now).await?;
        Ok(SignedIn { moderator, secret })
    }

    /// Who presents `secret`; `None`: nobody who is signed in.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn signed_in(
        &self,
        secret: &str,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, AccountError> {
        let hash = SecretHash::of(secret);
        let Some(session) = self.store.session(hash, now).await? else {
            return Ok(None);
        };
        let idle_until = after(now, self.life.idle);
        if after(session.idle_until, self.life.idle / EXTEND_SHARE) < idle_until {
            self.store.extend_session(hash, idle_until).await?;
        }
        Ok(Some(SignedIn {
            moderator: session.moderator,
            secret: Secret::from(secret),
        }))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn sign_out(&self, session: &SignedIn) -> Result<(), AccountError> {
        let hash = SecretHash::of(session.secret.expose());
        Ok(self.store.end_session(hash).await?)
    }

    /// How long a cookie that holds a session may be kept.
    #[must_use]
    pub const fn session_life(&self) -> super::SessionLife {
        self.life
    }

    /// Somebody by number.
    ///
    /// # Errors
    /// If there is no such moderator, or the store does not answer.
    pub async fn moderator(&self, id: ModeratorId) -> Result<Moderator, AccountError> {
        let everybody = self.store.moderators().await?;
        let found = everybody.into_iter().find(|moderator| moderator.id == id);
        found.ok_or(AccountError::NoSuchModerator)
    }
}
