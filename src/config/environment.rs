//! Environment variables, which override the file.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::Deserialize as _;
use serde::de::{Deserializer, Error as _};

use super::{Config, ConfigError, PrivateUrl};
use crate::rate_limit::Password;

/// Looks up an environment variable.
pub type Environment = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Names the configuration file.
pub const CONFIG_VARIABLE: &str = "MODERATO_CONFIG";
/// Overrides `listen.grpc`.
pub const GRPC_LISTEN_VARIABLE: &str = "MODERATO_GRPC_LISTEN";
/// Overrides `listen.http`.
pub const HTTP_LISTEN_VARIABLE: &str = "MODERATO_HTTP_LISTEN";
/// Overrides `data_dir`.
pub const DATA_DIR_VARIABLE: &str = "MODERATO_DATA_DIR";
/// Overrides `redis.url`.
pub const REDIS_URL_VARIABLE: &str = "MODERATO_REDIS_URL";
/// Holds the password itself where `redis.sentinel_password_file` names a file.
pub const REDIS_SENTINEL_PASSWORD_VARIABLE: &str = "MODERATO_REDIS_SENTINEL_PASSWORD";
/// Overrides `database_url`.
pub const DATABASE_URL_VARIABLE: &str = "MODERATO_DATABASE_URL";
/// Holds the secret itself where `hash_key_file` names a file.
pub const HASH_KEY_VARIABLE: &str = "MODERATO_HASH_KEY";

/// A secret of 32 bytes; written as 64 hexadecimal digits, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct HashKey([u8; 32]);

/// Text that is no [`HashKey`]. It may nearly be one, so it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hexadecimal digits, found {0} characters")]
pub struct NotAHashKey(usize);

impl HashKey {
    /// A key of these bytes, which should be random.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret.
    #[must_use]
    pub const fn expose(&self) -> [u8; 32] {
        self.0
    }

    /// The secret as it is written.
    #[must_use]
    pub fn to_hex(&self) -> String {
        let high_and_low = |byte: &u8| [byte >> 4, byte & 15];
        let digits = self.0.iter().flat_map(high_and_low);
        digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }
}

impl FromStr for HashKey {
    type Err = NotAHashKey;

    fn from_str(text: &str) -> Result<Self, NotAHashKey> {
        let digits: Option<Vec<u32>> = text.trim().chars().map(|c| c.to_digit(16)).collect();
        let bytes = digits.and_then(|digits| {
            let (pairs, []) = digits.as_chunks::<2>() else {
                return None;
            };
            let bytes = pairs
                .iter()
                .map(|[high, low]| u8::try_from(high << 4 | low));
            let bytes: Vec<u8> = bytes.collect::<Result<_, _>>().ok()?;
            <[u8; 32]>::try_from(bytes).ok()
        });
        bytes
            .map(Self)
            .ok_or_else(|| NotAHashKey(text.trim().chars().count()))
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HashKey")
    }
}

/// Puts what the environment says over `config`. An empty variable says nothing.
pub(super) fn override_by(
    environment: &Environment,
    config: &mut Config,
) -> Result<(), ConfigError> {
    let set = |address: &mut SocketAddr, variable| -> Result<(), ConfigError> {
        if let Some(text) = variable_text(environment, variable)? {
            *address = read_address(&text).map_err(|error| error.at(variable))?;
        }
        Ok(())
    };
    set(&mut config.listen.grpc, GRPC_LISTEN_VARIABLE)?;
    set(&mut config.listen.http, HTTP_LISTEN_VARIABLE)?;
    if let Some(folder) = environment(DATA_DIR_VARIABLE).filter(|value| !value.is_empty()) {
        config.data_dir = folder.into();
    }
    for (url, variable) in [
        (&mut config.redis.url, REDIS_URL_VARIABLE),
        (&mut config.database_url, DATABASE_URL_VARIABLE),
    ] {
        if let Some(text) = variable_text(environment, variable)? {
            let read = PrivateUrl::new(&text);
            *url = Some(read.map_err(|error| Unfit(error.to_string()).at(variable))?);
        }
    }
    if let Some(text) = variable_text(environment, REDIS_SENTINEL_PASSWORD_VARIABLE)? {
        config.redis.sentinel_password = Some(Password::new(text));
    }
    if let Some(text) = variable_text(environment, HASH_KEY_VARIABLE)? {
        let key = text.parse::<HashKey>();
        config.hash_key =
            Some(key.map_err(|error| Unfit(error.to_string()).at(HASH_KEY_VARIABLE))?);
    }
    Ok(())
}

/// A value that cannot be read, not yet said where.
struct Unfit(String);

impl Unfit {
    fn at(self, variable: &'static str) -> ConfigError {
        ConfigError::Variable {
            variable,
            message: self.0,
        }
    }
}

fn variable_text(
    environment: &Environment,
    variable: &'static str,
) -> Result<Option<String>, ConfigError> {
    let Some(value) = environment(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let not_text = |_| Unfit("expected text, found bytes that are not UTF-8".to_owned());
    value
        .into_string()
        .map(Some)
        .map_err(|value| not_text(value).at(variable))
}

fn read_address(text: &str) -> Result<SocketAddr, Unfit> {
    text.parse().map_err(|_| {
        Unfit(format!(
            "expected an IP address and a port such as 127.0.0.1:50051 or [::1]:50051, found {text:?}"
        ))
    })
}

/// Reads an address of the file, as of the environment.
pub(super) fn listen_address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    read_address(&text).map_err(|error| D::Error::custom(error.0))
}
