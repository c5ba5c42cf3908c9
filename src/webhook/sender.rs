//! Sends one message.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

use super::public_address::is_public;
use super::settings::WebhookSettings;
use super::signature::Signer;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a message may take altogether, as Standard Webhooks advises.
const WHOLE: Duration = Duration::from_secs(20);
/// How long a connection that is not used is kept.
const IDLE: Duration = Duration::from_secs(30);

/// What is sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// Names it; a message that is sent again has the same, so that the receiver can
    /// pass over what it has had.
    pub id: String,
    /// JSON.
    pub body: Vec<u8>,
}

/// What the receiver said: it has the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, 200 to 299.
    pub status: u16,
}

/// Why the receiver does not have the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It answered with a status that is no success. A redirection is none: the
    /// message is signed for the address the operator set.
    #[error("it answered with status {status}")]
    Status {
        /// The status.
        status: u16,
        /// What it asked for by `Retry-After`, in seconds.
        retry_after: Option<Duration>,
    },
    /// It says that there is nobody any more (410).
    #[error("it answered that it is gone for good (410)")]
    Gone,
    /// The name leads to no public address, and private ones are not allowed.
    #[error("its host leads to a private address, and allow_private is not set")]
    Private,
    /// It did not answer in time.
    #[error("it did not answer within {} s", WHOLE.as_secs())]
    TimedOut,
    /// No connection.
    #[error("no connection: {0}")]
    Connection(String),
}

impl Failure {
    /// The status, where there is an answer.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Gone => Some(410),
            Self::Private | Self::TimedOut | Self::Connection(_) => None,
        }
    }

    /// What the receiver asked to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Why nothing can be sent at all, such as no trusted certificates on this machine.
#[derive(Debug, thiserror::Error)]
#[error("webhooks cannot be sent from here: {0}")]
pub struct SenderError(#[from] reqwest::Error);

/// Sends messages. Follows no redirection and uses no proxy, which could lead it
/// where it may not go.
#[derive(Clone, Debug)]
pub struct Sender {
    public: Client,
    anywhere: Client,
}

impl Sender {
    /// A sender. A `rustls` provider must be installed.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new() -> Result<Self, SenderError> {
        let client = |resolver: Option<PublicOnly>| {
            let builder = Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT)
                .timeout(WHOLE)
                .pool_idle_timeout(IDLE)
                .retry(reqwest::retry::never());
            match resolver {
                Some(resolver) => builder.dns_resolver(Arc::new(resolver)),
                None => builder,
            }
            .build()
        };
        Ok(Self {
            public: client(Some(PublicOnly))?,
            anywhere: client(None)?,
        })
    }

    /// Sends `message`, signed at `now`. The body of the answer is not read.
    ///
    /// # Errors
    /// If the receiver does not say that it has it.
    pub async fn send(
        &self,
        to: &WebhookSettings,
        message: &Message,
        now: Timestamp,
    ) -> Result<Answer, Failure> {
        let client = if to.allow_private {
            &self.anywhere
        } else {
            &self.public
        };
        // No name is looked up for an address.
        let literal = to.url.literal_address();
        if !to.allow_private && literal.is_some_and(|address| !is_public(address)) {
            return Err(Failure::Private);
        }
        let timestamp = now.as_second();
        let signature = Signer::new(to.secrets.clone()).sign(&message.id, timestamp, &message.body);
        let sent = client
            .post(to.url.expose().clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("moderato/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(message.body.clone())
            .send()
            .await;
        let answer = sent.map_err(|error| failure(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(Answer {
                status: status.as_u16(),
            });
        }
        if status == StatusCode::GONE {
            return Err(Failure::Gone);
        }
        let header = answer.headers().get(RETRY_AFTER);
        let seconds = header.and_then(|value| value.to_str().ok()?.trim().parse().ok());
        Err(Failure::Status {
            status: status.as_u16(),
            retry_after: seconds.map(Duration::from_secs),
        })
    }
}

/// What went wrong, without the URL, which may hold a secret.
fn failure(error: &reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::TimedOut;
    }
    let mut cause = error.source();
    let mut innermost = "unknown".to_owned();
    while let Some(inner) = cause {
        if inner.is::<NoPublicAddress>() {
            return Failure::Private;
        }
        innermost = inner.to_string();
        cause = inner.source();
    }
    Failure::Connection(innermost)
}

/// Looks names up and keeps the public addresses. The client connects to what comes
/// from here and asks no second time, so a name that changes in between (DNS
/// rebinding) gains nothing.
struct PublicOnly;

/// A name that leads to none.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
struct NoPublicAddress;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(public_of(found)?)
        })
    }
}

fn public_of(found: impl Iterator<Item = SocketAddr>) -> Result<Addrs, NoPublicAddress> {
    let public: Vec<_> = found.filter(|found| is_public(found.ip())).collect();
    if public.is_empty() {
        return Err(NoPublicAddress);
    }
    Ok(Box::new(public.into_iter()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_names_addresses_the_public_ones_are_used() {
        let found = ["10.0.0.1:0", "1.1.1.1:0", "[::1]:0"].map(|text| text.parse().unwrap());
        let used: Vec<SocketAddr> = public_of(found.into_iter()).unwrap().collect();
        assert_eq!(used, ["1.1.1.1:0".parse().unwrap()]);
        assert!(public_of(found[..1].iter().copied()).is_err());
    }
}
