//! What settings that do not fit each other come to.

use std::path::Path;

use super::ConfigError;
use super::place::{offset_of, place};

/// Settings that contradict each other, by the key that should change.
#[derive(Debug)]
pub(super) struct Contradiction {
    key: Vec<String>,
    message: String,
}

impl Contradiction {
    /// The error, where `text` of `file` has the key.
    pub(super) fn in_file(self, file: &Path, text: &str) -> ConfigError {
        let key: Vec<&str> = self.key.iter().map(String::as_str).collect();
        match offset_of(text, &key) {
            Some(offset) => ConfigError::File {
                place: place(file, text, offset),
                message: self.message,
            },
            None => self.anywhere(),
        }
    }

    /// The error, where no file has the key.
    pub(super) fn anywhere(self) -> ConfigError {
        ConfigError::Contradiction(self.message)
    }
}

/// Refuses what stands under `key`.
pub(super) fn contradiction(key: &[&str], message: String) -> Contradiction {
    Contradiction {
        key: key.iter().map(|name| (*name).to_owned()).collect(),
        message,
    }
}
