//! One's own account: API tokens.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Console;
use super::error::{Trouble, sentence};
use super::page::{Frame, Page};
use super::time::Moment;
use super::visitor::{Sent, Visitor};
use crate::accounts::{AccountError, LONGEST_LABEL};

const DAY: Duration = Duration::from_hours(24);

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    tokens: Vec<TokenRow>,
    /// The secret of a token just made, shown this once.
    new_token: Option<String>,
    problem: Option<String>,
    longest_label: usize,
}

struct TokenRow {
    id: String,
    label: String,
    created: Moment,
    used: Option<Moment>,
    expires: Option<Moment>,
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    Ok(page(&console, &visitor, None, None).await?.into_response())
}

/// Makes a token.
pub(super) async fn add_token(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    let life = match fields.one("life") {
        "30" => Some(DAY * 30),
        "90" => Some(DAY * 90),
        "365" => Some(DAY * 365),
        _ => None,
    };
    let name = &visitor.0.moderator.name;
    let (by, now) = (visitor.by(), (console.now)());
    let made = console
        .accounts
        .new_token(name, fields.one("label"), life, &by, now);
    match made.await {
        Ok(secret) => {
            let secret = secret.expose().to_owned();
            Ok(page(&console, &visitor, Some(secret), None)
                .await?
                .into_response())
        }
        Err(AccountError::Invalid(fault)) => {
            let problem = Some(sentence(&fault.to_string()));
            let page = page(&console, &visitor, None, problem).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends a token.
pub(super) async fn revoke_token(
    State(console): State<Arc<Console>>,
    Sent { visitor, fields }: Sent,
) -> Result<Redirect, Trouble> {
    let name = &visitor.0.moderator.name;
    let (by, now) = (visitor.by(), (console.now)());
    let revoked = console
        .accounts
        .revoke_token(name, fields.one("token"), &by, now);
    if revoked.await? {
        Ok(Redirect::to("/console/account"))
    } else {
        Err(Trouble::not_found("token"))
    }
}

async fn page(
    console: &Console,
    visitor: &Visitor,
    new_token: Option<String>,
    problem: Option<String>,
) -> Result<Page<AccountPage>, Trouble> {
    let now = (console.now)();
    let name = &visitor.0.moderator.name;
    let tokens = console.accounts.tokens(name, &visitor.by(), now).await?;
    let row = |token: crate::store::accounts::Token| TokenRow {
        id: token.id,
        label: token.label,
        created: Moment::new(token.created_at, now),
        used: token.used_at.map(|at| Moment::new(at, now)),
        expires: token.expires_at.map(|at| Moment::new(at, now)),
    };
    Ok(Page(AccountPage {
        frame: Frame::new("account", visitor, console).await?,
        tokens: tokens.into_iter().map(row).collect(),
        new_token,
        problem,
        longest_label: LONGEST_LABEL,
    }))
}
