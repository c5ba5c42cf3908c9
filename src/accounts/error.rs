//! What goes wrong with accounts.

use std::time::Duration;

use super::password::{LONGEST_PASSWORD, SHORTEST_PASSWORD};
use super::tokens::LONGEST_LABEL;
use crate::moderator::{ModeratorName, NotAModeratorName, Role};
use crate::store::StoreError;

/// What a person gave that cannot be taken; each says what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// No name.
    #[error(transparent)]
    Name(#[from] NotAModeratorName),
    /// Somebody has it.
    #[error("there is a moderator named {0} already; expected another name")]
    NameTaken(ModeratorName),
    /// Too short.
    #[error("expected a password of at least {SHORTEST_PASSWORD} characters, found {0}")]
    PasswordTooShort(usize),
    /// Too long.
    #[error("expected a password of at most {LONGEST_PASSWORD} bytes, found {0}")]
    PasswordTooLong(usize),
    /// Easily guessed.
    #[error("expected a password that is hard to guess: {0}")]
    PasswordTooPlain(&'static str),
    /// A role that sees every site.
    #[error("{0}s see every site; expected a moderator to be limited to some")]
    NotLimited(Role),
    /// Whoever sees no site has nothing to do.
    #[error("expected one site or more; to let somebody in no more, disable the account")]
    NoSite,
    /// Nothing, or too much.
    #[error("expected a label of 1 to {LONGEST_LABEL} characters, found {0}")]
    Label(usize),
}

/// Why an account was not changed, or nobody signed in.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// What was given cannot be taken.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// No such name, another password, an account that is disabled or has no
    /// password: who asks is not told which.
    #[error("name and password do not fit")]
    WrongCredentials,
    /// An API token that nobody has, or has no longer.
    #[error("nobody has this API token, or has it no longer")]
    NoSuchToken,
    /// Too many have tried.
    #[error("too many attempts to sign in; try again in {} s", .retry_after.as_secs() + 1)]
    TooManyAttempts {
        /// When the same attempt would be looked at.
        retry_after: Duration,
    },
    /// A link that was used, has expired, or never was.
    #[error("this link is not good any more; ask an admin for another one")]
    LinkNotGood,
    /// No account has this name or number.
    #[error("there is no such moderator")]
    NoSuchModerator,
    /// Somebody must be able to say who signs in.
    #[error("this is the only active admin; make somebody else an admin first")]
    LastAdmin,
    /// Nobody may take a right away from themselves by accident.
    #[error("you cannot do this to your own account; ask another admin")]
    OwnAccount,
    /// The role does not go that far.
    #[error("this takes the role {0}")]
    NotAllowed(Role),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// A password could not be hashed, or a stored hash not be read.
    #[error("a password could not be hashed")]
    Hashing,
}
