//! The moderators' console: pages rendered here, which work without a script and are
//! quicker with one.
//!
//! What people typed is hostile. It reaches a page through askama, which escapes it,
//! and nothing is marked as safe but charts, which `plot` makes of numbers; `gate` adds a policy under which a script in
//! it would not run either.

mod account;
mod assets;
mod authors;
mod blind;
mod card;
mod chart;
mod comment;
mod cookie;
mod decide;
mod error;
mod excerpt;
mod filter;
mod flash;
mod gate;
mod highlight;
mod history;
mod models;
mod moderators;
mod numbers;
mod page;
mod queue;
mod reach;
mod sign_in;
mod time;
mod urls;
mod visitor;
mod waves;
mod welcome;
mod writing;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware;
use axum::response::Redirect;
use axum::routing::{get, post};
use ipnet::IpNet;
use jiff::Timestamp;
use tokio::sync::watch;

pub use reach::{NotAPublicUrl, PublicUrl, Reach};
pub use visitor::Peer;

use crate::accounts::Accounts;
use crate::lifecycle::Operations;
use crate::review::Review;
use crate::site::SiteId;
use cookie::SessionCookie;
use error::Trouble;

/// Longest form, in bytes: a few hundred selected comments and a note.
const LONGEST_FORM: usize = 1 << 18;

/// What the console is made of.
pub struct Console {
    /// Who may sign in.
    pub accounts: Accounts,
    /// What is reviewed, on all sites: pages ask `Visitor::review`.
    pub whole_review: Review,
    /// The operator's loop.
    pub operations: Operations,
    /// The sites there are to choose from, at least one, as a reload has them.
    pub sites: watch::Receiver<Vec<SiteId>>,
    /// Under which address it may be reached.
    pub reach: Reach,
    /// Proxies whose word for an address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The time.
    pub now: fn() -> Timestamp,
}

impl Console {
    const fn cookie(&self) -> SessionCookie {
        SessionCookie {
            secure: self.reach.is_secure(),
        }
    }
}

/// What stands where there is no console: why.
pub fn off() -> Router {
    let why = || async {
        Trouble::page(
            StatusCode::NOT_FOUND,
            "There is no console here",
            "It is turned off (console.enabled), or it would send passwords over a network in \
             clear. If you are the operator: put a proxy with TLS before it and set \
             console.public_url.",
        )
    };
    Router::new()
        .route("/console", get(why))
        .route("/console/{*rest}", get(why))
        .layer(middleware::map_response(gate::guarded))
}

/// The console's pages, under `/console`.
pub fn router(console: Console) -> Router {
    let console = Arc::new(console);
    Router::new()
        .route("/", get(|| async { Redirect::to("/console") }))
        .route("/console", get(queue::show))
        .route("/console/counts", get(queue::counts))
        .route("/console/decide", post(decide::submit))
        .route("/console/undo", post(decide::undo))
        .route(
            "/console/comments/{site}/{id}",
            get(comment::show).post(comment::change),
        )
        .route("/console/comments/{site}/{id}/panel", get(queue::panel))
        .route("/console/history", get(history::show))
        .route("/console/waves", get(waves::show))
        .route("/console/authors", get(authors::list))
        .route("/console/authors/{site}/{hash}", get(authors::show))
        .route("/console/blind", get(blind::show).post(blind::answer))
        .route("/console/blind/apply", post(blind::apply))
        .route("/console/numbers", get(numbers::show))
        .route("/console/models", get(models::list))
        .route("/console/models/train", post(models::train))
        .route("/console/models/replay", post(models::replay))
        .route("/console/models/promote", post(models::promote))
        .route("/console/models/trials", get(models::trials))
        .route("/console/models/shadow", post(models::start_shadow))
        .route("/console/models/end-shadow", post(models::end_shadow))
        .route("/console/models/end-canary", post(models::end_canary))
        .route("/console/models/roll-back", post(models::roll_back))
        .route("/console/models/explain", get(models::explain))
        .route("/console/models/diff", get(models::diff))
        .route("/console/models/{model}", get(models::show))
        .route(
            "/console/operations/{id}",
            get(models::operation).post(models::cancel),
        )
        .route("/console/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/console/sign-out", post(sign_in::out))
        .route(
            "/console/welcome/{secret}",
            get(welcome::show).post(welcome::submit),
        )
        .route("/console/account", get(account::show))
        .route("/console/account/tokens", post(account::add_token))
        .route(
            "/console/account/tokens/revoke",
            post(account::revoke_token),
        )
        .route(
            "/console/moderators",
            get(moderators::show).post(moderators::add),
        )
        .route("/console/moderators/change", post(moderators::change))
        .route("/console/assets/{hash}/{name}", get(assets::serve))
        .route(
            "/console/{*rest}",
            get(|| async { Trouble::not_found("page") }),
        )
        .layer(DefaultBodyLimit::max(LONGEST_FORM))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&console),
            gate::pass,
        ))
        .with_state(console)
}
