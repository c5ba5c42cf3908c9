//! A sign-in link: its owner chooses a password.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::Console;
use super::error::{Trouble, sentence};
use super::page::Page;
use super::sign_in::entered;
use super::visitor::{Fields, From};
use crate::accounts::{AccountError, SHORTEST_PASSWORD};
use crate::store::accounts::LinkFor;

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage<'a> {
    /// Whose account it is; none: the first admin's, who chooses a name.
    owner: Option<String>,
    name: &'a str,
    shortest: usize,
    problem: Option<String>,
}

/// The form.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    Path(secret): Path<String>,
) -> Result<Response, Trouble> {
    let owner = owner(&console, &secret).await?;
    Ok(page(owner, "", None).into_response())
}

/// Sets the password and signs in.
pub(super) async fn submit(
    State(console): State<Arc<Console>>,
    Path(secret): Path<String>,
    From(address): From,
    fields: Fields,
) -> Result<Response, Trouble> {
    let owner = owner(&console, &secret).await?;
    let (name, password) = (fields.one("name"), fields.one("password"));
    if password != fields.one("again") {
        let problem = "The two passwords are not the same.".to_owned();
        return Ok(refused(owner, name, problem));
    }
    // Hashing costs as much as when signing in, so it counts as much.
    console.accounts.attempt(&secret, address)?;
    let used = console
        .accounts
        .use_link(&secret, name, password, (console.now)());
    match used.await {
        Ok(session) => Ok(entered(&console, &session, "/console")),
        Err(AccountError::Invalid(fault)) => Ok(refused(owner, name, sentence(&fault.to_string()))),
        Err(error) => Err(error.into()),
    }
}

async fn owner(console: &Console, secret: &str) -> Result<Option<String>, Trouble> {
    match console.accounts.link(secret, (console.now)()).await? {
        LinkFor::Founder => Ok(None),
        LinkFor::Moderator(name) => Ok(Some(name.to_string())),
    }
}

fn page(owner: Option<String>, name: &str, problem: Option<String>) -> Page<WelcomePage<'_>> {
    Page(WelcomePage {
        owner,
        name,
        shortest: SHORTEST_PASSWORD,
        problem,
    })
}

fn refused(owner: Option<String>, name: &str, problem: String) -> Response {
    let page = page(owner, name, Some(problem));
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
