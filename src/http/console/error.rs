//! What went wrong, as a page a person can read.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::accounts::AccountError;
use crate::lifecycle::LifecycleError;
use crate::review::ReviewError;

/// Why a request gets no page of its own.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A page that says so.
    Page {
        status: StatusCode,
        title: String,
        message: String,
        /// For how long it makes no sense to try again, in seconds.
        retry_after: Option<u64>,
    },
    /// Go there first.
    Redirect(String),
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'a> {
    title: &'a str,
    message: &'a str,
}

impl Trouble {
    pub(super) fn page(
        status: StatusCode,
        title: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::Page {
            status,
            title: title.into(),
            message: message.into(),
            retry_after: None,
        }
    }

    /// To the sign-in page, and `back` from there.
    pub(super) fn sign_in(back: Option<&str>) -> Self {
        let back = back.filter(|back| *back != "/console").map(|back| {
            let escaped = super::urls::escaped(back);
            format!("?back={escaped}")
        });
        Self::Redirect(format!("/console/sign-in{}", back.unwrap_or_default()))
    }

    pub(super) fn not_allowed() -> Self {
        Self::page(
            StatusCode::FORBIDDEN,
            "This is not for your role",
            "Your account may not do this. An admin can give you another role.",
        )
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::page(
            StatusCode::NOT_FOUND,
            format!("There is no such {what}"),
            "It may have been deleted, or the address is not whole.",
        )
    }

    /// What was sent has no meaning here.
    pub(super) fn cannot_be_meant(fault: &dyn std::error::Error) -> Self {
        Self::page(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This cannot be meant",
            sentence(&fault.to_string()),
        )
    }

    fn unavailable() -> Self {
        Self::Page {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "The database does not answer".to_owned(),
            message: "Nothing was lost and nothing was changed. Try again in a moment; if it \
                      lasts, tell your operator."
                .to_owned(),
            retry_after: Some(5),
        }
    }

    /// A fault of ours; what it was goes to the log.
    pub(super) fn fault(error: &dyn std::error::Error) -> Self {
        tracing::error!(error = %error, "the console could not answer");
        Self::page(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong here",
            "It is our fault, not yours, and it was written to the log. Try again, or tell your \
             operator.",
        )
    }
}

impl From<AccountError> for Trouble {
    fn from(error: AccountError) -> Self {
        let status = match &error {
            AccountError::Store(store) if store.is_passing() => return Self::unavailable(),
            AccountError::Store(_) | AccountError::Random(_) | AccountError::Hashing => {
                return Self::fault(&error);
            }
            AccountError::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AccountError::WrongCredentials | AccountError::NoSuchToken => StatusCode::UNAUTHORIZED,
            AccountError::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            AccountError::LinkNotGood => StatusCode::GONE,
            AccountError::NoSuchModerator => StatusCode::NOT_FOUND,
            AccountError::LastAdmin | AccountError::OwnAccount => StatusCode::CONFLICT,
            AccountError::NotAllowed(_) => StatusCode::FORBIDDEN,
        };
        Self::page(status, "This cannot be done", sentence(&error.to_string()))
    }
}

/// An error's words as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

impl From<ReviewError> for Trouble {
    fn from(error: ReviewError) -> Self {
        match &error {
            ReviewError::Store(store) if store.is_passing() => Self::unavailable(),
            ReviewError::Store(_) => Self::fault(&error),
            ReviewError::NotFound => Self::not_found("comment"),
            ReviewError::SiteNotAllowed(_) => Self::page(
                StatusCode::FORBIDDEN,
                "This site is not yours",
                "Your account is for other sites. An admin can give you this one.",
            ),
            ReviewError::NotTheirs => Self::page(
                StatusCode::FORBIDDEN,
                "This is for an operator",
                sentence(&error.to_string()),
            ),
            ReviewError::PageToken(_) => Self::page(
                StatusCode::BAD_REQUEST,
                "This page is not there any more",
                "Its address is too old, or of another list. Begin at the first page.",
            ),
            ReviewError::Obstacle(_) => Self::page(
                StatusCode::CONFLICT,
                "This cannot be done",
                sentence(&error.to_string()),
            ),
            ReviewError::Invalid { .. } | ReviewError::Cursor(_) => Self::cannot_be_meant(&error),
        }
    }
}

impl From<LifecycleError> for Trouble {
    fn from(error: LifecycleError) -> Self {
        let status = match &error {
            LifecycleError::Store(store) if store.is_passing() => return Self::unavailable(),
            LifecycleError::NoSuchModel(_) | LifecycleError::AmbiguousModel(_) => {
                return Self::not_found("model");
            }
            LifecycleError::NoSuchOperation(_) => return Self::not_found("operation"),
            LifecycleError::AlreadyLive(_)
            | LifecycleError::NothingToRollBack
            | LifecycleError::NoCanary
            | LifecycleError::NoShadow
            | LifecycleError::CanaryRuns(_)
            | LifecycleError::Busy(_)
            | LifecycleError::PromotionRuns
            | LifecycleError::Worse(_)
            | LifecycleError::Unusable { .. }
            | LifecycleError::NotItself { .. }
            | LifecycleError::Overtaken(_) => StatusCode::CONFLICT,
            LifecycleError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
            wrong if wrong.is_wrong_input() => StatusCode::UNPROCESSABLE_ENTITY,
            _ => return Self::fault(&error),
        };
        Self::page(status, "This cannot be done", sentence(&error.to_string()))
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let (status, title, message, retry_after) = match self {
            Self::Redirect(to) => return Redirect::to(&to).into_response(),
            Self::Page {
                status,
                title,
                message,
                retry_after,
            } => (status, title, message, retry_after),
        };
        let page = TroublePage {
            title: &title,
            message: &message,
        };
        let page = page.render().unwrap_or_else(|_| title.clone());
        let mut response = (status, Html(page)).into_response();
        if let Some(seconds) = retry_after {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        // For the script, which shows a line and not a page.
        if let Ok(line) =
            HeaderValue::try_from(super::urls::escaped(&format!("{title}. {message}")))
        {
            response.headers_mut().insert("x-trouble", line);
        }
        response
    }
}
