//! Who asks: the session behind a request, and proof that a change was meant.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Form, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, StatusCode, header};
use ipnet::IpNet;

use super::Console;
use super::error::Trouble;
use crate::accounts::{By, SignedIn};
use crate::moderator::Permission;
use crate::review::Review;
use crate::site::SiteId;
use crate::store::StoredDecision;

/// Who connected, as the listener says.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Somebody who is signed in and may review. Others are sent to sign in.
pub(super) struct Visitor(pub(super) SignedIn);

impl Visitor {
    /// Refuses who has not this permission.
    pub(super) fn must(&self, permission: Permission) -> Result<(), Trouble> {
        let may = self.0.moderator.may(permission);
        may.then_some(()).ok_or_else(Trouble::not_allowed)
    }

    /// Whether the decision is theirs to take back.
    pub(super) fn may_undo(&self, decision: &StoredDecision) -> bool {
        let moderator = &self.0.moderator;
        let own = decision.actor.name() == Some(moderator.name.as_str());
        own || moderator.may_undo_others()
    }

    /// The review, of the sites that they may see.
    pub(super) fn review(&self, console: &Console) -> Review {
        console.whole_review.within(self.0.moderator.sites())
    }

    /// The sites there are for them to choose from.
    pub(super) fn sites(&self, console: &Console) -> Vec<SiteId> {
        let access = self.0.moderator.sites();
        let sites = console.sites.borrow();
        let sites = sites.iter().filter(|site| access.allows(site));
        sites.cloned().collect()
    }

    /// Their names.
    pub(super) fn site_names(&self, console: &Console) -> Vec<String> {
        let sites = self.sites(console);
        sites.iter().map(ToString::to_string).collect()
    }

    /// Who stands behind what they do.
    pub(super) fn by(&self) -> By {
        By::Moderator(self.0.moderator.clone())
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Trouble> {
        let signed_in = match console.cookie().read(&parts.headers) {
            Some(secret) => console.accounts.signed_in(secret, (console.now)()).await?,
            None => None,
        };
        signed_in.map(Self).ok_or_else(|| {
            if wants_data(&parts.headers) {
                return Trouble::page(
                    StatusCode::UNAUTHORIZED,
                    "You are signed out",
                    "Sign in again to go on.",
                );
            }
            let back = parts
                .uri
                .path_and_query()
                .filter(|_| parts.method == Method::GET);
            Trouble::sign_in(back.map(PathAndQuery::as_str))
        })
    }
}

/// What a form sent, from a page of the session itself.
pub(super) struct Sent {
    pub(super) visitor: Visitor,
    pub(super) fields: Fields,
}

impl FromRequest<Arc<Console>> for Sent {
    type Rejection = Trouble;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Trouble> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, console).await?;
        let fields = Fields::from_request(Request::from_parts(parts, body), console).await?;
        let token = fields.one("form_token");
        if !visitor.0.form_token().is(token) {
            return Err(Trouble::page(
                StatusCode::FORBIDDEN,
                "This form is of another session",
                "Nothing was changed. Load the page anew and do it again.",
            ));
        }
        Ok(Self { visitor, fields })
    }
}

/// The fields of a form.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of `name`; nothing where there is none.
    pub(super) fn one(&self, name: &str) -> &str {
        let first = self.0.iter().find(|(key, _)| key == name);
        first.map_or("", |(_, value)| value)
    }

    /// Every value of `name`.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.0.iter().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

impl FromRequest<Arc<Console>> for Fields {
    type Rejection = Trouble;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Trouble> {
        let form = Form::<Vec<(String, String)>>::from_request(request, console).await;
        form.map(|Form(fields)| Self(fields)).map_err(|rejection| {
            Trouble::page(
                rejection.status(),
                "This form could not be read",
                rejection.body_text(),
            )
        })
    }
}

/// Under which name the console was asked for; the gate knows it.
pub(super) struct Host(pub(super) String);

impl FromRequestParts<Arc<Console>> for Host {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Console>) -> Result<Self, Infallible> {
        let host = parts
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        Ok(Self(host.unwrap_or_default().to_owned()))
    }
}

/// The address somebody asks from: the proxy's word for it where a trusted proxy asks.
pub(super) struct From(pub(super) IpAddr);

impl FromRequestParts<Arc<Console>> for From {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Infallible> {
        let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
        let peer = parts.extensions.get::<ConnectInfo<Peer>>();
        let peer = peer.map_or(unknown, |ConnectInfo(Peer(address))| *address);
        Ok(Self(origin(
            peer.ip(),
            &parts.headers,
            &console.trusted_proxies,
        )))
    }
}

/// The last address in `X-Forwarded-For` that no trusted proxy has: what stands before
/// it, anybody may have written.
fn origin(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| {
        let address = address.to_canonical();
        trusted.iter().any(|network| network.contains(&address))
    };
    if !is_trusted(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").into_iter();
    let text: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
    let mut nearest = peer;
    for hop in text.join(",").rsplit(',') {
        let Ok(address) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        nearest = address;
        if !is_trusted(&address) {
            break;
        }
    }
    nearest
}

/// Whether a script asks, which can show no page.
pub(super) fn wants_data(headers: &HeaderMap) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.starts_with("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted = ["127.0.0.0/8", "10.0.0.0/8"].map(|text| text.parse().unwrap());
        origin(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_trusted_proxys_word_is_taken_and_no_others() {
        assert_eq!(from("192.0.2.1", &["203.0.113.9"]), "192.0.2.1");
        assert_eq!(from("127.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(
            from("127.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]),
            "203.0.113.9"
        );
        assert_eq!(
            from("127.0.0.1", &["1.1.1.1", "203.0.113.9"]),
            "203.0.113.9"
        );
        assert_eq!(from("127.0.0.1", &["nonsense"]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &[]), "127.0.0.1");
    }
}
