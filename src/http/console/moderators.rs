//! Who may sign in: for admins.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Console;
use super::error::{Trouble, sentence};
use super::page::{Frame, Page};
use super::time::Moment;
use super::visitor::{Host, Sent, Visitor};
use crate::accounts::{AccountError, SignInLink};
use crate::moderator::{Moderator, ModeratorName, Permission, Role};
use crate::site::{SiteAccess, SiteId};
use crate::store::accounts::{AccountChange, AccountEvent};

/// How many changes the page tells of.
const EVENTS: u32 = 20;

#[derive(Template)]
#[template(path = "moderators.html")]
struct ModeratorsPage {
    frame: Frame,
    roles: [Role; 3],
    people: Vec<Person>,
    events: Vec<Event>,
    /// The sites there are; one alone is not to be chosen.
    sites: Vec<String>,
    link: Option<Link>,
    name: String,
    problem: Option<String>,
}

struct Person {
    name: String,
    role: Role,
    /// The sites they are limited to, blanks between; empty: all. `None`: their role sees
    /// all.
    sites: Option<String>,
    is_self: bool,
    is_active: bool,
    has_password: bool,
    signed_in: Option<Moment>,
}

struct Event {
    at: Moment,
    by: String,
    action: String,
    subject: String,
}

/// A link to hand on, shown this once.
struct Link {
    whose: String,
    address: String,
    expires: Moment,
}

/// What is said above the list.
#[derive(Default)]
struct Said {
    link: Option<Link>,
    name: String,
    problem: Option<String>,
}

/// The page.
pub(super) async fn show(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
) -> Result<Response, Trouble> {
    Ok(page(&console, &visitor, Said::default())
        .await?
        .into_response())
}

/// Adds somebody and shows their link.
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    host: Host,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.must(Permission::Administer)?;
    let (by, now) = (visitor.by(), (console.now)());
    let name = fields.one("name");
    let role = role(fields.one("role"))?;
    match console.accounts.add(name, role, &by, now).await {
        Ok((added, link)) => {
            let said = Said {
                link: Some(shown(&console, &host, added.name.as_str(), &link)),
                ..Said::default()
            };
            Ok(page(&console, &visitor, said).await?.into_response())
        }
        Err(AccountError::Invalid(fault)) => {
            let said = Said {
                name: name.to_owned(),
                problem: Some(sentence(&fault.to_string())),
                ..Said::default()
            };
            let page = page(&console, &visitor, said).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// Changes somebody's account, or makes a new link for them.
pub(super) async fn change(
    State(console): State<Arc<Console>>,
    host: Host,
    Sent { visitor, fields }: Sent,
) -> Result<Response, Trouble> {
    visitor.must(Permission::Administer)?;
    let (by, now) = (visitor.by(), (console.now)());
    let name = fields.one("name").parse::<ModeratorName>();
    let name = name.map_err(|_| Trouble::not_found("moderator"))?;
    let change = match fields.one("action") {
        "disable" => AccountChange::Disable,
        "enable" => AccountChange::Enable,
        "role" => AccountChange::Role(role(fields.one("role"))?),
        "sites" => AccountChange::Sites(sites(fields.one("sites"))?),
        "link" => {
            let link = console.accounts.reset_password(&name, &by, now).await?;
            let said = Said {
                link: Some(shown(&console, &host, name.as_str(), &link)),
                ..Said::default()
            };
            return Ok(page(&console, &visitor, said).await?.into_response());
        }
        _ => return Err(Trouble::not_found("change")),
    };
    console.accounts.change(&name, change, &by, now).await?;
    Ok(Redirect::to("/console/moderators").into_response())
}

/// The sites, as they are typed with blanks or commas between; none: all.
fn sites(text: &str) -> Result<SiteAccess, Trouble> {
    let typed = text.split([' ', ',']).filter(|site| !site.is_empty());
    let sites: Vec<_> = typed
        .map(SiteId::new)
        .collect::<Result<_, _>>()
        .map_err(|error| {
            let message = sentence(&error.to_string());
            Trouble::page(StatusCode::UNPROCESSABLE_ENTITY, "This is no site", message)
        })?;
    Ok(if sites.is_empty() {
        SiteAccess::All
    } else {
        SiteAccess::only(sites)
    })
}

fn role(text: &str) -> Result<Role, Trouble> {
    text.parse().map_err(|error: crate::moderator::NotARole| {
        let message = sentence(&error.to_string());
        Trouble::page(StatusCode::UNPROCESSABLE_ENTITY, "This is no role", message)
    })
}

fn shown(console: &Console, Host(host): &Host, whose: &str, link: &SignInLink) -> Link {
    Link {
        whose: whose.to_owned(),
        address: console.reach.address_of(&link.path(), host),
        expires: Moment::new(link.expires_at, (console.now)()),
    }
}

async fn page(
    console: &Console,
    visitor: &Visitor,
    said: Said,
) -> Result<Page<ModeratorsPage>, Trouble> {
    visitor.must(Permission::Administer)?;
    let now = (console.now)();
    let own = visitor.0.moderator.id;
    let person = |moderator: Moderator| Person {
        is_self: moderator.id == own,
        is_active: moderator.is_active(),
        has_password: moderator.has_password,
        signed_in: moderator.signed_in_at.map(|at| Moment::new(at, now)),
        sites: (moderator.role == Role::Moderator).then(|| moderator.sites().to_string()),
        role: moderator.role,
        name: moderator.name.to_string(),
    };
    let event = |event: AccountEvent| Event {
        at: Moment::new(event.at, now),
        by: event.by,
        action: event.action,
        subject: event.subject,
    };
    let everybody = console.accounts.everybody().await?;
    let events = console.accounts.events(EVENTS).await?;
    Ok(Page(ModeratorsPage {
        frame: Frame::new("moderators", visitor, console).await?,
        roles: Role::ALL,
        people: everybody.into_iter().map(person).collect(),
        events: events.into_iter().map(event).collect(),
        sites: visitor.site_names(console),
        link: said.link,
        name: said.name,
        problem: said.problem,
    }))
}
