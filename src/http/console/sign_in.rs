//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::Console;
use super::error::{Trouble, sentence};
use super::page::Page;
use super::urls::within;
use super::visitor::{Fields, From, Sent};
use crate::accounts::{AccountError, SignedIn};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    name: &'a str,
    back: &'a str,
    problem: Option<String>,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    back: String,
}

fn page<'a>(name: &'a str, back: &'a str, problem: Option<String>) -> Page<SignInPage<'a>> {
    Page(SignInPage {
        name,
        back,
        problem,
    })
}

/// The form.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Query(Back { back }): Query<Back>,
    headers: HeaderMap,
) -> Result<Response, Trouble> {
    let known = match console.cookie().read(&headers) {
        Some(secret) => console.accounts.signed_in(secret, (console.now)()).await?,
        None => None,
    };
    if known.is_some() {
        return Ok(Redirect::to(within(&back)).into_response());
    }
    Ok(page("", within(&back), None).into_response())
}

/// Tries a name and a password.
pub(super) async fn submit(
    State(console): State<Arc<Console>>,
    From(address): From,
    fields: Fields,
) -> Result<Response, Trouble> {
    let (name, back) = (fields.one("name"), within(fields.one("back")));
    let password = fields.one("password");
    let signed_in = console
        .accounts
        .sign_in(name, password, address, (console.now)());
    let (status, error) = match signed_in.await {
        Ok(signed_in) => return Ok(entered(&console, &signed_in, back)),
        Err(error @ AccountError::WrongCredentials) => (StatusCode::UNAUTHORIZED, error),
        Err(error @ AccountError::TooManyAttempts { .. }) => (StatusCode::TOO_MANY_REQUESTS, error),
        Err(error) => return Err(error.into()),
    };
    let mut answer = (status, page(name, back, Some(sentence(&error.to_string())))).into_response();
    if let AccountError::TooManyAttempts { retry_after } = error {
        let seconds = retry_after.as_secs() + 1;
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

/// Goes to `to` with the new session's cookie.
pub(super) fn entered(console: &Console, session: &SignedIn, to: &str) -> Response {
    let life = console.accounts.session_life().longest;
    let cookie = console.cookie().set(&session.secret, life);
    ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

/// Ends the session.
pub(super) async fn out(
    State(console): State<Arc<Console>>,
    sent: Sent,
) -> Result<Response, Trouble> {
    console.accounts.sign_out(&sent.visitor.0).await?;
    let cookie = console.cookie().clear();
    let to = Redirect::to("/console/sign-in");
    Ok(([(header::SET_COOKIE, cookie)], to).into_response())
}
