//! Who calls: a site by its key, a moderator by an API token. Each opens its own
//! services, and who brings the one to the other's door is told so.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::auth::{SiteKeys, bearer};
use super::review_status::ReviewRefusal;
use super::status::{DOMAIN, Refusal};
use crate::accounts::{AccountError, Accounts};
use crate::moderator::{Moderator, Permission, Role};
use crate::site::SiteId;

/// Who may call.
pub struct Callers {
    /// Sites, by their keys.
    pub keys: Arc<SiteKeys>,
    /// Moderators, by their tokens.
    pub accounts: Accounts,
    /// The time.
    pub now: fn() -> Timestamp,
}

/// What a call carries to say whose it is.
#[derive(Clone, Copy)]
pub(super) struct Presented<'a> {
    metadata: &'a MetadataMap,
    from: IpAddr,
}

impl<'a> Presented<'a> {
    pub(super) fn in_call<T>(request: &'a Request<T>) -> Self {
        Self {
            metadata: request.metadata(),
            from: request
                .remote_addr()
                .as_ref()
                .map_or(Ipv4Addr::UNSPECIFIED.into(), SocketAddr::ip),
        }
    }
}

/// A moderator's call that is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallerRefusal {
    /// No token.
    #[error("expected metadata `authorization: Bearer <API token of a moderator>`, found none")]
    TokenMissing,
    /// The metadata is no bearer token.
    #[error(
        "expected metadata `authorization: Bearer <API token of a moderator>`, found another form"
    )]
    TokenMalformed,
    /// A token that nobody has.
    #[error("no moderator has this API token, or has it no longer")]
    TokenUnknown,
    /// A site's key.
    #[error(
        "this is the key of the site {0}, which opens ModerationService; expected the API token of \
         a moderator, as `moderato moderators token` makes it"
    )]
    SiteKey(SiteId),
    /// The role does not go that far.
    #[error("this takes the role {0}")]
    RoleTooLow(Role),
    /// Too many tokens that nobody has.
    #[error("too many tokens from this address that nobody has; retry after {0:?}")]
    TooManyAttempts(Duration),
}

impl CallerRefusal {
    const fn code(&self) -> Code {
        match self {
            Self::TokenMissing | Self::TokenMalformed | Self::TokenUnknown => Code::Unauthenticated,
            Self::SiteKey(_) | Self::RoleTooLow(_) => Code::PermissionDenied,
            Self::TooManyAttempts(_) => Code::ResourceExhausted,
        }
    }

    const fn reason(&self) -> &'static str {
        match self {
            Self::TokenMissing => "TOKEN_MISSING",
            Self::TokenMalformed => "TOKEN_MALFORMED",
            Self::TokenUnknown => "TOKEN_UNKNOWN",
            Self::SiteKey(_) => "SITE_KEY",
            Self::RoleTooLow(_) => "ROLE_TOO_LOW",
            Self::TooManyAttempts(_) => "TOO_MANY_ATTEMPTS",
        }
    }
}

impl From<CallerRefusal> for Status {
    fn from(refusal: CallerRefusal) -> Self {
        let mut details = ErrorDetails::with_error_info(refusal.reason(), DOMAIN, []);
        if let CallerRefusal::TooManyAttempts(wait) = refusal {
            details.set_retry_info(Some(wait));
        }
        Self::with_error_details(refusal.code(), refusal.to_string(), details)
    }
}

impl Callers {
    /// The site whose call it is.
    ///
    /// # Errors
    /// If sites have keys and the call carries none of them.
    pub(super) async fn site(&self, presented: Presented<'_>) -> Result<Arc<SiteId>, Refusal> {
        match self.keys.site_of(presented.metadata) {
            // Looked up for the clearer word alone.
            Err(Refusal::KeyUnknown) if self.has_moderator(presented).await => {
                Err(Refusal::TokenOfModerator)
            }
            known => known,
        }
    }

    async fn has_moderator(&self, presented: Presented<'_>) -> bool {
        let Some(token) = presented.token() else {
            return false;
        };
        let now = (self.now)();
        let found = self.accounts.presented(token, presented.from, now).await;
        found.is_ok()
    }

    /// The moderator whose call it is, if they may do what takes `permission`.
    ///
    /// # Errors
    /// If the call carries no good token, or their role does not go that far.
    pub(super) async fn moderator(
        &self,
        presented: Presented<'_>,
        permission: Permission,
    ) -> Result<Moderator, Status> {
        if !presented.metadata.contains_key("authorization") {
            return Err(CallerRefusal::TokenMissing.into());
        }
        let token = presented.token().ok_or(CallerRefusal::TokenMalformed)?;
        if let Some(site) = self.keys.site_with(token) {
            return Err(CallerRefusal::SiteKey(SiteId::clone(&site)).into());
        }
        let now = (self.now)();
        let found = self.accounts.presented(token, presented.from, now).await;
        let moderator = found.map_err(not_let_in)?;
        if moderator.may(permission) {
            return Ok(moderator);
        }
        Err(CallerRefusal::RoleTooLow(permission.least()).into())
    }
}

impl<'a> Presented<'a> {
    fn token(self) -> Option<&'a str> {
        bearer(self.metadata.get("authorization")?.to_str().ok()?)
    }
}

fn not_let_in(error: AccountError) -> Status {
    match error {
        AccountError::TooManyAttempts { retry_after } => {
            CallerRefusal::TooManyAttempts(retry_after).into()
        }
        AccountError::Store(error) if error.is_passing() => ReviewRefusal::Unavailable.into(),
        AccountError::NoSuchToken => CallerRefusal::TokenUnknown.into(),
        error => {
            tracing::error!(%error, "a token could not be looked up");
            Refusal::Fault.into()
        }
    }
}
