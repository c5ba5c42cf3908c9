//! What Redis asks of us that a URL has no place for.

use std::fmt;

use super::tls::TlsFiles;

/// Certificates, and a login for sentinels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// For a `rediss` URL.
    pub tls: TlsFiles,
    /// For sentinels that ask for a login; the one in the URL is the master's.
    pub sentinels: Option<Login>,
}

/// A user and a password, or a password alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// None: the default user.
    pub user: Option<String>,
    /// The user's password.
    pub password: Password,
}

/// A password; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes a password as it is.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The password: for a login, not for printing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password")
    }
}
