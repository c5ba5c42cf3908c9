//! What every page has: who is signed in, and where they can go.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::Console;
use super::error::Trouble;
use super::visitor::Visitor;
use crate::count::grouped;
use crate::moderator::Permission;
use crate::store::QueueFilter;

/// Around every page of who is signed in.
pub(super) struct Frame {
    /// Which entry of the menu is the page's own.
    pub(super) here: &'static str,
    pub(super) name: String,
    pub(super) role: &'static str,
    /// How many entries of the menu are theirs.
    pages: usize,
    pub(super) form_token: String,
    /// How many comments wait; nothing where none do.
    pub(super) held: String,
}

/// The menu: name, label, path. The last but one is for operators, the last for admins.
const PAGES: [(&str, &str, &str); 8] = [
    ("queue", "Queue", "/console"),
    ("waves", "Waves", "/console/waves"),
    ("history", "History", "/console/history"),
    ("authors", "Authors", "/console/authors"),
    ("blind", "Second look", "/console/blind"),
    ("numbers", "Numbers", "/console/numbers"),
    ("models", "Models", "/console/models"),
    ("moderators", "Moderators", "/console/moderators"),
];

impl Frame {
    pub(super) async fn new(
        here: &'static str,
        visitor: &Visitor,
        console: &Console,
    ) -> Result<Self, Trouble> {
        let moderator = &visitor.0.moderator;
        let held = visitor
            .review(console)
            .count(&QueueFilter::default(), (console.now)())
            .await?;
        Ok(Self {
            here,
            name: moderator.name.to_string(),
            role: moderator.role.name(),
            pages: if moderator.may(Permission::Administer) {
                PAGES.len()
            } else if moderator.may(Permission::Operate) {
                PAGES.len() - 1
            } else {
                PAGES.len() - 2
            },
            held: if held == 0 {
                String::new()
            } else {
                grouped(held.into())
            },
            form_token: visitor.0.form_token().expose().to_owned(),
        })
    }

    /// Where they can go.
    pub(super) fn pages(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        &PAGES[..self.pages]
    }
}

/// A template as an answer.
pub(super) struct Page<T>(pub(super) T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(page) => Html(page).into_response(),
            Err(error) => Trouble::fault(&error).into_response(),
        }
    }
}
