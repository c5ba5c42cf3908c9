//! What every request to the console passes on its way in, and every answer on its
//! way out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::Console;
use super::error::Trouble;

/// Nothing but our own files, no inline script or style, no frame, no plug-in; and no
/// text becomes markup in a script but through the one policy of `console.js`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types moderato";

const HEADERS: [(HeaderName, &str); 9] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: with it a browser sends `Origin: null` with our own forms.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), microphone=(), geolocation=()",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (header::VARY, "Cookie"),
];

/// Refuses what is not meant for this console or comes from somebody else's page, and
/// puts the security headers on every answer.
pub(super) async fn pass(
    State(console): State<Arc<Console>>,
    request: Request,
    next: Next,
) -> Response {
    let refused = refusal(&console, request.method(), request.headers());
    guarded(match refused {
        Some(trouble) => trouble.into_response(),
        None => next.run(request).await,
    })
    .await
}

/// An answer with the security headers on it.
pub(super) async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refusal(console: &Console, method: &Method, headers: &HeaderMap) -> Option<Trouble> {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let host = text(header::HOST).unwrap_or_default();
    if !console.reach.answers_to(host) {
        return Some(Trouble::page(
            StatusCode::MISDIRECTED_REQUEST,
            "The console does not answer to this address",
            "It answers to the address in console.public_url, or without one to localhost and \
             127.0.0.1. If you are the operator: set console.public_url to the address that \
             moderators type, and let the proxy pass the Host header on.",
        ));
    }
    if matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let origin = text(header::ORIGIN);
    let foreign = origin.is_some_and(|origin| !console.reach.is_origin(origin, host));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let elsewhere = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    (foreign || elsewhere).then(|| {
        Trouble::page(
            StatusCode::FORBIDDEN,
            "This came from another site",
            "A page of another site tried to change something here in your name. Nothing was \
             changed. If it was you, do it again from the console itself.",
        )
    })
}
