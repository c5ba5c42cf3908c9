//! What every page has: who is signed in, and where they can go.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::assets::{ASSETS, Assets};
use super::error::Trouble;
use super::visitor::Visitor;
use crate::moderator::Permission;

/// Around every page of who is signed in.
pub(super) struct Frame {
    pub(super) assets: &'static Assets,
    /// Which entry of the menu is the page's own.
    pub(super) here: &'static str,
    pub(super) name: String,
    pub(super) role: &'static str,
    pub(super) is_admin: bool,
    pub(super) form_token: String,
    /// How many comments wait; nothing where none do.
    pub(super) held: String,
}

/// The menu: name, label, path.
const PAGES: [(&str, &str, &str); 1] = [("moderators", "Moderators", "/console/moderators")];

impl Frame {
    pub(super) fn new(here: &'static str, visitor: &Visitor) -> Self {
        let moderator = &visitor.0.moderator;
        Self {
            assets: &ASSETS,
            here,
            name: moderator.name.to_string(),
            role: moderator.role.name(),
            is_admin: moderator.may(Permission::Administer),
            held: String::new(),
            form_token: visitor.0.form_token().expose().to_owned(),
        }
    }

    /// Where they can go.
    pub(super) fn pages(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        let last = PAGES.len() - usize::from(!self.is_admin);
        &PAGES[..last]
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
