//! Tells a site by HTTP what happened to its comments, so that it need not ask.
//!
//! The messages are those of [Standard Webhooks](https://www.standardwebhooks.com):
//! a JSON body, signed with HMAC-SHA256 under a secret the site knows, with its id
//! and time in the signature. A message carries no personal data: who needs the text
//! has it, or asks by the comment's name.
//!
//! [`Dispatcher`] takes what is to be told from the store and keeps how it went.
//! [`settings`] is what an operator sets, [`Signer`] signs, [`is_public`] says
//! where a message may not go, [`Sender`] sends one, [`next_attempt`] says when to try
//! again.

mod backoff;
mod dispatcher;
mod public_address;
mod secret;
mod sender;
pub mod settings;
mod signature;

pub use backoff::{MAX_ATTEMPTS, next_attempt};
pub use dispatcher::{Dispatcher, Webhooks};
pub use public_address::is_public;
pub use secret::{NotASecret, Secret};
pub use sender::{Answer, Failure, Message, Sender, SenderError};
pub use settings::{WebhookSettings, WebhookUrl};
pub use signature::Signer;
